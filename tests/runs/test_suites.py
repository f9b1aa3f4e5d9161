"""Suites: one name for what is asked, a hash that moves with what can change a score, and scores that name both."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.runs.evaluate_suite import plan_suite
from igaku.runs.suite_hash import method_hash
from igaku.runs.suite_report import suite_report
from igaku.runs.suites import read_suite, suite_names, suite_notes, suite_parts, suite_ref
from tests.cli.conftest import Cli, cli
from tests.conftest import always
from tests.test_plugins import forget_methods

__all__ = ["cli"]

ROWS: list[dict[str, Any]] = [
    {"id": "1", "stem": "酸素を運ぶのはどれか。", "choices": ["血小板", "赤血球", "好中球"], "answer": "b"},
    {"id": "2", "stem": "止血に働くのはどれか。", "choices": ["血小板", "赤血球", "好中球"], "answer": "a"},
]
SUITE: dict[str, Any] = {
    "version": 1,
    "title": "ours",
    "tasks": [{"bench": "ours.jsonl", "prompt": "standard", "method": "letter"}],
}
CAPTURED: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "check": True}
TEMPLATE = (
    '+++\ntitle = "t"\nlang = "ja"\n+++\n{{ stem }}\n'
    "{% for c in choices %}\n{{ c.letter }} {{ c.text }}\n{% endfor %}\n"
)


def written(folder: Path, suite: dict[str, Any] = SUITE, rows: list[dict[str, Any]] = ROWS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ours.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
    (folder / "template.jinja").write_text(TEMPLATE)
    (folder / "set.yaml").write_text(json.dumps(suite))
    return folder / "set.yaml"


def content(file: Path) -> str:
    suite = read_suite(file)
    return suite_ref(suite, suite_parts(suite)).content


def changed(**task: object) -> dict[str, Any]:
    return SUITE | {"tasks": [SUITE["tasks"][0] | task]}


@pytest.mark.parametrize("name", suite_names())
def test_every_suite_of_igakus_can_be_read_and_names_benchmarks_that_exist(name: str) -> None:
    suite = read_suite(name)
    assert suite.title and suite.title_ja and suite.version
    for task in suite.tasks:
        for bench in task.bench:
            assert set(task.lang) <= set(igaku.load_benchmark(bench).languages)


@pytest.mark.data
@pytest.mark.parametrize("name", suite_names())
def test_every_suite_of_igakus_can_be_planned_with_the_real_data(name: str) -> None:
    report = suite_report(name)
    if by_hand := [t for task in read_suite(name).tasks for t in task.bench if igaku.load_benchmark(t).by_hand]:
        pytest.skip(f"{by_hand[0]} is the user's to fetch, and not among the real data here")
    assert report.missing == "" and re.fullmatch("[0-9a-f]{32}", report.hash)
    assert report.requests == sum(r.questions or 0 for r in report.rows) > 0
    assert all(r.licence and r.source for r in report.rows)


def test_the_hash_is_the_same_in_another_folder_and_from_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = content(written(tmp_path / "here"))
    there = written(tmp_path / "there" / "deeper")
    monkeypatch.chdir(there.parent)
    assert content(Path("set.yaml")) == content(there) == here


@pytest.mark.parametrize(
    "rows",
    [
        [ROWS[0]],
        [ROWS[0] | {"id": "3"}, ROWS[1]],
        [ROWS[0] | {"stem": "酸素を運ぶのはどれか"}, ROWS[1]],
        [ROWS[0] | {"answer": "c"}, ROWS[1]],
        [ROWS[0] | {"choices": ["血小板", "好中球", "赤血球"]}, ROWS[1]],
        [ROWS[0] | {"points": 2}, ROWS[1]],
        [ROWS[0] | {"void": "excluded"}, ROWS[1]],
        [ROWS[0] | {"context": "成人。"}, ROWS[1]],
        [ROWS[0] | {"image": True}, ROWS[1]],
    ],
    ids=["fewer", "id", "stem", "key", "choices", "points", "void", "context", "needs a picture"],
)
def test_whatever_changes_a_question_changes_the_hash(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    assert content(written(tmp_path / "b", rows=rows)) != content(written(tmp_path / "a"))


@pytest.mark.parametrize(
    "rows",
    [[ROWS[1], ROWS[0]], [ROWS[0] | {"source": "a book"}, ROWS[1]], [ROWS[0] | {"human_accuracy": 0.5}, ROWS[1]]],
    ids=["order of the rows", "source", "people"],
)
def test_what_changes_no_score_does_not_change_the_hash(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    assert content(written(tmp_path / "b", rows=rows)) == content(written(tmp_path / "a"))


@pytest.mark.parametrize(
    "task",
    [
        {"prompt": "closing"},
        {"prompt": ["standard", "closing"]},
        {"prompt": "template.jinja"},
        {"method": "exact"},
        {"order": "rotations"},
        {"order": "shuffle"},
        {"shots": 2},
        {"limit": 1},
        {"only": ["2"]},
        {"max_tokens": 5},
        {"temperature": 0.5},
        {"question_format": "statements"},
    ],
    ids=str,
)
def test_whatever_changes_how_is_asked_changes_the_hash(task: dict[str, Any], tmp_path: Path) -> None:
    assert content(written(tmp_path / "b", changed(**task))) != content(written(tmp_path / "a"))


def test_title_and_version_are_not_in_the_hash_of_what_is_asked(tmp_path: Path) -> None:
    other = written(tmp_path / "b", SUITE | {"title": "other", "version": "2.0-rc1"})
    assert content(other) == content(written(tmp_path / "a"))


def test_one_letter_in_a_template_or_an_example_changes_the_hash(tmp_path: Path) -> None:
    file = written(tmp_path / "a", changed(prompt="template.jinja"))
    before = content(file)
    (tmp_path / "a" / "template.jinja").write_text(TEMPLATE.replace("{{ stem }}", "{{ stem }}。"))
    assert content(file) != before
    example = {"id": "x", "stem": "赤いのはどれか。", "choices": ["血液", "胆汁"], "answer": "a"}
    shots = written(tmp_path / "b", changed(shots=1, examples="shots.jsonl"))
    (tmp_path / "b" / "shots.jsonl").write_text(json.dumps(example))
    before = content(shots)
    (tmp_path / "b" / "shots.jsonl").write_text(json.dumps(example | {"stem": "赤い物はどれか。"}))
    assert content(shots) != before


def test_another_picture_under_the_same_name_changes_the_hash(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"images": ["p.png"]}, ROWS[1]]
    hashes = []
    for folder, data in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.png").write_bytes(data)
        hashes.append(content(written(tmp_path / folder, rows=rows)))
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_method_of_ones_own_is_in_the_hash_by_its_code(tmp_path: Path) -> None:
    file = written(tmp_path / "s", changed(method="mine.py"))
    code = (
        "from igaku import Method, Verdict\nfrom igaku.keys import gold_letters\n\n\n"
        "def grade(question, shown, reply):\n    return Verdict(outcome='right')\n\n\n"
        "MINE = Method(name='of-a-suite', kind='text', about='x', applies=lambda q: True, grade=grade,"
        " gold=gold_letters)\n"
    )
    (tmp_path / "s" / "mine.py").write_text(code)
    before = content(file)
    assert method_hash("of-a-suite") == hashlib.sha256(code.encode()).hexdigest() and method_hash("letter") == ""
    (tmp_path / "s" / "mine.py").write_text(code.replace("right", "wrong"))
    method_hash.cache_clear()
    assert content(file) != before
    forget_methods()


def test_a_score_names_its_suite_and_hash_wherever_it_is_shown(tmp_path: Path) -> None:
    file = written(tmp_path / "s")
    run = igaku.evaluate_suite(always("答え：b"), file, out=tmp_path / "r")
    manifest = json.loads((tmp_path / "r" / "run.json").read_text())
    assert manifest["suite"] == {"name": "set", "version": "1", "content": content(file)}
    label = f"set 1 (hash {suite_report(file).hash[:12]})"
    assert f"suite: {label}" in repr(run)
    assert run.as_data()["suite"]["hash"] == suite_report(file).hash  # type: ignore[index]
    assert label in repr(igaku.leaderboard(run))
    from igaku.report.card import card

    assert label in card(run)


def test_a_run_without_a_suite_is_shown_as_before(tmp_path: Path) -> None:
    run = igaku.evaluate(always("答え：b"), "mini", lang="ja", limit=3, out=tmp_path / "r")
    assert "suite" not in json.loads((tmp_path / "r" / "run.json").read_text())
    assert "suite" not in run.as_data() and "suite" not in repr(run)
    assert "suite" not in json.loads(igaku.render(igaku.leaderboard(run), "json"))


def test_the_same_command_again_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    file = written(tmp_path / "s", SUITE | {"tasks": [*SUITE["tasks"], changed(prompt="closing")["tasks"][0]]})
    engine = always("b")
    igaku.evaluate_suite(engine, file, out=tmp_path / "r")
    igaku.evaluate_suite(engine, file, out=tmp_path / "r")
    assert len(engine.requests) == 4


def test_a_suite_whose_data_are_absent_is_one_line_before_anything_is_asked(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path / "nothing"))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    engine = always("b")
    with pytest.raises(IgakuError, match="igaku data get jmed_llm sogocheck"):
        igaku.evaluate_suite(engine, "ja-ward-2026", out=tmp_path / "r")
    assert engine.requests == [] and not (tmp_path / "r").exists()
    done = cli("eval", "--model", "gone.gguf", "--suite", "ja-ward-2026", "--out", str(tmp_path / "r"))
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and "no data here of" in done.stderr
    shown = cli("suites", "show", "ja-ward-2026", "--json")
    assert shown.returncode == 0 and "igaku data get" in json.loads(shown.stdout)["missing"]
    listed = {s["name"]: s["here"] for s in json.loads(cli("suites", "list", "--json").stdout)["suites"]}
    assert listed["ja-ward-2026"] == "no" and listed["quick"] == "yes"


def test_missing_pictures_stop_nobody_and_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The questions can be read without them, and the hash is then another."""
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    question = {
        "question_id": "120A-1",
        "block": "A",
        "number": 1,
        "question_text": "どれか。\na 甲\nb 乙\nc 丙\nd 丁\ne 戊",
        "answer": ["a"],
        "requires_image": True,
        "clinical_images": ["x.png"],
    }
    (tmp_path / "jmle2026").mkdir()
    (tmp_path / "jmle2026" / "jmle2026_dataset.json").write_text(json.dumps([question]))
    (tmp_path / "set.yaml").write_text(json.dumps(SUITE | {"tasks": [{"bench": "jmle2026"}]}))
    suite = read_suite(tmp_path / "set.yaml")
    without = content(tmp_path / "set.yaml")
    (note,) = suite_notes(suite)
    assert "igaku data get jmle2026" in note
    (tmp_path / "jmle2026" / "images").mkdir()
    (tmp_path / "jmle2026" / "images" / "x.png").write_bytes(b"picture")
    assert content(tmp_path / "set.yaml") != without


