import json
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.question import Choices

ROW = {
    "sample_id": "s-1",
    "question": "正しいのはどれか。",
    "options": ["甲", "乙", "丙", "丁"],
    "answer_idx": 2,
    "n_options": 4,
}


def put(tmp_path: Path, *rows: dict) -> None:
    folder = tmp_path / "jmedbench"
    folder.mkdir()
    (folder / "medqa_jp.jsonl").write_text("\n".join(json.dumps(r) for r in rows))


def test_hub_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    put(tmp_path, ROW)
    (q,) = load_benchmark("jmedbench-medqa_jp").load()
    assert (q.id, q.key, q.choices[2]) == ("medqa_jp-s-1", Choices(((2,),)), "丙")


def test_answer_outside_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    put(tmp_path, ROW | {"answer_idx": 4})
    with pytest.raises(IgakuError, match=r"line 1: field 'answer_idx'"):
        load_benchmark("jmedbench-medqa_jp").load()
