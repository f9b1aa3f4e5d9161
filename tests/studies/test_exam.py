from pathlib import Path

import pytest

import igaku
from igaku.grading import METHODS, Graded, grade_one
from igaku.io.paths import find_data
from igaku.question import Answer, Choices, Question, Reply
from igaku.statistics.tally import CellKey
from igaku.studies.exam import PHARMACISTS, PHYSICIANS, by_difficulty, examine

DOCTORS = CellKey("m", "igakuqa", "ja", "p", 0, "original", "letter")
CHEMISTS = CellKey("m", "yakugakuqa", "ja", "p", 0, "original", "letter")


def graded(i: int, right: bool, says: str = "", **more: object) -> Graded:
    q = Question(**{"id": f"q{i}", "lang": "ja", "stem": "s", "choices": ("甲", "乙"), "key": Choices(((0,),)), **more})  # type: ignore[arg-type]
    reply = Reply(key="", model="m", bench="", lang="ja", id=q.id, answer=Answer(text=says or ("a" if right else "b")))
    return Graded(q, reply, "letter", grade_one(METHODS["letter"], q, reply))


def doctors(required: int, rest: int, **first: object) -> list[Graded]:
    """An exam of 2018's size: 50 required questions of 3 points and 50 of 1, 299 others and one excluded."""
    out = [graded(i, i < required, year="2018", section="required", points=3.0 if i < 50 else 1.0) for i in range(100)]
    out += [graded(100 + i, i < rest, year="2018", section="general") for i in range(299)]
    out.append(graded(399, False, year="2018", section="general", void="excluded", points=0.0))
    if first:
        out[0] = graded(0, required > 0, **{"year": "2018", "section": "required", "points": 3.0, **first})
    return out


def result(items: list[Graded], place: CellKey = DOCTORS) -> object:
    (one,) = examine((place, i) for i in items)
    return one


def test_all_conditions_must_hold() -> None:
    assert result(doctors(60, 208)).verdict == "pass"  # type: ignore[attr-defined]
    short = result(doctors(59, 208))  # 159 points
    assert (short.verdict, short.why) == ("fail", "short in: required")  # type: ignore[attr-defined]
    assert result(doctors(100, 207)).why == "short in: general and clinical"  # type: ignore[attr-defined]


def test_four_prohibited_choices_fail() -> None:
    items = doctors(70, 250)
    for i in range(70, 74):
        items[i] = graded(i, False, year="2018", section="required", prohibited=(1,))
    got = result(items)
    assert (got.verdict, got.why, len(got.prohibited)) == ("fail", "short in: prohibited", 4)  # type: ignore[attr-defined]
    items[70] = graded(70, True, year="2018", section="required", prohibited=(1,))
    assert result(items).verdict == "pass"  # type: ignore[attr-defined]


def test_no_verdict_unless_the_whole_exam_was_asked() -> None:
    got = result(doctors(100, 299)[:-1])
    assert (got.verdict, got.parts[0].got) == ("no verdict", 200)  # type: ignore[attr-defined]
    items = doctors(100, 299)
    items[5] = Graded(items[5].question, None, "likelihood", grade_one(METHODS["pairs"], items[5].question, None))
    assert "cannot be asked by this method" in result(items).why  # type: ignore[attr-defined]


def test_what_counts_only_for_those_who_got_it_right() -> None:
    """159 of 200 fails; where a wrong question is excluded for this examinee, 80 % of 197 are enough."""
    wrong = [*doctors(59, 208)]
    assert result(wrong).verdict == "fail"  # type: ignore[attr-defined]
    wrong[99] = graded(99, False, year="2018", section="required", points=3.0, void="unless-right")
    got = result(wrong)
    assert (got.parts[0].of, round(got.parts[0].needed, 6), got.verdict) == (199, 159.2, "fail")  # type: ignore[attr-defined]
    wrong[98] = graded(98, False, year="2018", section="required", points=3.0, void="unless-right")
    got = result(wrong)
    assert (got.parts[0].of, got.verdict) == (198, "pass")  # type: ignore[attr-defined]
    right = graded(99, True, year="2018", section="required", points=3.0, void="unless-right")
    assert (right.verdict.outcome, right.verdict.score) == ("right", 1.0)


def chemists(right: set[int]) -> list[Graded]:
    return [
        graded(
            i,
            i in right,
            year="2023",
            section="required" if i < 90 else "theory",
            category=f"s{i // 10}" if i < 90 else "",
        )
        for i in range(345)
    ]


def test_pharmacists_need_the_total_the_required_part_and_every_subject() -> None:
    assert PHARMACISTS["2023"].total == (235, 345)
    enough = set(range(63)) | set(range(90, 262))
    assert "short in: required: s7, required: s8" in result(chemists(enough), CHEMISTS).why  # type: ignore[attr-defined]
    spread = {i for i in range(90) if i % 10 < 7} | set(range(90, 262))
    assert result(chemists(spread), CHEMISTS).verdict == "pass"  # type: ignore[attr-defined]
    assert result(chemists(spread - {261}), CHEMISTS).why == "short in: total"  # type: ignore[attr-defined]


def test_hardest_questions_first() -> None:
    items = [graded(i, i > 4, human_accuracy=(i + 1) / 10) for i in range(10)]
    assert by_difficulty(items, 2) == [(0.1, 0.5, 5, 0), (0.6, 1.0, 5, 5)]


@pytest.mark.data
def test_marks_fit_the_released_points() -> None:
    for bench, marks in (("igakuqa", PHYSICIANS), ("igakuqa119", PHYSICIANS)):
        for year in {q.year for q in igaku.load_benchmark(bench).load("ja")}:
            mine = [q for q in igaku.load_benchmark(bench).load("ja") if q.year == year and q.void != "excluded"]
            required = sum(q.points for q in mine if q.section == "required")
            rest = sum(q.points for q in mine if q.section != "required")
            assert (marks[year].required[1], marks[year].rest[1]) == (required, rest), year  # type: ignore[index]


@pytest.mark.data
def test_gpt4_passes_four_years_and_chatgpt_and_gpt3_none(tmp_path: Path) -> None:
    replies = find_data("igakuqa")
    assert replies is not None
    run = igaku.import_run("igakuqa", replies / "baseline_results", bench="igakuqa", lang="ja", out=tmp_path / "r").run
    results = {(r.model, r.year): r for r in examine(run.grade("letter"))}
    passed = {
        m: sum(r.verdict == "pass" for (n, _), r in results.items() if n == m) for m in ("gpt4", "chatgpt", "gpt3")
    }
    assert passed == {"gpt4": 4, "chatgpt": 0, "gpt3": 0}
    assert [len(results["gpt4", y].prohibited) for y in ("2018", "2019", "2020", "2021")] == [1, 1, 0, 0]
    assert [len(results["gpt3", y].prohibited) for y in ("2018", "2019", "2020", "2021")] == [10, 5, 5, 3]
