"""The catalog's texts in Japanese: phrases of ``japanese.yaml``, with a number or a name where it has ``{}``."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from igaku.catalog.entries import Data, Model

PHRASES = Path(__file__).parent / "japanese.yaml"
_WORDS = re.compile(r"[a-z]{2}")


def japanese(text: str) -> str:
    """A text in Japanese; as it is where no phrase fits, as with names."""
    return _translated(text) or text


def japanese_parts(text: str) -> str:
    """A text of several parts in Japanese: by its own phrase, or part by part; what has no phrase as it is."""
    whole = japanese(text)
    return whole if whole != text else "；".join(map(japanese, text.split("; ")))


def untranslated(entry: Model | Data) -> Iterator[str]:
    """The texts of an entry that a Japanese table shows in words and that no phrase fits."""
    texts = [entry.notes]
    if isinstance(entry, Model):
        texts += [entry.method, entry.thinking, *(s.how for s in entry.seen)]
        texts += [text for r in entry.reported for text in (r.what, r.source)]
    else:
        texts += [entry.size, entry.fetch]
    return (text for text in texts if _WORDS.search(text) and not _translated(text))


@cache
def _translated(text: str) -> str:
    phrases = _phrases()
    if text in phrases:
        return phrases[text]
    for key, japanese in phrases.items():
        if "{}" in key and (found := _pattern(key).fullmatch(text)):
            return japanese.format(*found.groups())
    return ""


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(r"(\S+)".join(map(re.escape, key.split("{}"))))


@cache
def _phrases() -> dict[str, str]:
    import yaml

    return {str(k): str(v) for k, v in yaml.safe_load(PHRASES.read_text(encoding="utf-8")).items()}
