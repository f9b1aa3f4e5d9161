from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.statistics.items import classical, curves, estimate, fit, from_people
from igaku.statistics.items import short_form as choose
from igaku.statistics.rank_correlation import rank_agreement, switches
from igaku.studies.short_form import short_form

np = pytest.importorskip("numpy")
pytest.importorskip("mirt")


def respondents(n: int, items: int, seed: int, guess: float = 0.15) -> tuple[list[dict[str, float]], object]:
    """Simulated from another model than the one fitted: with guessing, and a second trait on a third of questions."""
    rng = np.random.default_rng(seed)
    one, two = rng.normal(0, 1, (n, 1)), rng.normal(0, 1, (n, 1))
    b, a = rng.normal(-0.5, 1.2, items), np.exp(rng.normal(0.2, 0.4, items))
    mixed = np.where(np.arange(items) % 3 == 0, 0.6 * one + 0.8 * two, one)
    p = guess + (1 - guess) / (1 + np.exp(-a * (mixed - b)))
    right = rng.random((n, items)) < p
    return [{f"q{i}": float(row[i]) for i in range(items)} for row in right], b


def test_difficulty_is_recovered_from_respondents_of_another_model() -> None:
    answers, b = respondents(120, 150, 1)
    bank = fit(answers, [f"q{i}" for i in range(150)])
    assert bank.source == "2PL, 120 respondents"
    assert np.corrcoef(bank.difficulty, b)[0, 1] > 0.85


def test_few_respondents_get_difficulty_only_and_extremes_are_bounded() -> None:
    answers, _ = respondents(12, 60, 2)
    for r in answers:
        r["q0"], r["q1"] = 1.0, 0.0
    bank = fit(answers, [f"q{i}" for i in range(60)])
    assert bank.source.startswith("1PL")
    assert len({round(a, 6) for a in bank.discrimination}) == 1
    assert (bank.difficulty[0], bank.difficulty[1]) == (-4.0, 4.0)
    with pytest.raises(ValueError, match="too few"):
        fit(answers[:2], ["q0"])


def test_a_short_form_tells_the_full_score_of_respondents_not_used_for_the_fit() -> None:
    answers, _ = respondents(160, 400, 3)
    ids = [f"q{i}" for i in range(400)]
    bank = fit(answers[:100], ids)
    form = choose(bank, 60, {i: int(i[1:]) % 4 for i in ids})
    assert len(set(form)) == 60
    assert all(sum(int(i[1:]) % 4 == g for i in form) == 15 for g in range(4))
    full = [np.mean([r[i] for i in ids]) for r in answers[100:]]
    said = [estimate(bank, {i: r[i] for i in form}) for r in answers[100:]]
    errors = [e.score - f for e, f in zip(said, full)]
    assert np.sqrt(np.mean(np.square(errors))) < 0.05
    covered = np.mean([abs(d) < 2 * e.error for d, e in zip(errors, said)])
    assert covered > 0.85


def test_all_answers_give_the_full_score_itself() -> None:
    answers, _ = respondents(30, 40, 4)
    bank = fit(answers, [f"q{i}" for i in range(40)])
    said = estimate(bank, answers[0])
    assert said.score == pytest.approx(sum(answers[0].values()) / 40)
    assert said.error == pytest.approx(0, abs=1e-6)


def test_people_give_difficulty() -> None:
    bank = from_people({"easy": 0.9, "hard": 0.2, "sure": 1.0})
    assert bank.difficulty[0] < 0 < bank.difficulty[1]
    assert curves(bank, [0.0])[0] == pytest.approx([0.9, 0.2, 0.995])


def test_point_biserial() -> None:
    answers = [{"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 0.0, "b": 0.0, "c": 1.0}]
    a, b, c = classical(answers, ["a", "b", "c"])
    assert a.point_biserial is not None
    assert a.point_biserial > 0.4
    assert c.point_biserial is not None
    assert c.point_biserial < 0
    assert b.share_right == pytest.approx(2 / 3)


def test_short_form_of_a_benchmark_from_runs(tmp_path: Path) -> None:
    for name, letters in (("one", "a"), ("two", "b"), ("three", "c"), ("four", "d"), ("five", "e")):
        igaku.evaluate(Replay(lambda _, x=letters: x, name=name), "mini", lang="ja", out=tmp_path / name)
    runs = [tmp_path / n for n in ("one", "two", "three", "four", "five")]
    short = short_form("mini", runs, limit=30, lang="ja")
    assert (len(short.ids), len(short.tried)) == (30, 5)
    assert short.rmse is not None
    again = igaku.evaluate(Replay(lambda _: "a", name="x"), "mini", lang="ja", only=short.ids, out=tmp_path / "x")
    assert again.cells[0].n_asked == 30
    with pytest.raises(IgakuError, match="at least three"):
        short_form("mini", runs[:2], limit=30, lang="ja")
    alike = []
    for name in ("x1", "x2", "x3", "x4"):
        igaku.evaluate(Replay(lambda _: "a", name=name), "mini", lang="ja", out=tmp_path / name)
        alike.append(tmp_path / name)
    with pytest.raises(IgakuError, match="the same score on every question"):
        short_form("mini", alike, limit=30, lang="ja")
    with pytest.raises(IgakuError, match="has no human accuracy"):
        short_form("mini", runs, limit=30, lang="ja", by="people")


def test_ranks_of_models() -> None:
    scores = {"exam": {f"m{i}": i / 10 for i in range(9)}, "text": {f"m{i}": i / 10 + (i % 2) * 0.01 for i in range(9)}}
    (row,) = rank_agreement(scores)
    assert (row.tau, row.remark) == (pytest.approx(1.0), "")
    few = rank_agreement({"exam": {"a": 0.1, "b": 0.2, "c": 0.3}, "text": {"a": 0.3, "b": 0.2, "c": 0.1}})[0]
    assert (few.tau, few.ci95) == (pytest.approx(-1.0), None)
    assert few.remark == "little: 3 models, 3 pairs"
    assert rank_agreement({"exam": {"a": 0.1}, "text": {"a": 0.3}})[0].tau is None


def test_when_the_grader_changes_the_ranking() -> None:
    (s,) = switches({"letter": {"a": 0.5, "b": 0.4, "c": 0.1}, "gestalt": {"a": 0.4, "b": 0.5, "c": 0.1}})
    assert (s.a, s.b, s.grader, s.other_grader) == ("a", "b", "letter", "gestalt")
