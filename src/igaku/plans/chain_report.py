"""What each step of a chain did to the scores: a row a step, and its difference to the step before on the same
questions.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.io.files import write_json, write_whole
from igaku.plans.chain_picture import StepScore, picture
from igaku.plans.chain_stages import Stage
from igaku.plans.training import learnt
from igaku.runs.counted import counts
from igaku.runs.store import Run
from igaku.statistics.paired import LEVEL, compare, corrected
from igaku.statistics.tally import CellKey, accuracy_interval
from igaku.steps import Steps
from igaku.studies.compare import ACCURACIES, respondent
from igaku.tables import Kind, Table, Value, View, interval, percent, to_markdown
from igaku.training.card import Score, write_card
from igaku.training.trained import Trained


class ChainReport(View, Struct, kw_only=True):
    """``steps.json``: what each step of a chain did."""

    title: str
    scores: list[StepScore]
    trained: dict[str, str]
    """Step -> how it learnt."""
    contaminated: str = ""

    def tables(self) -> list[Table]:
        """A row a suite and step."""
        columns: dict[str, Kind] = {
            "suite": "text",
            "step": "text",
            "questions": "count",
            "accuracy": "share",
            "95 %": "interval",
            "difference to the step before": "points",
            "95 % of it": "points interval",
            "p": "p",
            "p (holm)": "p",
        }
        return [Table(name="steps", columns=columns, rows=[_row(s) for s in self.scores], title=self.title)]

    def notes(self) -> list[str]:
        """How the table is to be read, in English and Japanese, and how each step learnt."""
        warning = [f"CONTAMINATED: {self.contaminated}"] if self.contaminated else []
        lines = [
            "differences are between two models on the same questions, in points, with Tango's score interval (linked "
            "questions and partial scores by group); p (holm) is corrected for all rows",
            "差は、同じ問題での一つ前の段階との差（ポイント、95%信頼区間）です。p (holm) は全行について補正しています",
        ]
        if not any(s.change and s.change.p_adjusted < LEVEL for s in self.scores):
            lines += ["no step is shown to have changed a score", "得点が変わったと示せた段階はありません"]
        return [*warning, *lines, *(f"{name}: {how}" for name, how in self.trained.items())]


def _row(s: StepScore) -> list[Value]:
    c = s.change
    found: list[Value] = [c.difference, c.ci95, c.p, c.p_adjusted] if c else [None, None, None, None]
    return [s.suite, s.step, s.n, s.accuracy, s.ci95, *found]


def write_report(steps: Steps, title: str, stages: Sequence[Stage], runs: Sequence[Sequence[Run]]) -> Path:
    """``REPORT.md``, ``steps.json``, ``steps.svg``, each model's card, and a site over all runs, written anew each time
    from what the steps left.

    Args:
        runs: of each task the run of each stage.
    """
    from igaku.report.site import build_site

    report = report_of(title, stages, runs)
    write_json(steps.out / "steps.json", report)
    write_whole(steps.out / "steps.svg", picture(report.scores))
    page = f"# {title}\n\n{to_markdown(report)}\n![scores by step](steps.svg)\n"
    write_whole(steps.out / "REPORT.md", page)
    for stage in stages:
        if stage.trained:
            write_card(steps.out / stage.name, stage.trained, _card_scores(report.scores, stage.name))
    site = steps.out / "report"
    build_site(sorted((steps.out / "runs").iterdir()), site, title=f"igaku: {title}")
    steps.say(f"report: {steps.out / 'REPORT.md'} and {site / 'index.html'}")
    return steps.out / "REPORT.md"


def report_of(title: str, stages: Sequence[Stage], runs: Sequence[Sequence[Run]]) -> ChainReport:
    """What each step did, from the runs of each task."""
    names = [s.name for s in stages]
    rows = [row for mine in runs for row in _scores(names, mine)]
    changes = iter(corrected([row.change for row in rows if row.change], "holm"))
    return ChainReport(
        title=title,
        scores=[replace(row, change=next(changes) if row.change else None) for row in rows],
        trained={s.name: _how(s.trained) for s in stages if s.trained},
        contaminated=next((s.trained.origin.contaminated for s in reversed(stages) if s.trained), ""),
    )


def _scores(names: Sequence[str], runs: Sequence[Run]) -> Iterator[StepScore]:
    """Of one task, each suite's rows, model by model; suites whose number is no mean of scores have none."""
    found = [_counted(run) for run in runs]
    for key in found[0]:
        suite = f"{key.benchmark} ({key.language}, {key.method})"
        several = len({replace(k, prompt="", shots=0, order="") for k in found[0]}) < len(found[0])
        suite += f", {key.prompt}, {key.shots} shots, {key.order}" if several else ""
        before: list[Graded] = []
        for name, mine in zip(names, found):
            if items := mine.get(key, []):
                yield _score(suite, name, before, items)
                before = items


def _score(suite: str, name: str, before: Sequence[Graded], items: Sequence[Graded]) -> StepScore:
    shared = {i.question.id for i in before} & {i.question.id for i in items}
    return StepScore(
        suite=suite,
        step=name,
        n=len(items),
        accuracy=sum(i.verdict.share_right for i in items) / len(items),
        ci95=accuracy_interval(items),
        change=compare(respondent(name, items), respondent("before", before), suite) if shared else None,
    )


def _counted(run: Run) -> dict[CellKey, list[Graded]]:
    """The verdicts that count, by how they were asked, whoever was asked."""
    out: dict[CellKey, list[Graded]] = {}
    for key, item in run.graded()[0]:
        if key.aggregate in ACCURACIES and counts(item):
            out.setdefault(replace(key, model=""), []).append(item)
    return out


def _how(trained: Trained) -> str:
    c = trained.config
    what = f"{c.method.objective}, {c.method.kind}"
    return f"{what}, {trained.updates:,} updates, {trained.tokens:,} tokens, {learnt(trained)}"


def _card_scores(scores: Sequence[StepScore], step: str) -> list[Score]:
    """A model's scores beside those of the base."""
    base = {s.suite: s for s in scores if s.change is None}
    return [
        Score(bench=s.suite, before=_shown(base[s.suite]), after=_shown(s))
        for s in scores
        if s.step == step and s.suite in base
    ]


def _shown(s: StepScore) -> str:
    return f"{percent(s.accuracy)} ({interval(s.ci95)})"
