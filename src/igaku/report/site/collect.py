"""Read and grade a site's runs once: verdicts by each run's main method, cells by all its methods, boards, exams."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from igaku.catalog import Model
from igaku.engines.cost import Price
from igaku.grading import Graded
from igaku.report.site.letters import letters
from igaku.report.site.measured import Measured, measure
from igaku.report.site.sanitize import sanitize_for_display
from igaku.runs.counted import Counted, first_methods, images_shown, main_verdicts
from igaku.runs.grade_many import grade_runs
from igaku.runs.model_facts import FILE as MODELS_FILE
from igaku.runs.model_facts import model_entry
from igaku.runs.respondents import Respondent
from igaku.runs.run_keys import one_key
from igaku.runs.samples import by_question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics import Cell, cells
from igaku.statistics.baselines import Baseline
from igaku.statistics.items import classical
from igaku.statistics.respondents import PromptVariant, variant_label
from igaku.statistics.tally import CellKey
from igaku.studies.boards import Board, boards, sighted
from igaku.studies.items import LEAST, DoubtfulKey, doubtful_keys
from igaku.studies.points import ExamPoints, exam_points

BenchKey: TypeAlias = tuple[str, str]
"""A benchmark and a language."""
Variants: TypeAlias = dict[PromptVariant, list[Graded]]
"""Prompt variant -> verdicts by the main method, image questions included."""
Samples: TypeAlias = dict[PromptVariant, dict[str, list[Graded]]]
"""Prompt variant -> question -> a verdict a sample, where runs have several."""


@dataclass
class SiteData:
    """Everything that the pages show of the runs."""

    runs: dict[str, Run]
    items: dict[BenchKey, Variants] = field(default_factory=lambda: defaultdict(dict))
    samples: Samples = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    cells: list[tuple[str, Cell]] = field(default_factory=list)
    """Run label and cell, by every method of the run."""
    boards: list[Board] = field(default_factory=list)
    """All models on the questions that need no picture."""
    sighted: list[Board] = field(default_factory=list)
    """Those that were shown the pictures, on all questions; their pairs are corrected by themselves."""
    points: list[ExamPoints] = field(default_factory=list)
    """Of every examinee, incomplete exams included."""
    baselines: dict[BenchKey, list[Baseline]] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)
    """Run folder -> which of its claims hold, where the site demands it."""
    doubtful: dict[BenchKey, list[DoubtfulKey]] = field(default_factory=dict)
    """Keys to read again, the most doubtful first; no entry where too few answered to say."""

    measured: Measured = field(default_factory=Measured)
    """What replies took, how samples scatter, and how sure models are."""
    letters_only: bool = False
    """Whether pages show verdicts and the letters that were read, and no text of questions or replies."""
    counted: dict[tuple[BenchKey, bool], Mapping[str, Sequence[Graded]]] = field(default_factory=dict)
    """What ``pages.breakdowns.by_respondent`` found: the page of each model asks for it again."""
    _entries: dict[str, Model | None] = field(default_factory=dict)
    _by_model: dict[BenchKey, dict[str, list[PromptVariant]]] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Names of the models, in order of appearance."""
        return list(dict.fromkeys(key.model for variants in self.items.values() for _, key in variants))

    def board(self, bench: BenchKey, pictures: bool = False) -> Board | None:
        """The board of a benchmark and language; with ``pictures`` that of all questions."""
        of = self.sighted if pictures else self.boards
        return next((b for b in of if (b.benchmark, b.language) == bench), None)

    def entry(self, model: str) -> Model | None:
        """What a run's ``models.toml`` or the catalog knows of a model."""
        if model not in self._entries:
            mine = {label for bench in self.items for label, _ in self.variants_of(bench, model)}
            runs = [run for label, run in self.runs.items() if label in mine or label in self._with_facts]
            self._entries[model] = model_entry(model, runs)
        return self._entries[model]

    @cached_property
    def _with_facts(self) -> set[str]:
        return {label for label, run in self.runs.items() if (run.path / MODELS_FILE).is_file()}

    def variants_of(self, bench: BenchKey, model: str) -> list[PromptVariant]:
        """A model's prompt variants on a benchmark; looked up, since a board may have a thousand of them."""
        if bench not in self._by_model:
            found = self._by_model[bench] = {}
            for variant in self.items.get(bench, {}):
                found.setdefault(variant[1].model, []).append(variant)
        return self._by_model[bench].get(model, [])

    def display_name(self, bench: BenchKey, variant: PromptVariant) -> tuple[str, str]:
        """A respondent's model, and what distinguishes its variant from the model's others on this benchmark."""
        return display(variant[1].model), display(variant_label(variant, self.variants_of(bench, variant[1].model)))


