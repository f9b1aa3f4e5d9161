import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

import igaku
from igaku.benchmarks.pass_marks import known_marks
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded, grade_one
from igaku.io.paths import find_data
from igaku.question import Answer, Choices, Question, Reply, Request
from igaku.report.site.build import build_site
from igaku.runs.store import Run
from igaku.statistics.tally import CellKey
from igaku.studies.exam import ExamResult, by_difficulty, chance_text, examine

BOTH = Choices(((0, 1),))
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


def result(items: list[Graded], key: CellKey = DOCTORS) -> ExamResult:
    (one,) = examine((key, i) for i in items)
    return one


def test_all_conditions_must_hold() -> None:
    assert result(doctors(60, 208)).verdict == "pass as far as known"
    short = result(doctors(59, 208))  # 159 points
    assert (short.verdict, short.why) == ("fail", "short in: required; prohibited choices are not known")
    assert result(doctors(100, 207)).why.startswith("short in: general and clinical;")


def test_four_prohibited_choices_fail() -> None:
    items = doctors(70, 250)
    for i in range(70, 74):
        items[i] = graded(i, False, year="2018", section="required", prohibited=(1,))
    got = result(items)
    assert (got.verdict, len(got.prohibited)) == ("fail", 4)
    assert got.why == "short in: prohibited; prohibited choices are a third party's list"
    items[70] = graded(70, True, year="2018", section="required", prohibited=(1,))
    got = result(items)
    assert (got.verdict, got.parts[-1].state) == ("pass as far as known", "met")


def test_prohibited_choices_are_counted_as_questions() -> None:
    """Two prohibited choices in one question are one question, as the ministry counts."""
    items = doctors(70, 250)
    for i in range(70, 72):
        items[i] = graded(i, False, says="a, b", year="2018", section="required", prohibited=(0, 1), key=BOTH)
    got = result(items)
    assert (len(got.prohibited), got.parts[-1].got) == (4, 2)


def test_no_verdict_unless_the_whole_exam_was_asked() -> None:
    got = result(doctors(100, 299)[:-1])
    assert (got.verdict, got.parts[0].got, got.chance) == ("no verdict", 200, None)
    assert {p.state for p in got.parts} == {"not known"}
    assert got.parts[0].ci95 is not None
    items = doctors(100, 299)
    items[5] = Graded(items[5].question, None, "likelihood", grade_one(METHODS["pairs"], items[5].question, None))
    assert "cannot be asked by this method" in result(items).why


def test_what_counts_only_for_those_who_got_it_right() -> None:
    """159 of 200 fails; where a wrong question is excluded for this examinee, 80 % of 197 are enough."""
    wrong = [*doctors(59, 208)]
    assert result(wrong).verdict == "fail"
    wrong[99] = graded(99, False, year="2018", section="required", points=3.0, void="unless-right")
    got = result(wrong)
    assert (got.parts[0].of, round(got.parts[0].needed, 6), got.verdict) == (199, 159.2, "fail")
    wrong[98] = graded(98, False, year="2018", section="required", points=3.0, void="unless-right")
    got = result(wrong)
    assert (got.parts[0].of, got.verdict) == (198, "pass as far as known")
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
    total = known_marks()["pharmacists 2023"].parts[1]
    assert (total.needed, total.of) == (235, 345)
    enough = set(range(63)) | set(range(90, 262))
    assert "short in: required: s7, required: s8" in result(chemists(enough), CHEMISTS).why
    spread = {i for i in range(90) if i % 10 < 7} | set(range(90, 262))
    assert result(chemists(spread), CHEMISTS).verdict == "pass as far as known"
    assert result(chemists(spread - {261}), CHEMISTS).why.startswith("short in: total;")


def test_hardest_questions_first() -> None:
    items = [graded(i, i > 4, human_accuracy=(i + 1) / 10) for i in range(10)]
    assert by_difficulty(items, 2) == [(0.1, 0.5, 5, 0), (0.6, 1.0, 5, 5)]


def test_a_like_exam_is_passed_as_often_as_it_would_be() -> None:
    """At the mark it is about an even chance, far above it nearly sure, far below hopeless; and never quite 0 or 1."""
    at, above, below = (result(doctors(*n)) for n in ((60, 260), (90, 290), (30, 150)))
    assert at.chance is not None and 0.45 < at.chance < 0.65
    assert at.chance == pytest.approx((at.parts[0].chance or 0) * (at.parts[1].chance or 0))
    assert (chance_text(above.chance), chance_text(below.chance)) == ("> 99 %", "< 1 %")
    low, high = at.parts[0].ci95 or (0, 0)
    assert low < 160 < high


