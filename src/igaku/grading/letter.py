"""letter: which choices does a reply finally name? Letters first, then the words of a choice; numbers where none.

The reader looks in this order and takes the first that gives an answer: an explicit anchor (答え：, "the answer
is", ``\\boxed{}``, a JSON field), the last one winning, since models correct themselves; a first line that is
nothing but letters, or a letter with its choice; a sentence that draws a conclusion; a last line that is nothing but
letters; the words of a choice. It never guesses: what is not found is ``unparsed`` (or ``refused``, ``truncated``).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from igaku.grading.number import NUMBER, plain, read_number
from igaku.grading.reply_text import clean, is_refusal
from igaku.grading.scale import is_scale, read_scale
from igaku.grading.words import bare, choice_words, exactly, mentioned
from igaku.question import LETTERS, Number, Outcome, Question


class Read(NamedTuple):
    """What was read: positions in the order named (or a number), or why nothing was."""

    positions: tuple[int, ...] = ()
    number: str = ""
    outcome: Outcome | None = None


_ANCHOR = re.compile(
    r"(?:(?:答\s*え|解答|回答|正解|正答|こたえ|コタエ|アンサー|選択肢の?記号|答案|正确答案)"
    r"(?:の?(?:選択肢|記号|番号))?[\"']?\s*(?:は|ハ|が|:|=|として|】|\]|』|\*\*|-(?!\d)|→|⇒|・)+"
    r"|(?:^|\n)[ \t#*]*+(?:答え|こたえ|解答|回答|正解|answer)[ \t*]*(?:[ \t]|\n)\s*"
    r"|(?:^|\n)[ \t]*+(?:結論|ans|ans\.)\s*[:：]\s*"
    r"|(?:最も|もっとも)?(?:考えられる|適切な|適当な|正しい|妥当な|可能性が高い|疑われる)(?:もの|疾患|診断|選択肢)?(?:の)?は\s*:?"
    r"|<answer>|[\"']label[\"']\s*:"
    r"|(?:answers?|options?|choices?)(?:\s+to\s+(?:this|the)\s+question)?\s*"
    r"(?:\s*+(?:is|are|would\s+be|should\s+be|must\s+be)\b|:|=|\*\*|-|\"\s*:|→)+"
    r"|\\boxed\s*\{|(?:option|choice)\s+(?=\(?[a-z]\)?\s+is\s+(?:the\s+)?(?:correct|right|best)))",
    re.I,
)
_QUOTES = r"\"'`*_「『（(\[【<〈"
_WRAP = (
    rf"[\s{_QUOTES}:：＝=–・.。→⇒\-]*+(?:選択肢\s*+|選択枝\s*+|記号\s*+|番号\s*+|肢\s*+|"
    rf"(?i:therefore,?|thus,?|so,?|it\s+is|it's|option|choice|letter)\s++|\\text\{{|\\mathrm\{{)?[\s{_QUOTES}]*+"
)
_CLOSED = r"[\"'`*_)\]】）」』〉}]*+"
_JOIN = (
    rf"{_CLOSED}\s*+(?:[,、，・/／&+;]|と|および|及び|ならびに|並びに|and\b|,\s*+and\b)\s*+(?:選択肢\s*+|option\s++|choice\s++)?"
    rf"[\s{_QUOTES}]*+"
)
_BETWEEN = re.compile(r"[\"'`*_)\]】）」』〉}。.]*+[ \t]*+(?:[,、，・/／&\n]|と|および|及び|and\b)\s*+")
_NOT = re.compile(
    r"[\s」』)】*]*(?:で[はも]?(?:ない|なく|ありません)|じゃない|とは(?:限|言え|いえ)|is\s+not|isn't|is\s+(?:incorrect|wrong)|"
    r"は(?:誤|間違|除外|否定|違)|が(?:誤|適切でない|不適)|を(?:除外|選ばな|否定))",
    re.I,
)
_HEDGE = re.compile(
    r"[ \t」』)】*]*(?:か|でも|または|又は|もしくは|あるいは|or\b|[~〜～-]|から)[ \t「『(（]*[A-Za-z1-9](?![A-Za-z])",
    re.I,
)
_DENIES = re.compile(
    r"ではな|でな[いく]|じゃな|しない|られない|れない|除外|否定|にくい|違|誤り|禁忌|避け|"
    r"\bnot\b|n't\b|\bnever\b|\bavoid|contraindicat|rather than",
    re.I,
)
_CONCLUDES_JA = re.compile(
    r"(?:よって|したがって|従って|ゆえに|故に|以上より|以上から|結論として|そのため|つまり|これらより)[^。\n]{0,60}?(?:選択肢\s*)?[「『(（【]?LIST(?=[」』)）】]?\s*(?:が|を|と|で|。|、|$|\n|になる|とな|だ|\s))"
    r"|(?:選択肢\s*)?[「『(（【]?LIST[」』)）】]?\s*(?:のみ)?(?:が|は)\s*(?:最も|もっとも)?\s*(?:正しい|正解|正答|適切|答え|妥当|考えられ|該当)"
    r"|(?:選択肢\s*)?[「『(（【]?LIST[」』)）】]?\s*を\s*(?:選(?!ばない|ばず)|解答|回答)"
    r"|(?:ではなく|でなく)(?:て)?[、,\s]*LIST(?=で|が|を|。|\s|$)"
    r"|[「『(（【]?LIST[」』)）】]?\s*(?:だ|かと|である)?と?(?:思います|思われ|考えます|考えられます)"
)
_CONCLUDES_EN = (
    r"\bnot\s+\(?[A-Za-z]\)?\s*[,;.]?\s*(?:but|it\s+is|it's|rather)\s+\(?LIST\b"
    r"|\b(?:so|therefore|thus|hence)[,:]?\s+(?:the\s+answer\s+is\s+)?\(?LIST\)?\s*[.。]?\s*(?=\n|$)|"
    r"\b(?:option|choice|answer)s?\s*\(?LIST\)?\s+(?:is|are|seems?|would be)\s+(?:the\s+)?"
    r"(?:most\s+|best\s+)?(?:correct|right|best|appropriate|likely|answer)"
    r"|\b(?:choose|select|pick|go with|opt for)\s+(?:option|choice|answer)?\s*\(?LIST\b"
    r"|\(?\bLIST\)?\s+(?:is|are)\s+(?:the\s+)?(?:correct|right|best)\b"
    r"|\bleaves\s+(?:only\s+)?(?:option\s+|choice\s+)?\(?LIST\b"
)


_AFTER_A = (
    "and|is|are|was|were|would|should|could|may|might|must|will|can|does|"
    "seems?|looks?|appears?|because|since|as|for|due"
)
"""Words after which a lone "a" is a choice; before any other it is the article."""


@lru_cache(maxsize=64)
def _patterns(n: int) -> dict[str, re.Pattern[str]]:
    """Patterns for n choices. ``one`` is a letter that stands alone: not part of a word, a波, IgA, or a 3日."""
    last = LETTERS[n - 1]
    one = (
        rf"(?<![A-Za-z0-9])(?<![A-Za-z]-)[a-{last}A-{last.upper()}](?![A-Za-z0-9一-龠々ァ-ヶー'’]|-[A-Za-z])"
        rf"(?!(?<=a)\s+(?!(?:{_AFTER_A})\b)[a-z]{{2}})"
    )
    row = rf"(?<![A-Za-z0-9])[a-{last}A-{last.upper()}]{{2,{n}}}(?![A-Za-z0-9一-龠々ァ-ヶー'’])"
    digit = rf"(?<![0-9.])[1-{min(n, 9)}](?!(?!番)[0-9A-Za-z一-龠々ァ-ヶー%]|\.[0-9])"
    listing = rf"{one}(?:{_JOIN}{one}|\s+{one})*"
    some = rf"{one}(?:{_JOIN}{one}|\s+{one}){{0,{2 * n}}}"  # searched for at every position, so bounded
    return {
        "list": re.compile(rf"{_WRAP}({row}|{listing})"),
        "digits": re.compile(rf"{_WRAP}({digit}(?:{_JOIN}{digit})*)[ \t\"'`*_)\]】）」』〉}}.。、番です]*+(?:\n|$)"),
        "bare": re.compile(
            rf"^{_WRAP}({row}|{listing}|{digit}(?:{_JOIN}{digit})*)[\s\"'`*_)\]】）」』〉}}.。、,!！番です]*+$"
        ),
        "headed": re.compile(
            rf"^{_WRAP}({one})[\"'`*_)\]】）」』〉]*\s*(?:[.:)\]】、。]|[-–—]\s|\s+(?=\S*[ぁ-ヶ一-龠]))\s*\S"
        ),
        "ja": re.compile(_CONCLUDES_JA.pattern.replace("LIST", f"({some}|{row})")),
        "en": re.compile(_CONCLUDES_EN.replace("LIST", rf"({some})"), re.I),
        "one": re.compile(one),
        "item": re.compile(rf"{_WRAP}({one}){_CLOSED}[\s.:)）】、（(*「『]*+"),
    }


def read_letters(reply: str, question: Question, finish: str = "stop") -> Read:
    """The answer of one reply to one question; positions in the order that was shown to the model."""
    cleaned = clean(reply)
    if cleaned.cut:
        return Read(outcome="truncated")
    text = cleaned.text
    if isinstance(question.key, Number):
        number = read_number(text, _ANCHOR)
        return Read(number=number) if number else nothing(text, finish)
    found = _positions(text, question) if text and question.choices else ()
    return Read(positions=found) if found else nothing(text, finish)


_NUMBERED = re.compile(r"(?:\s*\d\s*[.)]\s*[A-Za-z]\s*(?:\n|$)){2,}")
_ONLY = re.compile(r"[a-z](?:[,、・/ ]*[a-z])*")


def read_letters_only(reply: str, question: Question, finish: str = "stop") -> Read:
    """As ``read_letters`` for a protocol that asks for nothing but letters (or a number): any other word fails it.

    Width, case, blanks and the separator between letters do not matter: ``a, c`` is ``a,c``. IgakuQA's published
    replies were asked for in this way; ``letter-lenient`` reads their prose as well.
    """
    cleaned = clean(reply)
    text = cleaned.text.lower()
    if not cleaned.cut and isinstance(question.key, Number) and NUMBER.fullmatch(text):
        return Read(number=plain(text))
    if not cleaned.cut and question.choices and _ONLY.fullmatch(text):
        positions = tuple(dict.fromkeys(LETTERS.index(c) for c in re.findall("[a-z]", text)))
        if max(positions) < len(question.choices):
            return Read(positions=positions)
    return Read(outcome="truncated") if cleaned.cut else nothing(cleaned.text, finish)


def nothing(text: str, finish: str) -> Read:
    """Why no answer was read: refused, cut off, or not to be read."""
    if text and is_refusal(text):
        return Read(outcome="refused")
    return Read(outcome="truncated" if finish == "length" else "unparsed")


def _positions(text: str, question: Question) -> tuple[int, ...]:
    words = choice_words(question.choices)
    pattern = _patterns(len(question.choices))
    if is_scale(words) and not pattern["one"].search(text):
        return read_scale(text, words)
    anchored = _anchored(text, words, pattern)
    if anchored is None:
        return ()
    return (
        anchored
        or _first_line(text, words, pattern)
        or _concluded(text, pattern)
        or _line(text.rsplit("\n", 1)[-1], words, pattern)
        or _in_words(text, words)
    )


def last_anchors(text: str) -> list[re.Match[str]]:
    """The anchors of a reply, last first; of very many (a loop) only the last ones."""
    return list(_ANCHOR.finditer(text))[:-50:-1]


def _anchored(text: str, words: tuple[str, ...], pattern: dict[str, re.Pattern[str]]) -> tuple[int, ...] | None:
    """What an explicit anchor names; None where it hedges ("b or c"), so that nothing else is taken for the answer."""
    for anchor in last_anchors(text):
        rest = text[anchor.end() :]
        if not rest.strip(" \n\"'`*_{}【】[]()「」:。."):
            continue
        rest = rest.lstrip(" \n\t")
        line = rest.split("\n", 1)[0]
        if named := _starts_with_choice(line, words) or _labelled(rest, words, pattern):
            return named
        if found := pattern["list"].match(rest):
            after = rest[found.end() :]
            if _HEDGE.match(after):
                return None
            if not _NOT.match(after):
                return _split(found[1])
        if found := pattern["digits"].match(rest):
            return _digits(found[1], words)
        if named := _mention(line, words):
            return named
    return ()


def _labelled(rest: str, words: tuple[str, ...], pattern: dict[str, re.Pattern[str]]) -> tuple[int, ...]:
    """Letters each followed by its own choice's words: ``b. 肺塞栓症、e. 気胸``, on one line or several.

    () if fewer than two.
    """
    out: list[int] = []
    low, at = rest.lower(), 0
    while item := pattern["item"].match(rest, at):
        letter = LETTERS.index(item[1].lower())
        at = item.end()
        if words[letter] and low.startswith(words[letter], at):
            at += len(words[letter])
        elif not out:
            return ()
        out.append(letter)
        joint = _BETWEEN.match(rest, at)
        if not joint:
            break
        at = joint.end()
    return tuple(dict.fromkeys(out)) if len(out) > 1 else ()


def denies(line: str, words: tuple[str, ...]) -> bool:
    """Whether a line denies something outside the words of the choices it names."""
    rest = bare(line)
    for i in mentioned(line, words):
        rest = rest.replace(words[i], " ")
    return bool(_DENIES.search(rest))


def _mention(line: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """Choices a statement names, unless it denies something outside their own words."""
    return () if denies(line, words) else mentioned(line, words)


def _digits(found: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """Numbers after an anchor: a choice that reads so, else the choice at that position."""
    numbers = re.findall(r"[1-9]", found)
    if all(n in words for n in numbers):
        return tuple(dict.fromkeys(words.index(n) for n in numbers))
    return tuple(dict.fromkeys(int(n) - 1 for n in numbers))


def _starts_with_choice(line: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """A line that begins with the words of a choice (two characters or more) names it, letters in them or not."""
    bare = re.sub(r"^[\s\"'`*_「『(（\[【:]+", "", line)
    hits = [i for i, w in enumerate(words) if len(w) > 1 and bare.lower().startswith(w)]
    if not hits:
        return ()
    longest = max(hits, key=lambda i: len(words[i]))
    after = bare[len(words[longest]) :]
    if words[longest][-1:].isascii() and after[:1].isalnum() and after[:1].isascii():
        return ()
    return _mention(line, words)


def _first_line(text: str, words: tuple[str, ...], pattern: dict[str, re.Pattern[str]]) -> tuple[int, ...]:
    text = re.sub(r"^```\w*\n", "", text)
    if _NUMBERED.fullmatch(text):
        text = re.sub(r"(?m)^\s*\d\s*[.)]\s*", "", text)
    line = text.split("\n", 1)[0]
    if found := _line(line, words, pattern):
        rows = [_line(row, words, pattern) for row in text.split("\n") if row.strip()]
        return tuple(dict.fromkeys(p for row in rows for p in row)) if all(rows) else found
    headed = pattern["headed"].match(line)
    # "b. text" answers b; but "a: wrong because ..." on the first of several such lines only discusses it
    starts = [m for row in text.split("\n") if (m := pattern["headed"].match(row))]
    if len(starts) <= 1 and (named := exactly(line, words)):
        return named
    if not headed:
        return ()
    if len(starts) == 1 or (len(starts) > 1 and all(_split(m[1]) == _split(headed[1]) for m in starts)):
        return () if _NOT.search(line) or len(_distinct(line, pattern)) > 1 else _split(headed[1])
    if len(starts) < len(words) and all(exactly(m.string[m.end() - 1 :], words) for m in starts):
        return tuple(dict.fromkeys(p for m in starts for p in _split(m[1])))
    return ()


def _distinct(line: str, pattern: dict[str, re.Pattern[str]]) -> set[str]:
    return {m[0].lower() for m in pattern["one"].finditer(line)}


def _concluded(text: str, pattern: dict[str, re.Pattern[str]]) -> tuple[int, ...]:
    for name in ("ja", "en"):
        for found in reversed(list(pattern[name].finditer(text))):
            letters = next(g for g in found.groups() if g)
            if not _NOT.match(text[found.end() :]):
                return _split(letters)
    return ()


def _line(line: str, words: tuple[str, ...], pattern: dict[str, re.Pattern[str]]) -> tuple[int, ...]:
    found = pattern["bare"].match(line.strip())
    if not found:
        return ()
    return _digits(found[1], words) if found[1][0].isdigit() else _split(found[1])


def _in_words(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """The whole reply is choices, or it is one short statement that holds some and denies nothing."""
    if (named := exactly(text, words)) and len(named) < len(words):
        return named
    short = text.count("\n") == 0 and len(text) <= 80
    return _mention(text, words) if short else ()


def _split(found: str) -> tuple[int, ...]:
    """``"b, d"``, ``"bd"`` or ``"2と4"`` as positions, each once, in the order named."""
    tokens = re.findall(r"[A-Za-z]+|[1-9]", re.sub(r"(?i)\b(?:and|or|option|choice|options|choices)\b", " ", found))
    flat = [c for t in tokens for c in t.lower()]
    return tuple(dict.fromkeys(int(c) - 1 if c.isdigit() else LETTERS.index(c) for c in flat))