def test_a_run_of_a_suite_holds_nothing_else_and_never_another_version(tmp_path: Path) -> None:
    file = written(tmp_path / "s")
    igaku.evaluate_suite(always("b"), file, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="was asked as suite set 1"):
        igaku.evaluate(always("b"), "mini", lang="ja", limit=2, out=tmp_path / "r")
    written(tmp_path / "s", rows=[ROWS[0] | {"answer": "c"}, ROWS[1]])
    with pytest.raises(IgakuError, match="give another --out"):
        igaku.evaluate_suite(always("b"), file, out=tmp_path / "r")
    igaku.evaluate(always("b"), "mini", lang="ja", limit=2, out=tmp_path / "plain")
    with pytest.raises(IgakuError, match="as no suite"):
        igaku.evaluate_suite(always("b"), file, out=tmp_path / "plain")


def test_half_a_suite_says_that_it_is_not_complete(tmp_path: Path) -> None:
    run = igaku.evaluate_suite(always("b"), written(tmp_path / "s"), out=tmp_path / "r")
    journal = tmp_path / "r" / "replies.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert "not complete: 1 of 2 replies missing" in repr(igaku.open_run(run.path))


def test_an_incomplete_run_of_the_same_suite_is_still_of_that_suite_on_a_board(tmp_path: Path) -> None:
    file = written(tmp_path / "s")
    whole = igaku.evaluate_suite(Replay(lambda _: "a", name="one"), file, out=tmp_path / "a")
    igaku.evaluate_suite(Replay(lambda _: "b", name="two"), file, out=tmp_path / "b")
    journal = tmp_path / "b" / "replies.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    board = igaku.leaderboard(whole, tmp_path / "b")
    assert "not complete" in repr(board) and not any("one suite" in note for note in board.notes())
    suites = json.loads(igaku.render(board, "json"))["suites"]
    assert {s["suites"][0]["hash"] for s in suites} == {suite_report(file).hash}


