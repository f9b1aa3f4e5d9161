"""Logs as Inspect 0.3.285, lighteval 0.13 and its fork before 0.11 write them: the same fields, cut down."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.question import Question
from igaku.runs.importers import import_run

from ..conftest import needs


def questions() -> list[Question]:
    return [q for q in igaku.load_benchmark("mini").load("ja") if q.n_right == 1 and len(q.choices) == 5][:6]


def right(q: Question) -> int:
    assert q.n_right == 1
    return int(q.key.accepted[0][0])  # type: ignore[union-attr]


def inspect_log(shuffled: bool) -> dict[str, Any]:
    samples = []
    for n, q in enumerate(questions()):
        choices = list(reversed(q.choices)) if shuffled else list(q.choices)
        letter = "ABCDE"[choices.index(q.choices[right(q)])]
        content: Any = f"考えた。\nANSWER: {letter}"
        if n == 0:
            content = [{"type": "reasoning", "reasoning": "a? b? c?"}, {"type": "text", "text": f"ANSWER: {letter}"}]
        samples.append(
            {
                "id": q.id if n % 2 else n + 1,
                "epoch": 1,
                "input": q.stem if n != 2 else [{"role": "user", "content": q.stem}],
                "choices": choices,
                "output": {"choices": [{"message": {"content": content}, "stop_reason": "stop"}]},
            }
        )
    samples[5]["output"] = {"choices": [{"message": {"content": "長考"}, "stop_reason": "max_tokens"}]}
    return {"eval": {"model": "openai/some-model", "task": "exam"}, "samples": samples}


@pytest.mark.parametrize("shuffled", [False, True])
def test_an_inspect_log_is_graded_by_the_order_shown(tmp_path: Path, shuffled: bool) -> None:
    (tmp_path / "log.json").write_text(json.dumps(inspect_log(shuffled)))
    run = import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "run").run
    (cell,) = run.cells
    assert (cell.model, cell.n_scored, cell.correct, cell.truncated) == ("openai/some-model", 6, 5, 1)
    assert cell.order == ("shuffled" if shuffled else "original")


def test_an_inspect_archive_and_one_this_python_cannot_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = inspect_log(False)
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("header.json", json.dumps({"eval": log["eval"]}))
        for n, sample in enumerate(log["samples"]):
            file.writestr(f"samples/{n}_epoch_1.json", json.dumps(sample))
    assert import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "run").new == 6

    def refuse(*_: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr(zipfile.ZipFile, "read", refuse)
    with pytest.raises(IgakuError, match="inspect log convert --to json"):
        import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "other")


def query(q: Question, reverse: bool = False) -> str:
    choices = q.choices[::-1] if reverse else q.choices
    example = questions()[5]
    shown = "\n".join(f"{letter}. {c}" for letter, c in zip("ABCDE", choices))
    return f"例: {example.stem}\n答え: A\n\n次の問題に答えよ。\n{q.stem}\n{shown}\n答え:"


def details(path: Path, rows: list[dict[str, Any]]) -> Path:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), path / "details_exam|0_2026-11-24.parquet")
    return path


def test_lighteval_details_with_texts_letters_and_likelihoods(tmp_path: Path) -> None:
    rows = []
    for n, q in enumerate(questions()[:5]):
        scores = [-1.0 if i == right(q) else -5.0 for i in range(5)]
        letter = "ABCDE"[::-1][right(q)]
        doc = {"query": query(q, reverse=True), "choices": list("ABCDE")}
        reply: dict[str, Any] = {"text": [f"答え: {letter}"], "logprobs": []}
        if n in (1, 2):
            reply = {"text": [], "logprobs": scores[::-1]}
        if n == 2:
            doc["choices"] = [f" {c}" for c in q.choices[::-1]]
        rows.append({"doc": doc, "model_response": reply})
    folder = details(tmp_path / "details" / "acme" / "small-7b" / "2026", rows)
    run = import_run("lighteval", folder, bench="mini", lang="ja", out=tmp_path / "run").run
    cells = {c.method: c for c in run.cells}
    assert {c.model for c in run.cells} == {"acme/small-7b"}
    assert {m: (c.n_scored, c.correct) for m, c in cells.items()} == {
        "letter": (3, 3),
        "likelihood": (1, 1),
        "likelihood-char": (1, 1),
        "letter-logprob": (1, 1),
    }


def test_swallow_details(tmp_path: Path) -> None:
    rows = [
        {"full_prompt": query(q), "predictions": [f"答えは {'ABCDE'[right(q)]} です"], "choices": []}
        for q in questions()[:3]
    ]
    folder = details(tmp_path / "swallow-8b", rows)
    (cell,) = import_run("swallow", folder, bench="mini", lang="ja", out=tmp_path / "run").run.cells
    assert (cell.model, cell.n_scored, cell.correct) == ("swallow-8b", 3, 3)


def test_letters_without_a_list_to_read_their_order_from_are_refused(tmp_path: Path) -> None:
    q = questions()[0]
    folder = details(
        tmp_path / "d",
        [
            {
                "doc": {"query": q.stem, "choices": list("ABCDE")},
                "model_response": {"text": [], "logprobs": [-1.0, -2.0, -3.0, -4.0, -5.0]},
            }
        ],
    )
    with pytest.raises(IgakuError, match="in an order that its prompt does not show"):
        import_run("lighteval", folder, bench="mini", lang="ja", out=tmp_path / "run")


@pytest.mark.parametrize(
    ("format", "name"), [("inspect", "x.json"), pytest.param("lighteval", "details_x.parquet", marks=needs("parquet"))]
)
def test_another_file_is_one_clear_line(tmp_path: Path, format: str, name: str) -> None:
    (tmp_path / name).write_text('{"a": 1}')
    with pytest.raises(IgakuError, match=r"not a log of Inspect's|not a Parquet file"):
        import_run(format, tmp_path, bench="mini", lang="ja", out=tmp_path / "run")


def test_epochs_are_kept_and_one_is_graded_and_a_corrected_log_counts(tmp_path: Path) -> None:
    log, log_file = inspect_log(False), tmp_path / "log.json"
    log["samples"] += [{**s, "epoch": 2} for s in log["samples"]]
    log_file.write_text(json.dumps(log))
    imported = import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run")
    assert (imported.new, imported.repeated) == (12, 6) and imported.run.cells[0].n_scored == 6
    log["samples"][0]["output"]["choices"][0]["message"]["content"] = "ANSWER: わからない"
    log_file.write_text(json.dumps(log))
    assert import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run").run.cells[0].correct == 4


def test_what_json_cannot_keep_is_an_error_of_that_reply(tmp_path: Path) -> None:
    q = questions()[0]
    rows = [
        {
            "doc": {"query": query(q), "choices": [f" {c}" for c in q.choices]},
            "model_response": {"text": [], "logprobs": [float("-inf"), -1.0, -2.0, -3.0, -4.0]},
        }
    ]
    run = import_run("lighteval", details(tmp_path / "d", rows), bench="mini", lang="ja", out=tmp_path / "run").run
    assert {c.engine_error for c in run.cells} == {1}
    log = inspect_log(False)
    log["samples"][1]["output"]["choices"][0]["message"]["content"] = "半分 \ud83d ANSWER: A"
    (tmp_path / "log.json").write_text(json.dumps(log))
    assert import_run("inspect", tmp_path / "log.json", bench="mini", lang="ja", out=tmp_path / "other").new == 6


@pytest.mark.parametrize("samples", [5, ["x"], [{"output": 3}], [{"input": [1]}]])
def test_samples_of_another_shape_are_one_line(tmp_path: Path, samples: Any) -> None:
    (tmp_path / "log.json").write_text(json.dumps({"eval": {"model": "m"}, "samples": samples}))
    with pytest.raises(IgakuError, match=r"not a log of Inspect's|not a sample of Inspect's|no reply in it"):
        import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "run")
