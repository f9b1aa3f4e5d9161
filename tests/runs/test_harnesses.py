"""Logs as Inspect 0.3.285, lighteval 0.13 and its fork before 0.11 write them: the same fields, cut down."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.io.archive import ZSTD
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


def archive(path: Path, log: dict[str, Any], how: int = zipfile.ZIP_DEFLATED, header: str = "header.json") -> Path:
    """A log as Inspect packs it by default; by zstd where the backport can write it."""
    zips: Any = zipfile
    if how == ZSTD:
        zips = pytest.importorskip("backports.zstd.zipfile", reason="backports.zstd is not installed")
    with zips.ZipFile(path, "w", how) as file:
        for n, sample in enumerate(log["samples"]):
            file.writestr(f"samples/{n}_epoch_1.json", json.dumps(sample))
        file.writestr(header, json.dumps({k: v for k, v in log.items() if k != "samples"}))
    return path


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, ZSTD])
def test_an_inspect_archive_is_read_however_it_is_packed(tmp_path: Path, how: int) -> None:
    path = archive(tmp_path / "log.eval", inspect_log(False), how)
    assert import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "run").new == 6


def test_without_the_zstd_package_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "log.eval", inspect_log(False), ZSTD)
    monkeypatch.setitem(sys.modules, "backports.zstd.zipfile", None)
    if hasattr(zipfile, "ZIP_ZSTANDARD"):
        pytest.skip("this Python reads zstd itself")
    with pytest.raises(IgakuError, match=r"pip install 'igaku\[inspect\]'"):
        import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "run")


@pytest.mark.parametrize("damage", ["cut", "bytes"])
def test_a_damaged_archive_is_one_line(tmp_path: Path, damage: str) -> None:
    path = archive(tmp_path / "log.eval", inspect_log(False))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] if damage == "cut" else data[:60] + b"\xff" * 40 + data[100:])
    with pytest.raises(IgakuError, match=r"log\.eval: "):
        import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "run")


def test_a_log_that_was_cut_off_says_how_many_samples_are_missing(tmp_path: Path) -> None:
    log = inspect_log(False)
    log |= {"status": "error", "eval": {**log["eval"], "dataset": {"samples": 9, "sample_ids": list(range(9))}}}
    log["samples"] = log["samples"][:2]
    (tmp_path / "log.json").write_text(json.dumps(log))
    notes = import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "r").notes
    assert "log.json: its status is 'error'; 7 of 9 samples are missing" in notes
    (tmp_path / "log.json").unlink()
    archive(tmp_path / "log.eval", {k: v for k, v in log.items() if k != "status"}, header="_journal/start.json")
    notes = import_run("inspect", tmp_path / "log.eval", bench="mini", lang="ja", out=tmp_path / "s").notes
    assert "log.eval: its status is 'started'; 7 of 9 samples are missing" in notes


def test_logs_of_both_kinds_in_an_eval_set_are_read_and_its_lists_are_not(tmp_path: Path) -> None:
    first, second = inspect_log(False), inspect_log(False)
    first["samples"], second["samples"] = first["samples"][:3], second["samples"][3:]
    (tmp_path / "one.json").write_text(json.dumps(first))
    archive(tmp_path / "two.eval", second)
    (tmp_path / "eval-set.json").write_text('{"eval_set_id": "x", "tasks": []}')
    (tmp_path / "logs.json").write_text('{"two.eval": {"eval": {}}, "three.eval": {"eval": {}}}')
    imported = import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "run")
    assert (imported.new, imported.run.cells[0].n_scored) == (6, 6)
    assert "eval-set.json, logs.json: lists of an eval set and no logs, left out" in imported.notes
    assert "logs.json lists 1 log that is not in this folder: three.eval" in imported.notes


def test_one_log_in_two_files_is_read_once(tmp_path: Path) -> None:
    log = inspect_log(False)
    log["eval"]["eval_id"] = "abc"
    (tmp_path / "log.json").write_text(json.dumps(log))
    archive(tmp_path / "log.eval", log)
    imported = import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "run")
    assert imported.new == 6 and any("the same log as" in n for n in imported.notes)


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


def test_epochs_are_refused_with_their_number_or_settled_as_was_said(tmp_path: Path) -> None:
    log, log_file = inspect_log(False), tmp_path / "log.json"
    second = [{**s, "epoch": 2} for s in inspect_log(False)["samples"]]
    second[0]["output"] = {"choices": [{"message": {"content": "ANSWER: わからない"}, "stop_reason": "stop"}]}
    log["samples"] += second
    log_file.write_text(json.dumps(log))
    with pytest.raises(IgakuError, match=r"6 questions have more than one reply.*6 second or later samples.*--repeats"):
        import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    right = {}
    for choice in ("first", "last", "separate", "samples"):
        imported = import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / choice, repeats=choice)
        right[choice] = [(c.prompt, c.n_scored, c.correct) for c in imported.run.cells]
        assert (imported.new, imported.repeated) == (12, 0 if choice in ("separate", "samples") else 6)
        assert any("6 questions have more than one reply" in note for note in imported.notes)
    assert right == {
        "first": [("published", 6, 5)],
        "last": [("published", 6, 4)],
        "separate": [("published (sample 1)", 6, 5), ("published (sample 2)", 6, 4)],
        "samples": [("published", 6, 4.5)],
    }


def test_epochs_that_come_later_are_further_samples_and_none_counts_twice(tmp_path: Path) -> None:
    log = inspect_log(False)
    second = {**log, "samples": [{**s, "epoch": 2} for s in log["samples"]]}
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.json").write_text(json.dumps(log))
    (logs / "b.json").write_text(json.dumps({**second, "eval": {**log["eval"], "run_id": "other"}}))
    for path, new in ((logs / "b.json", 6), (logs / "a.json", 6), (logs, 0)):
        imported = import_run("inspect", path, bench="mini", lang="ja", out=tmp_path / "run", repeats="samples")
        assert imported.new == new
    (task,) = imported.run.manifest.tasks
    assert {len(keys) for keys in task.samples.values()} == {1} and len(set(task.reply_keys())) == 12
    assert imported.run.cells[0].n_scored == 6


def test_a_corrected_log_replaces_the_old_one_only_when_it_was_said(tmp_path: Path) -> None:
    log, log_file = inspect_log(False), tmp_path / "log.json"
    log_file.write_text(json.dumps(log))
    import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run")
    log["samples"][0]["output"]["choices"][0]["message"]["content"] = "ANSWER: わからない"
    log_file.write_text(json.dumps(log))
    with pytest.raises(IgakuError, match=r"holds other replies of openai/some-model to 6 .*5 of them equal.*log\.json"):
        import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run")
    corrects = {}
    for choice in ("first", "last"):
        again = import_run("inspect", log_file, bench="mini", lang="ja", out=tmp_path / "run", repeats=choice)
        corrects[choice] = again.run.cells[0].correct
    assert corrects == {"first": 5, "last": 4}


@pytest.mark.parametrize("same_task", [False, True])
def test_two_logs_of_one_model_that_share_questions_are_never_blended(tmp_path: Path, same_task: bool) -> None:
    short, whole = inspect_log(False), inspect_log(False)
    short["samples"] = short["samples"][:2]
    for sample in short["samples"]:
        sample["output"] = {"choices": [{"message": {"content": "ANSWER: わからない"}, "stop_reason": "stop"}]}
    short["eval"]["task"] = "exam" if same_task else "short"
    (tmp_path / "a.json").write_text(json.dumps(whole))
    (tmp_path / "b.json").write_text(json.dumps(short))

    def rows(repeats: str) -> set[tuple[str, int, float]]:
        out = tmp_path / f"run-{repeats}"
        run = import_run("inspect", tmp_path, bench="mini", lang="ja", out=out, repeats=repeats).run
        return {(c.prompt, c.n_scored, c.correct) for c in run.cells}

    if same_task:
        with pytest.raises(IgakuError, match=r"2 questions have more than one reply.*in 2 files: a\.json, b\.json"):
            rows("refuse")
        assert rows("separate") == {("published (a.json)", 6, 5), ("published (b.json)", 2, 0)}
    else:
        assert rows("refuse") == {("exam", 6, 5), ("short", 2, 0)}


def test_thinking_of_a_log_stands_in_its_field(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(json.dumps(inspect_log(False)))
    run = import_run("inspect", tmp_path / "log.json", bench="mini", lang="ja", out=tmp_path / "run").run
    first = next(iter(run.replies.values())).answer
    assert first.thinking == "a? b? c?" and "a?" not in first.text


def lm_eval_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


def sample(n: int, q: Question, responses: list[Any], filter_: str = "none", **arguments: Any) -> dict[str, Any]:
    doc = {"qid": q.id, "stem": q.stem, "choices": list(q.choices)}
    requests = arguments or {"gen_args_0": {"arg_0": query(q), "arg_1": {"until": []}}}
    return {"doc_id": n, "doc": doc, "arguments": requests, "resps": responses, "filter": filter_}


@pytest.mark.parametrize("inline", [False, True])
def test_lm_evals_letters_are_ordered_by_the_prompt(tmp_path: Path, inline: bool) -> None:
    rows = []
    for n, q in enumerate(questions()[:3]):
        shown = q.choices[::-1]
        prompt = (
            q.stem + "\n" + ("  " if inline else "\n").join(f"({c}) {t}" for c, t in zip("ABCDE", shown)) + "\n答え:"
        )
        letters = "EDCBA"  # the requests need not come in the order of the alphabet
        requests = {f"gen_args_{i}": {"arg_0": prompt, "arg_1": f" {c}"} for i, c in enumerate(letters)}
        responses = [[["-1.0" if shown["ABCDE".index(c)] == q.choices[right(q)] else "-5.0", "False"]] for c in letters]
        rows.append(sample(n, q, responses, **requests))
    path = lm_eval_rows(tmp_path / "m" / "samples_exam_2026-11-24.jsonl", rows)
    (cell,) = import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "run").run.cells
    assert (cell.method, cell.n_scored, cell.correct) == ("letter-logprob", 3, 3)


def test_lm_evals_filters_are_one_reply_and_its_repeats_are_samples(tmp_path: Path) -> None:
    q, other = questions()[:2]
    both = [sample(n, x, [["答え: A"]], f) for f in ("loose", "strict") for n, x in enumerate((q, other))]
    path = lm_eval_rows(tmp_path / "m" / "samples_exam.jsonl", both)
    imported = import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "run")
    assert imported.new == 2
    assert "samples_exam.jsonl: 2 filters (loose, strict); each reply is read once, whole" in imported.notes
    path = lm_eval_rows(tmp_path / "n" / "samples_exam.jsonl", [sample(0, q, [["答え: A", "答え: A", "答え: B"]])])
    with pytest.raises(IgakuError, match=r"2 second or later samples"):
        import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "other")
    kept = import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "other", repeats="last")
    assert (kept.new, kept.repeated) == (3, 2)


@pytest.mark.parametrize("response", [10**400, "x", None, []])
def test_log_likelihoods_that_are_none_are_one_line(tmp_path: Path, response: object) -> None:
    q = questions()[0]
    requests = {f"gen_args_{i}": {"arg_0": "p", "arg_1": c} for i, c in enumerate("AB")}
    path = lm_eval_rows(tmp_path / "samples_x.jsonl", [sample(0, q, [[[response]], [[-1.0]]], **requests)])
    with pytest.raises(IgakuError, match=r"line 1: not (a sample of lm-eval's|valid JSON \(a number of 401 digits)"):
        import_run("lm-eval", path, bench="mini", lang="ja", out=tmp_path / "run")


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
    with pytest.raises(IgakuError, match=r"'samples' must be list|not a sample of Inspect's|no reply in it"):
        import_run("inspect", tmp_path, bench="mini", lang="ja", out=tmp_path / "run")
