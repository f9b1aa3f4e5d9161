"""Published figures come out of the published algorithms exactly; the sound graders differ where they should."""

import pytest

from igaku import import_run, load_benchmark
from igaku.grading.methods import METHODS, gold_reply, grade_one
from igaku.io.paths import find_data
from igaku.question import Answer, Question, Reply
from igaku.statistics import totals

pytestmark = pytest.mark.data

PUBLISHED = {
    "gpt4": (382, 385, 387, 398),
    "chatgpt": (266, 250, 266, 297),
    "chatgpt-en": (281, 274, 263, 289),
    "gpt3": (209, 210, 208, 203),
    "student-majority": (472, 470, 471, 477),
}
SOUND = {
    "gpt4": (383, 387, 392, 398),
    "chatgpt": (270, 252, 271, 299),
    "chatgpt-en": (285, 278, 270, 294),
    "gpt3": (211, 210, 209, 204),
    "student-majority": (472, 470, 471, 477),
}
YEARS = ("2018", "2019", "2020", "2021")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = find_data("igakuqa/baseline_results")
    return import_run("igakuqa", folder, bench="igakuqa", out=tmp_path_factory.mktemp("r") / "published").run  # type: ignore[arg-type]


@pytest.mark.parametrize(("as_published", "truth"), [(True, PUBLISHED), (False, SOUND)])
def test_points_by_year(run: object, as_published: bool, truth: dict) -> None:
    rows = totals(run.results("letter", as_published=as_published))  # type: ignore[attr-defined]
    got = {c.model: tuple(int(c.years[y].points) for y in YEARS) for c in rows}
    assert got == truth
    assert {c.language for c in rows if c.model == "chatgpt-en"} == {"en"}


def test_prose_is_read_by_the_lenient_grader_only(run: object) -> None:
    rows = {(c.model, c.method): c for c in totals(run.results(["letter", "letter-lenient"]))}  # type: ignore[attr-defined]
    for model in SOUND:
        strict, lenient = rows[model, "letter"], rows[model, "letter-lenient"]
        assert lenient.points >= strict.points
        assert lenient.unparsed <= strict.unparsed


def test_igakuqa119_leaderboard_row(tmp_path: object) -> None:
    folder = find_data("igakuqa119/answers")
    imported = import_run("igakuqa119", folder, bench="igakuqa119", out=tmp_path / "r")  # type: ignore[arg-type, operator]
    (row,) = totals(imported.run.results("letter"))
    assert (imported.new, row.points, row.max_points, row.correct) == (400, 333, 500, 273)  # "a" in quotes: wrong there


def med_harness_set(lang: str) -> list[Question]:
    """The harness's own filter: text only, five choices, stems of at most 1,024 (ja) or 2,048 (en) characters."""
    longest = {"ja": 1024, "en": 2048}[lang]
    five = {q.id for q in load_benchmark("igakuqa").load("ja") if q.text_only and len(q.choices) == 5}
    return [q for q in load_benchmark("igakuqa").load(lang) if q.id in five and len(q.stem) <= longest]


@pytest.mark.parametrize(("lang", "n", "right"), [("ja", 1450, 1439), ("en", 1420, 1317)])
def test_the_published_harness_cannot_grade_its_own_gold(lang: str, n: int, right: int) -> None:
    method = METHODS["gestalt-as-published"]
    questions = med_harness_set(lang)
    assert len(questions) == n
    assert sum(method.grade(q, q, gold_reply(method, q)).right for q in questions) == right


@pytest.mark.parametrize(("lang", "percent"), [("ja", 17.0), ("en", 16.4)])
def test_the_published_harness_scores_an_empty_reply(lang: str, percent: float) -> None:
    """All ratios are 0, so the first k choices win. In English gold choices that hold commas lose what they would get
    by position (17.0 there too, were the gold not split at commas)."""
    questions = med_harness_set(lang)
    method = METHODS["gestalt-as-published"]
    empty = Reply(key="", model="", bench="", lang=lang, id="", answer=Answer(text=""))
    right = sum(method.grade(q, q, empty).right for q in questions)
    assert round(100 * right / len(questions), 1) == percent
    assert all(grade_one(METHODS["gestalt"], q, empty).outcome in ("unparsed", "void") for q in questions)
