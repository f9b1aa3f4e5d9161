"""Where a reply names choices: by letter, by their words, by a circled number, katakana or a number.

Each mention becomes one private character (U+E000 on for a label, U+E040 on for the choice's own words), so that the
grammar of statements reads ``正解は、c（大動脈解離）です`` and ``正解は C です`` alike. A letter that belongs to a word
(ビタミンB, C型肝炎, IgA, Grade C, an article "A") is no mention.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from igaku.grading.reading.numerals import letter_rows, numbers
from igaku.grading.reading.plain import LABEL, ROOM, WORDS, choice_plain
from igaku.io.patterns import lazy
from igaku.question import LETTERS

_BRACKETS = {**dict.fromkeys("(〈《<", "[(〈《<]"), **dict.fromkeys(")〉》>", "[)〉》>]")}
_TAILS_JA = (
    "型|細胞|群|波|線|帯|棘|反応性|二量体|受容体|抗原|抗体|因子|蛋白|タンパク|遺伝子|ペプチド|領域|"
    "音|層|期|菌|ウイルス|毒素|"
    "肝炎|染色体|リンパ球|さん|氏|社|君|子|帯域|モード|スコア|分類|ステージ|グレード|クラス|判定"
)
_HEADS = (
    "vitamin|vit|hepatitis|grade|type|types|group|class|stage|factor|protein|category|level|level of evidence|"
    "fig|figure|table|case|patient|influenza|flu|immunoglobulin|ig|hb|hemoglobin|apolipoprotein|apo|complement|"
    "child-pugh|forrest|part|section|step|phase|zone|plan|interleukin|coenzyme|provitamin|retinoid|bacteroides|"
    "streptococcus|cytochrome|cell|cells|antigen|region|segment|arm|lead|wave|line|chromosome"
)
_HEADS_JA = (
    "ビタミン|グレード|ステージ|タイプ|クラス|グループ|インフルエンザ|型|群|図|表|症例|レベル|分類|カテゴリー|カテゴリ|"
    "ヘモグロビン|プロテイン|補体|第|因子|免疫グロブリン|アポリポ蛋白|コエンザイム"
)
_BEFORE_OK = (
    "選択肢|選択枝|肢|記号|番号|答|答え|正解|解答|回答|正答|結論|最終|訂正|選|判定|案|项|項|応答|"
    "候補|ズバリ|ずばり|多分|恐らく|是|为|為|择|擇|应|故|即|和|与|除|选"
)
_AFTER_OK = (
    "以外|及び|又は|並び|若しく|或い|正解|正答|正し|正|誤|適切|適|不適|不正|選択|選ぶ|選|番|項|肢|项|"
    "选|一択|最も|最適|該当|是|不是|和|与|为|"
    "对|错|を|が|の|は"
)
_AFTER_A = (
    "and|et|und|y|e|ou|oder|o|is|are|was|were|would|should|could|may|might|must|will|can|does|isn|not|or|but|than|"
    "seems?|looks?|appears?|because|since|as|for|due|over|instead|rather|with|based|given|fits|"
    "remains|best|correct|here|there|as|only|instead"
)
_BEFORE_SMALL = "options?|choices?|answers?|letters?|is|are|and|or|be|than|not|pick|choose|select|with|nor|it|say|of"


class _Name(NamedTuple):
    """The words of the choice at ``position``, and a part of them that any mention of them holds as it is."""

    words: str
    position: int
    part: str


@lru_cache(maxsize=4096)
def _choice_names(choices: tuple[str, ...]) -> tuple[_Name, ...]:
    """The words of all choices, the longest first; words that two choices share name none."""
    names = [(name, i) for i, choice in enumerate(choices) for name in _names(choice)]
    single = {name for name, _ in names if len({i for other, i in names if other == name}) == 1}
    ordered = sorted({(name, i) for name, i in names if name in single}, key=lambda pair: (-len(pair[0]), pair))
    return tuple(_Name(name, i, max(_ONE_SCRIPT.findall(name), key=len, default="").lower()) for name, i in ordered)


_ONE_SCRIPT = lazy("[A-Za-z]+|[0-9]+|[ぁ-ん]+|[ァ-ヶー]+|[一-龠]+")


def _pattern(text: str, choices: tuple[str, ...]) -> re.Pattern[str] | None:
    """One expression for the words of those choices that a text can name; None where it names none.

    To compile the words of all takes longer than to read a reply, and most replies hold one or two; where replies to
    one question hold different ones, all are compiled once.
    """
    low, names = text.lower(), _choice_names(choices)
    held = tuple(name for name in names if name.part in low)
    if held:
        (seen := _held_before(choices)).add(held)
        return _compiled(held if len(seen) == 1 else names)
    return None


@lru_cache(maxsize=4096)
def _held_before(_choices: tuple[str, ...]) -> set[tuple[_Name, ...]]:
    return set()


@lru_cache(maxsize=4096)
def _compiled(names: tuple[_Name, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<w{n.position}_{k}>{_words(n.words)})" for k, n in enumerate(names)))


_GLOSS = lazy(r" ?[〈(<《\[]([^〈〉()<>《》\[\]]{2,40})[〉)>》\]]")


def _names(choice: str) -> list[str]:
    """A choice's words, and where it glosses them (解離性障害〈解離症〉) each half alone."""
    whole = choice_plain(choice)
    names = [whole]
    if (gloss := _GLOSS.search(whole)) and len(gloss[1]) > 2:
        names += [_GLOSS.sub("", whole).strip(), *([gloss[1].strip()] if gloss.end() == len(whole) else [])]
    return [name for name in names if (len(name) > 1 and not name.isdigit()) or (name == whole and len(name) > 1)]


