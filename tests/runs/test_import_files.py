"""Replies in plain files and in the files of exam projects: what is kept beside the text, and what users are shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from igaku.errors import IgakuError
from igaku.runs.importers import import_run
from igaku.runs.importers.exams import from_zero

N = 4
JMLE: dict[str, object] = {
    "display_name": "M (low)",
    "model": "org/m",
    "image_mode": "vision",
    "timestamp": "20260101",
    "base_url": "http://x",
}
JMLE["extra_body"] = {"reasoning": {"effort": "low"}}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Questions with the keys b, b, b and 4.0."""
    return questions(tmp_path / "own.jsonl", "b")


def questions(path: Path, answer: str) -> Path:
    rows: list[dict[str, Any]] = [
        {"id": f"q{i}", "stem": f"問{i}はどれか。", "choices": ["甲の薬", "乙の薬", "丙の薬"], "answer": answer}
        for i in range(N - 1)
    ]
    rows.append({"id": f"q{N - 1}", "stem": "比を求めよ。解答：①.②", "answer": "40"})
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


def row(n: int, reply: str = "答え：b", **more: object) -> dict[str, object]:
    return {"id": f"q{n}", "model": "m", "reply": reply, **more}


def test_a_line_a_reply_with_all_that_is_known_of_it(tmp_path: Path, own: Path) -> None:
    file = lines(
        tmp_path / "replies.jsonl",
        row(2, finish="max_tokens", reply="まだ考え"),
        row(0, reasoning="甲ではない", saw_images=True, prompt="mine", note="x"),
        row(1, reply="<think>aか</think>答え：b"),
        {"id": "other", "model": "m", "reply": "a"},
    )
    imported = import_run("jsonl", file, bench=str(own), out=tmp_path / "r")
    assert (imported.new, imported.left_out) == (3, 1)
    assert "replies.jsonl: fields not read: note" in imported.notes
    assert any(note.startswith("3 of 4 questions of") for note in imported.notes)
    answers = {r.id: r.answer for r in imported.run.replies.values()}
    assert [(answers[i].text, answers[i].thinking) for i in ("q0", "q1")] == [
        ("答え：b", "甲ではない"),
        ("答え：b", "aか"),
    ]
    cells = {c.prompt: c for c in imported.run.cells}
    assert (cells["mine"].correct, cells["published"].correct, cells["published"].truncated) == (1, 1, 1)
    blocks = {t.prompt: t for t in imported.run.manifest.tasks}
    assert (blocks["mine"].images, blocks["published"].images) == (True, False)
    assert list(blocks["published"].replies) == ["q1", "q2"]  # in the exam's order
    assert imported.run.manifest.notes[: len(imported.notes)] == imported.notes