def test_the_hash_is_the_same_in_another_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "igaku", "suites", "show", str(written(tmp_path / "s")), "--json"]
    found = {
        json.loads(subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, **CAPTURED).stdout)["hash"]
        for seed in ("1", "2")
    }
    assert found == {suite_report(tmp_path / "s" / "set.yaml").hash}


def test_a_plan_of_a_suite_asks_nobody(tmp_path: Path) -> None:
    engine = always("b")
    plan = plan_suite(engine, written(tmp_path / "s", changed(order="rotations")), out=tmp_path / "r")
    assert plan.prompts == 6 and engine.requests == [] and not (tmp_path / "r").exists()


def test_what_is_here_is_shown_beside_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path / "nothing"))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    tasks = [{"bench": ["mini", "denqa"], "lang": "ja"}]
    report = suite_report(written(tmp_path / "s", SUITE | {"tasks": tasks}))
    assert {r.benchmark: (r.here, r.questions is None, r.licence) for r in report.rows} == {
        "mini": (True, False, "Apache-2.0"),
        "denqa": (False, True, "MIT"),
    }
    assert "igaku data get denqa" in report.missing and "mini" not in report.missing


def test_a_score_by_another_method_is_not_the_suites(tmp_path: Path) -> None:
    run = igaku.evaluate_suite(always("答え：b"), written(tmp_path / "s"), out=tmp_path / "r")
    assert "gestalt: not of the suite" in run.show("gestalt")