def display(name: str) -> str:
    """A name of a model or respondent for display."""
    return sanitize_for_display(name)[:120]


def collect(
    runs: Sequence[Run | str | Path],
    method: Names = None,
    letters_only: bool = False,
    prices: Mapping[str, Price] | None = None,
) -> SiteData:
    """Read and grade runs; boards are by the first of ``method``, or by each model's main one."""
    data = SiteData({f"{k}": open_run(r) for k, r in enumerate(runs)}, letters_only=letters_only)
    one_key(list(data.runs.values()))
    grade_runs(data.runs.values(), names(method) or None)
    graded: list[Counted] = []
    every: dict[str, list[tuple[CellKey, Graded]]] = {}
    for label, run in data.runs.items():
        each, waiting = run.graded(names(method) or None, each_sample=True)
        every[label] = each
        verdicts = by_question(each) if run.has_samples else each
        if run.has_samples:
            _add_samples(data, label, each)
        data.cells += [(label, c) for c in cells(verdicts, waiting, parts=False) if c.n_asked]
        graded += [Counted(label, key, item) for key, item in verdicts]
        _add_baselines(data, run)
    main = first_methods(graded) if method else main_verdicts(graded, data.runs)
    for label, key, item in main:
        data.items[key.benchmark, key.language].setdefault((label, key), []).append(item)
    data.doubtful = {bench: found for bench in data.items if (found := _doubtful(data, bench))}
    data.measured = measure(main, every, data.runs, prices)
    data.points = exam_points(main, data.runs)
    data.boards = boards(main, data.runs, by="model")
    data.sighted = boards(sighted(main, data.runs), data.runs, by="model", images=True)
    return data


def _add_samples(data: SiteData, label: str, each: Sequence[tuple[CellKey, Graded]]) -> None:
    for key, item in each:
        data.samples[label, key][item.question.id].append(item)


def _doubtful(data: SiteData, bench: BenchKey) -> list[DoubtfulKey]:
    """Of choice questions with five respondents or more; a respondent is a model asked in one way."""
    found = [
        _respondent(data, variant, items)
        for variant, items in data.items[bench].items()
        if variant[1].question_format == "choices" and variant[1].aggregate == "accuracy"
    ]
    if len(found) < LEAST:
        return []
    questions = {g.question.id: g.question for items in data.items[bench].values() for g in items}
    statistics = [
        s for s in classical([r.scores for r in found], [i for i, q in questions.items() if not q.void]) if s.n
    ]
    doubts = doubtful_keys(statistics, questions, found)
    return sorted(doubts, key=lambda d: 1.0 if d.item.point_biserial is None else d.item.point_biserial)


def _respondent(data: SiteData, variant: PromptVariant, items: Sequence[Graded]) -> Respondent:
    scored = [g for g in items if g.verdict.scored]
    return Respondent(
        variant[1].model,
        " ".join(data.display_name((variant[1].benchmark, variant[1].language), variant)),
        {g.question.id: g.verdict.score for g in scored},
        {g.question.id: "".join(letters(g.verdict.read) if data.letters_only else g.verdict.read) for g in scored},
        bool(images_shown(data.runs[variant[0]], variant[1])),
    )


def _add_baselines(data: SiteData, run: Run) -> None:
    for b in run.baselines:
        known = data.baselines.setdefault((b.benchmark, b.language), [])
        if b.text_only and b.name not in [other.name for other in known]:
            known.append(b)
