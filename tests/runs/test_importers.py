import json
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError

from ..conftest import always


@pytest.fixture
def own(tmp_path: Path) -> str:
    rows = [
        {"id": str(i), "stem": f"問{i}", "choices": ["甲の薬", "乙の薬", "丙の薬"], "answer": "b"} for i in range(3)
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return str(path)


def med_harness(tmp_path: Path, *rows: dict) -> Path:
    path = tmp_path / "my-7b-IgakuQA-alpaca_ja-noshuffle.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


ROW = {
    "problem_id": "0",
    "question": "問0",
    "choices": ["甲の薬", "乙の薬", "丙の薬"],
    "answer": "乙の薬",
    "full_response": "x",
    "response": "乙の薬",
}


def test_med_harness_rows(tmp_path: Path, own: str) -> None:
    shuffled = ROW | {"problem_id": "1", "choices": ["丙の薬", "甲の薬", "乙の薬"], "response": "C"}
    file = med_harness(tmp_path, ROW, shuffled)
    imported = igaku.import_run("med-harness", file, bench=own, out=tmp_path / "r")
    run = imported.run
    assert (imported.new, imported.left_out, imported.repeated) == (2, 0, 0)
    rows = {(c.method, c.order): c for c in run.cells}
    assert rows["gestalt", "shuffled"].n_asked == 2  # one shuffled question makes the file a shuffled one
    assert rows["letter", "shuffled"].correct == 2
    assert {c.model for c in run.cells} == {"my-7b"}
    assert next(iter(run.replies.values())).origin == "imported"
    assert "sha256:" in next(iter(run.replies.values())).source


def test_again_imports_nothing_new(tmp_path: Path, own: str) -> None:
    file = med_harness(tmp_path, ROW)
    assert igaku.import_run("med-harness", file, bench=own, out=tmp_path / "r").new == 1
    assert igaku.import_run("med-harness", file, bench=own, out=tmp_path / "r").new == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "response": None}, r"line 1: field 'response' must be text"),
        ({k: v for k, v in ROW.items() if k != "choices"}, "line 1: field 'choices' is missing"),
        (ROW | {"choices": ["別の薬"]}, "is not one of question 0's"),
        (ROW | {"problem_id": "77"}, "no reply in it belongs to"),
    ],
)
def test_bad_rows(tmp_path: Path, own: str, row: dict, message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        igaku.import_run("med-harness", med_harness(tmp_path, row), bench=own, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_formats_files_and_runs(tmp_path: Path, own: str) -> None:
    with pytest.raises(IgakuError, match="did you mean med-harness"):
        igaku.import_run("medharness", tmp_path, bench=own, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="not found"):
        igaku.import_run("igakuqa", tmp_path / "gone", bench=own, out=tmp_path / "r")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IgakuError, match=r"no .* in this folder"):
        igaku.import_run("igakuqa", tmp_path / "empty", bench=own, out=tmp_path / "r")
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(IgakuError, match="not IgakuQA119's answer JSON"):
        igaku.import_run("igakuqa119", tmp_path / "x.json", bench=own, out=tmp_path / "r")
    igaku.evaluate(always("b"), own, out=tmp_path / "engine")
    with pytest.raises(IgakuError, match="holds replies of an engine"):
        igaku.import_run("med-harness", med_harness(tmp_path, ROW), bench=own, out=tmp_path / "engine")


def project(folder: Path, *names: str) -> Path:
    """A project's folder as IgakuQA's is: questions, their translation and metadata beside the replies."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        row = {"problem_id": "0", "prediction": "b"} if "gpt4" in name else {"problem_id": "0", "category": "x"}
        (folder / name).write_text(json.dumps(row) + "\n")
    return folder


def test_the_whole_project_can_be_given(tmp_path: Path, own: str) -> None:
    beside = ("data/2018/112-A.jsonl", "data/2018/112-A_metadata.jsonl", "data/2018/112-A_translate.jsonl")
    folder = project(tmp_path / "IgakuQA", *beside, "baseline_results/2018/112-A_gpt4.jsonl")
    imported = igaku.import_run("igakuqa", folder, bench=own, out=tmp_path / "r")
    assert imported.new == 1 and {c.model for c in imported.run.cells} == {"gpt4"}


def test_a_folder_of_questions_alone_says_where_the_replies_are(tmp_path: Path, own: str) -> None:
    folder = project(tmp_path / "data", "112-A_metadata.jsonl", "112-A_translate.jsonl")
    with pytest.raises(IgakuError, match=r"questions, not replies; give the folder baseline_results"):
        igaku.import_run("igakuqa", folder, bench=own, out=tmp_path / "r")
