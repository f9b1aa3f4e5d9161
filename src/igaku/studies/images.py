"""Do a model's pictures help it? One run with pictures against one without, question by question.

A model that sees may still answer from the text alone; only the same model with the pictures and without them shows
what they add. Each question has one of four fates (right with and without, only with, only without, neither), which
McNemar's test reads. Questions of text are the control: there the two runs were given the same, so that a difference is
no effect of pictures. Questions that need a picture which was not sent stand apart: both runs were blind on them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics.paired import compare as compare_pair
from igaku.statistics.paired import corrected
from igaku.statistics.tally import CellKey
from igaku.studies.compare import respondent
from igaku.studies.images_pairs import Pair, pairs_of
from igaku.studies.images_report import MISSING, SHOWN, TEXT, ImagesReport, ImagesRow

GROUPS = (SHOWN, MISSING, TEXT)
Verdicts = dict[str, Graded]
"""Question id -> its verdict."""


def images(on: Run | str | Path, off: Run | str | Path, *, method: Names = None) -> ImagesReport:
    """What pictures change, for each model, benchmark, prompt and method that both runs have.

    Args:
        on: a run whose questions' pictures were sent (``--vision``).
        off: the same model's run without them.
        method: grading methods; those that the runs were made for if left out.

    Raises:
        IgakuError: pictures were not sent in the first run, or were in the second; another model, other settings,
            prompts or questions; no method in common.
    """
    runs = open_run(on), open_run(off)
    report = ImagesReport(rows=[], sections=[])
    graded = [_by_block(run, method) for run in runs]
    for pair in pairs_of(*runs):
        shared = [m for m in graded[0] if m in graded[1] and _is_of(m, pair)]
        if not shared:
            raise IgakuError(
                f"{runs[0].path} and {runs[1].path}: no reply that one method can grade in both; give --method"
            )
        for key in shared:
            _add(report, runs[0].shown(pair.on), key, graded[0][key], graded[1][key])
    report.unfinished = sum(sum(run.graded(names(method) or None)[1].values()) for run in runs)
    return report


def _by_block(run: Run, method: Names) -> dict[CellKey, Verdicts]:
    found: dict[CellKey, Verdicts] = defaultdict(dict)
    for key, one in run.grade(names(method) or None):
        found[key][one.question.id] = one
    return dict(found)


def _is_of(key: CellKey, pair: Pair) -> bool:
    return pair.on.cell_key(key.method) == key


def _add(report: ImagesReport, sent: Collection[str], key: CellKey, on: Verdicts, off: Verdicts) -> None:
    """The rows of one pair by one method: a row a group, and one a section of it.

    Args:
        sent: the questions whose pictures the first run sent.
    """
    scored = [i for i in on if i in off and on[i].verdict.scored and off[i].verdict.scored]
    sections: list[ImagesRow] = []
    for group in GROUPS:
        mine = [i for i in scored if _group(on[i].question, sent) == group]
        report.rows += [_row(key, group, "", mine, on, off)] if mine else []
        named = sorted({on[i].question.section for i in mine})
        for section in named if len(named) > 1 else ():
            part = [i for i in mine if on[i].question.section == section]
            sections.append(_row(key, group, section or "(none)", part, on, off))
    report.sections += _corrected(sections)
    outcomes = Counter(g[i].verdict.outcome for g in (on, off) for i in scored)
    report.errors += outcomes["engine_error"]
    report.unread += outcomes["unparsed"] + outcomes["truncated"]


def _group(question: Question, sent: Collection[str]) -> str:
    return SHOWN if question.id in sent else TEXT if question.text_only else MISSING


def _row(key: CellKey, group: str, section: str, ids: Sequence[str], on: Verdicts, off: Verdicts) -> ImagesRow:
    sides = (respondent("with pictures", [on[i] for i in ids]), respondent("without", [off[i] for i in ids]))
    return ImagesRow(
        model=key.model,
        benchmark=key.benchmark,
        language=key.language,
        prompt=key.prompt,
        order=key.order,
        method=key.method,
        group=group,
        section=section,
        same=sum(_says_the_same(on[i], off[i]) for i in ids),
        comparison=compare_pair(*sides, section or group),
    )


def _says_the_same(one: Graded, other: Graded) -> bool:
    """Whether two replies are equal word for word, or number for number."""
    if one.reply is None or other.reply is None:
        return one.reply is other.reply
    a, b = one.reply.answer, other.reply.answer
    return (a.text, a.thinking, a.logprobs, a.finish) == (b.text, b.thinking, b.logprobs, b.finish)


def _corrected(rows: Sequence[ImagesRow]) -> Iterator[ImagesRow]:
    """P values of one group's sections, adjusted for their number (Holm)."""
    for group in GROUPS:
        mine = [r for r in rows if r.group == group]
        for row, comparison in zip(mine, corrected([r.comparison for r in mine])):
            yield replace(row, comparison=comparison)
