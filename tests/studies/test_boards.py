"""Who stands on a board, on which questions, and what is refused."""

import json
import re
from collections.abc import Collection
from pathlib import Path

import pytest
from msgspec import UNSET

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Request
from igaku.runs.store import Run
from igaku.statistics.paired import Outcomes
from igaku.studies.boards import same_questions
from igaku.studies.leaderboard import leaderboard
from igaku.studies.truncation import Truncated


def exam(file: Path, numbers: Collection[int], image: Collection[int] = ()) -> Path:
    rows = [
        {
            "id": f"{i}",
            "stem": f"標本{i:03}はどれか。",
            "choices": ["甲", "乙"],
            "answer": "ab"[i % 2],
            "image": i in image,
        }
        for i in numbers
    ]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return file


def respondent(name: str, wrong: Collection[int]) -> Replay:
    def say(request: Request) -> str:
        i = int(re.findall(r"標本(\d{3})", request.prompt)[-1])
        return f"答え: {'ab'[(i + (i in wrong)) % 2]}"

    return Replay(say, name=name)


def run(path: Path, name: str, file: Path, wrong: Collection[int], **more: object) -> Run:
    return igaku.evaluate(respondent(name, wrong), str(file), out=path / name, **{"method": "letter"} | more)


def test_one_who_answered_the_easy_half_only_is_not_ranked_above_the_others(tmp_path: Path) -> None:
    full = exam(tmp_path / "exam.jsonl", range(100))
    runs = [run(tmp_path, n, full, range(60, 60 + k)) for n, k in (("ash", 20), ("birch", 21), ("cedar", 22))]
    easy = exam(tmp_path / "exam.jsonl", range(40))
    runs.append(run(tmp_path, "picky", easy, ()))
    report = leaderboard(runs)
    *ranked, last = report.standings
    assert [(s.model, s.n) for s in ranked] == [("ash", 100), ("birch", 100), ("cedar", 100)]
    assert all(s.ranks == (1, 3) for s in ranked)
    assert (last.model, last.ranks, last.rank, last.n, last.lacking) == ("picky", None, "–", 40, 60)
    assert any("picky" in n and "not ranked" in n and "lacks 60" in n for n in report.notes())


def test_where_each_lacks_a_little_all_are_compared_on_the_questions_in_common(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(50))
    one = run(tmp_path, "ash", file, range(5))
    two = run(tmp_path, "birch", exam(tmp_path / "exam.jsonl", range(2, 50)), range(2, 5))
    report = leaderboard([one, two])
    assert [(s.n, s.accuracy) for s in report.standings] == [(48, 45 / 48), (48, 45 / 48)]
    assert any("ash" in n and "2 further questions are not counted" in n for n in report.notes())


def test_the_group_with_most_verdicts_is_ranked() -> None:
    full, half = {f"{i}": 1.0 for i in range(10)}, {f"{i}": 1.0 for i in range(5)}
    other = {f"x{i}": 1.0 for i in range(10)}
    names, questions = same_questions([Outcomes("a", full), Outcomes("b", half)])
    assert names == {"a", "b"} and questions == set(half)
    names, questions = same_questions([Outcomes("a", full), Outcomes("c", other), Outcomes("b", full)])
    assert names == {"a", "b"} and questions == set(full)
    assert same_questions([Outcomes("a", full), Outcomes("c", other)])[0] == {"a"}


def test_no_model_is_ranked_against_itself_by_another_grader(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(30))
    methods = ["letter", "exact", "gestalt"]
    runs = [run(tmp_path, n, file, range(k), method=methods) for n, k in (("ash", 2), ("birch", 25))]
    plain = leaderboard(runs)
    assert [(s.respondent, s.method, s.ranks) for s in plain.standings] == [
        ("ash", "letter", (1, 1)),
        ("birch", "letter", (2, 2)),
    ]
    assert plain.pairs == 1
    several = leaderboard(runs, method=["letter", "exact"])
    assert [b.method for b in several.boards] == ["letter", "exact"]
    assert all(len({s.model for s in several.standings if s.method == m}) == 2 for m in ("letter", "exact"))
    assert max(s.ranks[1] for s in several.standings if s.ranks) == 2


def test_a_model_asked_in_two_ways_is_one_row_and_its_ways_are_not_ranked_against_each_other(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(30))
    one = run(tmp_path, "ash", file, range(3), prompt=["standard", "closing"])
    assert [(s.respondent, s.ways) for s in leaderboard([one]).standings] == [("ash", 2)]
    ways = leaderboard([one], by="way")
    assert [s.respondent for s in ways.standings] == ["ash standard_ja", "ash closing_ja"]
    assert ways.pairs == 0 and all(s.ranks == (1, 2) for s in ways.standings)