def test_other_graders_give_a_score_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = igaku.evaluate_suite(always("b"), written(tmp_path / "s"), out=tmp_path / "r")
    before = run.manifest.suite
    assert before is not None
    first = before.hash
    monkeypatch.setattr("igaku.runs.manifest.VERSION", "next")
    assert before.hash != first


def test_a_board_says_where_models_were_asked_as_different_suites(tmp_path: Path) -> None:
    igaku.evaluate_suite(Replay(lambda _: "a", name="one"), written(tmp_path / "s"), out=tmp_path / "a")
    igaku.evaluate_suite(
        Replay(lambda _: "b", name="two"), written(tmp_path / "t", changed(prompt="closing")), out=tmp_path / "b"
    )
    board = igaku.leaderboard(tmp_path / "a", tmp_path / "b")
    assert any("not all were asked as one suite" in note for note in board.notes())
    same = igaku.evaluate_suite(Replay(lambda _: "b", name="two"), written(tmp_path / "s"), out=tmp_path / "c")
    assert not any("one suite" in note for note in igaku.leaderboard(tmp_path / "a", same).notes())


@pytest.mark.parametrize(
    ("suite", "says"),
    [
        (SUITE | {"tasks": []}, "tasks"),
        (SUITE | {"hello": 1}, "unknown field `hello`"),
        ({"title": "x", "tasks": SUITE["tasks"]}, "version"),
        (SUITE | {"version": "a b"}, "version"),
        (SUITE | {"tasks": [{"prompt": "standard"}]}, "task 1: bench is missing"),
        (changed(bnech="mini"), "bnech"),
        (changed(lang="fr"), "unknown language 'fr'"),
        (changed(bench="gone.jsonl"), "gone.jsonl"),
        (changed(bench="minni"), "did you mean mini"),
        (changed(prompt="standart"), "unknown prompt"),
        (changed(method="leter"), "leter"),
        (SUITE | {"tasks": SUITE["tasks"] * 2}, "is asked twice"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_file_that_is_no_suite_is_one_line(suite: dict[str, Any], says: str, cli: Cli, tmp_path: Path) -> None:
    done = cli(
        "eval", "--model", "gone.gguf", "--suite", str(written(tmp_path / "s", suite)), "--out", str(tmp_path / "r")
    )
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and not (tmp_path / "r").exists()


def test_a_file_may_not_pass_for_one_of_igakus(tmp_path: Path) -> None:
    file = written(tmp_path / "s").rename(tmp_path / "s" / "quick.yaml")
    with pytest.raises(IgakuError, match="another name"):
        read_suite(file)


@pytest.mark.parametrize(
    "more", [["--bench", "mini"], ["--limit", "3"], ["--prompt", "closing"], ["--temperature", "1"]]
)
def test_nothing_beside_a_suite_changes_what_is_asked(more: list[str], cli: Cli, tmp_path: Path) -> None:
    done = cli("eval", "--model", "gone.gguf", "--suite", "quick", *more, "--out", str(tmp_path / "r"))
    assert done.returncode == 2 and f"leave out {more[0]}" in done.stderr


def test_nothing_to_ask_is_said(cli: Cli, tmp_path: Path) -> None:
    done = cli("eval", "--model", "gone.gguf", "--out", str(tmp_path / "r"))
    assert done.returncode == 2 and "--bench NAME" in done.stderr and "--suite NAME" in done.stderr


def test_a_suite_is_shown_with_sizes_licences_and_hash(cli: Cli) -> None:
    data = json.loads(cli("suites", "show", "quick", "--json").stdout)
    assert {(r["benchmark"], r["language"]) for r in data["rows"]} == {("mini", "ja"), ("mini", "en")}
    assert data["requests"] == sum(len(igaku.load_benchmark("mini").load(lang)) for lang in ("ja", "en"))
    assert all(r["licence"] == "Apache-2.0" for r in data["rows"])
    done = cli("suites", "show", "quick")
    assert data["hash"] in done.stderr and "Apache-2.0" in done.stdout


@pytest.mark.parametrize(("lang", "why"), [("[[ja]]", "found list in a list"), ("5", "Expected `str`, got `int`")])
def test_names_that_are_no_names_are_one_line(lang: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"version: 1\ntitle: t\ntasks:\n  - {{bench: mini, lang: {lang}}}\n")
    with pytest.raises(IgakuError, match=re.escape(why)):
        read_suite(str(tmp_path / "s.yaml"))
