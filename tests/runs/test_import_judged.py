"""Published replies with a judge's grades: both are in the run, and the judge keeps its name."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.io import lines

RUBRIC = [{"point": "水を勧める", "weight": 2}, {"point": "酒を勧める", "weight": -1}]


def files(folder: Path, *, satisfied: list[object] | None = None) -> tuple[Path, Path]:
    questions = folder / "ask.jsonl"
    rows = [{"id": f"q{n}", "stem": f"のどが渇いた {n}", "rubric": RUBRIC} for n in (1, 2)]
    questions.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    marks = [[True, True], satisfied or [False, True]]
    results = [
        {"prompt_id": f"q{n}", "response": "水か酒", "evaluations": [{"satisfied": m} for m in met], "score": {"x": 9}}
        for n, met in zip((1, 2), marks)
    ]
    graded = folder / "a_results_b.json"
    summary = {"model": "maker/m", "grader_model": "judge-x", "overall_score": 0.9}
    graded.write_text(json.dumps({"summary": summary, "results": results}), encoding="utf-8")
    return questions, graded


def test_replies_and_grades_become_a_run_with_the_judges_name(tmp_path: Path) -> None:
    questions, graded = files(tmp_path)
    run = igaku.import_run("healthbench", graded, bench=str(questions), out=tmp_path / "r").run
    (cell,) = run.cells
    assert (cell.model, cell.method, cell.n_scored) == ("maker/m", "rubric by judge-x", 2)
    assert cell.metrics["rubric"] == pytest.approx((0.5 + 0) / 2)
    scores = {g.question.id: g.verdict for _, g in run.grade("rubric")}
    assert scores["q2"].parts["unclipped"] == -0.5 and scores["q1"].read == ("1", "2")


def test_again_it_adds_nothing(tmp_path: Path) -> None:
    questions, graded = files(tmp_path)
    igaku.import_run("healthbench", graded, bench=str(questions), out=tmp_path / "r")
    before = (tmp_path / "r" / "replies.jsonl").read_bytes()
    again = igaku.import_run("healthbench", graded, bench=str(questions), out=tmp_path / "r")
    assert again.new == 0 and (tmp_path / "r" / "replies.jsonl").read_bytes() == before
    assert len(again.run.manifest.judges) == 1


@pytest.mark.parametrize("satisfied", [[True], [True, "yes"], [True, None]])
def test_grades_that_do_not_decide_every_point_are_refused(tmp_path: Path, satisfied: list[object]) -> None:
    questions, graded = files(tmp_path, satisfied=satisfied)
    with pytest.raises(IgakuError, match="result 2: field 'evaluations' must hold 'satisfied'"):
        igaku.import_run("healthbench", graded, bench=str(questions), out=tmp_path / "r")


@pytest.mark.data
def test_published_scores_are_recomputed_where_few_files_can_stay_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other.jsonl").write_text("a\n")
    other = lines.StoredLines(tmp_path / "other.jsonl", [(0, 1, "a")], lambda line: (line.decode(), line))
    monkeypatch.setattr(lines, "OPEN_FILES", 1)
    igaku.reproduce("jbc")
    assert other["a"] == b"a"  # closes the file of the replies
    assert {f.status for f in igaku.reproduce("jbc").figures} == {"reproduced", "partly"}


@pytest.mark.data
def test_jbcs_published_scores_are_recomputed_but_for_one_that_its_own_grades_contradict() -> None:
    found = igaku.reproduce("jbc")
    assert not [f.why for f in found.figures if f.status == "not reproduced"]
    assert {(f.model, f.status) for f in found.figures} == {
        ("openai/gpt-4o", "reproduced"),
        ("anthropic/claude-3.5-sonnet", "reproduced"),
        ("google/gemini-2.5-flash", "reproduced"),
        ("meta-llama/llama-3-70b-instruct", "partly"),
    }
    llama = [(f.value, f.ours) for f in found.figures if "llama" in f.model]
    assert llama == [("0.1", "0.3"), ("0.3", "0.5")]
