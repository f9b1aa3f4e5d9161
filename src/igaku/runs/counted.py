"""Which verdicts count where models stand side by side: one definition for boards, comparisons, pages and cards.

One grading method a model: the first that its blocks were made for, on a board where several were used, the one that
most of the models have. One set of questions: those that were scored (not void, not inapplicable, rated, answered) and
that need no image, or, where images are asked for, those that were asked with their images.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.runs.grade_many import grade_runs
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics.tally import Cell, CellKey


class Counted(NamedTuple):
    """A verdict, the label of its run, and under which key it is counted."""

    run: str
    key: CellKey
    graded: Graded


class LeftOut(Struct, frozen=True, kw_only=True):
    """Questions of one benchmark and language that are in no number of its board, each once, by the reason."""

    image: int = 0
    """Need an image that was not shown (or, without ``images``, whether it was shown or not)."""
    void: int = 0
    not_applicable: int = 0
    unrated: int = 0

    def __str__(self) -> str:
        texts = {
            "need an image": self.image,
            "void": self.void,
            "not applicable to the grading method": self.not_applicable,
            "not rated": self.unrated,
        }
        return ", ".join(f"{n:,} {text}" for text, n in texts.items() if n)


def system_of(run: Run) -> str:
    """What distinguishes two models of one name."""
    i = run.manifest.identity
    return "imported" if i is None else " ".join(x for x in (i.adapter[:8], i.quantization, i.revision[:8]) if x)


def by_main_method(runs: Mapping[str, Run], method: Names = None) -> list[Counted]:
    """All verdicts of runs (label -> run), image questions included, by one method a model.

    Args:
        method: methods for all runs, all of which are retained; each model's main method if left out.

    Raises:
        IgakuError: no replies that these methods can grade.
    """
    grade_runs(runs.values(), names(method) or None)
    found = [Counted(label, p, g) for label, run in runs.items() for p, g in run.grade(names(method) or None)]
    return found if method else main_verdicts(found, runs)


def main_verdicts(verdicts: Iterable[Counted], runs: Mapping[str, Run]) -> list[Counted]:
    """Of verdicts by all methods of the runs, those by each model's main one."""
    return _one_method(first_methods(verdicts), {label: system_of(run) for label, run in runs.items()})


def first_methods(verdicts: Iterable[Counted]) -> list[Counted]:
    """Of each block's verdicts, those by its first method."""
    every = list(verdicts)
    first: dict[tuple[str, CellKey], str] = {}
    mine = {
        at
        for at, c in _blocks(every).items()
        if first.setdefault((c.run, replace(c.key, method="")), _base(c.key)) == _base(c.key)
    }
    return [c for c in every if (c.run, id(c.key)) in mine]


def _blocks(verdicts: Iterable[Counted]) -> dict[tuple[str, int], Counted]:
    """One verdict of each run and key, by the run and the key's address: a key stands once for all its verdicts, and
    what holds for one of millions holds for its block."""
    out: dict[tuple[str, int], Counted] = {}
    for c in verdicts:
        out.setdefault((c.run, id(c.key)), c)
    return out


def main_cells(cells: Iterable[Cell]) -> list[Cell]:
    """Of one run's cells, those by the first method of each block."""
    first: dict[tuple[object, ...], str] = {}
    out = []
    for c in cells:
        block = (c.model, c.benchmark, c.language, c.prompt, c.shots, c.order, c.question_format)
        if first.setdefault(block, _base(c)) == _base(c):
            out.append(c)
    return out


def _base(of: CellKey | Cell) -> str:
    """The method without its judge: verdicts of two judges are of one method."""
    return of.method.split(" by ")[0]


def _one_method(main: Sequence[Counted], systems: Mapping[str, str]) -> list[Counted]:
    """Of a model whose blocks have several main methods, the one that most models of the board have."""
    boards: dict[tuple[str, ...], dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    blocks = _blocks(main)
    for c in blocks.values():
        known = boards[_board(c.key)][c.key.model, systems[c.run]]
        if _base(c.key) not in known:
            known.append(_base(c.key))
    chosen: dict[tuple[tuple[str, ...], tuple[str, str]], str] = {}
    for board, models in boards.items():
        common = Counter(m for methods in models.values() for m in methods)
        chosen |= {(board, who): max(methods, key=lambda m: common[m]) for who, methods in models.items()}
    mine = {at for at, c in blocks.items() if chosen[_board(c.key), (c.key.model, systems[c.run])] == _base(c.key)}
    return [c for c in main if (c.run, id(c.key)) in mine]


def _board(key: CellKey) -> tuple[str, ...]:
    return key.benchmark, key.language, key.question_format, key.aggregate


def counts(item: Graded, shown: bool = False) -> bool:
    """Whether a verdict is in the numbers that are compared.

    Args:
        item: the verdict.
        shown: whether its question counts although it needs an image, since that was sent.
    """
    return item.verdict.scored and (item.question.text_only or shown)


def images_shown(run: Run, key: CellKey) -> frozenset[str]:
    """The questions of a block whose images were sent."""
    return frozenset(i for t in run.manifest.tasks if t.images and t.cell_key(key.method) == key for i in run.shown(t))


def left_out(items: Iterable[tuple[Graded, bool]]) -> LeftOut:
    """What is left out of a board, from its verdicts, each with whether its question counts although it needs an image;
    a question that counts for any respondent is not left out."""
    why: dict[str, str] = {}
    for g, shown in items:
        counted = counts(g, shown)
        reason = "" if counted else g.verdict.outcome if not g.verdict.scored else "image"
        why[g.question.id] = "" if counted or why.get(g.question.id) == "" else reason
    n = Counter(why.values())
    return LeftOut(image=n["image"], void=n["void"], not_applicable=n["not_applicable"], unrated=n["unrated"])
