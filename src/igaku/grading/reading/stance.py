"""What a sentence does with the choices it names: asserts, denies, weighs, asks or supposes them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from igaku.grading.reading.mentions import position
from igaku.grading.reading.plain import MENTION
from igaku.io.patterns import lazy

_WRAPS = r"[\s\"'()（）「」『』\[\]【】{}<>《》〈〉.・*|]*"
_AND = (
    r"[,、，・/&+;；]|も|、?と|、?や|、?および|、?及び|、?ならびに|、?並びに|、?かつ|、?そして|及|和|"
    r"与|와|과|,? ?\b(?:and|und|et|y|e|и)\b|,? ?& ?"
)
_OR = (
    r",? ?\b(?:or|oder|ou|o|and/or)\b|、?(?:または|又は|もしくは|若しくは|あるいは|或いは|か|或者?|"
    r"또는)、?|\bvs\.?|[~〜～–—-]|から|"
    r"\bto\b|\bthrough\b"
)
_ALSO = r"(?:選択肢|option|choice|肢|記号)? ?"
_CLOSERS, _OPENERS = r"[\s\"')）」』\]】}>》〉.]", r"[\s\"'(（「『\[【{<《〈]"
_JOINT = lazy(rf"{_CLOSERS}*(?:{_AND}){_WRAPS}{_ALSO}{_WRAPS}|[ ]*|[\"')）」』\]】}}>》〉][ .]*{_OPENERS}+", re.I)
_EITHER = lazy(rf"{_WRAPS}(?:{_OR}){_WRAPS}{_ALSO}{_WRAPS}", re.I)
_GLOSSED = lazy(
    r"[)）」]? ?(?:と|、|および|及び|and) ?[^。\n、と]{1,24}[(（]|[)）] ?(?:,|and|et|und|y) [^.\n,]{1,30}[(（]"
)
_GLOSS = lazy(r"[ 　]?[(（][^()（）\n]{1,40}[)）]")
_END = lazy(
    r"[。．!！\n]|(?<![\ue000-\ue03f])[.](?=\s|$)|(?<=[)\]」])[.](?=\s|$)|[?？]|(?<=[\ue000-\ue07f])\.(?=\s+\S|$)"
)
LONGEST_GAP = 34


class Group(NamedTuple):
    """Choices named side by side, and the sentence around them.

    ``start`` and ``end`` are positions in the text; ``before`` and ``after`` what the sentence says around them.
    """

    start: int
    end: int
    positions: tuple[int, ...]
    either: bool
    """Joined by "or": no choice is made between them."""
    before: str
    after: str
    sentence: int
    """Where its sentence begins."""
    following: str
    """The text after it, beyond the sentence."""


def groups(text: str) -> Iterator[Group]:
    """Mentions that stand in one list, in order."""
    ends = [*(m.end() for m in _END.finditer(text) if not _heads_line(text, m.start())), len(text)]
    found = _few([m.start() for m in re.finditer(f"[{MENTION}]", text)])
    i, k = 0, 0
    while i < len(found):
        j, either = i, False
        while j + 1 < len(found):
            gap = text[found[j] + 1 : found[j + 1]]
            joint = joined(gap)
            if joint is not None and "/" in gap and (text[found[j]] < "\ue040") != (text[found[j + 1]] < "\ue040"):
                break
            if joint is None or (not either and _parts(text, found[i], gap, found[j + 1])):
                break
            either, j = either or joint, j + 1
        while ends[k] <= found[i]:
            k += 1
        begin = ends[k - 1] if k else 0
        last = k
        while ends[last] <= found[j]:
            last += 1
        positions = tuple(dict.fromkeys(position(text[p]) for p in found[i : j + 1]))
        yield Group(
            found[i],
            found[j] + 1,
            positions,
            either and len(positions) > 1,
            text[max(begin, found[i] - 160) : found[i]],
            text[found[j] + 1 : min(ends[last], found[j] + 161)],
            begin,
            text[found[j] + 1 : found[j] + 41],
        )
        i = j + 1


MOST = 160
"""Mentions that are looked at: the first and the last half of these, of a reply that loops."""


def _few(found: list[int]) -> list[int]:
    return found if len(found) <= MOST else found[: MOST // 2] + found[-MOST // 2 :]


_HEAD = lazy(rf"(?:^|\n)[^\w\n{MENTION}]*(?:\d{{1,2}}[.)])?[^\w\n{MENTION}]*[\ue000-\ue03f][)）」』】\]]*$")


def _heads_line(text: str, stop: int) -> bool:
    """Whether a full stop belongs to the label at the head of a line, as in ``c. since the pain moves``."""
    return text[stop] == "." and bool(_HEAD.search(text[max(0, stop - 24) : stop]))


_INSTEAD = lazy(r"(?:instead of|rather than|unlike|not)\s+(?:the |an? )?[\"'(]*$", re.I)
_VERB = lazy(r"[\"')]* (?:is|are|was|were|would|should|can)\b", re.I)


def _parts(text: str, first: int, gap: str, following: int) -> bool:
    """Whether a comma or semicolon parts two clauses: "instead of A, B", "neither A nor B; C is right"."""
    if gap == "," and following + 2 < len(text) and text[following + 1] == "、" and not re.search("[ぁ-ん]", text):
        return True
    if ";" in gap:
        return bool(_VERB.match(text, following + 1))
    return gap.strip() == "," and bool(_INSTEAD.search(text[max(0, first - 16) : first]))


def joined(gap: str) -> bool | None:
    """Whether what stands between two mentions joins them by "or" (True) or "and" (False); None if it parts them."""
    if len(gap) > LONGEST_GAP or "\n" in gap:
        return None
    if _EITHER.fullmatch(gap):
        return True
    if _JOINT.fullmatch(gap) or _GLOSSED.fullmatch(gap):
        return False
    return None


CLOSE = (
    r"^(?:\.{2,6})?(?: ?(?:週間?|日間?|歳|か月|年間?|時間|分間?|mg|mL|%|回|人|cm|mm|度|点|類)(?=[^A-Za-z]|"
    r"$))?[\s)）」』】\]}\"'>〉》]*(?:[(（][^()（）\n]{0,40}[)）]|[:,、][^()（）\n]{0,40}[)）])?"
)
_DENIED_AFTER = lazy(
    rf"{CLOSE} ?(?:ら|等|など|のみ|だけ)?(?!(?:なの|の)?(?:では|じゃ)ない(?:だろう|"
    rf"でしょう)?か(?!も))(?:で(?:は|も)?(?:な[いくかけ]|ありませ)|"
    rf"でも[{MENTION}]でもな|でも[^。\n]{{0,12}}でもな|"
    rf"じゃな|とは(?:限|言え|いえ|考え|異な|診断|思え)|"
    rf"以外(?!(?:に|は)?(?:は|も)?(?:な|考え|あり|該当))|(?:は|を|も|が)(?:、)?(?:まず)?(?:除(?:い|外|"
    rf"く|き)|成り立た|成立し|否定|選ば(?:な|"
    rf"ず)|選べ(?:な|ず)|避け|不正解)|"
    rf"より(?:も|は|むしろ)|に比べ|と(?:は)?(?:異な|鑑別|区別)|にしては|(?:と)?いうより|"
    rf"を見逃|を外し|を?見落と|の除外|(?:should|would|must|can|will|did|has|have)(?:n't| not)|"
    rf"(?:is|are|was|were|would be|can be|could be|does|do)(?:n't| not| excluded| ruled| eliminated)|"
    rf"(?:can't|cannot|isn't|aren't|won't|doesn't)|不(?:是|选)(?!\s*[{MENTION}])|는 아니|가 아니|"
    rf"이 아니|아니|ist nicht)",
    re.I,
)
_WRONG_AFTER = lazy(
    rf"{CLOSE} ?(?:ら|等|など|のみ|だけ)?(?:(?:は|を|も|が)(?:、)?(?:[^。、\n{MENTION}]{{0,24}})??(?:誤(?!診)|間違|"
    rf"違[いうっ]|不適|適切で(?:は|も)?(?:な|あり)|正しく(?:は)?[なあ]|適さな|"
    rf"考えにく|考えづら|考え難|該当し(?:な|ませ)|あては?まら|当ては?まら|可能性が?低|合わ(?:な|ず)|合いませ|"
    rf"合致し(?:な|ませ)|一致し(?:な|ませ)|禁忌|不要|矛盾|×|無関係|"
    rf"関係(?:が|し)?な|用い(?:な|ませ)|使わな|使用しな|行わな|投与しな|関与しな|含まな|含まれな|"
    rf"みられ(?:な|ませ)|認め(?:な|られな|ませ))|×|与之无关|无关|"
    rf"(?:is|are|was|were|seems?|looks?)(?: incorrect| wrong| false| inferior| unlikely| less|"
    rf" contraindicated| inappropriate)|"
    rf"不(?:正确|对)|是错|错误|ist falsch|est (?:faux|incorrecte))",
    re.I,
)
_DENIED_BEFORE = lazy(
    r"(?:\b(?:not|never|cannot|can't|won't|avoid\w*)(?:(?!\bbut\b|\bis\b|\bare\b|\brather\b|\bit\b|"
    r"\bonly\b)[^.,;:\n]){0,24}|(?:\bnot|"
    r"n't|cannot be|rather than|instead of|neither|\bnor|except(?: for)?|\bover|\bthan|unlike|"
    r"excluding|ruled? out|eliminat(?:e|es|ed|ing)|"
    r"exclud(?:e|es|ed|ing)|不是|并非|排除|nicht|n'est pas|pas|no es|non è|除外は)"
    r"\s*(?:be\s*|is\s*)?(?:the\s+|an?\s+|options?\s+|choices?\s+|answers?\s+)*[\"'(「（]*)$",
    re.I,
)
_WRONG_BEFORE = lazy(r"(?:誤り|誤答|不正解|間違い)(?:の選択肢)?(?:は|が|:)[\s「『(（]*$")
_SUPPOSED = lazy(
    r"もし(?!く)|仮に|(?:^|[.;:,] ?)(?:but |and |then )?if\b(?! (?:i|we) (?:had|have|must|were))|"
    r"\bsuppose\b|would have been",
    re.I,
)
_CLAUSE = lazy(r"(?:が|けれど|けれども|けど|ものの)、|[,;] but ", re.I)
_SUPPOSED_TOO = lazy(
    r"(?<!記号)(?<!私)(?<!自分)(?<!言う)(?<!選ぶ)(?<!選択する)(?<!挙げる)(?<!答える)"
    r"(?<!決める)(?<!とる)(?<!選べと言われた)なら(?:ば)?\s*(?:、|$)|"
    r"(?:なければ\s*$|であれば|だったら|(?<!こ)の場合(?:は|、))|"
    r"\bunless\b|\bhad (?:it|the) been",
    re.I,
)
_TENTATIVE_AFTER = lazy(
    rf"{CLOSE}[^。\n]{{0,14}}?(?:てしま(?:い|う)|なのか|かもしれ|かも(?:。|$|、|\n)|の可能性も|"
    rf"可能性も|と?(?:思い|考え)(?:がち|ました(?:が|け|もの)|"
    rf"た(?:が|け|の|もの)|ていた|てしま)|"
    rf"と(?:思っ|考え)(?:た|てい)(?:が|け|の)|を選(?:んだ|ぶ|びた)(?:として|くな|人|方|受験|ミス|学生)|"
    rf"[^。\n]{{0,10}}(?:し|なり|入り|あり)(?:得|う)(?:る|ます)|と答えそう|ですが、[^。]{{0,10}}迷|と迷|で迷|"
    rf"(?:と|を|が|に)間違え(?:やす|が)|か(?:な|も)?[?？]|だろうか|(?<!ない)でしょうか|(?:で|に)?(?:は|"
    rf"も)?どう(?:か|だ|で)|かどうか|"
    rf"と(?:も|の)考えら|とも(?:考え|言え|いえ|取れ|思)|のどちら|のいずれ|の(?:間|二択|両者|2択|鑑別|"
    rf"どっち)|に絞|都有可能|都可能|も捨てがた|が候補|も候補|は候補|"
    rf"を候補|と紛らわし|に(?:も)?見え)|"
    rf"{CLOSE} ?か(?:。|$|\n)|{CLOSE} ?(?:であれば|なら(?!ない)|だったら|だとすれば|だとすると)|"
    rf"{CLOSE} (?:(?:is|are) (?:also )?(?:possible|plausible|reasonable|tempting|an option|conceivable)|may\b|might\b|"
    rf"could\b|can(?:no|')t be (?:excluded|ruled out))",
    re.I,
)
_TENTATIVE_BEFORE = lazy(
    r"(?:一見|最初は|はじめは|当初は|初めは|\bmaybe|\bperhaps|\bmight be|\bmay be|\bcould be|\bconsider(?:ed|ing)?|"
    r"initially (?:thought|considered|chose)|"
    r"(?:some|many|one) (?:would|may|might) (?:say|think|choose|argue)[^.]{0,40}|tempt\w*|"
    r"first (?:thought|instinct)|よくある(?:誤り|間違い|誤答)|distractor|trap|confus\w*|\bbetween|"
    r"\beither|\bentre|\bzwischen|\btra)"
    r"(?:[^。.\n]{0,24})$",
    re.I,
)
_TAKEN_BACK = lazy(
    r"\.{2,6}\s*(?:no\b|not\b|いや|違)|[^。\n]{0,6}[。.…・\s]+(?:……|…)?\s*と(?:言い|いい|し)たい|"
    r"[^。\n]{0,6}[。.…・\s]+と思(?:い|っ)(?:き|た)"
)
_ASKED = lazy(r"^[^。\n.]{0,12}[?？]")


def denied(group: Group, negative: bool = False) -> bool:
    """Whether the sentence says that these choices are not the answer.

    ``negative``: the stem asks for the wrong choice, so that calling one wrong does not deny it.
    """
    before = _DENIED_BEFORE.search(group.before[-60:])
    if negative and before and re.search(r"\bexcept", before[0], re.I):
        before = None
    no = _DENIED_AFTER.match(group.after) or before
    wrong = _WRONG_AFTER.match(group.after) or _WRONG_BEFORE.search(group.before[-20:])
    return bool(no or (wrong and not negative))


_SUPPOSED_ANSWER = lazy(r"(?:であれば|なら(?:ば)?|だったら|の場合(?:は)?)、?[^、。]{0,3}(?:答え|正解|正答|解答|回答)")


def supposed(group: Group, anchored: bool = False) -> bool:
    """Whether they stand behind an "if"; a condition on the patient before "the answer is" does not count."""
    clause = _CLAUSE.split(group.before)[-1]
    return bool(
        _SUPPOSED.search(clause) or _SUPPOSED_ANSWER.search(clause) or (not anchored and _SUPPOSED_TOO.search(clause))
    )


def tentative(group: Group) -> bool:
    """Whether they are only thought of, asked about, or joined by "or"."""
    return (
        group.either
        or bool(_TAKEN_BACK.match(group.following))
        or bool(_TENTATIVE_AFTER.match(group.after[:60]))
        or bool(_TENTATIVE_BEFORE.search(_CLAUSE.split(group.before[-80:])[-1]))
        or bool(_ASKED.match(group.after))
    )


CORRECTION = lazy(
    r"訂正|すみません|すいません|失礼|申し訳|いや[、,。…]|いえ[、,]|待って|待て|ちょっと待|誤りでした|"
    r"間違い(?:でし|まし)|改め(?:て|る|ま)|再考|考え直|見直|再検討|撤回|正しくは|"
    r"ではなく|やはり|やっぱり|\bwait\b|\bactually\b|\bsorry\b|\bcorrection\b|\bmistake|on (?:second|"
    r"further) (?:thought|reflection|review)|\bon reflection\b|"
    r"\breconsider|\brevis|\bscratch that\b|\bi need to correct|\binstead\b|\bcorrected\b|"
    r"\bre-?evaluat|\bhmm\b|更正|修正|不对|等等|等一下|(?:^|[。\n])あ[、っ]|정정|아니",
    re.I,
)
"""Words with which a reply takes back what it has said."""