def test_questions_with_other_points_than_the_exam_give_no_verdict() -> None:
    flat = [graded(i, True, year="2018", section="required" if i < 100 else "general") for i in range(400)]
    got = result(flat)
    assert (got.verdict, got.why) == (
        "no verdict",
        "required: its questions have 100 points, the exam's 200; correct their points",
    )


OWN = """
title = "Mock exam"
questions = 40
prohibited = 1
[[part]]
name = "basics"
sections = ["basic"]
needed = 8
of = 10
[[part]]
name = "all"
needed = 25
"""


def own_run(folder: Path, exam: str = OWN, **changed: object) -> Run:
    rows = [
        {"id": f"m{i}", "stem": "どれか", "choices": ["甲", "乙", "丙"], "answer": "a", "prohibited": ["c"]}
        | {"section": "basic" if i < 10 else "rest"}
        | changed
        for i in range(40)
    ]
    (folder / "mock.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (folder / "exam.toml").write_text(exam)
    engine = Replay(lambda _: "答え：a", name="m")
    return igaku.evaluate(engine, str(folder / "mock.jsonl"), method="letter", out=folder / "run")


def test_own_questions_have_an_exam_of_their_own(tmp_path: Path) -> None:
    run = own_run(tmp_path)
    (tmp_path / "exam.toml").unlink()  # the run carries it
    (got,) = igaku.exam(run).exams
    assert (got.exam, got.verdict, got.why, got.unknown) == ("Mock exam", "pass", "", [])
    assert [(p.name, p.state) for p in got.parts] == [("basics", "met"), ("all", "met"), ("prohibited", "met")]


def test_samples_are_sittings_with_a_verdict_each_and_the_points_are_their_mean(tmp_path: Path) -> None:
    once = own_run(tmp_path)
    n = Counter[str]()

    def reply(request: Request) -> str:
        n[request.prompt] += 1
        return "答え：b" if n[request.prompt] == 2 else "答え：a"

    rows = [json.loads(line) for line in (tmp_path / "mock.jsonl").read_text().splitlines()]
    numbered = [row | {"stem": f"どれか {i}"} for i, row in enumerate(rows)]
    (tmp_path / "mock.jsonl").write_text("".join(json.dumps(r) + "\n" for r in numbered))
    engine, bench = Replay(reply, name="m"), str(tmp_path / "mock.jsonl")
    run = igaku.evaluate(engine, bench, method="letter", samples=4, temperature=1.0, out=tmp_path / "four")
    report = igaku.exam(run)
    (found,) = report.sittings
    assert (found.sittings, found.verdicts) == (4, {"pass": 3, "fail": 1})
    assert found.points["all"] == (0.0, 40.0)
    assert report.exams[0].parts[1].got == pytest.approx(30.0) and run.cells[0].n_scored == 40
    assert "pass 3, fail 1" in report.tables()[2].rows[0] and not igaku.exam(once).sittings


def test_pass_does_not_stand_alone_where_pictures_were_not_shown(tmp_path: Path) -> None:
    run = own_run(tmp_path, image=True)
    (got,) = igaku.exam(run).exams
    assert (got.verdict, got.why) == ("pass as far as known", "the pictures of 40 questions were not shown")
    assert got.hidden_pictures == 40
    build_site([run.path], tmp_path / "site")
    page = (tmp_path / "site" / "exam.html").read_text()
    assert "pass as far as known (estimate)" in page and "the pictures of 40 questions were not shown" in page
    assert "pass (estimate)" not in page


def test_own_questions_may_take_the_marks_of_a_known_exam(tmp_path: Path) -> None:
    run = own_run(tmp_path, 'title = "like the nurses"\nquestions = 40\nmarks = "nurses 2024"')
    (got,) = igaku.exam(run).exams
    assert (got.sure, got.verdict, got.parts[0].needed) == ("third party", "fail", 40)
    assert "the marks are from a third party's scorer" in got.why


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title = ", "not valid TOML"),
        ('title = "x"\nquestions = 3', "give either"),
        ('title = "x"\nquestions = 3\nmarks = "nurse 2024"', "did you mean nurses 2024"),
        ('title = "x"\nquestions = 3\nneed = 4', "unknown field 'need'"),
        ('title = "x"\n[[part]]\nname = "a"\nneeded = 1', "'questions' is missing"),
        ('title = "x"\nquestions = 3\n[[part]]\nname = "a"\nneeded = 9\nof = 3', "'needed' not above 'of'"),
    ],
)
def test_a_faulty_exam_file_is_one_line_before_anything_is_asked(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(IgakuError, match=reason):
        own_run(tmp_path, text)
    assert not (tmp_path / "run" / "replies.jsonl").exists()


def test_sources_that_differ_leave_a_condition_open() -> None:
    """Dentists: a scorer fails more than three prohibited choices, a secondary source more than two."""
    marks = known_marks()["dentists 2024"]
    items = [graded(i, True, section="required") for i in range(80)]
    items += [graded(100 + i, True, section="A") for i in range(100)]
    items += [graded(300 + i, True, section="B") for i in range(300)]
    own = [replace(marks, questions=480)]
    states = []
    for chosen in range(2, 5):
        for i in range(chosen):
            items[200 + i] = graded(400 + i, False, section="B", prohibited=(1,))
        (got,) = examine(((replace(DOCTORS, benchmark="teeth"), i) for i in items), own=[replace(own[0], year="")])
        states.append((got.parts[-1].state, got.verdict))
    assert states == [("met", "pass as far as known"), ("not known", "pass as far as known"), ("not met", "fail")]


def test_every_mark_names_its_source_and_how_sure_it_is() -> None:
    for name, marks in known_marks().items():
        assert marks.source and marks.sure in ("quoted", "third party", "rule"), name
        assert all(p.needed > 0 and (p.of is None or p.needed < p.of) for p in marks.parts), name


def test_a_third_partys_marks_agree_with_ours_where_both_have_them() -> None:
    """KokushiMD-10's physicians and pharmacists of 2020 to 2022 and 2023."""
    physicians = {"2020": (158, 217), "2021": (160, 209), "2022": (158, 214)}
    assert {y: tuple(p.needed for p in known_marks()[f"physicians {y}"].parts) for y in physicians} == physicians
    pharmacists = {"2020": 426, "2021": 430, "2022": 434, "2023": 470}
    assert {y: 2 * known_marks()[f"pharmacists {y}"].parts[1].needed for y in pharmacists} == pharmacists


@pytest.mark.data
@pytest.mark.parametrize("bench", ["igakuqa", "igakuqa119", "jmle2026"])
def test_marks_fit_the_released_points(bench: str) -> None:
    questions = igaku.load_benchmark(bench).load("ja")
    for year in {q.year for q in questions}:
        mine = [q for q in questions if q.year == year and q.void != "excluded"]
        required = sum(q.points for q in mine if q.section == "required")
        rest = sum(q.points for q in mine if q.section != "required")
        assert [p.of for p in known_marks()[f"physicians {year}"].parts] == [required, rest], year


@pytest.mark.data
def test_published_replies_to_the_120th_exam(tmp_path: Path) -> None:
    """Nobody lists its prohibited choices, and one of these two models was sent no pictures: no bare pass."""
    folder = find_data("jmle2026/results")
    assert folder is not None
    (tmp_path / "two").mkdir()
    for name in ("Qwen_Qwen3-32B.json", "openai_gpt-5.2.json"):
        shutil.copy(folder / name, tmp_path / "two" / name)
    run = igaku.import_run("jmle2026", tmp_path / "two", bench="jmle2026", out=tmp_path / "r").run
    report = igaku.exam(run)
    for r in report.exams:
        assert (r.parts[0].needed, r.parts[1].needed, r.parts[2].needed) == (160, 224, 3)
        assert r.verdict in ("fail", "pass as far as known") and "prohibited choices are not known" in r.unknown
        assert (r.hidden_pictures > 0) == any("not shown" in u for u in r.unknown)
    assert {r.hidden_pictures for r in report.exams} == {0, 98}


@pytest.mark.data
def test_gpt4_passes_four_years_and_chatgpt_and_gpt3_none(tmp_path: Path) -> None:
    replies = find_data("igakuqa")
    assert replies is not None
    run = igaku.import_run("igakuqa", replies / "baseline_results", bench="igakuqa", lang="ja", out=tmp_path / "r").run
    results = {(r.model, r.year): r for r in examine(run.grade("letter"))}
    passed = {
        m: sum(r.verdict == "pass as far as known" for (n, _), r in results.items() if n == m)
        for m in ("gpt4", "chatgpt", "gpt3")
    }
    assert passed == {"gpt4": 4, "chatgpt": 0, "gpt3": 0}
    assert 0.5 < (results["gpt4", "2018"].chance or 0) < 0.62  # 161 of the 160 needed, in the required part
    assert [len(results["gpt4", y].prohibited) for y in ("2018", "2019", "2020", "2021")] == [1, 1, 0, 0]
    assert [len(results["gpt3", y].prohibited) for y in ("2018", "2019", "2020", "2021")] == [10, 5, 5, 3]