def _words(word: str) -> str:
    body = "".join(_BRACKETS.get(c, re.escape(c)) for c in word)
    body = re.sub(r"(?<=[A-Za-z0-9])(?=[ぁ-ヶ一-龠])|(?<=[ぁ-ヶ一-龠])(?=[A-Za-z0-9])", " ?", body)
    body = re.sub(r"(?<=[ァ-ヶー])(?=[一-龠])", "の?", body)
    body = re.sub(r"(?<=[A-Za-z])\\ (?=[A-Za-z])", r"\\s+", body).replace(r"\ ", r"\s*")
    before = r"(?<![A-Za-z0-9])" if _latin(word[0]) else ""
    if word[0].isdigit():
        before = r"(?<![A-Za-z0-9.])"
    elif not word[0].isascii():
        before = "" if word[0] in "非無不未抗続" else "(?<![非無不未抗])(?<!続発性)"
    body = body if body.upper() == body.lower() else f"(?i:{body})"
    after = r"(?![A-Za-z0-9]|\.[0-9])" if word[-1].isdigit() else r"(?![A-Za-z0-9])" if _latin(word[-1]) else ""
    return before + body + after


def _latin(c: str) -> bool:
    return c.isascii() and c.isalnum()


@lru_cache(maxsize=64)
def _letter(n: int) -> re.Pattern[str]:
    """A letter that stands alone and may be a label."""
    low, up = LETTERS[:n], LETTERS[:n].upper()
    return re.compile(
        rf"(?<![A-Za-z0-9_°\-])(?<![A-Za-z][.'])([{low}{up}])(?![A-Za-z0-9_ー々°%])(?!\+(?:$|"
        rf"[\s)、。]))(?!'[A-Za-z])(?!-[A-Za-zァ-ヶ])(?!\.[A-Za-z])"
        rf"(?!/[A-Za-z]{{2}})"
    )


_HAN, _KANA_ANY = lazy("[一-龠]"), lazy("[ぁ-んァ-ヶ]")
_AHEAD_KANJI = lazy(rf"(?!{_AFTER_OK})[一-龠ァ-ヶ]")
_AHEAD_TAIL = lazy(rf" {{0,2}}(?:{_TAILS_JA}|细胞|类(?!题)|级|肝|抗|受体)")
_AHEAD_LATIN = lazy(r" ([a-z]{2,})|('[a-z])")
_AFTER_A_WORD = lazy(rf" (?:{_AFTER_A})\b")
_BEHIND_HEAD = lazy(rf"(?:\b(?:{_HEADS})|(?:{_HEADS_JA})) ?[(（「]?\Z", re.I)
_BEHIND_KANJI = lazy(r"[一-龠ァ-ヶー]\Z")
_BEHIND_OK = lazy(rf"(?:{_BEFORE_OK}|[は、。])\Z")
_BEHIND_SMALL = lazy(rf"(?:^|[^a-z ] ?|\b(?:{_BEFORE_SMALL}) )\Z", re.I)
_AFTER_WORDS = lazy("[\ue040-\ue07f](?:と|、|,|・|や|および|and|or) ?\\Z")
_IN_FORMULA, _OPENED = lazy(r" ?[/÷×] ?[(\d]"), lazy(r"\($")
_SLASH_BEHIND = lazy(r"(?<![A-Za-z])([A-Za-z])/\Z")
_SLASH = lazy(r"^/([A-Za-z])(?![A-Za-z])")


