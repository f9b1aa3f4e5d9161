"""Sentences that claim to be the answer, each with the rule that recognised it and how strong that rule is.

3: an answer word before it, a box, a field, a first or last line that is nothing else. 2: a predicate (``c が最も適切``),
a conclusion (``したがって…``), the stem's own words (``最も考えられるのは c``). Weaker signs are in ``decide``.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from igaku.grading.reading.mentions import MENTION, position
from igaku.grading.reading.stance import _CLOSE, Group, denied, supposed, tentative
from igaku.grading.reading.vocabulary import ANCHOR, COUNTED, FALSE_EN, FALSE_JA, TRUE_EN, TRUE_JA

STRONG, PLAIN = 3, 2
_DIGIT = dict(zip("一二三四五", "12345"))


class Statement(NamedTuple):
    """One claim: the choices it names, where, how strong, and by which rule it was read."""

    start: int
    end: int
    positions: tuple[int, ...]
    strength: int
    rule: str
    firm: bool
    """False where it only weighs: it makes no answer, but shows that the reply was not sure."""
    alone: bool
    """Its line holds nothing else: what a reply that was cut later had already answered."""


_NOUN_LINE = (
    r"(?:最終(?:的な)?)?(?:答え|答|解答|回答|正解|正答|こたえ|結論|正しい(?:もの|選択肢|組み合わせ)|"
    r"該当(?:する)?(?:もの|選択肢))|"
    r"(?:the )?(?:final |correct |best |right |my )*(?:answers?|conclusion|(?:final|correct|best|"
    r"right|my) (?:choices?|options?|selection))|答案|正确答案|정답|antwort|réponse|respuesta"
)
_NOT_HEADING = (
    r"(?:と(?:解説|根拠|理由|考)|の(?:根拠|理由|解説|検討|導|ポイント|考え|プロセス|方針|確認|選定|"
    r"手順|評価|分析|吟味|比較)|まで|に至|を(?:導|考|検|選ぶ)|"
    r"へ|肢|候補| and | explan| analys| choices| evaluation)"
)
_HEADING = re.compile(
    rf"(?:^|"
    rf"\n)[^\w\n{MENTION}]*(?:\d{{1,2}}[.)] ?)?(?:{_NOUN_LINE})(?!{_NOT_HEADING})"
    rf"[^\n{MENTION}]{{0,24}}\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→:]*$",
    re.I,
)
_ABOVE = re.compile(
    rf"(?:^|\n)[^\w\n{MENTION}]*([^\n{MENTION}]{{3,40}}):\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→]*$"
)
_OTHERS = re.compile(
    r"(?:他の|その他|残りの|誤りの|誤った|不正解の|各)(?:選択肢|肢)|誤答|other (?:options|choices)|(?:why|"
    r"wrong) (?:the )?(?:others|options|answers)",
    re.I,
)
_LISTED = re.compile(
    rf"(?:答え|解答|回答|正解|正答|(?:正しい|適切な|該当する|選ぶべき)(?:選択肢|もの|の)|answers?|"
    rf"(?:correct|right|best) (?:choices?|"
    rf"options?))[^。\n{MENTION}]{{0,16}}(?:(?:以下|次|下記|following)[^\n{MENTION}]{{0,16}}|:|は|are|"
    rf"is)[。:]? ?\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→]*$",
    re.I,
)
_ANCHORED = re.compile(rf"{ANCHOR}([^。\n{MENTION}]{{0,60}})$", re.I)
_TIGHT_FILL = re.compile(
    r"[\s\"'「『（(\[【<〈{:=\-–・.。→>#|*,、]*(?:選択肢|記号|番号|肢|the|option|choice|letter|it's|it is|therefore|"
    r"thus|so|は|の|おそらく|たぶん|間違いなく|明らかに|やはり|definitely|clearly|certainly|for sure|"
    r"probably|most likely|"
    r"likely|[\s:,、「(\"'【{\[])*",
    re.I,
)
_COPULA = re.compile(
    rf"{_CLOSE}[ ]*(?:(?:のもの|の(?:ほう|方)|という[^。、\n]{{0,6}})?(?:です|でした)|のもの|です|"
    rf"でした|である|であろう|であり|だ(?!が|け)|"
    rf"でしょう|で(?:す|、|。|あ)|とな|に(?:なる|なり|該当|相当|当た)|と(?:考|判|い[うえ]|思|す|し|"
    rf"診断)|[。.!,、;→\n]|$|が(?:正|最|適|妥|考|疑|"
    rf"該当|選)|を(?:選|答|考|疑)|のみ|だけ|し?か|→|\bis\b|\bare\b|\bbecause\b|\bsince\b|입|이다|-|–|—|"
    rf"←|の(?:\d|[一二三])つ)"
)
_PREDICATE = re.compile(
    rf"{_CLOSE} ?(?:の(?:\d|[一二三])つ|の両方|の組み合わせ|のみ|だけ|こそ)?(?:"
    rf"(?:が|は|を|で|も)?、?(?:本問の|この問題の|この設問の|唯一の?|最終的な?|最も|もっとも)?(?:正解|"
    rf"正答|答え(?!ない|られ)|解答|回答)(?:で|だ|と(?!は|"
    rf"思いが)|に|。|$|\n|、|\)|】|の選択肢|であ)|"
    rf"(?:が|は)、?[^。、\n{MENTION}]{{0,14}}?(?:最も|もっとも|一番|最適|第一に|"
    rf"唯一)[^。\n{MENTION}]{{0,12}}?(?:正し|適切|適当|"
    rf"適し|妥当|考え|疑|可能性|当ては|あては|該当|合致|一致|支持|ふさわし|近い|矛盾なく|示唆|有力|説明|理にかな)|"
    rf"(?:が|は)、?(?:最適|最有力)|"
    rf"を(?:選(?:び(?!ま?せん)|ぶ|択|ん(?!だ(?:として|人|方))|ぼ)|お選び|答え(?!ない)|解答|回答|"
    rf"採(?:り|る|用)|(?:私|本問|"
    rf"この問題)の[^。\n]{{0,8}}(?:解答|回答|答え)|正解|マーク|推(?:し|す))|"
    rf"(?:だ|である)?と(?:判断|結論|診断|推定)(?:し|する|でき|され)|と(?:し(?:ます|ました|たい)|"
    rf"する(?:。|$|\n))|で(?:決まり|間違いな)|"
    rf"が、?(?:該当し|該当す|当てはま[りる])|以外は(?:考え|あり)|と(?:解答|回答|答え(?!そう|な|"
    rf"て(?:しま|いる)|る(?:人|方|受験))|記入|マーク)|に(?:改め|"
    rf"訂正|変更|修正|差し替え|します|決め|丸)|の(?:ほう|方)(?:です|だ|で(?:す|あ)|が(?:優|適|妥|近|正|よ|良))|"
    rf"(?:が|は)(?:強く)?疑われ|(?:が|だけが|のみが)残|しか(?:残|な|あり|考え)|以外に(?:は|も)?(?:な|考え|あり|該当)|"
    rf"\s*(?:is|are|seems?(?: to be)?|appears?(?: to be)?|remains?|would be|looks|must be|"
    rf"should be)\s+(?:therefore |clearly |thus )?(?:the |also the )?(?:single |only |most |"
    rf"overall )*(?:correct|right|best|most|answers?|preferred|appropriate)\b|"
    rf"、(?:これ|それ)が(?:結論|答え|正解)|\s*[(（]?(?:←|<-|→|:|=|-)? ?(?:これが)?(?:正解|"
    rf"correct answer|best answer|answer)[)）。!]?|"
    rf"(?:选项|项)?(?:是|为)?(?:最)?(?:正确|合适|恰当)(?!的是|吗)|(?:가|이) (?:정답|맞)|ist (?:die )?richtig|"
    rf"est (?:la )?(?:bonne|correcte?)"
    rf")",
    re.I,
)
_TURNS = re.compile(
    r"で?は(?:いけ|なら|だめ|ダメ)|てはいけ|べきで|い?と?(?:する|すれ)(?:と|ば)|"
    r"[^。\n]{0,2}と?する(?:考え|意見|説|人|立場)|"
    r"[^。\n]{0,4}?(?:では?な|とは|くな|くあ|ではあり|に(?:は|も)?な[らり]ま?[なせ]|られな|にく)|"
    r"(?:だ|です|ます|く)?(?:が|けれど|ものの)[、,]"
)
_CHOSEN = re.compile(
    r"(?:\bit(?:'s| is| has to be| must be| should be)|\bgo(?:ing)? with|\bgo for|\bchoose|\bselect|"
    r"\bpick|\bopt for|\bsettle on|\bselecting|\bchoosing|\bthat leaves|\bleaves|\bleaving|\bwe get|"
    r"\bi say|"
    r"\bleading to|\bpoints? to|\bconsistent with|\bmost (?:likely|consistent)[^.\n]{0,30} (?:is|"
    r"with)|\bshould (?:receive|be given|be treated with|undergo)|\bmy vote is|"
    r"(?:故|应|應|本题|可|就|只能|因此|所以)选(?:择|擇|项|項)?|本题选|残(?:る|った|り)(?:の|"
    r"選択肢)?(?:は|が)?、?|選(?:ぶ|んでほしい|択する|択すべき|"
    r"ぶべき)(?:の|もの)?は、?|(?:満たす|当てはまる|あてはまる|該当する|合致する|一致する|"
    r"残る)のは、?|べき(?:なの)?は、?|settling on|我选(?:择)?|것은|"
    r"il faut|choisir|elegir|wählen|求め(?:る|られる|られている)(?:の|もの)は、?|(?:^|[。，,;\n ])选(?:择)?|(?:change|"
    r"revise|correct|switch)[^.\n]{0,20}\bto|改为|改成|更正为|应为|(?:選択肢の)?(?:記号|番号)(?:は|"
    r"なら|で(?:答える|言う|"
    r"いう)(?:なら|と)|で言うと|でいえば|に直せば|としては)、?|採点欄には|消去法(?:で|により|から|"
    r"では)?、?|あえて選ぶ(?:なら|と)|選ぶなら|選ぶとすれば|選択するなら|"
    r"挙げるなら|正しくは|"
    r"结论是|所以是|따라서)"
    r" ?:?\s*(?:only |the |an? )?(?:options?|choices?|answers?|letter|選択肢|选项)?[\s\"'(「『（【]*$",
    re.I,
)
_CONCLUDES = re.compile(
    r"(?:^|[。\n、:.] ?|[^\w]|^\W+)(?:よって|したがって|従って|ゆえに|故に|以上(?:より|から|の|を|に)|"
    r"結論(?:として|は|:)|そのため|このことから|"
    r"これら(?:より|から|の|を)|このため|総合(?:的|する|し)|総じて|故|上記(?:より|から)|以上、|"
    r"ということで|すなわち|つまり|taken together|bottom line|in short|要するに|まとめると|therefore|thus|hence|so\b|"
    r"in conclusion|overall|in summary|to conclude|ultimately|accordingly|consequently|"
    r"the(?:se)? findings (?:suggest|point)|因此|所以|综上|总之|故|따라서|daher|donc|also ist)",
    re.I,
)
_CONCLUDED = re.compile(
    rf"(?:^|\n)[^\w\n{MENTION}]*(?:\d[.)] ?|(?:ステップ|step) ?\d+ ?:? ?)?(?:結論|まとめ|決定|判断|"
    rf"最終判断|bottom line|"
    rf"conclusion|verdict|decision|takeaway|summary|"
    rf"recommendation)[^\n{MENTION}]{{0,12}}\n+[^\n。{MENTION}]{{0,60}}$",
    re.I,
)
_CONCLUSION_AFTER = re.compile(
    rf"{_CLOSE} ?(?:と(?:な[るり]|考え|判断|診断|い[いえ]|思|する)|(?:が|は)(?:強く|最も|もっとも|"
    rf"、)?(?:(?!ない|ません|ず|低|困難|不要|乏|"
    rf"にく)[^。、\n{MENTION}]){{0,10}}?(?:疑|考え|示唆|妥当|適|該当|正し|正解|当ては|あては|選|強|答|"
    rf"合致|一致|有力|可能性が高|第一選択|必要|残)|"
    rf"を(?:選|考え|疑|行|投与|第一|まず|答|実施|施行|最)|である|です|であり|でしょう|で(?:あ|す)|"
    rf"だ(?!が|け)|に(?:なる|なり|該当|相当|当たる)|[。!]|$|\n|のみ|だけ)"
)
_CONCLUSION_EN = re.compile(
    rf"{_CLOSE}[ ]*(?:[.!,;—–-]|$|\n|is|are|should|would|because|as|since|for|fits|best|first|:|번|입니다|이다)", re.I
)
_WRAPPED = r"[\s\"'「『（(\[【<〈{#>*・|•\-–—→:=。.,+★☆●◆■□▶○]*"
_LINE_BEFORE = re.compile(
    rf"(?:^|\n){_WRAPPED}(?:\d{{1,2}}[.)] ?)?(?:答え?は?|選択肢|option|choice|the)? ?{_WRAPPED}$", re.I
)
_LISTS_ON = re.compile(
    rf"[^\n{MENTION}]*\n+{_WRAPPED}[○×]?{_WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
    rf"[^\n]*\n*{_WRAPPED}[○×]?{_WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
)
_LISTED_BEFORE = re.compile(
    rf"(?:^|"
    rf"\n){_WRAPPED}[○×]?{_WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
    rf"[^\n]*\n{_WRAPPED}[○×]?{_WRAPPED}(?:\d{{1,2}}[.)] ?)?$"
)
_LINE_AFTER = re.compile(
    r"[\s\"'」』）)\]】>〉}.。、,!！:;*|]*(?:です|である|だ|でした|だと思います|と考えます|と思います|"
    r"を選択します|を選びます|番|になります|"
    r"となります)?[\s\"'」』）)\]】>〉}.。!！*|]*(?=\n|$)"
)
_FIRST_AFTER = re.compile(
    r"[ \"'」』）)\]】>〉}]*(?:です|である|だ|でした|だと(?:思|考え)[^。\n]{0,6}|と(?:思|"
    r"考え)[^。\n]{0,8}|でしょう)?(?:[。!！]|\.(?= ?(?:\n|$))|\n|$)"
)


def statements(
    text: str, found: list[Group], stem: str, negative: bool, wanted: int | None, n: int
) -> Iterator[Statement]:
    """Every claim in a tagged reply, in the order of the text."""
    inherits, covered, inherited = -1, 0, (STRONG, "anchor")
    first = re.match(_WRAPPED, text)
    begin = first.end() if first else 0
    for group in found:
        if group.start < covered:
            continue
        claim = _claim(text, group, stem, negative, begin)
        if not claim and group.sentence == inherits:
            claim = inherited
        if not claim:
            continue
        strength, rule = claim
        no = denied(group, negative)
        if rule in ("anchor", "heading", "stem") and (no or group.either):
            inherits, inherited = group.sentence, (strength, "anchor" if strength == STRONG else rule)
        if no:
            continue
        firm = not tentative(group) and not supposed(group, strength == STRONG)
        end, positions = (
            _block(text, group, found, wanted)
            if rule in ("heading", "anchor") and firm
            else (group.end, group.positions)
        )
        if len(positions) >= n and len(positions) > len(group.positions):
            continue
        covered = end
        yield Statement(group.start, end, positions, strength, rule, firm, _alone(text, group))


_NEW_ITEM = re.compile(rf"\n{_WRAPPED}(?:\(?\d{{1,2}}[.)])?{_WRAPPED}$")


def _block(text: str, first: Group, found: list[Group], wanted: int | None) -> tuple[int, tuple[int, ...]]:
    """A list of answers below its heading, one a line: up to as many as are wanted, or as long as they stand alone."""
    end, positions = first.end, first.positions
    counted = COUNTED.search(text[max(0, first.start - 60) : first.start])
    most = int(_DIGIT.get(counted[1] or counted[2], counted[1] or counted[2])) if counted else wanted
    line = text[text.rfind("\n", 0, first.start) + 1 : first.start]
    if not re.fullmatch(rf"{_WRAPPED}(?:\(?\d{{1,2}}[.)])?{_WRAPPED}", line):
        return end, positions
    for group in found:
        if group.start < end:
            continue
        between = text[end : group.start]
        item = _NEW_ITEM.search(between)
        lone = item and _alone(text, group) and not re.search(r"\w", between)
        more = len(positions) < (most or 26) if most != 1 else bool(lone)
        if not item or between[: item.start()].count("\n") > 2 or denied(group) or not (more and (lone or most != 1)):
            break
        end, positions = group.end, tuple(dict.fromkeys(positions + group.positions))
    return end, positions


_HEADS = re.compile(rf"(?:^|\n){_WRAPPED}([{MENTION}])")


def _heads(text: str) -> list[int]:
    """The choices at the heads of lines."""
    return [position(m[1]) for m in _HEADS.finditer(text)] or [0]


def _alone(text: str, group: Group) -> bool:
    return bool(_LINE_AFTER.match(text, group.end))


def _claim(text: str, g: Group, stem: str, negative: bool, begin: int) -> tuple[int, str] | None:
    """Strength and rule of what is said of a group, None where nothing claims it to be the answer."""
    if (anchor := _ANCHORED.search(g.before)) and (
        _TIGHT_FILL.fullmatch(anchor[1]) or (_COPULA.match(g.after) and "ない" not in anchor[1])
    ):
        return STRONG, "anchor"
    window = text[max(0, g.start - 120) : g.start]
    if _OTHERS.search(window):
        return None
    if stem and (head := _ABOVE.search(window)) and _asked(head[1] + "は", stem) and _COPULA.match(g.after):
        return STRONG, "heading"
    if (_HEADING.search(window) or _LISTED.search(window)) and _COPULA.match(g.after):
        return STRONG, "heading"
    if (
        g.start <= begin
        and _FIRST_AFTER.match(text, g.end)
        and (not _LISTS_ON.match(text, g.end) or g.positions[0] != 0 == min(p for p in _heads(text)))
    ):
        return STRONG, "first line"
    if (
        not text[g.end :].strip(" \n\"'」』）)]】>〉}.。!*|です")
        and _LINE_BEFORE.search(window)
        and not _LISTED_BEFORE.search(window)
    ):
        return STRONG, "last line"
    if (said := _PREDICATE.match(g.after)) and not _TURNS.match(g.after, said.end()):
        return PLAIN, "predicate"
    if _POINTED.match(text, g.end):
        return PLAIN, "pointer"
    if len(g.positions) > 1 and not negative and _BOTH.match(g.after) and not _TURNS.match(g.after, 3):
        return PLAIN, "predicate"
    if _CHOSEN.search(g.before[-60:]):
        return PLAIN, "predicate"
    if (
        (stem
        and (_asked(g.before, stem) and (_COPULA.match(g.after) or denied(g, negative))))
        or (stem and not negative and _repeats(g.after, stem))
    ):
        return PLAIN, "stem"
    if _CONCLUDES.search(g.before) and (_CONCLUSION_AFTER.match(g.after) or _CONCLUSION_EN.match(g.after)):
        return PLAIN, "conclusion"
    if (
        _CONCLUDED.search(window)
        and not _LISTS_ON.match(text, g.end)
        and (_CONCLUSION_AFTER.match(g.after) or _CONCLUSION_EN.match(g.after))
    ):
        return PLAIN, "conclusion"
    if (
        not text[g.end :].strip().count("\n")
        and _IS_THE.search(g.before)
        and _COPULA.match(g.after)
        and "。" not in text[g.end :].strip(" 。\n")
    ):
        return PLAIN, "last sentence"
    if _polar(g.before, negative):
        return PLAIN, "stem"
    return None


_POINTED = re.compile(
    rf"[^\n{MENTION}]{{0,30}}(?:←|<-|⇐|★|☆|[(（])\s*(?:これ(?:が|を)?)?(?:答え|正解|選ぶ|選択|本例|"
    rf"本症例|the answer|this one)[)）]?"
)
_BOTH = re.compile(
    rf"{_CLOSE} ?(?:の(?:両方|どちら|いずれ|\d つ|2つ|3つ))?(?:が|は|も)(?:とも|両方|どちらも|"
    rf"いずれも)?(?:正し|適切|該当|"
    rf"当てはま)[^。]{{0,3}}(?:。|$|\n|です|ため|ので|、)"
)
_IS_THE = re.compile(r"のは、?[「『(（\"' ]*$")
_TRUE_BEFORE = re.compile(
    rf"(?:{TRUE_JA}|{TRUE_EN})(?:もの|の|選択肢|記述|文|組合せ|組み合わせ|statement|option)?(?:は|:|=|が| is|"
    rf" are)+[^。\n{MENTION}]{{0,12}}$",
    re.I,
)
_FALSE_BEFORE = re.compile(
    rf"(?:{FALSE_JA}|{FALSE_EN})[^。\n{MENTION}、]{{0,14}}?(?:もの|の|選択肢|記述|文|statement|option)(?:は|:|=|"
    rf" is| are)+[^。\n{MENTION}]{{0,12}}$",
    re.I,
)


def _polar(before: str, negative: bool) -> bool:
    """``正しいのは c`` where the stem asks for the right one, ``誤っているのは c`` where it asks for the wrong one."""
    wrong = _FALSE_BEFORE.search(before[-60:])
    return bool(wrong) if negative else not wrong and bool(_TRUE_BEFORE.search(before[-60:]))


_ASKS = re.compile(
    r"([^。\n?？]{2,80}?)(?:は|として|で|に)?(?:どれ|何|なに|いずれ|だれ|誰|いくつ|どの)(?:か|です|で|"
    r"。|$|[^。\n]{0,12}か)"
)
_NEGATION = re.compile(r"ない|なく|ず(?=に|、|$)|誤|不適|不正|弱|低|にく|除|禁忌|少な|間違")
_LEADS_ON = re.compile(
    r"(?:として(?:は)?|の?とは|は|が|:|→|=|、|[〉》】\]])+[\s「『(（【\"']*(?:やはり|まさに|この|その|"
    r"ずばり)?、?[\s「『(（【\"']*$"
)
_TRIMMED = re.compile(r"(?:もの|こと|な?の|である|となる|な|だ|選択肢|疾患|病態|項目)$")


@lru_cache(maxsize=4096)
def asked_for(stem: str) -> str:
    """What a stem asks for: ``最も考えられるの`` of 最も考えられるのはどれか; "" where it asks in another form."""
    found = _ASKS.findall(stem[-240:])
    return found[-1].strip(" 」」、") if found else ""


_QUANTITY = re.compile(
    r"([^。、\n]{2,40}?)(?:[(（][^()（）]{1,12}[)）])?(?:(?:を|は)[^。、\n]{0,12}?(?:求め|計算|算出|"
    r"答え|記せ|示せ)|(?:は|"
    r"が)[^。、\n]{0,12}?(?:いくら|いくつ|何|どれ))|"
    r"(?:what is|calculate|compute|find|estimate|determine|give) (?:the |his |her |this |patient's )*([^?.,(\n]{2,60}?)"
    r"(?= (?:in|of|for|to|at|with|using|from)\b|[?.,(\n]|$)",
    re.I,
)


@lru_cache(maxsize=4096)
def quantity_asked(stem: str) -> str:
    """The quantity that a stem asks for: アニオンギャップ of …のアニオンギャップを求めよ, "anion gap"; "" if unclear."""
    found = _QUANTITY.findall(stem[-240:])
    phrase = next((a or b for a, b in reversed(found) if a or b), "")
    return re.split(r"の(?=[^の]{2,}$)|ときの|における", phrase)[-1].strip(" 「」") if phrase else ""


def _asked(before: str, asks: str) -> bool:
    """Whether a sentence's topic before a choice is what the stem asks for."""
    lead = _LEADS_ON.search(before)
    if not lead:
        return False
    topic = re.split(r"[。、,\n:]", before[: lead.start()])[-1].strip("「『(（【\"' 」』→・-*#〈《")
    core = _TRIMMED.sub("", _TRIMMED.sub("", topic))
    if bool(_NEGATION.search(topic)) != bool(_NEGATION.search(asks)) or len(core) < 2:
        return False
    longest = next((n for n in range(min(len(core), 24), 1, -1) if core[-n:] in asks), 0)
    return longest >= 4 or longest == len(core) or (longest == 3 and len(core) <= 8)


_PREDICATIVE = re.compile(rf"{_CLOSE} ?(?:が|は)、?([^。、\n{MENTION}]{{4,40}})")


def _repeats(after: str, asks: str) -> bool:
    """Whether what is said of a choice are the stem's own words: IgA が最も多く含まれます."""
    found = _PREDICATIVE.match(after)
    if not found or found[1][:4] not in asks:
        return False
    n = next(n for n in range(min(len(found[1]), 24), 3, -1) if found[1][:n] in asks)
    verb = len(re.findall("[ぁ-ん]", found[1][:n])) >= 2
    return (
        n >= 5
        and verb
        and not _TURNS.match(found[1], n)
        and not re.match(r"[^。]{0,3}(?:ない|ません|ず)", found[1][n:])
    )
