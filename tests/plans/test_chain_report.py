"""What each step did: differences on the same questions, recomputed here by hand."""

from pathlib import Path
from xml.etree import ElementTree

import igaku
from igaku.engines.replay import Replay
from igaku.engines.spec import EngineSpec
from igaku.plans.chain_picture import picture
from igaku.plans.chain_report import report_of
from igaku.plans.chain_stages import Stage
from igaku.question import Answer, Request
from igaku.runs.store import Run
from igaku.tables import to_text


def answers(name: str, right: int, out: Path) -> Run:
    """A model that answers the first N of twelve questions rightly, and says nothing to the others."""
    keys = {q.id: "abcde"[q.right[0]] for q in igaku.load_benchmark("mini").load("en")[:12]}
    known = dict(list(keys.items())[:right])
    return igaku.evaluate(
        Replay(lambda r: Answer(text=f"Answer: {known[key]}" if (key := question_of(r, keys)) in known else "-"), name),
        "mini",
        lang="en",
        method="letter",
        limit=12,
        out=out / name,
    )


def question_of(request: Request, keys: dict[str, str]) -> str:
    """The question of a request, by its stem."""
    stems = {q.id: q.stem for q in igaku.load_benchmark("mini").load("en")[:12]}
    return next(id for id in keys if stems[id] in str(request.prompt or request.messages))


def test_each_step_stands_against_the_one_before_on_the_same_questions(tmp_path: Path) -> None:
    stages = [Stage(name, EngineSpec(model=name)) for name in ("base", "text", "answers")]
    runs = [answers("base", 2, tmp_path), answers("text", 2, tmp_path), answers("answers", 11, tmp_path)]
    report = report_of("a chain", stages, [runs])
    base, text, last = report.scores
    assert [s.step for s in report.scores] == ["base", "text", "answers"] and base.change is None
    assert [round(12 * s.accuracy) for s in report.scores] == [2, 2, 11] and {s.n for s in report.scores} == {12}
    assert text.change and text.change.difference == 0 and text.change.p == 1
    assert last.change and last.change.difference == 9 / 12 and (last.change.only_a, last.change.only_b) == (9, 0)
    low, high = last.change.ci95
    assert 0 < low < 0.75 < high < 1
    alone = igaku.compare(runs[2], runs[1]).comparisons[0]
    assert (low, high, last.change.p) == (*alone.ci95, alone.p)
    assert last.change.p_adjusted == 2 * last.change.p, "two differences are in the table"
    shown = to_text(report)
    assert "+75.0" in shown and "mini (en, letter)" in shown and "no step is shown" not in shown


def test_a_report_says_where_nothing_is_shown_and_what_is_contaminated(tmp_path: Path) -> None:
    stages = [Stage(name, EngineSpec(model=name)) for name in ("base", "text")]
    report = report_of("a chain", stages, [[answers("base", 2, tmp_path), answers("text", 3, tmp_path)]])
    assert "no step is shown to have changed a score" in to_text(report)
    report.contaminated = "it has read the exam"
    assert report.notes()[0] == "CONTAMINATED: it has read the exam"


def test_the_picture_is_whole_whatever_names_hold(tmp_path: Path) -> None:
    stages = [Stage(name, EngineSpec(model=name)) for name in ("base", "<b>&")]
    report = report_of("x", stages, [[answers("base", 2, tmp_path), answers("<b>&", 3, tmp_path)]])
    texts = [t.text for t in ElementTree.fromstring(picture(report.scores)).iter() if t.tag.endswith("text")]
    assert "<b>&" in texts and "100 %" in texts
