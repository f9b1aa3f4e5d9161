"""Where on the page a choice stands: under a heading, in a list, on a line of its own."""

import re

from igaku.grading.reading.mentions import position
from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.stance import Group, denied
from igaku.grading.reading.vocabulary import COUNTED
from igaku.io.patterns import lazy

_DIGIT = dict(zip("一二三四五", "12345"))
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
HEADING = lazy(
    rf"(?:^|"
    rf"\n)[^\w\n{MENTION}]*(?:\d{{1,2}}[.)] ?)?(?:{_NOUN_LINE})(?!{_NOT_HEADING})"
    rf"[^\n{MENTION}]{{0,24}}\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→:]*$",
    re.I,
)
ABOVE = lazy(
    rf"(?:^|\n)[^\w\n{MENTION}]*([^\n{MENTION}]{{3,40}}):\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→]*$"
)
ANNOUNCED = lazy(
    r"(?:以下|次|下記)の ?([2-5二三四五]) ?(?:つ|個|"
    r"項目)[^\n]{0,12}\n[\s#>\-・*+•]*(?:\(?\d{1,2}[.)])?[\s(（「『【\[\"'→]*$"
)
"""``以下の3つです。`` above a list."""
OTHERS = lazy(
    r"(?:他の|その他|残りの|誤りの|誤った|不正解の|各)(?:選択肢|肢)|誤答|other (?:options|choices)|(?:why|"
    r"wrong) (?:the )?(?:others|options|answers)",
    re.I,
)
LISTED = lazy(
    rf"(?:答え|解答|回答|正解|正答|(?:正しい|適切な|該当する|選ぶべき)(?:選択肢|もの|の)|answers?|"
    rf"(?:correct|right|best) (?:choices?|"
    rf"options?))[^。\n{MENTION}]{{0,16}}(?:(?:以下|次|下記|following)[^\n{MENTION}]{{0,16}}|:|は|are|"
    rf"is)[。:]? ?\n[\s#>\-・*+•]*(?:\(?\d{{1,2}}[.)])?[\s(（「『【\[\"'→]*$",
    re.I,
)
WRAPPED = r"[\s\"'「『（(\[【<〈{#>*・|•\-–—→∴⇒:=。.,+★☆●◆■□▶○]{0,40}"
LINE_BEFORE = lazy(
    rf"(?:^|\n){WRAPPED}(?:\d{{1,2}}[.)] ?)?(?:答え?は?|選択肢|option|choice|the|(?!誤|不|非|他|以外|"
    rf"除外|[^\n:→]{{0,8}}(?:誤|不適|つ目|番目|確信|wrong|incorrect|"
    rf"other))[^\n。:、{MENTION}]{{1,16}}(?=[:→]))? ?{WRAPPED}$",
    re.I,
)
NUMBERED = lazy(
    rf"(?:^|[\n。、])[^\w\n{MENTION}]*(?:(?:\d|[一二三])つ目|(?:もう)?一つ|選択 ?\d|answer ?\d|"
    rf"(?:first|second|third) answer)"
    rf"(?:は|→|:| is| =)[\s「『(（【]*$",
    re.I,
)
LISTS_ON = lazy(
    rf"[^\n{MENTION}]*\n+{WRAPPED}[○×]?{WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
    rf"[^\n]*\n*{WRAPPED}[○×]?{WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
)
LISTED_BEFORE = lazy(
    rf"(?:^|"
    rf"\n){WRAPPED}[○×]?{WRAPPED}(?:\d{{1,2}}[.)] ?)?[{MENTION}]"
    rf"[^\n]*\n{WRAPPED}[○×]?{WRAPPED}(?:\d{{1,2}}[.)] ?)?$"
)
_LINE_AFTER = lazy(
    r"[\s\"'」』）)\]】>〉}.。、,!！:;*|]*(?:です|である|だ|でした|だと思います|と考えます|と思います|"
    r"を選択します|を選びます|番|になります|"
    r"となります)?[\s\"'」』）)\]】>〉}.。!！*|]*(?=\n|$)"
)
FIRST_AFTER = lazy(
    r"[ \"'」』）)\]】>〉}]*(?:です|である|だ|でした|だと(?:思|考え)[^。\n]{0,6}|と(?:思|"
    r"考え)[^。\n]{0,8}|でしょう)?(?:[。!！]|\.(?= ?(?:\n|$))|\n|$)"
)
_NEW_ITEM = lazy(rf"\n{WRAPPED}(?:\(?\d{{1,2}}[.)])?{WRAPPED}$")


def block(text: str, first: Group, found: list[Group], wanted: int | None) -> tuple[int, tuple[int, ...]]:
    """A list of answers below its heading, one a line: up to as many as are wanted, or as long as they stand alone."""
    end, positions = first.end, first.positions
    counted = COUNTED.search(text[max(0, first.start - 60) : first.start])
    most = int(_DIGIT.get(counted[1] or counted[2], counted[1] or counted[2])) if counted else wanted
    line = text[text.rfind("\n", 0, first.start) + 1 : first.start]
    if len(line) > 80 or not re.fullmatch(rf"{WRAPPED}(?:\(?\d{{1,2}}[.)])?{WRAPPED}", line):
        return end, positions
    for group in found:
        if group.start < end:
            continue
        between = text[end : group.start]
        item = _NEW_ITEM.search(between)
        lone = item and alone(text, group) and not re.search(r"\w", between)
        more = len(positions) < (most or 26) if most != 1 else bool(lone)
        if not item or between[: item.start()].count("\n") > 2 or denied(group) or not (more and (lone or most != 1)):
            break
        end, positions = group.end, tuple(dict.fromkeys(positions + group.positions))
    return end, positions


_HEADS = lazy(rf"(?:^|\n){WRAPPED}([{MENTION}])")


ROW_BEFORE = lazy(
    rf"(?:^|\n)[^\n:→{MENTION}]{{1,40}}[:→][^\n]*[{MENTION}][^\n]*\n[^\n:→{MENTION}]{{1,40}}[:→][\s「『(（【]*$"
)
"""A row of the same form (``高値：b``) above the one that ends here."""


def answers_first(text: str, first: Group) -> bool:
    """Whether the choice on the first line is an answer and not the first item of a list of all choices."""
    items = heads(text)
    if first.positions[0] != 0 and 0 in items:
        return True
    straight_on = re.match(r"[^\n]*\n[^\n]", text[first.end :])
    return not LISTS_ON.match(text, first.end) and not (straight_on and len(set(items)) > 2)


def heads(text: str) -> list[int]:
    """The choices at the heads of lines."""
    return [position(m[1]) for m in _HEADS.finditer(text)] or [0]


def alone(text: str, group: Group) -> bool:
    """Whether nothing follows on the line, so that a reply that was cut later had already answered."""
    return bool(_LINE_AFTER.match(text, group.end))
