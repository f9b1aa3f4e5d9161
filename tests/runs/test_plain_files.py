"""Anybody's replies in one plain file: other names of columns, what is known of a model, files that read as nothing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.runs.importers import import_run
from igaku.runs.importers.columns import read_columns
from igaku.runs.importers.rows import FIELDS


@pytest.fixture
def own(tmp_path: Path) -> str:
    """Six questions with the key b; the last two need a picture."""
    rows = [
        {"id": f"7A-{i}", "stem": f"問{i}", "choices": ["甲の薬", "乙の薬", "丙の薬"], "answer": "b", "image": i > 4}
        for i in range(1, 7)
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return str(path)


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


def replies(reply: str = "答え：b", n: int = 6, **more: object) -> list[dict[str, object]]:
    return [{"id": f"7A-{i}", "model": "m", "reply": reply, **more} for i in range(1, n + 1)]


def test_columns_have_the_files_own_names(tmp_path: Path, own: str) -> None:
    file = lines(tmp_path / "r.jsonl", [{"qid": f"7A-{i}", "llm": "m", "answer_text": "b", "id": i} for i in (1, 2)])
    columns = "reply=answer_text, id=qid,model=llm"
    imported = import_run("jsonl", file, bench=own, out=tmp_path / "r", columns=columns)
    assert sum(c.correct for c in imported.run.cells) == 2
    table = tmp_path / "r.csv"
    table.write_text("qid,answer_text\n7A-1,b\n7A-2,\n")
    again = import_run(
        "csv", table, bench=own, out=tmp_path / "s", model="m", columns={"reply": "answer_text", "id": "qid"}
    )
    assert (again.new, again.run.cells[0].correct) == (2, 1)


@pytest.mark.parametrize(
    ("row", "columns", "message"),
    [
        ({"id": "7A-1", "model": "m", "answer_text": "b"}, "", r"--columns reply=answer_text"),
        ({"question_id": "7A-1", "model": "m", "reply": "b"}, "", r"--columns id=question_id"),
        ({"id": "7A-1", "model_name": "m", "reply": "b"}, "", r"--columns model=model_name; or give --model NAME"),
        ({"id": "7A-1", "model": "m", "zzz": "b"}, "", r"field 'reply' is missing .*--columns reply=…"),
        ({"id": "7A-1", "model": "m", "answer": "b"}, "reply=anser", r"unknown column 'anser': did you mean answer"),
        ({"id": "7A-1", "model": "m", "reply": "b"}, "effort=level", r"unknown column 'level'"),
        ({"id": "7A-1", "model": "m", "reply": "b"}, "replay=reply", r"unknown name in --columns 'replay'.*reply"),
        ({"id": "7A-1", "model": "m", "reply": "b"}, "reply", r"expected NAME=COLUMN"),
        ({"id": "7A-1", "model": "m", "reply": "b"}, "id=a,id=b", r"'id' is given twice"),
        ({"id": "7A1", "model": "m", "reply": "b"}, "", r"is 7A1 meant as 7A-1\?"),
    ],
)
def test_a_column_that_is_missing_is_said_with_the_one_that_may_be_meant(
    tmp_path: Path, own: str, row: dict[str, object], columns: str, message: str
) -> None:
    with pytest.raises(IgakuError, match=message):
        import_run("jsonl", lines(tmp_path / "r.jsonl", [row]), bench=own, out=tmp_path / "r", columns=columns)
    assert not (tmp_path / "r").exists()


def test_columns_are_for_plain_files(tmp_path: Path, own: str) -> None:
    with pytest.raises(IgakuError, match="--columns is for jsonl and csv"):
        import_run("inspect", tmp_path, bench=own, out=tmp_path / "r", columns="id=qid")
    assert read_columns(" ", FIELDS) == {}


@pytest.mark.parametrize(("name", "wrapped"), [("r.json", False), ("r.jsonl", False), ("r.json", True)])
def test_a_json_list_is_read_as_its_objects(tmp_path: Path, own: str, name: str, wrapped: bool) -> None:
    rows = replies()
    (tmp_path / name).write_text(json.dumps({"by": "us", "replies": rows} if wrapped else rows, indent=1))
    assert import_run("jsonl", tmp_path / name, bench=own, out=tmp_path / "r").new == 6


@pytest.mark.parametrize("text", ['{"a": [{}], "b": [{}]}', "3", "[3]", "[" * 3000, '{"a": 1}'])
def test_json_that_is_no_list_of_replies_is_one_line(tmp_path: Path, own: str, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(IgakuError, match=r"r\.json"):
        import_run("jsonl", tmp_path / "r.json", bench=own, out=tmp_path / "r")


def test_what_is_known_of_a_model_is_kept_and_shown(tmp_path: Path, own: str) -> None:
    about = {"date": "2026-02-25", "sampling": {"top_p": 0.8, "temperature": 0.7}, "model_id": "org/m"}
    sent = "次の問題に答えなさい。\n問1"
    rows = [r | {"prompt": sent, "reasoning": "乙か"} for r in replies(effort="high", **about)]
    rows += replies(effort="low", **about)
    imported = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r")
    blocks = {t.model: t for t in imported.run.manifest.tasks}
    assert set(blocks) == {"m (high)", "m (low)"}  # no effort is blended with another
    (origin,) = blocks["m (high)"].origins
    assert (origin.file, origin.replies, origin.thinking) == ("r.jsonl", 6, 6)
    assert origin.about == {**about, "effort": "high", "sampling": '{"temperature": 0.7, "top_p": 0.8}'}
    assert set(imported.run.prompts.values()) == {sent}
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "r")]).stdout
    assert all(text in shown for text in ("r.jsonl", origin.sha256[:12], "org/m", "2026-02-25"))
    asked = CliRunner().invoke(app, ["show", str(tmp_path / "r"), "--question", "7A-1"]).stdout
    assert sent.splitlines()[0] in asked and "乙か" in asked


def test_pictures_count_as_shown_where_every_question_with_one_had_it(tmp_path: Path, own: str) -> None:
    rows = [r | {"saw_images": i > 3, "model": "all"} for i, r in enumerate(replies())]
    rows += [r | {"saw_images": i == 5, "model": "some"} for i, r in enumerate(replies())]
    rows += replies()
    imported = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r")
    assert {t.model: t.images for t in imported.run.manifest.tasks} == {"all": True, "some": False, "m": False}
    assert any(
        "some (published): 1 of 2 questions with pictures were asked without them (7A-5)" in n for n in imported.notes
    )
    assert any("do not say whether m saw the pictures of 2 questions" in n for n in imported.notes)


def test_missing_and_unknown_questions_are_named(tmp_path: Path, own: str) -> None:
    rows = [*replies(n=2), {"id": "7A6", "model": "m", "reply": "b"}]
    notes = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r").notes
    assert "4 of 6 questions of own have no reply of m (published, ja): 7A-3, 7A-4, 7A-5, 7A-6" in notes
    assert "left out, since own has no such question: 7A6 (is 7A6 meant as 7A-6?)" in notes


@pytest.mark.parametrize(
    ("reply", "more", "reason"),
    [
        ("", {}, "6 are empty; is the text in another column"),
        ("", {"reasoning": "乙だと思う"}, "6 hold thoughts and no answer after them"),
        ("乙だと考え", {"finish": "length"}, "6 are marked as cut"),
        ("何とも言えない。", {}, "the first are 7A-1 '何とも言えない。'"),
    ],
)
def test_a_file_that_reads_as_nothing_is_said_with_the_likely_reason(
    tmp_path: Path, own: str, reply: str, more: dict[str, object], reason: str
) -> None:
    imported = import_run("jsonl", lines(tmp_path / "r.jsonl", replies(reply, **more)), bench=own, out=tmp_path / "r")
    (note,) = (n for n in imported.notes if n.startswith("no reply of m (published, ja) reads as an answer by letter"))
    assert reason in note


def test_a_file_of_which_half_is_read_has_no_such_note(tmp_path: Path, own: str) -> None:
    rows = [*replies(n=3), *replies("何とも言えない。")[3:]]
    notes = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r").notes
    assert not any("as an answer by" in note for note in notes)


def test_letters_only_that_hold_more_are_numbered_and_named(tmp_path: Path, own: str) -> None:
    answers = ["b", "b", "b", "b", "この症例では乙の薬を選ぶのが妥当である。よって b", "b"]
    rows = [{"question_number": f"7A-{i}", "answers": [{"model": "m", "answer": a}]} for i, a in enumerate(answers, 1)]
    (tmp_path / "a.json").write_text(json.dumps({"results": rows}))
    notes = import_run("igakuqa119", tmp_path / "a.json", bench=own, out=tmp_path / "r").notes
    assert any(
        note.startswith("1 of 6 replies that the format marks as letters only") and "7A-5 (m)" in note for note in notes
    )


def test_bare_numbers_are_said_to_be_counted_from_one(tmp_path: Path, own: str) -> None:
    rows = [r | {"reply": str(k % 3)} for k, r in enumerate(replies())]
    notes = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r").notes
    assert any("6 of 6 replies of m (published)" in n and "counted from 1; 0 occurs" in n for n in notes)


def test_a_confidence_beside_the_reply_is_a_share_or_has_its_sign(tmp_path: Path, own: str) -> None:
    given: list[object] = [0.25, "85%", 1, 85, "nan", True]
    rows = [{**row, "confidence": c} for row, c in zip(replies(), given)]
    imported = import_run("jsonl", lines(tmp_path / "r.jsonl", rows), bench=own, out=tmp_path / "r")
    assert [r.answer.confidence for r in imported.run.replies.values()] == [0.25, 0.85, 1.0, None, None, None]
    assert any(note.startswith("3 stated confidences") for note in imported.notes)
    again = import_run("jsonl", lines(tmp_path / "s.jsonl", replies()), bench=own, out=tmp_path / "s")
    assert b"confidence" not in (again.run.path / "replies.jsonl").read_bytes()
