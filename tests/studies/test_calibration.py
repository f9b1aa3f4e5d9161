"""Confidence beside outcome: from letters, from replies, from imported files; what is left out is counted."""

import csv
import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Request
from igaku.statistics.auroc import auroc
from igaku.statistics.calibration import calibration_error
from igaku.statistics.reliability import Stated
from igaku.studies.calibration import calibration
from igaku.studies.calibration_report import ALL, READ, SEEN

from ..conftest import needs

N = 20
SURE = (0.9, 0.6)
"""Stated of even and odd questions; three of four are right."""


@pytest.fixture
def own(tmp_path: Path) -> str:
    """Twenty questions with the key b, in pairs that are linked; the last two need a picture, and one wants two."""
    shared = {"choices": ["甲の薬", "乙の薬", "丙の薬", "丁の薬"]}
    rows = [
        {"id": f"q{i}", "stem": f"第{i}問：正しい薬はどれか。", "answer": "b", "group": f"g{i // 2}", "image": i >= 18}
        for i in range(N)
    ]
    rows.append({"id": "two", "stem": "第99問：正しい薬はどれか。2つ選べ。", "answer": "ab"})
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(r | shared, ensure_ascii=False) for r in rows))
    return str(tmp_path / "own.jsonl")


def number(request: Request) -> int:
    return next((i for i in range(N) if f"第{i}問" in request.prompt), 99)


def says(request: Request) -> str:
    i = number(request)
    letter = "b" if i % 4 else "c"
    return f"乙の薬が候補である。\n答え：{letter}\n確信度：{SURE[i % 2]:.0%}" if i != 99 else "答え：a, b"


def test_the_confidence_that_a_reply_states_stands_beside_its_outcome(tmp_path: Path, own: str) -> None:
    run = igaku.evaluate(Replay(says), own, lang="ja", prompt="confidence", method="letter", out=tmp_path / "r")
    rows = {r.answers: r for r in calibration(run).rows}
    assert set(rows) == {ALL, SEEN}
    whole = rows[ALL]
    assert (whole.source, whole.n, whole.without, whole.without_right) == ("stated", N, 1, 1)
    assert whole.confidence == pytest.approx(0.75) and whole.accuracy == 0.75
    # even questions: 0.9 stated, half of them right; odd ones: 0.6 stated, all right
    assert whole.errors[0].value == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    assert whole.auroc is not None and whole.auroc.value == pytest.approx(5 / 15 * 0.5)
    assert [(b.confidence, b.accuracy) for b in whole.reliability] == [(0.6, 1.0), (0.9, 0.5)]
    assert rows[SEEN].n == N - 2


def test_the_probability_of_the_letter_taken_is_a_confidence(tmp_path: Path, own: str) -> None:
    """Logarithms of any total: only the letters shown count."""
    values = tuple(math.log(p) - 3 for p in (0.1, 0.7, 0.1, 0.1))
    run = igaku.evaluate(
        Replay(lambda request: Answer(logprobs=values)), own, lang="ja", method="letter-logprob", out=tmp_path / "r"
    )
    (whole, *_) = calibration(run).rows
    assert (whole.source, whole.n, whole.without) == ("letters", N, 1)
    assert whole.confidence == pytest.approx(0.7) and whole.accuracy == 1
    assert whole.auroc is None
    assert any("single answer only" in note for note in calibration(run).notes())


def test_each_source_of_a_run_is_a_row_and_methods_can_be_named(tmp_path: Path, own: str) -> None:
    def both(request: Request) -> Answer:
        return Answer(text=says(request)) if request.kind == "text" else Answer(logprobs=(-2.0, -1.0, -3.0, -3.0))

    methods = ["letter", "letter-lenient", "letter-logprob"]
    run = igaku.evaluate(Replay(both), own, lang="ja", prompt="confidence", method=methods, out=tmp_path / "r")
    found = [(r.source, r.method) for r in calibration(run).rows if r.answers == ALL]
    assert sorted(found) == [("letters", "letter-logprob"), ("stated", "letter")]
    assert {r.method for r in calibration(run, method="letter-lenient").rows} == {"letter-lenient"}


