import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.runs.export import export_lm_eval


def samples(path: Path, rows: list[dict], respond: object, name: str = "my-model") -> Path:
    """A sample file as lm-eval 0.4.13 writes it (seen on its own output of an exported task)."""
    folder = path / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for n, row in enumerate(rows):
        following = row["choices"] or [{"until": ["\n\n"]}]
        arguments = {f"gen_args_{i}": {"arg_0": row["query"], "arg_1": c} for i, c in enumerate(following)}
        lines.append(
            json.dumps({"doc_id": n, "doc": row, "arguments": arguments, "resps": respond(row)}, ensure_ascii=False)
        )  # type: ignore[operator]
    (folder / "samples_task.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return path


def exported(tmp_path: Path, ask: str) -> list[dict]:
    done = export_lm_eval("mini", tmp_path / "tasks", kind=ask)
    rows = [
        json.loads(line)
        for line in (tmp_path / "tasks" / f"{done.task}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(rows) == done.questions
    assert done.questions + done.left_out == 104
    return rows


def test_the_task_file_holds_the_prompts_igaku_would_send(tmp_path: Path) -> None:
    rows = exported(tmp_path, "likelihood")
    engine = igaku.engines.replay.Replay(lambda _: "a")
    igaku.evaluate(engine, "mini", lang="ja", out=tmp_path / "r")
    assert {r["query"] for r in rows} <= {r.prompt for r in engine.requests}
    config = (tmp_path / "tasks" / "igaku_mini_ja_likelihood.yaml").read_text()
    keys = {line.split(": ", 1)[0]: json.loads(line.split(": ", 1)[1]) for line in config.splitlines()}
    assert keys["output_type"] == "multiple_choice"
    assert keys["target_delimiter"] == ""
    assert Path(keys["dataset_kwargs"]["data_files"]["test"]).exists()


@pytest.mark.parametrize(("ask", "method"), [("likelihood", "likelihood"), ("letters", "letter-logprob")])
def test_scores_come_back_and_are_graded(tmp_path: Path, ask: str, method: str) -> None:
    rows = exported(tmp_path, ask)
    path = samples(
        tmp_path / "out", rows, lambda r: [[[str(-1.0 - (i != r["gold"])), "False"]] for i in range(len(r["choices"]))]
    )
    done = igaku.import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "run")
    assert done.new == 78
    cells = {c.method: c for c in done.run.cells}
    assert cells[method].accuracy == 1.0
    assert cells[method].model == "my-model"
    if ask == "likelihood":
        assert done.run.results("likelihood-token")[0].not_applicable == 78  # lengths in tokens are not in the file


def test_written_replies_come_back_and_are_graded_by_our_graders(tmp_path: Path) -> None:
    rows = exported(tmp_path, "text")
    path = samples(tmp_path / "out", rows, lambda r: [[f"考えると、答えは {r['gold']} です。"]])
    (cell,) = igaku.import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "run").run.cells
    assert (cell.method, cell.n_scored, cell.accuracy) == ("letter", 104, 1.0)


def test_samples_of_another_task_are_found_by_the_questions_words(tmp_path: Path) -> None:
    qs = [q for q in igaku.load_benchmark("mini").load("en") if q.n_right == 1][:5]
    rows = [{"question": q.stem, "query": "x", "choices": list(reversed(q.choices)), "gold": 0} for q in qs]
    rows.append({"question": "Something else altogether?", "query": "x", "choices": ["a b", "c d"], "gold": 0})
    golds = {q.stem: q.choices[q.key.accepted[0][0]] for q in qs}
    path = samples(
        tmp_path / "out", rows, lambda r: [[[-1.0 - (c != golds.get(r["question"])), False]] for c in r["choices"]]
    )
    done = igaku.import_run("lm-eval", path, bench="mini", lang="en", out=tmp_path / "run")
    assert (done.new, done.left_out) == (5, 1)
    assert done.run.results("likelihood")[0].accuracy == 1.0


def test_what_cannot_be_exported_or_read(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="no question that lm-eval"):
        export_lm_eval("clinical_open", tmp_path)
    with pytest.raises(IgakuError, match="neither letters nor numbers"):
        export_lm_eval("clinical_open", tmp_path, prompt="standard", kind="text")
    with pytest.raises(IgakuError, match="is a chat"):
        export_lm_eval("mini", tmp_path, prompt="chat")
    with pytest.raises(IgakuError, match="did you mean likelihood"):
        export_lm_eval("mini", tmp_path, kind="liklihood")
    bad = samples(tmp_path / "out", [{"id": "mini-001", "query": "x", "choices": [], "gold": "A"}], lambda _: [[]])
    with pytest.raises(IgakuError, match="not a sample of lm-eval's"):
        igaku.import_run("lm-eval", bad, bench="mini", out=tmp_path / "run")


def test_the_command_prints_json_and_its_help_an_example(tmp_path: Path) -> None:
    arguments = ["export", "lm-eval", "--bench", "mini", "--lang", "ja", "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    done = json.loads(result.stdout)
    assert done["task"] == "igaku_mini_ja_likelihood" and Path(done["path"]).exists()
    assert done["questions"] + done["left_out"] == 104 - sum(
        1 for q in igaku.load_benchmark("mini").load("ja") if q.void
    )


@pytest.mark.parametrize(
    "command",
    [
        *(("prompts", name) for name in ("list", "show", "add")),
        *(("catalog", name) for name in ("models", "data", "check", "render")),
        *(("data", name) for name in ("list", "get")),
        ("import",),
        ("export",),
    ],
)
def test_every_command_here_has_an_example(command: tuple[str, ...]) -> None:
    text = CliRunner().invoke(app, [*command, "--help"]).stdout
    assert f"Example: igaku {' '.join(command)}" in text
    assert command == ("catalog", "render") or "--json" in text