def test_csv_and_names(tmp_path: Path, own: Path) -> None:
    file = tmp_path / "replies.csv"
    file.write_text("id,reply\nq0,答え：b\nq1,\nq3,40\n")
    with pytest.raises(IgakuError, match=r"field 'model' is missing.*--model"):
        import_run("csv", file, bench=str(own), out=tmp_path / "r")
    (cell,) = import_run("csv", file, bench=str(own), model="mine", out=tmp_path / "r").run.cells
    assert (cell.model, cell.n_scored, cell.unparsed) == ("mine", 3, 1)
    two = lines(tmp_path / "two.jsonl", row(0), {**row(1), "model": "other"})
    assert import_run("jsonl", two, bench=str(own), model="other", out=tmp_path / "s").new == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(0, finish="stopp")], "line 1: unknown finish 'stopp': did you mean stop"),
        ([row(0, saw_images="perhaps")], "line 1: field 'saw_images' must be true or false"),
        ([row(0, sample="-1")], "line 1: field 'sample' must be a number from 0"),
        (
            [row(0), row(1), row(0, reply="答え：a")],
            "1 questions have more than one reply of m.*1 repeated in one file.*: q0 ",
        ),
        ([{"model": "m", "reply": "b"}], "line 1: field 'id' is missing"),
    ],
)
def test_bad_lines_are_one_line(tmp_path: Path, own: Path, rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        import_run("jsonl", lines(tmp_path / "r.jsonl", *rows), bench=str(own), out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_an_unknown_choice_for_repeats_has_near_matches(tmp_path: Path, own: Path) -> None:
    with pytest.raises(IgakuError, match="did you mean separate"):
        import_run("jsonl", tmp_path, bench=str(own), out=tmp_path / "r", repeats="seperate")


def test_a_changed_key_is_refused_until_it_was_accepted(tmp_path: Path, own: Path) -> None:
    file = lines(tmp_path / "r.jsonl", *(row(i) for i in range(3)))
    assert import_run("jsonl", file, bench=str(own), out=tmp_path / "r").run.cells[0].correct == 3
    questions(own, "c")
    with pytest.raises(
        IgakuError, match=r"3 of own's keys have changed \(q0: b, now c; q1: b, now c; q2: b, now c\).*--new-keys"
    ):
        import_run("jsonl", file, bench=str(own), out=tmp_path / "r")
    imported = import_run("jsonl", file, bench=str(own), out=tmp_path / "r", new_keys=True)
    assert (imported.new, imported.run.cells[0].correct) == (0, 0)
    assert any("keys have changed (q0: b, now c; q1:" in note for note in imported.run.manifest.notes)


def results(path: Path, gold: str = "b", **metadata: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"question_id": f"q{i}", "raw_response": "【回答】b", "reasoning": f"思考{i}", "gold": [gold], "error": None}
        for i in range(3)
    ]
    rows.append({"question_id": "q3", "raw_response": "", "gold": ["4.0"], "error": "timeout"})
    path.write_text(json.dumps({"metadata": {**JMLE, **metadata}, "summary": {}, "results": rows}))
    return path


def test_results_of_the_120th_exam_keep_thinking_pictures_and_provenance(tmp_path: Path, own: Path) -> None:
    results(tmp_path / "in" / "m.json")
    results(tmp_path / "in" / "n.json", gold="a", display_name="N", image_mode="blind")
    imported = import_run("jmle2026", tmp_path / "in", bench=str(own), out=tmp_path / "r")
    cells = {c.model: c for c in imported.run.cells}
    assert {m: (c.n_scored, c.correct, c.engine_error) for m, c in cells.items()} == {
        "M (low)": (4, 3, 1),
        "N": (4, 3, 1),
    }
    assert {t.model: t.images for t in imported.run.manifest.tasks} == {"M (low)": True, "N": False}
    assert {r.answer.thinking for r in imported.run.replies.values()} == {"思考0", "思考1", "思考2", ""}
    assert any(
        note.startswith("3 keys in the files differ from igaku's (q0: a there, b here;") for note in imported.notes
    )
    (origin,) = next(t for t in imported.run.manifest.tasks if t.model == "M (low)").origins
    assert (origin.file, origin.replies, origin.thinking, len(origin.sha256)) == ("m.json", 4, 3, 64)
    wanted = {"model_id": "org/m", "date": "20260101", "image_mode": "vision", "effort": "low"}
    assert origin.about == {**wanted, "base_url": "http://x", "extra_body": '{"reasoning": {"effort": "low"}}'}


def test_of_a_reply_that_was_stored_cut_the_authors_reading_of_the_whole_is_the_answer(
    tmp_path: Path, own: Path
) -> None:
    cut = {"problem_id": "q2", "response": "考" * 200, "gold": "b"}
    for condition, last in (("m-gguf", cut), ("prompt_comparison_m-mlx", {**cut, "prediction": "b"})):
        details = {
            prompt: [{"problem_id": f"q{i}", "response": "b", "gold": "b"} for i in range(2)] + [last]
            for prompt in ("short", "long")
        }
        log = {
            "model": "org/m",
            "timestamp": "t",
            "details": details,
            "prompts": {"short": "短く答えよ。"},
            "summary": [],
        }
        (tmp_path / f"{condition}_2022_A.json").write_text(json.dumps(log))
    failed = {"details": {"short": [{"problem_id": "q0", "gold": "b", "error": "timeout"}]}}
    (tmp_path / "n_2022_A.json").write_text(json.dumps(failed))
    imported = import_run("igakuqa-evaluation", tmp_path, bench=str(own), out=tmp_path / "r")
    rows = {(c.model, c.prompt): (c.correct, c.truncated, c.engine_error) for c in imported.run.cells}
    assert rows == {
        **{("m-gguf", p): (2, 1, 0) for p in ("short", "long")},
        **{("m-mlx", p): (3, 0, 0) for p in ("short", "long")},
        ("n", "short"): (0, 0, 1),
    }
    assert any(note.startswith("2 replies were stored cut at 200 characters: their answer") for note in imported.notes)
    assert any(note.startswith("2 replies were stored cut at 200 characters and have no") for note in imported.notes)
    blocks = {(t.model, t.prompt): t.origins[0] for t in imported.run.manifest.tasks}
    assert blocks["m-mlx", "short"].about == {"model_id": "org/m", "date": "t", "prompt": "短く答えよ。"}
    assert blocks["m-mlx", "long"].thinking == 1


def test_labels_counted_from_zero_are_letters(tmp_path: Path, own: Path) -> None:
    folder = tmp_path / "MCQA" / "m"
    folder.mkdir(parents=True)
    labels = [{"sample_id": "q0", "generated": 1, "gold": 1}, {"sample_id": "q1", "generated": 0, "gold": 1}]
    labels.append({"sample_id": "q2", "generated": 12, "generated_text": "1, 2", "gold": 1})
    (folder / "zero_shot.json").write_text(json.dumps(labels))
    (cell,) = import_run("j-clinicalbench", tmp_path, bench=str(own), out=tmp_path / "r").run.cells
    assert (cell.model, cell.prompt, cell.n_scored, cell.correct) == ("m", "zero_shot", 3, 1)
    assert [from_zero(t) for t in ("0", "24", "1, 3", "わからない")] == ["a", "c, e", "b, d", "わからない"]


def test_answers_of_the_119th_that_are_prose_are_read_as_prose(tmp_path: Path, own: Path) -> None:
    def answers(name: str, *texts: str) -> Path:
        found = [
            {"question_number": f"q{i}", "answers": [{"model": m, "answer": t if m == "m" else "b"} for m in "mno"]}
            for i, t in enumerate(texts)
        ]
        (tmp_path / name).write_text(json.dumps({"results": found}))
        return tmp_path / name

    prose = answers("prose.json", "答えは【b】、乙の薬である。", "正解は b だと考える。", "【回答】b")
    imported = import_run("igakuqa119", prose, bench=str(own), out=tmp_path / "r")
    assert {(c.model, c.method, c.correct) for c in imported.run.cells} == {
        (model, method, 3) for model in "mno" for method in ("letter", "letter-lenient")
    }
    assert any("read as prose" in note for note in imported.notes)
    letters = answers("letters.json", "b", '"b"', "a, b")
    imported = import_run("igakuqa119", letters, bench=str(own), out=tmp_path / "s")
    assert {(c.model, c.correct) for c in imported.run.cells if c.method == "letter"} == {("m", 2), ("n", 3), ("o", 3)}
    baseline = tmp_path / "118-A_m.jsonl"
    baseline.write_text(
        "\n".join(json.dumps({"problem_id": f"q{i}", "prediction": "答えは b です。"}) for i in range(3))
    )
    imported = import_run("igakuqa", baseline, bench=str(own), out=tmp_path / "u")
    assert {c.correct for c in imported.run.cells if c.method == "letter"} == {3}
    table = tmp_path / "119_m_grading_results.csv"
    table.write_text("question_number,model,model_answer\nq0,org/m,b\nq1,org/m,a\n")
    assert import_run("igakuqa119", table, bench=str(own), out=tmp_path / "t").run.cells[0].correct == 1


def test_confidences_beside_answers_of_the_119th_are_read(tmp_path: Path, own: Path) -> None:
    given: list[object] = [0.75, "high", None]
    found = [
        {"question_number": f"q{i}", "answers": [{"model": "m", "answer": "b", "confidence": c}]}
        for i, c in enumerate(given)
    ]
    (tmp_path / "answers.json").write_text(json.dumps({"results": found}))
    imported = import_run("igakuqa119", tmp_path / "answers.json", bench=str(own), out=tmp_path / "r")
    assert [r.answer.confidence for r in imported.run.replies.values()] == [0.75, None, None]
    assert any(note.startswith("1 stated confidences are no number from 0 to 1") for note in imported.notes)
    (tmp_path / "119_m_grading_results.csv").write_text("question_number,model,model_answer,confidence\nq0,m,b,0.5\n")
    table = import_run("igakuqa119", tmp_path / "119_m_grading_results.csv", bench=str(own), out=tmp_path / "t")
    assert [r.answer.confidence for r in table.run.replies.values()] == [0.5]


@pytest.mark.parametrize("format", ["jmle2026", "igakuqa-evaluation", "j-clinicalbench", "igakuqa119"])
@pytest.mark.parametrize(
    "text", ["[[", "3", "[3]", '{"results": 3}', '{"metadata": {}, "details": {"p": [3]}}', "\\ud800"]
)
def test_another_file_is_one_line(tmp_path: Path, own: Path, format: str, text: str) -> None:
    path = tmp_path / "m_2022_A.json"
    path.write_text(text)
    with pytest.raises(IgakuError, match="m_2022_A"):
        import_run(format, path, bench=str(own), out=tmp_path / "r")


@pytest.mark.data
def test_published_files_come_in_whole(tmp_path: Path) -> None:
    from igaku.io.paths import find_data

    folder = find_data("j_clinicalbench/data/generated")
    assert folder is not None
    imported = import_run("j-clinicalbench", folder, bench="igakuqa", out=tmp_path / "r")
    single = {"gpt-4o": 0, "Meta-Llama-3-70B-Instruct": 0}
    for cell_key, g in imported.run.grade("letter"):
        if g.question.n_right == 1 and cell_key.prompt == "zero_shot":
            single[cell_key.model] += g.verdict.right
    assert single["gpt-4o"] > 290 and single["Meta-Llama-3-70B-Instruct"] > 150
