import pytest

from igaku.grading import Graded
from igaku.question import LETTERS, Choices, Pairs, Question, Verdict
from igaku.statistics.aggregate import AGGREGATORS


def item(gold: str, read: str, n: int = 4, **parts: float) -> Graded:
    q = Question(id="1", lang="ja", stem="s", choices=tuple(LETTERS[:n]), key=Choices.letters(gold))
    outcome = "right" if gold == read else "wrong" if read else "unparsed"
    score = parts.pop("score", float(gold == read))
    return Graded(q, None, "letter", Verdict(outcome=outcome, score=score, read=(read,) if read else (), parts=parts))  # type: ignore[arg-type]


GOLD, READ = "aabbccddabcd", "abbbcddcaacd"


def test_kappa_equals_scikit_learns() -> None:
    """cohen_kappa_score(GOLD, READ) is 0.5556; with weights="linear" 0.7333 (scikit-learn)."""
    items = [item(g, r) for g, r in zip(GOLD, READ)]
    assert AGGREGATORS["kappa"](items)["kappa"] == pytest.approx(0.5556, abs=1e-4)
    assert AGGREGATORS["linear_kappa"](items)["linear_kappa"] == pytest.approx(0.7333, abs=1e-4)
    assert AGGREGATORS["kappa"](items)["accuracy"] == pytest.approx(8 / 12)


def test_what_could_not_be_read_is_farthest() -> None:
    near, far = [*map(item, "aabb", "aabb"), item("a", "b")], [*map(item, "aabb", "aabb"), item("a", "")]
    assert AGGREGATORS["linear_kappa"](far)["linear_kappa"] < AGGREGATORS["linear_kappa"](near)["linear_kappa"]


def test_agreement_without_variation_is_not_perfect() -> None:
    assert AGGREGATORS["kappa"]([item("a", "a")] * 3)["kappa"] == 0


def test_f1_is_the_mean_over_lists() -> None:
    got = AGGREGATORS["f1"]([item("a", "a", score=0.5, partial_f1=1.0), item("a", "b", score=0.0, partial_f1=0.5)])
    assert got == {"f1": 0.25, "partial_f1": 0.75}


def pair_item(**parts: float) -> Graded:
    q = Question(id="1", lang="ja", stem="s", key=Pairs((("a", "b"), ("c", "d"))))
    return Graded(q, None, "pairs", Verdict(outcome="partial" if parts else "unparsed", parts=parts))


def test_pairs_are_counted_together_and_an_unread_reply_misses_all() -> None:
    got = AGGREGATORS["pair_f1"]([pair_item(hits=2, said=4, gold=2), pair_item()])
    assert got == {"pair_f1": pytest.approx(0.5), "precision": 0.5, "recall": 0.5}
    assert AGGREGATORS["pair_f1"]([pair_item()])["pair_f1"] == 0


def test_the_published_grader_has_recall_only() -> None:
    assert AGGREGATORS["pair_f1"]([pair_item(hits=1, gold=2)]) == {"recall": 0.5}
