"""A new year of an exam is read as soon as its files lie in the data folder, and 解なし goes before any key."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from igaku import load_benchmark
from igaku.benchmarks.yakugakuqa import keys
from igaku.benchmarks.years import DENTISTS, PHARMACISTS, PHYSICIANS, year_of
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.io.paths import find_data
from igaku.question import Choices

Put = Callable[..., None]
PHARMACIST = {
    "problem_id": "109001",
    "problem_text": "酸性を示すのはどれか。1つ選べ。",
    "choices": ["塩酸", "水", "食塩", "砂糖", "石鹸"],
    "text_only": True,
    "answer": ["1"],
    "comment": "塩酸は酸である。",
    "points": "1",
}
PHYSICIAN = {
    "problem_id": "121A1",
    "problem_text": "呼吸数の単位はどれか。",
    "choices": ["回/分", "mmHg", "℃", "%", "kg"],
    "text_only": True,
    "answer": ["a"],
    "points": "1",
}


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))

    def write(relative: str, *rows: dict) -> None:
        file = tmp_path / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")

    return write


def test_a_later_year_of_the_pharmacists_is_a_slice_and_part_of_the_whole(put: Put) -> None:
    put("yakugakuqa/2024/109.jsonl", PHARMACIST, PHARMACIST | {"problem_id": "109002"})
    put("yakugakuqa/2024/metadata_109.jsonl", {"problem_id": "109001", "category": "物理"})
    bench = load_benchmark("yakugakuqa-2024")
    one, two = bench.load()
    assert (one.year, one.category, two.category, one.key) == ("2024", "物理", "", Choices(((0,),)))
    assert bench.explanations("ja")["109001"] == PHARMACIST["comment"]
    whole = load_benchmark("yakugakuqa")
    assert {"2023", "2024"} <= set(whole.parts())
    assert whole.files("ja")[-2:] == ["yakugakuqa/2024/109.jsonl", "yakugakuqa/2024/metadata_109.jsonl"]


def test_a_year_without_metadata_is_read_too(put: Put) -> None:
    put("yakugakuqa/2030/115.jsonl", PHARMACIST | {"problem_id": "115001"})
    (q,) = load_benchmark("yakugakuqa-2030").load()
    assert (q.id, q.section, q.category) == ("115001", "required", "")


def test_a_later_year_has_its_number_its_pairs_and_a_line_in_the_list(put: Put) -> None:
    put("yakugakuqa/2030/115.jsonl", *(PHARMACIST | {"problem_id": f"115{n}"} for n in ("195", "196", "197", "326")))
    groups = {q.id: q.group for q in load_benchmark("yakugakuqa-115").load()}
    assert groups == {"115195": "", "115196": "115196", "115197": "115196", "115326": ""}
    assert "yakugakuqa-2012 … 2030" in CliRunner().invoke(app, ["bench", "list", "--json"]).output


def test_a_year_that_is_not_here_is_no_slice(put: Put) -> None:
    with pytest.raises(IgakuError, match="2024"):
        load_benchmark("yakugakuqa-2024")
    with pytest.raises(IgakuError, match=r"yakugakuqa/2023/108\.jsonl not found"):
        load_benchmark("yakugakuqa-2023").load()


@pytest.mark.parametrize("answer", [["解なし"], ["2", "解なし"], ["3（解なし）"], ["解なし", "1"], ["1", " 解なし。"]])
def test_no_answer_goes_before_letters(answer: list[str]) -> None:
    assert keys(answer, 5, "here") == (Choices(()), "excluded")


def test_a_note_that_ends_in_no_answer_goes_before_letters(put: Put) -> None:
    put("yakugakuqa/2024/109.jsonl", PHARMACIST, PHARMACIST | {"problem_id": "109002"})
    notes = ["条件が足りず、正答が定まらないため、解なし。", "解なしの申し出があったが、正答は 1 とする。"]
    rows = [{"problem_id": f"10900{n}", "note": note} for n, note in enumerate(notes, 1)]
    put("yakugakuqa/2024/metadata_109.jsonl", *rows)
    assert [q.void for q in load_benchmark("yakugakuqa-2024").load()] == ["excluded", ""]


def test_a_later_year_of_the_physicians(put: Put) -> None:
    for block in "ABCDEF":
        rows = [PHYSICIAN | {"problem_id": f"121{block}{n}"} for n in (1, 2)]
        put(f"igakuqa/data/2027/121-{block}.jsonl", rows[0], rows[1] | {"answer": ["解なし"]})
    bench = load_benchmark("igakuqa-2027")
    questions = bench.load()
    assert (len(questions), questions[0].year, questions[0].key) == (12, "2027", Choices(((0,),)))
    assert [q.void for q in questions[:2]] == ["", "excluded"]
    whole = load_benchmark("igakuqa")
    assert "igakuqa/data/2027/121-A.jsonl" in whole.files("ja")
    assert not any("2027" in file for file in whole.files("en"))
    with pytest.raises(IgakuError, match=r"121-A_translate\.jsonl not found"):
        bench.load("en")


def test_a_later_year_of_the_case_questions_and_none_that_another_benchmark_has(put: Put, tmp_path: Path) -> None:
    (tmp_path / "medrect").mkdir()
    row = {
        "question": "60歳の男性。発熱で来院した。診断はどれか。",
        "answer": ["b"],
        "choices": dict(zip("abcde", "甲乙丙丁戊")),
    }
    rows = [row | {"id": f"{exam}A16"} for exam in (121, 117, 119, 120)]
    (tmp_path / "medrect/jmle-2018-2025-source-questions.json").write_text(json.dumps(rows), encoding="utf-8")
    assert [q.id for q in load_benchmark("jmle_text").load()] == ["117A16", "121A16"]
    assert [q.year for q in load_benchmark("jmle_text-121").load()] == ["2027"]


@pytest.mark.parametrize(
    ("name", "profession", "year"),
    [("120A1", PHYSICIANS, "2026"), ("118C90", DENTISTS, "2025"), ("109345", PHARMACISTS, "2024"), ("x", DENTISTS, "")],
)
def test_an_id_that_begins_with_the_exams_number_gives_its_year(name: str, profession: int, year: str) -> None:
    assert year_of(name, profession) == year


def the_real(name: str) -> Path:
    found = find_data(name)
    assert found, name
    return found


@pytest.mark.data
def test_a_real_year_under_another_year_and_number_is_read_like_the_year_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = load_benchmark("yakugakuqa-2023").load()
    folder = tmp_path / "yakugakuqa/2025"
    folder.mkdir(parents=True)
    for name in ("108.jsonl", "metadata_108.jsonl"):
        text = the_real(f"yakugakuqa/2023/{name}").read_text(encoding="utf-8").replace('"108', '"110')
        (folder / name.replace("108", "110")).write_text(text, encoding="utf-8")
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    later = load_benchmark("yakugakuqa-2025").load()
    as_known = [replace(q, id=f"108{q.id[3:]}", year="2023", group=g.group) for q, g in zip(later, known)]
    assert as_known == known and {q.year for q in later} == {"2025"}
    assert sum(bool(q.group) for q in later) == 130
    assert all(found.gold_right == found.applies for found in check_golds(later))


@pytest.mark.data
def test_a_real_year_of_the_physicians_under_another_year_is_read_like_the_year_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = load_benchmark("igakuqa-2022").load("ja")
    shutil.copytree(the_real("igakuqa/data/2022/116-A.jsonl").parent, tmp_path / "igakuqa/data/2028")
    for file in (tmp_path / "igakuqa/data/2028").iterdir():
        text = file.read_text(encoding="utf-8").replace('"116', '"122')
        file.unlink()
        file.with_name(file.name.replace("116", "122")).write_text(text, encoding="utf-8")
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    later = load_benchmark("igakuqa-2028").load("ja")
    renamed = [replace(q, id=f"116{q.id[3:]}", year="2022", group=q.group.replace("122", "116")) for q in later]
    assert [(q.id, q.stem, q.key, q.group) for q in renamed] == [(q.id, q.stem, q.key, q.group) for q in known]
    assert len(load_benchmark("igakuqa-122").load("en")) == 400


def test_an_exam_may_be_named_by_its_number_or_its_year() -> None:
    assert load_benchmark("igakuqa-116").label == "igakuqa-2022"
    assert load_benchmark("yakugakuqa-108").label == "yakugakuqa-2023"
    assert load_benchmark("jmle_text-117").label == "jmle_text-2023"
    assert load_benchmark("dental_exam-2025").label == "dental_exam-118"
