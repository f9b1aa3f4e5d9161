"""MedXpertQA: ten choices in text, five with pictures, and which file the whole is made of."""

import json
from collections import Counter
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.upstream import upstream
from igaku.errors import IgakuError
from igaku.question import Choices

LETTERS = "ABCDEFGHIJ"
ROW = {
    "id": "Text-1",
    "question": "Which is a vitamin?\nAnswer Choices: (A) iron (B) retinol",
    "options": [{"letter": c, "content": f"choice {c}"} for c in LETTERS],
    "label": ["J"],
    "medical_task": "Basic Science",
    "question_type": "Understanding",
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return tmp_path


def _put(data: Path, part: str, *rows: dict) -> None:
    file = data / load_benchmark(f"medxpertqa-{part}").files("en")[0]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(map(json.dumps, rows)))


def test_the_tenth_choice_is_a_key_and_choices_are_not_printed_twice(data: Path) -> None:
    _put(data, "text", ROW, ROW | {"id": "Text-2", "options": {c: f"choice {c}" for c in LETTERS}, "label": "A"})
    one, two = load_benchmark("medxpertqa-text").load()
    assert (one.stem, one.key, len(one.choices)) == ("Which is a vitamin?", Choices(((9,),)), 10)
    assert (two.key, two.choices, one.section) == (Choices(((0,),)), one.choices, "Understanding")


def test_pictures_are_attached_where_they_are_here(data: Path) -> None:
    rows = [ROW | {"id": f"MM-{n}", "images": [{"image_path": f"MM-{n}-a.jpeg"}]} for n in (1, 2)]
    _put(data, "mm", *rows)
    (data / "medxpertqa/images").mkdir()
    (data / "medxpertqa/images/MM-1-a.jpeg").write_bytes(b"x")
    one, two = load_benchmark("medxpertqa-mm").load()
    assert (one.text_only, two.text_only, two.images) == (False, False, ())
    assert [Path(i).name for i in one.images] == ["MM-1-a.jpeg"]


def test_the_whole_takes_the_sample_only_where_the_whole_text_is_not_here(data: Path) -> None:
    assert load_benchmark("medxpertqa").parts() == ("text_sample", "mm")
    assert set(load_benchmark("medxpertqa").files("en")) <= set(upstream())
    _put(data, "text", ROW)
    assert load_benchmark("medxpertqa").parts() == ("text", "mm")


@pytest.mark.parametrize("row", [{"label": ["K"]}, {"options": ROW["options"][1:]}, {"options": []}])
def test_bad_rows_are_errors_with_their_line(data: Path, row: dict) -> None:
    _put(data, "text", ROW | row)
    with pytest.raises(IgakuError, match="line 1: field"):
        load_benchmark("medxpertqa-text").load()


def test_what_cannot_be_downloaded_says_how_to_get_it(data: Path) -> None:
    with pytest.raises(IgakuError, match="put upstream's eval/data folder"):
        load_benchmark("medxpertqa-text").load()


@pytest.mark.data
def test_facts_of_the_files() -> None:
    mm, text = (load_benchmark(f"medxpertqa-{part}").load() for part in ("mm", "text_sample"))
    assert (len(mm), len(text), len(load_benchmark("medxpertqa-mm_sample").load())) == (2000, 244, 199)
    assert ({len(q.choices) for q in mm}, {len(q.choices) for q in text}) == ({5}, {10})
    assert not any(q.text_only for q in mm) and all(q.text_only for q in text)
    assert not any("Answer Choices" in q.stem for q in mm + text)
    assert Counter(q.section for q in mm) == {"Reasoning": 1446, "Understanding": 554}
