"""Abstentions, their score, and confidence as a ranking: known verdicts through a whole run."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

import igaku
from igaku.cli.eval import with_penalties
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Request

Script = Callable[[int, Request], str | Answer]
CHOICES = ["甲の所見", "乙の所見", "丙の所見"]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., igaku.Run]:
    """Asks ten own questions whose key is a; a (丙) is prohibited in the first two, the last two are linked."""
    rows = [
        {"id": f"q{i}", "stem": f"設問{i}番で正しいのはどれか。", "choices": CHOICES, "answer": "a"}
        | ({"prohibited": "c"} if i < 2 else {})
        | ({"group": "g"} if i > 7 else {})
        for i in range(10)
    ]
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")

    def run(script: Script, name: str = "run", **more: object) -> igaku.Run:
        def answer(request: Request) -> str | Answer:
            return script(next(i for i in range(10) if f"設問{i}番" in request.prompt), request)

        return igaku.evaluate(Replay(answer, name="m"), str(tmp_path / "exam.jsonl"), out=tmp_path / name, **more)  # type: ignore[arg-type]

    return run


def replies(i: int, request: Request) -> str:
    """Two wrong ones (the first prohibited), one unread, three abstentions, four right."""
    return ("答え：c", "b", "", *["わからない"] * 3, *["a"] * 4)[i]


def test_abstentions_are_counted_apart_and_wrong_answers_cost(ask: Callable[..., igaku.Run]) -> None:
    run = ask(replies, prompt="abstain-3", method="letter")
    (cell,) = run.cells
    assert (cell.abstained, cell.unparsed, cell.correct, cell.n_scored) == (3, 1, 4, 10)
    (row,) = igaku.abstain(run).rows
    assert (row.n, row.right, row.wrong, row.abstained, row.unread) == (10, 4, 2, 3, 1)
    assert row.stated == row.penalty == 3 and (row.known, row.prohibited) == (2, 1)
    assert row.accuracy is not None
    assert (row.answered.value, row.accuracy.value) == (0.6, pytest.approx(4 / 6))
    assert row.score.value == pytest.approx((4 - 2 * 3) / 10)
    assert row.score_unread_wrong == pytest.approx((4 - 3 * 3) / 10)
    assert row.score.ci95[0] < row.score.value < row.score.ci95[1]


def test_prohibited_choices_have_a_penalty_of_their_own(ask: Callable[..., igaku.Run]) -> None:
    run = ask(replies, prompt="abstain-1", method="letter")
    (row,) = igaku.abstain(run, prohibited=5).rows
    assert row.score.value == pytest.approx((4 - 5 - 1) / 10)
    (other,) = igaku.abstain(run, penalty=0).rows
    assert other.score.value == pytest.approx(0.4) and other.stated == 1
    assert "was given a penalty of 1, and is scored with 0" in " ".join(igaku.abstain(run, penalty=0).notes())


def test_the_prompt_offers_and_states_the_penalty(ask: Callable[..., igaku.Run]) -> None:
    run = ask(replies, prompt=with_penalties([], ["0", "1", "2.5"]), method="letter")
    assert [t.penalty for t in run.manifest.tasks] == [0, 1, 2.5]
    assert [t.prompt for t in run.manifest.tasks] == ["abstain-0_ja", "abstain-1_ja", "abstain-2.5_ja"]
    texts = list(run.prompts.values())
    assert all("わからない" in t for t in texts)
    assert [sum(words in t for t in texts) for words in ("減点なし", "マイナス1点", "マイナス2.5点")] == [10, 10, 10]
    assert len(igaku.abstain(run).rows) == 3


def test_where_it_was_not_offered_nothing_is_read_as_abstention(ask: Callable[..., igaku.Run]) -> None:
    run = ask(replies, prompt="closing", method="letter")
    (cell,) = run.cells
    assert cell.abstained == 0 and cell.unparsed == 4
    assert "abstained" not in json.dumps(run.as_data()) and "penalty" not in (run.path / "run.json").read_text()
    with pytest.raises(IgakuError, match="nothing here was offered to abstain"):
        igaku.abstain(run)
    report = igaku.abstain(run, penalty=1)
    assert report.rows[0].stated is None and report.rows[0].score.value == pytest.approx(0.2)
    assert "was not offered to abstain" in " ".join(report.notes())


def test_confidence_ranks_right_before_wrong(ask: Callable[..., igaku.Run]) -> None:
    def letters(i: int, request: Request) -> Answer:
        """Surer from question to question, and right from the fifth on."""
        top = 0.4 + i / 20
        others = [(1 - top) / 2] * 2
        return Answer(logprobs=tuple(map(math.log, [top, *others] if i > 3 else [others[0], top, others[1]])))

    report = igaku.abstain(ask(letters, prompt="closing", method="letter-logprob"))
    (row,) = report.confidence
    found = row.risk_coverage
    assert found.n == 10 and found.random == pytest.approx(0.4)
    assert found.aurc.value == pytest.approx(found.best) == pytest.approx((1 / 7 + 2 / 8 + 3 / 9 + 4 / 10) / 10)
    assert found.curve[0].threshold == pytest.approx(0.85) and found.curve[-1].coverage == 1
    assert [a.accuracy.value for a in row.at] == pytest.approx([1, 1, 6 / 8])
    text = str(report)
    assert "AURC" in text and "m: exam ja closing_ja, letter-logprob" in text


def sampled(letters: Callable[[int], str]) -> Script:
    """The k-th sample of question i says the k-th of its letters; ``?`` is わからない, a dot nothing."""
    seen: dict[int, int] = {}

    def answer(i: int, request: Request) -> str:
        seen[i] = seen.get(i, -1) + 1
        said = letters(i)[seen[i]]
        return {"?": "わからない", ".": ""}.get(said, said)

    return answer


def test_agreement_of_samples_ranks_and_equally_sure_answers_stand_together(ask: Callable[..., igaku.Run]) -> None:
    script = sampled(lambda i: ("aaaa", "aaaa", "aaaa", "abaa", "bc..", "bbac", "bcbc", "....", "bbbb", "ccbb")[i])
    report = igaku.abstain(ask(script, prompt="closing", method="letter", samples=4, temperature=0.7))
    (row,) = report.confidence
    assert row.source == "agreement" and row.risk_coverage.n == 9 and report.silent == 1 and not report.rows
    # all four agree: three right, one wrong; three: right; two: wrong, two of them tied; one: wrong, tied
    curve = row.risk_coverage.curve
    assert [(c.threshold, c.coverage, c.accuracy) for c in curve] == [
        (1.0, pytest.approx(4 / 9), pytest.approx(3 / 4)),
        (0.75, pytest.approx(5 / 9), pytest.approx(4 / 5)),
        (0.5, pytest.approx(8 / 9), pytest.approx(4 / 8)),
        (0.25, 1.0, pytest.approx(4 / 9)),
    ]
    notes = " ".join(report.notes())
    assert "surest 25% is 44.4%" in notes and "1 questions have no sample with an answer" in notes


def test_each_sample_is_scored_and_intervals_are_over_questions(ask: Callable[..., igaku.Run]) -> None:
    script = sampled(lambda i: ("ab", "a?", "??", "b.", "aa", "aa", "aa", "bb", "ab", "ba")[i])
    run = ask(script, prompt="abstain-1", method="letter", samples=2, temperature=0.7)
    (row,) = igaku.abstain(run).rows
    assert (row.n, row.questions, row.right, row.wrong, row.abstained, row.unread) == (20, 10, 10, 6, 3, 1)
    assert row.score.value == pytest.approx((10 - 6) / 20)
    once = ask(lambda i, _: "a" if i < 5 else "b", "once", prompt="abstain-1", method="letter")
    (single,) = igaku.abstain(once).rows
    lengths = [r.answered.ci95[1] - r.answered.ci95[0] for r in (row, single)]
    assert lengths[0] > 0.15, "twenty replies to ten questions are not twenty questions"
    assert "20 replies are samples of 10 questions" in " ".join(igaku.abstain(run).notes())


def test_penalties_that_make_no_sense_are_refused(ask: Callable[..., igaku.Run]) -> None:
    for given in ("-1", "many", "1e9", "nan"):
        with pytest.raises(IgakuError, match="--abstain"):
            with_penalties([], [given])
    with pytest.raises(IgakuError, match="does not offer"):
        ask(replies, prompt=with_penalties(["standard"], ["1"]), method="letter")
    run = ask(replies, prompt="abstain", method="letter")
    with pytest.raises(IgakuError, match="--prohibited -2"):
        igaku.abstain(run, prohibited=-2)
    with pytest.raises(IgakuError, match="--penalty"):
        igaku.abstain(run, penalty=math.nan)
