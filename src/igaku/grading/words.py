"""The words of choices in a reply: exact listings and mentions, widths and punctuation unified."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from igaku.io.patterns import lazy

_SEPARATORS = " \t\n,、，・/;;。.「」『』()（）\"'`*_-–と"
_UNIT = lazy(r"(?<=\d) (?=[%‰℃°])")
LABEL = lazy(r"^\s*[(\[（【]?\s*[a-zA-Z0-9]\s*(?:[)\]）】]\s*[.:]?|[.:)、．])\s*")


def bare(text: str) -> str:
    """NFKC, lower case, single blanks, without quotes and closing punctuation around it."""
    text = _UNIT.sub("", " ".join(unicodedata.normalize("NFKC", text).split())).lower()
    return text.strip(" 。.、,「」『』\"'`*_")


def loose(text: str) -> str:
    """As ``bare``, and hiragana as katakana, all hyphens and long marks alike, no blanks: for names of substances."""
    text = re.sub(r"[\s・･]", "", bare(text))
    text = "".join(chr(ord(c) + 96) if "ぁ" <= c <= "ゖ" else c for c in text)
    return re.sub(r"[‐‑‒–—―−ｰー~〜-]", "-", text)


_SALTS_JA = (
    "塩酸塩 臭化水素酸塩 硫酸塩 リン酸塩 硝酸塩 酢酸塩 マレイン酸塩 フマル酸塩 酒石酸塩 クエン酸塩 "
    "コハク酸塩 メシル酸塩 トシル酸塩 ベシル酸塩 ナトリウム ナトリウム塩 カリウム カリウム塩 "
    "カルシウム カルシウム塩 マグネシウム マグネシウム塩 "
    "水和物 一水和物 二水和物 三水和物 無水物 水素 二 一 半"
)
_SALTS_EN = (
    "hydrochloride hydrobromide sulfate hemisulfate phosphate nitrate acetate maleate fumarate tartrate bitartrate "
    "citrate succinate mesilate mesylate tosilate tosylate besilate besylate sodium potassium calcium magnesium "
    "hydrate anhydrous hydrogen monohydrochloride dihydrochloride hemihydrochloride sesquihydrochloride "
    "monohydrate dihydrate trihydrate hemihydrate sesquihydrate"
)
_SALTS = tuple(loose(salt) for salt in (_SALTS_JA + " " + _SALTS_EN).split())
_HYDRATE = "水和物"


def without_salt(name: str) -> str:
    """A ``loose`` name without the salts and hydrates at its end; three characters of it always stay."""
    ends, seen = [len(name)], {len(name)}
    while ends:
        end = ends.pop()
        for start in _salt_starts(name, end):
            if start >= 3 and start not in seen:
                seen.add(start)
                ends.append(start)
    return name[: min(seen)]


def _salt_starts(name: str, end: int) -> Iterator[int]:
    """Where a salt that ends at ``end`` may begin."""
    for salt in _SALTS:
        if name.endswith(salt, 0, end):
            yield end - len(salt)
    if name.endswith(_HYDRATE, 0, end):
        start = end - len(_HYDRATE)
        while start and name[start - 1] in "0123456789/":
            start -= 1
            yield start


@lru_cache(maxsize=16384)
def choice_words(choices: tuple[str, ...]) -> tuple[str, ...]:
    """Each choice as ``bare`` text."""
    return tuple(bare(c) for c in choices)


def exactly(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """Positions if the text is nothing but choices (one, or several with separators and labels between), else ()."""
    lines = [line for line in text.split("\n") if line.strip()]
    plain = [bare(line) for line in lines]
    unlabelled = [bare(LABEL.sub("", line)) for line in lines]
    out: list[int] = []
    for line, without in zip(plain, unlabelled):
        hit = _equal(line, words) or _equal(without, words)
        if hit is None:
            break
        out.append(hit[0])
    else:
        return tuple(dict.fromkeys(out))
    return _tiled(bare(text.replace("\n", " ")), words) if len(lines) == 1 else ()


def _equal(text: str, words: tuple[str, ...]) -> tuple[int] | None:
    return (words.index(text),) if text in words else None


def _tiled(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """Take choices off the front, longest first, with separators between; () unless nothing is left."""
    order = sorted((i for i in range(len(words)) if words[i]), key=lambda i: -len(words[i]))
    out: list[int] = []
    while text:
        hit = next((i for i in order if text.startswith(words[i])), None)
        if hit is None:
            return ()
        rest = text[len(words[hit]) :]
        text = rest.lstrip(_SEPARATORS).removeprefix("and ").removeprefix("および").removeprefix("及び").lstrip(" ")
        if text and text == rest:
            return ()
        out.append(hit)
    return tuple(dict.fromkeys(out))


def mentioned(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """Choices whose words occur in the text, in order; a choice inside a longer mentioned one does not count."""
    text = bare(text)
    taken = [False] * len(text)
    found: list[tuple[int, int]] = []
    for i in sorted(range(len(words)), key=lambda i: -len(words[i])):
        at = _find(text, words[i], taken)
        if at >= 0:
            taken[at : at + len(words[i])] = [True] * len(words[i])
            found.append((at, i))
    return tuple(i for _, i in sorted(found))


_DENIES = lazy(
    r"ではな|でな[いく]|じゃな|しない|られない|れない|除外|否定|にくい|違|誤り|禁忌|避け|"
    r"\bnot\b|n't\b|\bnever\b|\bavoid|contraindicat|rather than",
    re.I,
)


def denies(line: str, words: tuple[str, ...]) -> bool:
    """Whether a line denies something outside the words of the choices it names."""
    rest = bare(line)
    for i in mentioned(line, words):
        rest = rest.replace(words[i], " ")
    return bool(_DENIES.search(rest))


def _find(text: str, word: str, taken: list[bool]) -> int:
    if len(word) < 2:
        return -1
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        joined = (_latin(word[0]) and _latin(before)) or (_latin(word[-1]) and _latin(after))
        if not joined and not any(taken[at : at + len(word)]):
            return at
        at = text.find(word, at + 1)
    return -1


def _latin(c: str) -> bool:
    return c.isascii() and c.isalnum()
