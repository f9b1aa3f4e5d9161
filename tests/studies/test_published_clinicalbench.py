"""J-ClinicalBench's published scores come out of its published replies, and the table shows what they hide."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from igaku.benchmarks.j_clinicalbench import ROOT, TASKS
from igaku.errors import IgakuError
from igaku.studies.published import files
from igaku.studies.published.clinicalbench import CLINICALBENCH, WHY
from igaku.studies.published.clinicalbench_hidden import hidden, hidden_table
from igaku.studies.published.clinicalbench_rows import REPLIES, RESULTS, forget, published, recomputed
from igaku.studies.reproduce import reproduce

ROWS = "Unnamed: 0,medication,text,label\n1,甲薬,眠い,有\n2,乙薬,平気,無\n3,丙薬,痛い,有\n4,丁薬,痒い,有\n"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    every_project_looks_again()
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    (tmp_path / ROOT / "CLU/DC_ADE").mkdir(parents=True)
    (tmp_path / ROOT / "CLU/DC_ADE/data.csv").write_text(ROWS, encoding="utf-8")
    yield tmp_path
    every_project_looks_again()


def every_project_looks_again() -> None:
    """What was found in one data folder does not hold in another."""
    forget()
    files.forget()


def publish(folder: Path, model: str, replies: list[str], scores: dict[str, float]) -> None:
    labels = ["有", "無", "有", "有"]
    rows = [{"Unnamed: 0": i, "label": x, "generated": r} for i, (x, r) in enumerate(zip(labels, replies), 1)]
    for top, value in ((REPLIES, rows), (RESULTS, scores)):
        path = folder / top / "CLU/DC_ADE" / model / "zero_shot.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(value), encoding="utf-8")


def test_a_model_whose_replies_a_rule_cannot_read_has_the_score_of_a_constant_answer(folder: Path) -> None:
    always = {"precision": 0.75, "recall": 1.0, "f1": 6 / 7}
    publish(folder, "m", ["答え: 1", "答え: 2", "答え: 2", "答え: 1"], always)
    publish(folder, "n", ["1", "1", "1", "1"], always)
    publish(folder, "o", ["1", "2", "2", "1"], {"precision": 1.0, "recall": 2 / 3, "f1": 0.7})
    figures = {f.model: f for f in reproduce("j_clinicalbench").figures}
    assert {m: f.status for m, f in figures.items()} == {"m": "reproduced", "n": "reproduced", "o": "differs"}
    assert figures["o"].ours == "1.0000 / 0.6667 / 0.8000"
    rows = {h.model: h for h in hidden()}
    assert [rows[m].same for m in "mno"] == [2, 2, 1]
    assert rows["m"].published == pytest.approx(rows["m"].constant)
    assert rows["m"].sound == pytest.approx(0.8) and rows["n"].sound == pytest.approx(6 / 7)
    assert (rows["m"].share_scored, rows["m"].longest, rows["m"].gold, rows["m"].ceiling) == (1, 5, 4, 1)
    assert len(hidden_table(list(rows.values())).rows) == 3


def test_scores_without_replies_and_no_scores_say_so(folder: Path) -> None:
    assert [f.why for f in CLINICALBENCH.figures()] == [
        "the published scores (j_clinicalbench/results) are not here; put them under IGAKU_DATA"
    ]
    path = folder / RESULTS / "CLR/MCQA/m/one_shot.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"accuracy": 0.5}')
    forget()
    (figure,) = reproduce("j_clinicalbench").figures
    assert (figure.status, figure.why, figure.value) == ("not reproduced", "no replies of it are published", "0.5000")


@pytest.mark.parametrize(
    "text", ["[", "[1]", '{"precision": 1, "recall": 1}', '{"precision": "x", "recall": 1, "f1": 1}']
)
def test_a_file_that_holds_no_scores_is_named(folder: Path, text: str) -> None:
    path = folder / RESULTS / "CLU/DC_ADE/m/zero_shot.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(IgakuError, match=r"DC_ADE/m/zero_shot.json: not a file of scores"):
        reproduce("j_clinicalbench")


@pytest.mark.parametrize("text", ["[]", "{", '[{"label": "有"}]'])
def test_replies_that_cannot_be_read_cost_their_own_score_only(folder: Path, text: str) -> None:
    publish(folder, "m", ["1", "1", "1", "1"], {"precision": 0.75, "recall": 1.0, "f1": 6 / 7})
    publish(folder, "n", ["1", "1", "1", "1"], {"precision": 0.75, "recall": 1.0, "f1": 6 / 7})
    (folder / REPLIES / "CLU/DC_ADE/n/zero_shot.json").write_text(text, encoding="utf-8")
    report = reproduce("j_clinicalbench")
    assert [(f.model, f.status) for f in report.figures] == [("m", "reproduced"), ("n", "not reproduced")]
    assert "n/zero_shot.json" in report.figures[1].why
    assert [(h.model, h.same) for h in report.hidden] == [("m", 2)]


@pytest.mark.data
def test_exams_events_stages_and_relations_come_out_exactly() -> None:
    tasks = ("mcqa", "ade", "tnm", "re_ent", "re_time", "cca")
    mine = [one for one in published() if one.replies and one.task in tasks]
    assert len(mine) == 4 + 8 * 5
    for one in mine:
        assert recomputed(one) == pytest.approx(dict(one.figure), abs=1e-12), one[:3]


@pytest.mark.data
def test_every_other_score_comes_out_or_is_known_not_to() -> None:
    report = reproduce("j_clinicalbench")
    counts = {
        s: sum(f.status == s for f in report.figures) for s in ("reproduced", "partly", "not reproduced", "differs")
    }
    assert counts == {"reproduced": 91, "partly": len(WHY), "not reproduced": 4, "differs": 0}
    assert {t.name for t in report.tables()} == {"figures", "hidden"}


@pytest.mark.data
def test_what_the_scores_hide() -> None:
    rows = {(h.task, h.model, h.shots): h for h in hidden()}
    assert len(rows) == 101 and {h.task for h in rows.values()} == set(TASKS)
    swallow, llama = (
        rows["ade", m, "zero_shot"] for m in ("Llama-3-Swallow-70B-Instruct-v0.1", "Meta-Llama-3-70B-Instruct")
    )
    assert swallow.same == llama.same == 2
    assert (
        swallow.published == pytest.approx(swallow.constant, abs=1e-9)
        and llama.sound is not None
        and llama.sound < 0.87
    )
    times = [h for h in rows.values() if h.task == "re_time"]
    assert all(h.constant and h.published < h.constant for h in times)
    assert {h.gold for h in rows.values() if h.task == "ner_disease"} == {1175, 886}
    assert {round(h.share_scored, 3) for h in rows.values() if h.task == "ner_disease"} == {0.239, 0.031}
    assert rows["mcqa", "gpt-4o", "zero_shot"].sound == pytest.approx(301 / 378)
    assert {round(h.ceiling or 0, 3) for h in rows.values() if h.task == "tnm"} == {0.953}
    assert rows["mr", "gpt-4o", "zero_shot"].share_scored == pytest.approx(85 / 124)
    copied = rows["ner_disease", "gpt-4o", "zero_shot"]
    assert copied.sound is not None and copied.sound > 2 * copied.published
