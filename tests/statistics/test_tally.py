from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.question import Choices, Number, Question, Verdict
from igaku.statistics import baselines, cells, totals, wilson
from igaku.statistics.baselines import chance
from igaku.statistics.interval import clustered
from igaku.statistics.tally import COUNTED, CellKey

KEY = CellKey("m", "b", "ja", "p", 0, "original", "letter")
Q = Question(
    id="1",
    lang="ja",
    stem="s",
    choices=tuple("甲乙丙丁戊"),
    key=Choices.letters("b"),
    points=3.0,
    year="2018",
    section="required",
)
OUTCOMES = ["right", "wrong", *COUNTED]


def graded(outcome: str, **more: object) -> tuple[CellKey, Graded]:
    q = replace(Q, **more)
    score = float(outcome == "right" or q.void == "everybody")
    return KEY, Graded(q, None, "letter", Verdict(outcome=outcome, score=score))  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=60))
def test_everything_asked_is_counted_and_only_void_not_applicable_and_unrated_leave_it(outcomes: list[str]) -> None:
    (cell,) = cells([graded(o) for o in outcomes])
    counts = Counter(outcomes)
    assert cell.n_asked == len(outcomes)
    assert cell.n_scored == len(outcomes) - counts["void"] - counts["not_applicable"] - counts["unrated"]
    assert cell.correct == counts["right"]
    assert cell.accuracy == (counts["right"] / cell.n_scored if cell.n_scored else None)
    assert all(getattr(cell, name) == counts[name] for name in COUNTED)
    assert cell.points == 3 * counts["right"]
    assert cell.max_points == 3 * cell.n_scored


def test_text_only_and_image_questions_are_cells_of_their_own_and_totals_put_them_together() -> None:
    rows = cells([graded("right"), graded("wrong", text_only=False), graded("void", void="everybody", points=1.0)])
    assert [(c.text_only, c.n_asked, c.points, c.max_points) for c in rows] == [(True, 2, 4, 4), (False, 1, 0, 3)]
    (both,) = totals(rows)
    assert (both.text_only, both.n_asked, both.n_scored, both.points, both.max_points, both.void) == (
        None,
        3,
        2,
        4,
        7,
        1,
    )
    assert both.years["2018"].n_asked == 3
    assert both.sections["required"].points == 4


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (0, 0, 0, 1)]
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    """Values of statsmodels' proportion_confint(k, n, method="wilson")."""
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-4)


def test_chance() -> None:
    assert chance(Q) == 1 / 5
    assert chance(replace(Q, key=Choices.letters("a", "d"))) == 2 / 5
    assert chance(replace(Q, stem="2つ選べ。", key=Choices.letters("ac"))) == 1 / 10
    assert chance(replace(Q, key=Choices.letters("ac"))) == 1 / 31
    assert chance(replace(Q, choices=(), key=Number(("1",)))) == 0


def test_baseline_rows() -> None:
    questions = [
        replace(Q, id="1", human_accuracy=0.8, human_choice=(1,)),
        replace(Q, id="2", key=Choices.letters("a"), human_choice=(1,)),
        replace(Q, id="3", void="excluded"),
    ]
    rows = {b.name: (b.n, b.accuracy) for b in baselines("b", "ja", questions)}
    assert rows == {"chance": (2, 0.2), "first choice": (2, 0.5), "human mean": (1, 0.8), "human majority": (2, 0.5)}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_the_interval_takes_linked_questions_together_also_in_totals(rows: list[tuple[bool, int, bool]]) -> None:
    items = [
        graded("right" if right else "wrong", id=f"{i}", group=f"g{g}" if g else "", text_only=text_only)
        for i, (right, g, text_only) in enumerate(rows)
    ]
    (both,) = totals(cells(items))
    assert both.ci95 == pytest.approx(
        clustered([float(r) for r, _, _ in rows], [f"g{g}" if g else f"{i}" for i, (_, g, _) in enumerate(rows)])
    )
    assert "linked" not in both.as_data() and both.as_data()["ci95"] == both.ci95


def test_a_question_of_statements_counts_once() -> None:
    def statement(q: str, letter: str, outcome: str) -> tuple[CellKey, Graded]:
        key, item = graded(outcome, id=f"{q}#{letter}3", group=q, points=1.0)
        return replace(key, aggregate="statements", question_format="statements"), item

    items = [statement("1", x, "right") for x in "abc"]
    items += [statement("2", "a", "right"), statement("2", "b", "unparsed"), statement("2", "c", "wrong")]
    items += [statement("3", "a", "right"), statement("3", "b", "right")]  # one is not answered yet
    (cell,) = cells(items)
    assert (cell.n_asked, cell.n_scored, cell.correct, cell.accuracy, cell.unparsed) == (2, 2, 1, 0.5, 1)
    assert (cell.points, cell.max_points, cell.chance) == (3.0, 6.0, 1 / 8)
    assert cell.ci95 == pytest.approx(clustered([1.0, 0.0], ["1", "2"]))