def test_questions_that_need_an_image_count_for_nobody_in_boards_and_compare(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(30), image=range(10))
    runs = [run(tmp_path, "ash", file, ()), run(tmp_path, "birch", file, range(10))]
    assert [s.n for s in leaderboard(runs).standings] == [20, 20]
    (pair,) = igaku.compare(runs).comparisons
    assert (pair.n, pair.difference) == (20, 0)


def test_the_correction_is_over_every_board_that_is_shown(tmp_path: Path) -> None:
    runs = [
        run(tmp_path / bench, name, exam(tmp_path / f"{bench}.jsonl", range(20)), range(k))
        for bench in ("east", "west")
        for name, k in (("ash", 0), ("birch", 5))
    ]
    both, one = leaderboard(runs), leaderboard(runs[:2])
    assert (both.pairs, one.pairs) == (2, 1)
    ps = [c.p_adjusted for c in igaku.compare(runs).comparisons]
    assert ps == pytest.approx([2 * igaku.compare(runs[:2]).comparisons[0].p] * 2)
    assert "all 2 pairs of these boards" in "\n".join(both.notes())


def cut(name: str, wrong: Collection[int], truncated: Collection[int]) -> Replay:
    """As ``respondent``, but these replies end at a limit before an answer."""
    plain = respondent(name, wrong)

    def say(request: Request) -> Answer | str:
        i = int(re.findall(r"標本(\d{3})", request.prompt)[-1])
        if i in truncated:
            return Answer(text="まず所見から順に考えると", finish="length", prompt_tokens=9, new_tokens=9)
        return dict(plain.answer([request]))[0]

    return Replay(say, name=name)


def asked(path: Path, engine: Replay, file: Path, **more: object) -> Run:
    return igaku.evaluate(engine, str(file), out=path / engine.identity.model, **{"method": "letter"} | more)


def test_a_model_with_more_than_5_percent_truncated_stands_below_the_ranked_with_both_numbers(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(100))
    runs = [
        asked(tmp_path, cut("cut", (), range(6)), file),
        asked(tmp_path, cut("just", range(50, 60), range(5)), file),
        asked(tmp_path, respondent("weak", range(80)), file),
    ]
    report = leaderboard(runs)
    assert [s.model for s in report.standings] == ["just", "weak", "cut"]
    just, weak, below = report.standings
    assert (just.ranks, weak.ranks, below.ranks, below.rank) == ((1, 1), (2, 2), None, "–")
    assert just.truncated is UNSET and just.accuracy == 0.85
    found = below.truncated
    assert isinstance(found, Truncated)
    assert (below.accuracy, found.accuracy, found.rest, found.count, found.n) == (0.94, 0.94, 1.0, 6, 100)
    assert (below.n, below.lacking, below.ahead_of) == (100, 0, [])
    assert report.pairs == 1, "it is in no pair, and takes nothing from the correction"
    text = str(report)
    assert "cut (exam ja) is not ranked: 6 of its 100 replies are truncated (more than 5%)" in text
    assert "without them" in text and "100.0 %" in text


def test_the_share_that_is_let_pass_can_be_set(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(40))
    runs = [asked(tmp_path, cut("cut", (), range(6)), file), asked(tmp_path, respondent("ash", range(9)), file)]
    assert [s.ranks is None for s in leaderboard(runs, max_truncated=0.15).standings] == [False, False]
    assert [s.ranks is None for s in leaderboard(runs, max_truncated=0.14).standings] == [False, True]
    with pytest.raises(IgakuError, match="--max-truncated 2: a share"):
        leaderboard(runs, max_truncated=2)


def test_where_all_are_truncated_none_is_ranked_and_all_are_shown(tmp_path: Path) -> None:
    file = exam(tmp_path / "exam.jsonl", range(20))
    runs = [asked(tmp_path, cut("one", (), range(10)), file), asked(tmp_path, cut("two", (), range(20)), file)]
    report = leaderboard(runs)
    assert [(s.model, s.ranks, s.accuracy, s.n) for s in report.standings] == [
        ("one", None, 0.5, 20),
        ("two", None, 0.0, 20),
    ]
    assert [s.truncated.rest for s in report.standings if s.truncated] == [1.0, None]


def test_of_several_samples_each_truncated_one_counts(tmp_path: Path) -> None:
    """Of four samples one is cut everywhere: of no question the commonest reply, and of all replies a quarter."""
    file = exam(tmp_path / "exam.jsonl", range(20))
    seen: dict[str, int] = {}

    def say(request: Request) -> Answer | str:
        seen[request.prompt] = k = seen.get(request.prompt, -1) + 1
        letter = "ab"[int(re.findall(r"標本(\d{3})", request.prompt)[-1]) % 2]
        return f"答え: {letter}" if k else Answer(text="考えると", finish="length", prompt_tokens=9, new_tokens=9)

    (standing,) = leaderboard(asked(tmp_path, Replay(say, name="m"), file, samples=4, temperature=0.7)).standings
    found = standing.truncated
    assert isinstance(found, Truncated)
    assert (found.share, found.accuracy, found.rest) == (0.25, 0.75, 1.0)
