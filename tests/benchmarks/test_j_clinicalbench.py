"""J-ClinicalBench: its counts and traps on the real files, and its readers on rows written here."""

import json
from collections import Counter
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.j_clinicalbench import ROOT, TASKS
from igaku.benchmarks.upstream import upstream
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.keys import Choices, Fields, Spans, Terms, Writing
from igaku.question import Question
from igaku.statistics.aggregate import AGGREGATORS

COUNTS = {"cca": 200, "mr": 124, "mcqa": 381, "hs_ds": 100, "hs_pn": 95, "irs": 100, "cts": 100}
COUNTS |= {"ner_disease": 2584, "ner_medication": 2584, "re_ent": 5995, "re_time": 3606, "ade": 350, "tnm": 243}


@pytest.fixture(scope="module")
def tasks() -> dict[str, list[Question]]:
    return {name: load_benchmark(f"j_clinicalbench-{name}").load() for name in TASKS}


@pytest.mark.data
def test_every_task_has_its_questions_and_the_whole_has_all_of_them(tasks: dict[str, list[Question]]) -> None:
    assert {name: len(questions) for name, questions in tasks.items()} == COUNTS
    assert len(load_benchmark("j_clinicalbench").load()) == sum(COUNTS.values())


@pytest.mark.data
def test_traps_of_its_files(tasks: dict[str, list[Question]]) -> None:
    coarse = Counter(
        f.accepted[0] for q in tasks["tnm"] if isinstance(q.key, Fields) for f in q.key.fields if f.accepted[1:]
    )
    assert coarse == {"T1": 25, "T2": 6, "M1": 33}
    assert Counter(q.key.text() for q in tasks["ade"]) == {"a": 289, "b": 61}
    assert sum(q.n_right > 1 for q in tasks["mcqa"]) == 53 and sum(q.void == "excluded" for q in tasks["mcqa"]) == 3
    assert Counter(q.section for q in tasks["hs_pn"]) == {"paper": 20, "added": 75}
    assert Counter(q.section for q in tasks["ner_disease"]) == {"test_rr": 136, "train_cr": 1898, "train_rr": 550}
    drugs = Counter(q.section for q in tasks["ner_medication"] for s in getattr(q.key, "spans", ()))
    assert drugs["test_rr"] == 0 and sum(drugs.values()) == 409
    assert sum(not getattr(q.key, "items", ("",)) for q in tasks["mr"]) == 6
    assert sum(not getattr(q.key, "items", ("",)) for q in tasks["cca"]) == 9
    assert Counter(q.category for q in tasks["re_time"])["on"] == 2518
    assert [bool(q.context) for q in tasks["hs_ds"]] == [False] * 10 + [True] * 90


@pytest.mark.data
@pytest.mark.parametrize("name", [n for n in TASKS if n not in ("re_ent", "re_time")])
def test_gold_passes_and_wrong_and_empty_fail(tasks: dict[str, list[Question]], name: str) -> None:
    if TASKS[name].method == "rouge":
        pytest.importorskip("rouge_score")
    few = tasks[name] if TASKS[name].aggregate not in ("rouge", "span_f1") else tasks[name][:400:20]
    checks = check_golds(few)
    assert TASKS[name].method in {c.method for c in checks}
    for found in checks:
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


def test_each_task_is_scored_in_its_own_way_and_its_files_are_known() -> None:
    listed = upstream()
    for name, task in TASKS.items():
        bench = load_benchmark(f"j_clinicalbench-{name}")
        assert (bench.aggregate, bench.method) == (task.aggregate, task.method)
        assert bench.aggregate in AGGREGATORS
        assert all(file in listed and "f7ea47a" in listed[file]["url"] for file in bench.files("ja"))


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    for task in TASKS.values():
        (tmp_path / ROOT / task.folder).mkdir(parents=True)
    return tmp_path / ROOT


def one(name: str) -> Question:
    (question,) = load_benchmark(f"j_clinicalbench-{name}").load()
    return question