def test_a_file_that_holds_numbers_is_not_read_further(tmp_path: Path, own: str) -> None:
    rows = [
        {"id": "q0", "model": "m", "reply": "答え：b", "confidence": 0.25},
        {"id": "q1", "model": "m", "reply": "答え：c", "confidence": 0.5},
        {"id": "q2", "model": "m", "reply": "答え：b 確信度：90%"},
        {"id": "q3", "model": "m", "reply": "分かりません", "confidence": 0.0},
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    report = calibration(igaku.import_run("jsonl", tmp_path / "r.jsonl", bench=own, out=tmp_path / "r").run)
    by = {r.answers: r for r in report.rows}
    assert (by[ALL].n, by[ALL].without, by[ALL].confidence) == (3, 1, 0.25)
    assert by[READ].n == 2
    assert any("1 replies have a confidence and no answer" in note for note in report.notes())


def votes(request: Request) -> str:
    """Eight samples a question, in turn: all are right, or five of eight, or four wrong ones stand against four others,
    or none can be read."""
    i, mine = number(request), SEEDS.setdefault(request.prompt, [])
    mine.append(request.sampling.seed)
    k = len(mine) - 1
    if i == 99:
        return "答え：a, b"
    letters = ("bbbbbbbb", "bbbbbccc", "cdcdcdcd", "........")[i % 4]
    return f"答え：{letters[k]}" if letters[k] != "." else "分かりません"


SEEDS: dict[str, list[int]] = {}


def test_the_share_of_samples_that_agree_is_a_confidence(tmp_path: Path, own: str) -> None:
    SEEDS.clear()
    run = igaku.evaluate(Replay(votes), own, lang="ja", method="letter", samples=8, temperature=0.7, out=tmp_path / "r")
    rows = {r.answers: r for r in calibration(run).rows}
    whole = rows[ALL]
    assert (whole.source, whole.n, whole.without, whole.without_right) == ("agreement", 16, 5, 0)
    assert whole.drawn is not None
    assert (whole.drawn.fewest, whole.drawn.most, whole.drawn.samples) == (8, 8, 21 * 8)
    assert (whole.drawn.tied, whole.drawn.unread) == (5, 5 * 8)
    assert [(b.low, b.high, b.n, b.accuracy) for b in whole.reliability] == [
        (0.5, 0.5, 5, 0.0),
        (0.625, 0.625, 5, 1.0),
        (1.0, 1.0, 6, 1.0),
    ]
    assert whole.errors[0].binning == "levels"
    assert whole.errors[0].value == pytest.approx((5 * 0.5 + 5 * 0.375) / 16)
    assert whole.auroc is not None and whole.auroc.value == 1
    notes = " ".join(calibration(run).notes())
    assert "8 samples a question, so confidence has 3 levels, each a bin of its own; 5 questions tied" in notes
    assert "no answer in 40 of 168 samples" in notes and "5 of 21 scored answers have no confidence" in notes


def test_what_samples_state_and_how_far_they_agree_are_rows_of_their_own(tmp_path: Path, own: str) -> None:
    run = igaku.evaluate(
        Replay(says), own, lang="ja", prompt="confidence", method="letter", samples=3, temperature=1, out=tmp_path / "r"
    )
    rows = [(r.source, r.n, r.confidence) for r in calibration(run).rows if r.answers == ALL]
    assert rows == [("stated", N, pytest.approx(0.75)), ("agreement", N + 1, 1.0)]


def test_a_run_that_was_cut_off_says_so(tmp_path: Path, own: str) -> None:
    run = igaku.evaluate(Replay(says), own, lang="ja", prompt="confidence", method="letter", out=tmp_path / "r")
    journal = run.path / "replies.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:12]))
    report = calibration(run.path)
    assert report.rows[0].n == 12 and report.unfinished == N + 1 - 12
    assert "9 questions have no reply yet and are in no number" in report.notes()


def test_the_command_prints_and_draws(tmp_path: Path, own: str) -> None:
    igaku.evaluate(Replay(says), own, lang="ja", prompt="confidence", method="letter", out=tmp_path / "r")
    shown = CliRunner().invoke(app, ["calibration", str(tmp_path / "r"), "--bins", "5"])
    assert shown.exit_code == 0 and "expected calibration error" in shown.output
    data = json.loads(CliRunner().invoke(app, ["calibration", str(tmp_path / "r"), "--json"]).stdout)
    assert data["rows"][0]["errors"][1]["binning"] == "equal mass"


@needs("site")
def test_the_picture_has_a_panel_a_row_in_both_languages(tmp_path: Path, own: str) -> None:
    from igaku.report.calibration import draw

    runs = [
        igaku.evaluate(
            Replay(says, name=name), own, lang="ja", prompt="confidence", out=tmp_path / name, method="letter"
        )
        for name in ("north", "south")
    ]
    japanese, english = (p.read_text() for p in draw(calibration(runs), tmp_path / "p.svg"))
    assert all(f". {name}, " in text for name in ("north", "south") for text in (english, japanese))
    assert "confidence" in english and "確信度" in japanese
    with pytest.raises(IgakuError, match="a name that ends in"):
        draw(calibration(runs), tmp_path / "p.png")


def test_a_run_without_a_confidence_is_one_line(tmp_path: Path, own: str) -> None:
    run = igaku.evaluate(Replay(lambda _: "答え：b"), own, lang="ja", method="letter", out=tmp_path / "r")
    with pytest.raises(IgakuError, match="no confidence in these runs: ask with --prompt confidence"):
        calibration(run)
    with pytest.raises(IgakuError, match="--bins must be from 2 to 100"):
        calibration(run, bins=1)


@pytest.mark.data
def test_the_published_replies_of_the_119th_have_the_known_calibration(tmp_path: Path) -> None:
    """Mean 0.884, accuracy 0.682, error 0.216 (ten bins of equal width), AUROC 0.650, by the project's verdicts."""
    from igaku.io.paths import find_data

    folder = find_data("igakuqa119")
    assert folder is not None
    run = igaku.import_run("igakuqa119", folder / "answers", bench="igakuqa119", out=tmp_path / "r").run
    table = folder / "results/demo/119_pfn-medllm-qwen-72b_grading_results.csv"
    right = {r["question_number"]: r["is_correct"] == "True" for r in csv.DictReader(table.open(encoding="utf-8-sig"))}
    graded = [g for _, g in run.grade("letter")]
    answers = [
        Stated(g.reply.answer.confidence, right[g.question.id], g.question.group or g.question.id)
        for g in graded
        if g.reply and g.reply.answer.confidence is not None
    ]
    area = auroc(answers)
    assert area is not None
    assert (len(answers), round(sum(a.confidence for a in answers) / 399, 3)) == (399, 0.884)
    assert round(sum(a.right for a in answers) / 399, 3) == 0.682
    assert round(calibration_error(answers, "equal width").value, 3) == 0.216
    assert round(area.value, 3) == 0.650
    whole = next(r for r in calibration(run).rows if r.answers == ALL)
    # one answer in quotation marks is right here and wrong there
    assert (whole.n, round(whole.accuracy * 399)) == (399, 273)
    assert [g.question.id for g in graded if g.verdict.right and not right[g.question.id]] == ["119F4"]
