import json
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Question, Request, Text
from igaku.statistics.sensitivity import FairScore, fair_score
from igaku.statistics.variance import Rendering, variance_components
from igaku.studies.fair import fair, sample, summarise

np = pytest.importorskip("numpy")


def simulated(
    question: float, template: float, order: float, rest: float, seed: int
) -> dict[Rendering, dict[str, float]]:
    """Scores on a continuous scale with known variances, so that the estimates can be compared with them."""
    rng = np.random.default_rng(seed)
    q, t, o = rng.normal(0, question, 300), rng.normal(0, template, 6), rng.normal(0, order, 6)
    return {
        Rendering(f"t{i}", f"o{j}"): {f"q{k}": float(q[k] + t[i] + o[j] + rng.normal(0, rest)) for k in range(300)}
        for i in range(6)
        for j in range(6)
    }


def test_components_are_recovered() -> None:
    found = {"question": 0.0, "template": 0.0, "order": 0.0, "rest": 0.0}
    for seed in range(40):
        table = simulated(1.0, 0.5, 0.3, 0.8, seed)
        for c in variance_components(table, [f"q{k}" for k in range(300)]):
            if c.source in found:
                found[c.source] += c.variance / 40
    assert found["question"] == pytest.approx(1.0, rel=0.1)
    assert found["template"] == pytest.approx(0.25, rel=0.3)
    assert found["order"] == pytest.approx(0.09, rel=0.4)
    assert found["rest"] == pytest.approx(0.64, rel=0.05)


def test_an_incomplete_design_is_cut_to_a_complete_one() -> None:
    table = simulated(1.0, 0.5, 0.3, 0.8, 1)
    del table[Rendering("t0", "o0")]
    names = {c.source for c in variance_components(table, [f"q{k}" for k in range(300)])}
    assert names == {
        "question",
        "template",
        "order",
        "question x template",
        "question x order",
        "template x order",
        "rest",
    }
    assert variance_components({Rendering("a", "x"): {"q": 1.0}, Rendering("b", "y"): {"q": 0.0}}, ["q"]) == []


def test_an_interaction_of_two_factors_is_not_taken_for_either() -> None:
    found: dict[str, float] = {}
    for seed in range(30):
        rng = np.random.default_rng(seed)
        both = rng.normal(0, 0.5, (4, 4))
        table = {
            Rendering(f"t{i}", f"o{j}"): {f"q{k}": float(both[i, j] + rng.normal(0, 0.5)) for k in range(100)}
            for i in range(4)
            for j in range(4)
        }
        for c in variance_components(table, [f"q{k}" for k in range(100)]):
            found[c.source] = found.get(c.source, 0) + c.variance / 30
    assert found["template x order"] == pytest.approx(0.25, rel=0.2)
    assert found["template"] < 0.06


def test_fair_score_of_a_model_that_always_says_a() -> None:
    """Five rotations: right exactly once for every question, whatever the key."""
    orders = ["original", *(f"rotate-{k}" for k in range(1, 5))]
    table = {Rendering("t", o): {f"q{i}": float(i % 5 == k) for i in range(50)} for k, o in enumerate(orders)}
    read = {Rendering("t", o): {f"q{i}": ("abcde"[k],) for i in range(50)} for k, o in enumerate(orders)}
    golds = {f"q{i}": {("abcde"[i % 5],)} for i in range(50)}
    f = fair_score(table, {}, read, golds, model="m", benchmark="b", method="letter")
    assert (f.score, f.deviation, f.consistency, f.vote) == (pytest.approx(0.2), 0.0, 0.0, pytest.approx(0.2))
    assert f.ci95_prompts is None  # one template says nothing about others


def test_a_sample_is_drawn_evenly_and_within_the_budget() -> None:
    qs = [
        Question(id=f"{i}", lang="ja", stem="s", key=Text(("x",)), section="a" if i < 80 else "b") for i in range(100)
    ]
    ids = sample(qs, "20 questions")
    assert len(ids) == 20
    assert sum(int(i) < 80 for i in ids) == 16
    assert ids == sample(qs, "20") == sorted(ids, key=int)
    assert len(sample(qs, "10k tokens", tokens_per_question=500)) == 20
    assert len(sample(qs, "all")) == 100
    for bad in ("many", "", "1", "-3 questions"):
        with pytest.raises(IgakuError, match="budget"):
            sample(qs, bad)


def test_fair_from_end_to_end(tmp_path: Path) -> None:
    """A model that leans to the first place and prefers the standard template in Japanese."""
    golds = {q.stem: q for lang in ("ja", "en") for q in igaku.load_benchmark("mini").load(lang)}

    def leaning(request: Request) -> Answer:
        q = next(q for stem, q in golds.items() if stem in request.prompt)
        key = q.choices[q.key.accepted[0][0]]
        lines = [line for line in request.prompt.split("\n") if line.strip()]
        shown = [
            next(c for c in q.choices if line.endswith(c)) for line in lines if any(line.endswith(c) for c in q.choices)
        ][-len(q.choices) :]
        values = [-3.0 + (c == key) * (1.5 if q.lang == "ja" else 0.4) + (i == 0) * 1.0 for i, c in enumerate(shown)]
        return Answer(logprobs=tuple(values), tokens=(1,) * len(values))

    (report,) = fair(Replay(leaning), "mini", out=tmp_path / "r", budget="30 questions").fair
    assert report.fair.renderings == 40
    assert report.fair.means["language"]["ja"] > report.fair.means["language"]["en"]
    assert report.gap is not None
    assert report.gap.difference > 0.2
    assert report.position_bias is not None
    assert report.position_bias.chosen[0] > report.position_bias.chosen[1]
    assert report.pride
    assert all(p.after >= p.before for _, p in report.pride)
    assert summarise([tmp_path / "r"]).fair[0].fair.score == report.fair.score


