"""Words before and behind a finding that state, doubt or deny it in English.

Of several words before a finding the nearest counts, so what a negation turns round stands in one cue with it: "not
consistent with", "doesn't show".
"""

_NOT_VERB = (
    r"(?:(?:do|does|did|is|are|was|were|has|have|had|can|could|would)(?: ?n[o']t)|ca(?:n't|nnot)|not|never|neither)"
)
_TURNED = (
    r"(?:shows?|showing|have|has|with|there (?:is|are)|(?:consistent|compatible|in keeping) with|due to|any"
    r"|suggest(?:s|ing|ive)?(?: of)?|suspicious (?:of|for)|suspect(?:ed)?|diagnostic (?:of|for)"
    r"|likely|probabl[ey]|indicat\w+)"
)
BEFORE = {
    "stated": (
        r"with|shows?|showing|there (?:is|are)|consistent with|due to|secondary to|change in|has|have",
        r"(?:no|not|without) (?:\w+ )?(?:P[- ]?waves?|sinus(?: rhythm| P[- ]?waves?)?)(?=,)",
        r"no (?:resolution|progression|improvement|worsening|regression|increase|decrease|evolution) (?:of|in)",
        r"(?:other|rather) than|apart from|aside from|besides|nothing but",
    ),
    "doubted": (
        r"(?:cannot|can(?: no|')t|could(?: not|n't)) (?:\w+ly )?(?:rule out|exclude)",
        r"possibl[ey]|perhaps|maybe|probabl[ey]|consider(?:ing)?",
        r"poss|prob|susp|ddx?",
        r"(?:may|might|could|can|possibly|probably|likely)(?: be| represent)?"
        r" (?:due to|secondary to|consistent with|with)",
        r"(?:un|not |cannot be |can't be )(?:sure|certain|clear)(?: (?:if|whether|that))?"
        r"(?: (?:there|this|it) (?:is|are))?",
        r"whether(?:(?: [\w-]+){0,6}? (?:is|are|was|were)(?: (?:due|secondary) to)?)?",
        r"(?:hard|difficult) to say(?: if)?",
        r"(?:cannot|can't|could not) (?:say|state|tell)(?: [\w-]+){0,7}? (?:no|not|there (?:is|are)(?: no)?)",
        r"favou?r(?:s|ed|ing)?|presum(?:ed|ptive|ably)",
        r"suspect(?:ed|s)?|suspicio(?:us|n) (?:of|for)|suggest(?:s|ing|ive)?|may|might|could|borderline|equivocal",
        r"questionable|query|likely|versus|vs|indeterminate for",
        r"(?:question|possibility) of|concern(?:ing)? for|(?:appears?|seems?)(?: to be| like)?",
    ),
    "denied": (
        rf"{_NOT_VERB} (?:(?!only|exclud|rul|sure|certain)\w+ ){{0,2}}{_TURNED}",
        r"no longer(?: has| have| shows?| showing| meets?| any| evidence of)+",
        r"(?:fail(?:s|ed|ure)?|unable) to (?!exclude|rule|capture)\w+",
        r"no(?! change| doubt| longer| significant change| interval change| other)",
        r"not(?! only| excluded| ruled)|without|w/o",
        r"insufficient (?:\w+ )?(?:for|of)|non-?(?:diagnostic|specific) (?:for|of)|nil|zero",
        r"(?<![\d.,])0(?= [A-Za-z])",
        r"(?:is|are|was|were|do|does|did|has|have|had|ca|could|would)n't(?! exclude| rule)",
        r"replac(?:ed|ing|es)(?! by| with)",
        r"absen(?:ce|t) (?:of)?|neg(?:ative)? for|free of|lack(?:ing|s)?(?: of)?|never|neither|nor|den(?:ies|ied)",
        r"(?:ruled?|ruling) out|r/o|exclud(?:es?|ed)|resolved",
    ),
}
_IS = r"(?:(?:is|are|was|were|has|have|been|now|criteria|pattern|findings?|changes?) )*"
_NOT = rf"{_IS}(?:not|isn't|aren't|wasn't|weren't)(?: been| being)? (?:\w+ )?"
_WHERE = r"(?:(?:in|on|at|over) [^.;,]{1,40}? )?"
_FULLY = r"(?:(?:fully|completely|entirely|spontaneously|now|since) )?"
_MORE = r"(?:[^.;,]|, ?(?=(?:and )?(?:I{1,3}|aV[RLF]|V\d)\b))"
_WHICH = rf"{_MORE}(?:(?! with | and ){_MORE}){{0,70}}?"
"""What tells which finding: "seen in II, III, aVF last week"."""
_END = r"(?=$|[\s,;.!)])"
_CLOSE = (
    r"(?=\s*(?:$|[,;.!)]|(?:again|and|as|at|by|from|here|in|now|on|or|per|since|so|throughout|to|today"
    r"|with|after|following|during)\b))"
)
"""Behind an adjective of a finding; before another noun it is that noun's: "LAE negative P terminal"."""
AFTER = {
    "doubted": (
        r",? ?(?:is |are |be )?(?:only )?(?:possible|probable|likely|suspected|questionable|borderline|doubtful"
        r"|equivocal|uncertain|unclear)",
        rf",? ?(?:possibly|probably|perhaps|{_IS}considered){_END}",
        rf"{_WHERE}(?:is|are|was|were|remains?) (?:only |still )?"
        r"(?:possible|questionable|doubtful|uncertain|unclear|suspected)\b",
        rf"{_IS}(?:to be|needs to be) (?:excluded|ruled out|considered|confirmed)",
        r",? ?(?:(?:may|might|could) be|or|vs\.?|versus) (?:a )?(?:normal|variant|present|due|there)|(?:vs\.?|versus) ",
        r"(?:is |remains )?(?:a )?possibility|can be neither",
        rf"{_WHERE}{_IS}not (?:be )?(?:\w+ly )?(?:excluded|ruled out)",
        rf"{_WHERE}(?:cannot|can not|can't|could not|couldn't) be (?:\w+ly )?(?:excluded|ruled out|confirmed)|[?？]",
    ),
    "denied": (
        rf"{_IS}(?:ruled[ -]out|excluded|disappeared|regressed|gone|nil|none|unlikely){_END}",
        rf"{_IS}no longer(?=\s*(?:$|[,;.]))",
        rf"{_WHICH}\bno longer (?:there|seen|present|evident|visible|apparent|noted|detected|observed|met)\b",
        rf"{_WHICH}\b(?:has|have|had) {_FULLY}(?:resolved|gone|disappeared|cleared|recovered|regressed|normali[sz]ed"
        rf"|reverted|given way|been replaced){_CLOSE}",
        rf"{_WHICH}\b(?:is|are|was|were) (?:now )?(?:absent|gone){_CLOSE}",
        r"(?:is|are|was|were) (?:wrong|incorrect|erroneous|spurious|art[ei]factual|(?:an? )?(?:\w+ )?art[ei]facts?)\b",
        rf"{_WHERE}(?:(?:did|does|do) not|(?:did|does|do)n't) (?:appear|develop|occur|recur|emerge|show|persist)",
        rf"{_IS}(?:absent|neg(?:ative)?|resolved){_CLOSE}",
        rf"{_WHERE}{_NOT}(?:seen|present|found|met|evident|observed|detected|identified|noted|suspected|fulfilled)",
        rf"{_WHERE}{_NOT}(?:demonstrated|confirmed|diagnosed|visible|apparent|appreciated)",
        rf"{_WHERE}{_NOT}(?:visuali[sz]ed|recorded|satisfied|likely)",
        r"(?:is|are|was|were) not(?=\s*(?:$|[,;.]))",
        rf"{_NOT}(?:recurred|documented|captured|significant)",
        rf"(?:has |have )?{_FULLY}(?:terminated|converted|normali[sz]ed|ceased|recovered|cleared)\b",
        rf"{_WHERE}(?:cannot|can not|can't|could not|couldn't) be "
        r"(?:seen|found|identified|detected|demonstrated|appreciated|diagnosed)",
        r"no\s*$|\(-\)|(?<=[:：])\s*(?:[0０]|n|false)\s*$",
        r"[=＝]\s*(?:[0０](?:\.0+)?(?![.,．]?\d)|no\b|none\b|neg|false\b|n\s*$)",
    ),
    "stated": (r"(?:is |are |was )?(?:present|noted|seen|evident|confirmed|found)",),
}
