"""What a run with pictures has to say of the pictures that are not here: silence would make its scores those of another
run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.benchmarks.base import PICTURES, Benchmark
from igaku.io.paths import find_data
from igaku.question import Question

if TYPE_CHECKING:
    from igaku.runs.requests import Block

SHOWN = 5


def picture_notes(blocks: "Sequence[Block]") -> list[str]:
    """One line a benchmark and language whose pictures, or some of them, are not sent because they are not here."""
    found = (_missing(b.bench, b.lang, b.questions) for b in blocks)
    return list(dict.fromkeys(note for note in found if note))


def _missing(bench: Benchmark, lang: str, questions: Sequence[Question]) -> str:
    pictures = [f for f in bench.files(lang) if f.lower().endswith(PICTURES)]
    away = sum(find_data(f) is None for f in pictures)
    blind = [q.id for q in questions if not q.text_only and not q.images]
    names = bench.picture_names(lang)
    part = [q.id for q in questions if q.images and len(q.images) < len(names.get(q.id, ()))]
    parts = []
    if away:
        parts.append(f"{away} of {len(pictures)} pictures are not on this machine (igaku data get {bench.name})")
    if blind:
        parts.append(
            f"of {len(questions)} questions {len(blind)} need a picture and are asked without one ({_first(blind)})"
        )
    if part:
        parts.append(f"{len(part)} are asked with only a part of their pictures ({_first(part)})")
    return f"{bench.label} {lang}: {'; '.join(parts)}" if parts else ""


def _first(ids: Sequence[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (" ..." if len(ids) > SHOWN else "")