def test_position_bias_is_of_the_commonest_number_of_choices(tmp_path: Path) -> None:
    """An engine that always says A, and two odd questions with more choices than all others."""
    rows = [
        {"id": f"q{i}", "lang": "ja", "stem": f"どれか{i}。", "choices": list("甲乙丙丁"), "answer": "abcd"[i % 4]}
        for i in range(20)
    ]
    rows += [
        {"id": f"z{i}", "lang": "ja", "stem": f"どれか、その{i}。", "choices": list("甲乙丙丁戊己"), "answer": "b"}
        for i in range(2)
    ]
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    report = fair(
        Replay(lambda _: "a"),
        str(own),
        out=tmp_path / "r",
        method="letter",
        budget="all",
        prompt=["standard", "closing"],
        order="original",
    )
    bias = report.fair[0].position_bias
    assert bias is not None
    assert bias.rstd == pytest.approx(3**0.5 / 4)  # right where A is, and nowhere else
    assert (sum(bias.keys), bias.left_out) == (40, 4)
    assert "40 answers to questions with 4 choices, of 44" in str(report)


def test_complete_rotations_add_no_uncertainty_and_a_part_of_them_does() -> None:
    orders = ["original", *(f"rotate-{k}" for k in range(1, 5))]
    table = {
        Rendering(t, o): {f"q{i}": float((i + (t == "u") * (i % 3)) % 5 == k) for i in range(50)}
        for t in "tu"
        for k, o in enumerate(orders)
    }

    def score(asked: int, choices: int) -> FairScore:
        some = {r: s for r, s in table.items() if r.order in orders[:asked]}
        return fair_score(some, {}, {r: {} for r in some}, {}, choices, model="m", benchmark="b", method="letter")

    assert score(5, 5).complete_orders
    assert not score(4, 5).complete_orders
    assert not score(5, 0).complete_orders
    for f in (score(5, 5), score(4, 5), score(5, 0)):
        assert f.ci95_prompts is not None
        assert f.ci95_prompts[0] <= f.ci95[0] < f.ci95[1] <= f.ci95_prompts[1]


def test_the_spread_of_renderings_stands_beside_what_chance_gives() -> None:
    """Forty renderings that are all the same spread by 22 points on 55 questions (mean of forty normal ranges)."""
    rng = np.random.default_rng(0)
    table = {Rendering(f"t{k}"): {f"q{i}": float(x) for i, x in enumerate(rng.random(55) < 0.18)} for k in range(40)}
    f = fair_score(table, {}, {r: {} for r in table}, {}, model="m", benchmark="b", method="letter")
    assert f.spread_by_chance == pytest.approx(4.32 * (0.18 * 0.82 / 55) ** 0.5, rel=0.1)
    assert f.spread_p > 0.01
    table[Rendering("bad")] = dict.fromkeys(table[Rendering("t0")], 0.0) | {"q0": 1.0}
    table[Rendering("good")] = dict.fromkeys(table[Rendering("t0")], 1.0)
    f = fair_score(table, {}, {r: {} for r in table}, {}, model="m", benchmark="b", method="letter")
    assert f.spread_p < 0.001


def test_what_is_missing_and_what_it_holds_for_is_said(tmp_path: Path) -> None:
    run = igaku.evaluate(
        Replay(lambda _: "b"),
        "mini",
        limit=6,
        out=tmp_path / "a",
        prompt=["standard", "closing"],
        order=["original", "rotate-1"],
    )
    shown = str(summarise(run))
    for words in (
        "these prompts, other questions",
        "other prompts, these questions",
        "other prompts, other questions",
        "Not all rotations",
        "cannot be separated",
        "not of the score's uncertainty",
        "by chance",
    ):
        assert words in shown
    other = igaku.evaluate(
        Replay(lambda _: "b"), "mini", lang="ja", limit=6, out=tmp_path / "b", prompt="bracketed", order="original"
    )
    assert "Renderings are missing: template bracketed" in str(summarise(run, other))


def test_one_rendering_is_no_fair_score(tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: "b"), "mini", lang="ja", limit=5, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="no two renderings"):
        summarise([tmp_path / "r"])


def test_odd_benchmarks_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="no choice questions"):
        fair(Replay(lambda _: "x"), "clinical_open", out=tmp_path / "r")
    own = tmp_path / "own.jsonl"
    rows = [
        {"id": f"{lang}{i}", "lang": lang, "stem": f"どれか{i}。", "choices": ["甲", "乙", "丙"], "answer": "a"}
        for lang in ("ja", "en")
        for i in range(4)
    ]
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    with pytest.raises(IgakuError, match="no question in common"):
        fair(Replay(lambda _: "x"), str(own), out=tmp_path / "r")
    one = [r | {"group": "g"} for r in rows if r["lang"] == "ja"]
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in one), encoding="utf-8")
    (report,) = fair(Replay(lambda _: "a"), str(own), out=tmp_path / "s", method="letter", budget="all").fair
    assert report.fair.ci95 == (0.0, 1.0)  # all four are linked: one unit says nothing


def test_the_same_rendering_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        igaku.evaluate(
            Replay(lambda _: "b"), "mini", lang="ja", limit=5, out=tmp_path / name, order=["original", "rotate-1"]
        )
    with pytest.raises(IgakuError, match="in two of these runs"):
        summarise([tmp_path / "a", tmp_path / "b"])