def _is_label(text: str, m: re.Match[str], last: str, chinese: bool, lettered: bool) -> bool:
    """Whether a lone letter is the label of a choice where it stands.

    ``lettered``: words of choices end in letters, so that the E of ``ビタミンDとE`` goes on with them.
    """
    letter, start, end = m[1], m.start(), m.end()
    behind, ahead = text[max(0, start - 24) : start], text[end : end + 24]
    if (_AHEAD_KANJI.match(ahead) and not chinese) or _AHEAD_TAIL.match(ahead) or _BEHIND_HEAD.search(behind):
        return False
    if not chinese and _BEHIND_KANJI.search(behind) and not _BEHIND_OK.search(behind):
        return False
    if (slash := _SLASH.match(ahead)) and slash[1].lower() > last:
        return False
    if lettered and _AFTER_WORDS.search(behind):
        return False
    if (
        _IN_FORMULA.match(ahead)
        or (_OPENED.search(behind) and ahead[:1] == "+")
        or (behind[-1:] == "+" and ahead[:1] == ")")
    ):
        return False
    if (slash := _SLASH_BEHIND.search(behind)) and slash[1].lower() > last:
        return False
    latin = _AHEAD_LATIN.match(ahead)
    if letter in "iI" and latin and not ahead.startswith((" is ", " and ", " or ")):
        return False
    if letter in "aA" and latin and not _AFTER_A_WORD.match(ahead):
        return False
    return not (letter.islower() and latin and not _BEHIND_SMALL.search(behind))


def tag(text: str, choices: tuple[str, ...]) -> str:
    """Replace every mention in plain text by its private character, a label and its words beside it by one."""
    n, last = len(choices), LETTERS[len(choices) - 1]
    if words := _pattern(text, choices):
        text = words.sub(lambda m: chr(WORDS + int((m.lastgroup or "w0_")[1:].split("_")[0])), text)
    text = numbers(text, choices)
    lettered = any(_latin(c[-1:]) for c in map(choice_plain, choices))
    letters, chinese = _letter(n), bool(_HAN.search(text)) and not _KANA_ANY.search(text)
    text = letters.sub(
        lambda m: chr(LABEL + LETTERS.index(m[1].lower())) if _is_label(text, m, last, chinese, lettered) else m[0],
        text,
    )
    return _merged(letter_rows(text, n))


_LABEL_WORDS = lazy(
    r"([\ue000-\ue03f])([ .:)、,)）」』】\]。\-–—=|}の]{0,4}[「『(（【\"']?)([\ue040-\ue07f])([」』)）】\"']?)"
)
_WORDS_LABEL = lazy(
    r"([\ue040-\ue07f])([」』】\"']?)(?:[ ,、:→=\-–—]{0,3}[(（\[「【〔](?:選択肢|記号|肢|option|"
    r"choice|answer|正解|答え?)? ?[:は]?"
    r"|[」』]?(?:、| は|は|,)?選択肢の?)([\ue000-\ue03f])[)）\]」】〕]{0,2}",
    re.I,
)


def _merged(text: str) -> str:
    """A label and its own words beside it are one mention; where they disagree both stay."""

    def label_first(m: re.Match[str]) -> str:
        same = ord(m[1]) + ROOM == ord(m[3])
        return m[0] if not same and re.search(r"[、,。\n}]", m[2]) else m[1] + (m[4] if m[4] in "」』" else "")

    def words_first(m: re.Match[str]) -> str:
        return m[3] if ord(m[3]) + ROOM == ord(m[1]) else m[0]

    return _LABEL_WORDS.sub(label_first, _WORDS_LABEL.sub(words_first, text))


def position(mention: str) -> int:
    """The choice's position that a mention's character stands for."""
    return (ord(mention) - LABEL) % ROOM