def test_lists_are_read_as_literals_and_an_empty_one_is_a_key(folder: Path) -> None:
    path = folder / "CLR/MR/data.csv"
    path.write_text("doc_name,text,medications\nd1,\"頭が痛い\",\"['', '甲薬', '乙薬', '甲薬']\"\n", encoding="utf-8")
    assert one("mr").key == Terms(("乙薬", "甲薬"))
    assert one("mr").documents == ("頭が痛い", "乙薬、甲薬")
    path.write_text("doc_name,text,medications\nd1,痛い,\"['']\"\n", encoding="utf-8")
    assert one("mr").key == Terms(())
    path.write_text("doc_name,text,medications\nd1,痛い,__import__('os')\n", encoding="utf-8")
    with pytest.raises(IgakuError, match=r"line 2: .* is no list"):
        one("mr")


def test_a_class_that_the_prompt_does_not_offer_takes_the_finer_ones(folder: Path) -> None:
    (folder / "CLU/DC_TMN/data.csv").write_text("id,text,t,n,m\n1,右肺に腫瘤,T2,N1,M1\n", encoding="utf-8")
    key = one("tnm").key
    assert isinstance(key, Fields)
    assert [f.accepted for f in key.fields] == [("T2", "T2a", "T2b"), ("N1",), ("M1", "M1a", "M1b", "M1c")]
    (folder / "CLU/DC_TMN/data.csv").write_text("id,text,t,n,m\n1,右肺に腫瘤,T9,N1,M1\n", encoding="utf-8")
    with pytest.raises(IgakuError, match=r"line 2: field 't' is 'T9'"):
        one("tnm")


def test_sentences_of_a_file_that_upstream_took_out_are_read_where_they_are(folder: Path) -> None:
    row = {
        "ID": [0, 1],
        "annotated_sentence": "今朝から<d>頭痛</d>。",
        "entities": [{"name": "頭痛", "span": [4, 6], "type": "d_positive"}],
    }
    for name in ("test_rr", "train_cr", "train_rr", "test_cr"):
        (folder / "CLU/NER_Disease" / f"{name}.json").write_text(json.dumps(row) + "\n", encoding="utf-8")
    questions = load_benchmark("j_clinicalbench-ner_disease").load()
    assert [q.section for q in questions] == ["test_rr", "test_cr", "train_cr", "train_rr"]
    key = questions[0].key
    assert isinstance(key, Spans) and key.document == "今朝から頭痛。" and key.text() == "頭痛 (d)"


def test_relations_events_and_texts_to_write(folder: Path) -> None:
    relation = {"text": "<e1 type=a>肺</e1>に<e2 type=d>影</e2>", "relation": "region", "source": "1.xml"}
    (folder / "CLU/RE_Ent/rel_data.json").write_text(json.dumps([relation]), encoding="utf-8")
    assert one("re_ent").key == Choices.letters("d") and len(one("re_ent").choices) == 5
    (folder / "CLU/DC_ADE/data.csv").write_text("Unnamed: 0,medication,text,label\n7,甲薬,眠い,有\n", encoding="utf-8")
    assert one("ade").key == Choices.letters("a") and one("ade").documents == ("眠い", "甲薬")
    (folder / "CLG/IRS/data.csv").write_text(
        "id,incident_description,action_token,summary\n1,滑った,見守る,転倒\n", encoding="utf-8"
    )
    key = one("irs").key
    assert isinstance(key, Writing) and key.reference == "転倒" and key.points
    (folder / "CLG/HS_DS/data_doctor.csv").write_text("doctor_id,specialty\nA,外科\n", encoding="utf-8")
    (folder / "CLG/HS_DS/data_ds.csv").write_text("ds_id,doc_name,text\n1,x,長い記録\n2,y,別の記録\n", encoding="utf-8")
    (folder / "CLG/HS_DS/data_summary.csv").write_text(
        "ds_id,doctor_id,summary\n1,A,短く\n2,A,要約\n", encoding="utf-8"
    )
    first, second = load_benchmark("j_clinicalbench-hs_ds").load()
    assert (first.context, second.context, second.documents) == ("", "短く", ("外科", "別の記録"))
