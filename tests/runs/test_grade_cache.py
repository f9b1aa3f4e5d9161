"""Verdicts of large runs are taken from the user's cache where nothing can have changed them, and only there."""

from pathlib import Path

import msgspec
import pytest

import igaku
from igaku.question import Reply
from igaku.runs import grade_cache, grade_many
from igaku.runs.grade_many import grade_runs
from igaku.runs.store import Run
from igaku.runs.verdict_rows import graded_rows
from tests.conftest import always


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(grade_cache, "LEAST", 1)
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return igaku.evaluate(
        always("答え: b"),
        "mini",
        lang="ja",
        prompt=["standard", "closing"],
        method="letter",
        limit=6,
        out=tmp_path / "r",
    )


def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often replies are graded from now on."""
    times: list[int] = []

    def counted(run: Run, wanted: grade_cache.Wanted, workers: int = 0) -> grade_cache.VerdictRows:
        times.append(1)
        return graded_rows(run, wanted, workers)

    monkeypatch.setattr(grade_cache, "graded_rows", counted)
    return times


def test_a_second_reader_of_a_run_finds_its_verdicts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    times = count(monkeypatch)
    first, second = Run(run.path).grade(), Run(run.path).grade()
    assert first == second and len(first) == 12 and len(times) == 1
    assert [g.reply.answer.text for _, g in second if g.reply] == ["答え: b"] * 12


def test_a_changed_reply_question_or_manifest_is_graded_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [g.verdict for _, g in Run(run.path).grade()]
    times = count(monkeypatch)
    journal = run.path / "replies.jsonl"
    journal.write_text(journal.read_text().replace("答え: b", "答え: a"))
    assert [g.verdict for _, g in Run(run.path).grade()] != before and len(times) == 1
    questions = run.path / "questions.jsonl"
    questions.write_text(questions.read_text() + "\n")
    _ = Run(run.path).grade()
    assert len(times) == 2


def test_another_method_another_grader_and_a_damaged_cache_grade_anew(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Run(run.path).grade()
    times = count(monkeypatch)
    assert len(Run(run.path).grade("letter-lenient")) == 12 and len(times) == 1
    for file in (tmp_path / "cache" / "grades").iterdir():
        file.write_bytes(b"no verdicts")
    assert Run(run.path).grade() == expected and len(times) == 2
    monkeypatch.setattr(grade_cache, "_code", lambda: "another grader")
    assert Run(run.path).grade() == expected and len(times) == 3


def test_replies_that_come_while_a_run_is_open_are_not_its_cached_verdicts(run: Run) -> None:
    opened = Run(run.path)
    replies = list(opened.replies.values())
    journal = run.path / "replies.jsonl"
    changed = [msgspec.structs.replace(r, answer=msgspec.structs.replace(r.answer, text="答え: c")) for r in replies]
    with journal.open("ab") as file:
        file.writelines(msgspec.json.encode(r) + b"\n" for r in changed)
    assert {g.verdict.read for _, g in opened.grade()} == {("b",)}
    assert {g.verdict.read for _, g in Run(run.path).grade()} == {("c",)}


def test_the_cache_can_be_left_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = Run(run.path).grade()
    times = count(monkeypatch)
    monkeypatch.setenv("IGAKU_GRADES", "off")
    _ = Run(run.path).grade()
    assert len(times) == 1


def test_many_runs_graded_side_by_side_have_the_verdicts_of_each_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = igaku.evaluate(always("c"), "mini", lang="ja", method="letter", limit=6, out=tmp_path / "s")
    alone = [Run(r.path).grade() for r in (run, other)]
    monkeypatch.setattr(grade_many, "PARALLEL_FROM", 1)
    together = [Run(run.path), Run(other.path)]
    grade_runs(together, None, workers=2)
    times = count(monkeypatch)
    assert [r.grade() for r in together] == alone and not times


def test_graded_by_several_processes_the_order_and_the_verdicts_are_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = graded_rows(run, run.wanted(), workers=1)
    monkeypatch.setattr("igaku.runs.verdict_rows.UNIT", 2)
    assert graded_rows(run, run.wanted(), workers=2) == expected


def test_a_reply_is_read_only_when_somebody_looks_at_it(run: Run) -> None:
    _ = Run(run.path).grade()
    opened = Run(run.path)
    graded = [g for _, g in opened.grade()]
    assert "replies" not in opened.__dict__ and all(g.key for g in graded)
    assert graded[0].reply and "replies" in opened.__dict__


def test_a_verdict_can_be_taken_apart_like_a_tuple(run: Run) -> None:
    question, reply, method, verdict = run.grade()[0][1]
    assert method == "letter" and isinstance(reply, Reply) and getattr(question, "id", "") and verdict
