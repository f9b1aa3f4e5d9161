"""A run carries its key: it is not continued by another one, not compared across two, and graded anew on demand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.keys import Key, Number, Ordering
from igaku.question import Choices, Question
from igaku.report.site.collect import collect
from igaku.runs.bench_facts import fingerprint, graded_by
from igaku.runs.importers import import_run
from igaku.runs.rekey import rekey
from igaku.runs.run_keys import facts_of
from igaku.runs.store import open_run

from ..conftest import always


def questions(tmp_path: Path, *answers: str) -> str:
    rows = [
        {"id": f"q{i}", "stem": f"問{i}", "choices": ["甲の薬", "乙の薬", "丙の薬"], "answer": a}
        for i, a in enumerate(answers)
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return str(tmp_path / "own.jsonl")


def replies(tmp_path: Path, *models: str) -> Path:
    rows = [{"id": f"q{i}", "model": m, "reply": "b"} for m in models for i in range(4)]
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    return tmp_path / "r.jsonl"


def test_the_fingerprint_of_the_key_is_in_the_manifest_and_changes_with_it(tmp_path: Path) -> None:
    found = []
    for answers in ("bbbb", "bbbb", "bbbc"):
        own = questions(tmp_path, *answers)
        run = import_run("jsonl", replies(tmp_path, "m"), bench=own, out=tmp_path / f"r{len(found)}").run
        found.append(run.manifest.benchmarks["own"].keys["ja"])
    assert found[0] == found[1] != found[2]
    asked = igaku.evaluate(always("b"), questions(tmp_path, *"bbbb"), limit=2, out=tmp_path / "asked")
    assert asked.manifest.benchmarks["own"].keys["ja"] == found[0]  # of all its questions, also those not asked


def test_a_run_is_not_continued_with_another_key(tmp_path: Path) -> None:
    igaku.evaluate(always("b"), questions(tmp_path, *"bbbb"), out=tmp_path / "run")
    own = questions(tmp_path, *"bbcb")
    with pytest.raises(IgakuError, match=r"1 keys have changed .*\(q2: b, now c\).*igaku grade .*--new-keys"):
        igaku.evaluate(always("b"), own, out=tmp_path / "run")
    assert [c.correct for c in open_run(tmp_path / "run").cells] == [4]


def test_own_questions_themselves_are_a_file_of_keys(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), questions(tmp_path, *"bbbb"), out=tmp_path / "run")
    own = questions(tmp_path, *"bbca")
    done = CliRunner().invoke(app, ["grade", str(run.path), "--keys", own])
    assert done.exit_code == 0, done.output
    assert "own: 2 keys changed (q2: b, now c; q3: b, now a)" in done.output
    after = open_run(run.path)
    assert [c.correct for c in after.cells] == [2]
    assert facts_of(after, "own").key_version.startswith("own.jsonl (sha256 ")
    assert "own: 2 keys changed (q2: b, now c; q3: b, now a)" in after.manifest.notes
    assert igaku.evaluate(always("b"), own, out=run.path).cells[0].correct == 2  # and it goes on


def test_a_benchmarks_present_keys_are_taken_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=5, out=tmp_path / "run")
    assert rekey(run) == ["mini: no key changed"]
    first = next(iter(run.questions.values()))
    other = "a" if first.key.text() != "a" else "c"
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "mini.csv").write_text(f"id,answer\n{first.id},{other}\n")
    assert rekey(run.path) == [f"mini: 1 keys changed ({first.id}: {first.key.text()}, now {other})"]
    assert "key of mini: mini.csv" in open_run(run.path).show()


def test_what_cannot_be_taken_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), questions(tmp_path, *"bbbb"), out=tmp_path / "run")
    with pytest.raises(IgakuError, match=r"present keys of own are not known here.*--keys FILE"):
        rekey(run)
    (tmp_path / "k.csv").write_text("id,answer\nq9,b\n")
    with pytest.raises(IgakuError, match="unknown question of this run 'q9'"):
        rekey(run, tmp_path / "k.csv")
    assert [c.correct for c in open_run(run.path).cells] == [4]


def test_two_runs_with_two_keys_are_not_shown_together(tmp_path: Path) -> None:
    runs = []
    for k, answers in enumerate(("bbbb", "bbbc")):
        own = questions(tmp_path, *answers)
        runs.append(import_run("jsonl", replies(tmp_path, f"m{k}"), bench=own, out=tmp_path / f"r{k}").run)
    message = r"two keys, which differ in 1 questions \(q3: b and c\); grade both by one: igaku grade RUN"
    for study in (igaku.compare, igaku.leaderboard, lambda *given: collect(given)):
        with pytest.raises(IgakuError, match=message):
            study(*runs)
    rekey(runs[0].path, questions(tmp_path, *"bbbc"))
    assert len(igaku.leaderboard(runs[0].path, runs[1].path).standings) == 2


def test_every_output_names_the_key_where_there_are_several(tmp_path: Path) -> None:
    (tmp_path / "exam.toml").write_text('title = "Own"\nkey = "official, 2026-03"')
    run = import_run("jsonl", replies(tmp_path, "m", "n"), bench=questions(tmp_path, *"bbbb"), out=tmp_path / "r").run
    line = f"key of own: official, 2026-03; fingerprint {run.manifest.benchmarks['own'].keys['ja']}"
    shown = [run.show(), *("\n".join(study(run).notes()) for study in (igaku.leaderboard, igaku.compare))]
    assert all(line in text for text in shown)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Number(("0.4",)), Number(("0.40",)), True),
        (Number(("41",), "##"), Number(("41",)), False),
        (Choices.letters("a", "c"), Choices.letters("c", "a"), True),
        (Choices.letters("a", "c"), Choices.letters("ac"), False),
        (Ordering((0, 1)), Ordering((1, 0)), False),
    ],
)
def test_a_key_that_is_written_otherwise_is_the_same_key(one: Key, other: Key, same: bool) -> None:
    a, b = (Question(id="1", lang="ja", stem="s", choices=("甲", "乙", "丙"), key=key) for key in (one, other))
    assert (graded_by(a) == graded_by(b)) is same
    assert (fingerprint([a]) == fingerprint([b])) is same
