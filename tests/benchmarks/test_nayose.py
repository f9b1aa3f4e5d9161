import json
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.question import Choices, Text


def test_embedded_items() -> None:
    questions = load_benchmark("nayose_qa").load()
    assert len(questions) == 66
    assert all(len(q.choices) == 5 and q.source for q in questions)
    assert all(isinstance(q.key, Text) for q in load_benchmark("nayose_instruct").load())
    for name in ("nayose_qa", "nayose_instruct"):
        for found in check_golds(load_benchmark(name).load()):
            assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


def test_hub_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    folder = tmp_path / "nayose"
    folder.mkdir()
    row = {"question": "同じものは", **{f"choice{i}": f"薬{i}" for i in range(5)}, "label": 3}
    (folder / "nayose_qa.jsonl").write_text(json.dumps(row))
    (q,) = load_benchmark("nayose_qa-eques").load()
    assert q.key == Choices(((3,),))
    (folder / "nayose_qa.jsonl").write_text(json.dumps(row | {"label": 5}))
    with pytest.raises(IgakuError, match="outside the 5 choices"):
        load_benchmark("nayose_qa-eques").load()
    (folder / "nayose_instruct.jsonl").write_text(json.dumps({"instruction": "名前は", "response": "薬"}))
    assert load_benchmark("nayose_instruct-eques").load()[0].key == Text(("薬",))
