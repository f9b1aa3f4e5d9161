"""J-ClinicalBench's published replies: found by id, by order or by text, task by task."""

import json
from pathlib import Path

import pytest

from igaku.benchmarks.j_clinicalbench import ROOT, TASKS
from igaku.errors import IgakuError
from igaku.runs.importers import import_run
from igaku.runs.importers.importer import Imported

RELATIONS = [
    {"text": f"<e1 type=a>部位{i}</e1>の<e2 type=d>影</e2>", "relation": r, "source": f"{i}.xml"}
    for i, r in enumerate(("region", "feature", "value"))
]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    data = tmp_path / ROOT
    for task in TASKS.values():
        (data / task.folder).mkdir(parents=True)
    (data / "CLU/RE_Ent/rel_data.json").write_text(json.dumps(RELATIONS), encoding="utf-8")
    (data / "CLU/DC_TMN/data.csv").write_text("id,text,t,n,m\n5,右肺,T1,N0,M0\n6,左肺,T4,N2,M1c\n", encoding="utf-8")
    for name in ("test_rr", "train_cr", "train_rr"):
        row = {"ID": [0, 1], "annotated_sentence": f"{name}の<d>熱</d>", "entities": [entity(len(name) + 1)]}
        (data / f"CLU/NER_Disease/{name}.json").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (data / "CLR/CCA/data.csv").write_text("doc_name,text,medra_list\nd1,熱と咳,\"['発熱']\"\n", encoding="utf-8")
    return tmp_path / "generated"


def entity(start: int) -> dict[str, object]:
    return {"name": "熱", "span": [start, start + 1], "type": "d_positive"}


def imported(folder: Path, task: str, kind: str, rows: list[dict[str, object]], lines: bool = False) -> Imported:
    path = folder / kind / "m" / "zero_shot.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    path.write_text(text, encoding="utf-8")
    return import_run("j-clinicalbench", folder, bench=f"j_clinicalbench-{task}", out=folder / f"run-{task}")


def test_a_tasks_replies_are_graded_and_scored_in_its_own_way(folder: Path) -> None:
    rows = [
        {"id": 5, "t": "T1", "n": "N0", "m": "M0", "generated": "T因子: T1c\nN因子: N0\nM因子: M0"},
        {"id": 6, "t": "T4", "n": "N2", "m": "M1c", "generated": "T因子: T4\nN因子"},
    ]
    (cell,) = imported(folder, "tnm", "CLU/DC_TMN", rows).run.cells
    assert (cell.method, cell.aggregate, cell.n_scored, cell.correct) == ("fields", "fields", 2, 1)
    assert cell.score == pytest.approx((1 + 1 / 3) / 2)
    assert cell.metrics["precision:N"] == 1 and cell.metrics["recall:N"] == 0.5


@pytest.mark.parametrize("first", [0, 1])
def test_relations_are_found_by_their_order_and_checked(folder: Path, first: int) -> None:
    rows = [{"relation": r["relation"], "source": r["source"], "generated": "4\n\n### 入力"} for r in RELATIONS[first:]]
    run = imported(folder, "re_ent", "CLU/RE_Ent", rows).run
    assert sorted(run.questions) == [("j_clinicalbench-re_ent", "ja", f"re_ent-{i + 1}") for i in range(first, 3)]
    rows[-1]["source"] = "9.xml"
    with pytest.raises(IgakuError, match="not those of the data"):
        imported(folder, "re_ent", "CLU/RE_Ent", rows)


def test_sentences_are_found_by_number_and_text_and_others_are_counted(folder: Path) -> None:
    rows = [
        {"ID": [0, 1], "annotated_sentence": "train_crの<d>熱</d>", "entities": [entity(9)], "generated": "[EOS]"},
        {"ID": [0, 1], "annotated_sentence": "失われた文の<d>熱</d>", "entities": [entity(6)], "generated": "[EOS]"},
    ]
    found = imported(folder, "ner_disease", "CLU/NER_Disease", rows, lines=True)
    assert (found.new, found.left_out) == (1, 1)
    assert "1 replies of ner_disease are to sentences of a file that upstream took out" in found.notes


def test_another_key_in_the_file_is_reported(folder: Path) -> None:
    row = {"sheet_name": "d1", "gold_medra": ["発熱", "咳嗽"], "generated_medra": '["発熱"]'}
    found = imported(folder, "cca", "CLR/CCA", [row])
    assert found.run.cells[0].metrics["list_f1"] == 1
    assert "1 replies of cca were graded by another key there" in found.notes


def test_prompts_without_a_list_of_terms_are_a_row_of_their_own(folder: Path) -> None:
    row = {"sheet_name": "d1", "gold_medra": "['発熱']", "generated_medra": "発熱"}
    found = imported(folder, "cca", "CLR/CCA_no_options", [row])
    assert [c.prompt for c in found.run.cells] == ["zero_shot_no_options"]


def test_all_tasks_at_once_are_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "zero_shot.json").write_text("[]")
    with pytest.raises(IgakuError, match="task by task"):
        import_run("j-clinicalbench", folder, bench="j_clinicalbench", out=folder / "r")


@pytest.mark.data
@pytest.mark.parametrize(
    ("task", "new", "left_out"), [("tnm", 1940, 0), ("re_time", 8002, 0), ("ner_disease", 3864, 4138)]
)
def test_published_replies_come_in(tmp_path: Path, task: str, new: int, left_out: int) -> None:
    from igaku.io.paths import find_data

    generated = find_data("j_clinicalbench/data/generated")
    assert generated is not None
    found = import_run("j-clinicalbench", generated, bench=f"j_clinicalbench-{task}", out=tmp_path / "r")
    assert (found.new, found.left_out) == (new, left_out)
    assert {c.model for c in found.run.cells} == {
        "gpt-4o",
        "Meta-Llama-3-70B-Instruct",
        "Llama-3-Swallow-70B-Instruct-v0.1",
        "llm-jp-3-8x13b-instruct3",
    }
