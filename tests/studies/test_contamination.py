import json
import random
from pathlib import Path

import pytest

import igaku
from igaku.benchmarks import load_benchmark
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Request
from igaku.statistics.exchangeability import against, exchangeable, min_k, min_k_plus, verbatim
from igaku.studies.contamination import contamination, other_numbers

np = pytest.importorskip("numpy")


def test_false_positives_stay_at_the_nominal_rate() -> None:
    """400 benchmarks of 30 units that nobody has seen: at most 5 % found at p <= 0.05, within simulation error."""
    rng = np.random.default_rng(0)
    ps = [
        exchangeable(rng.normal(0, rng.uniform(0.1, 9, (30, 1)), (30, 10)).tolist(), seed=k, draws=999).p
        for k in range(400)
    ]
    assert sum(p <= 0.05 for p in ps) / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5
    assert sum(p <= 0.5 for p in ps) / 400 == pytest.approx(0.5, abs=0.08)


def test_what_was_seen_is_found() -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(0, 1, (30, 10))
    seen[:, 0] += 1.0
    found = exchangeable(seen.tolist())
    assert found.p < 0.001
    assert found.first > 0.2
    flat = exchangeable([[1.0, 1.0, 1.0]] * 5)
    assert (flat.p, flat.first) == (1.0, 0.0)
    with pytest.raises(ValueError, match="at least one other"):
        exchangeable([[1.0]])


def test_against_a_reference() -> None:
    rng = np.random.default_rng(2)
    both_prefer = rng.normal(0, 1, (60, 10))
    both_prefer[:, 0] += 0.8
    others = both_prefer + rng.normal(0, 0.3, (60, 10))
    assert against(both_prefer.tolist(), others.tolist()).p > 0.05
    more = others.copy()
    more[:, 0] += 1.5
    assert against(more.tolist(), others.tolist()).p < 0.001


def test_min_k() -> None:
    answer = Answer(logprobs=(-1.0, -9.0, -2.0, -3.0, -1.0), means=(-2.0,) * 5, deviations=(1.0, 7.0, 1.0, 1.0, 1.0))
    assert min_k(answer, 0.4) == pytest.approx(-6.0)
    assert min_k_plus(answer, 0.4) == pytest.approx(-1.0)


def test_copies_keep_roundness_and_everything_else() -> None:
    stem = "63歳の男性。血圧 120/80mmHg、脈拍 70/分。体温 36.8℃。2つ選べ。Na 140mEq/L。"
    copies = other_numbers(stem, 9, "x")
    assert len(set(copies)) == 9
    assert stem not in copies
    for copy in copies:
        assert "120/80mmHg" in copy  # a number beside a slash or a point is left as it is
        assert "36.8℃" in copy
        sodium = int(copy.split("Na ")[1][:3])
        assert sodium % 10 == 0
        assert sodium % 50 != 0 or sodium == 140
    assert other_numbers("数のない設問。", 9, "x") == []
    assert other_numbers(stem, 9, "x") == copies


def test_verbatim() -> None:
    assert verbatim("の男性 が来院した", "の男性が来た") == 5
    assert verbatim("", "x") == 0


def test_a_model_that_knows_the_exam_by_heart_is_caught_and_another_is_not(tmp_path: Path) -> None:
    known = {q.stem for q in igaku.load_benchmark("mini").load("ja")}

    def model(by_heart: bool) -> Replay:
        def script(request: Request) -> Answer:
            if request.kind == "text":
                rest = next((s[len(request.prompt) :] for s in known if s.startswith(request.prompt)), "")
                return Answer(text=rest if by_heart else "わからない")
            if request.kind == "letters":
                return Answer(logprobs=(-1.0,) * len(request.continuations), tokens=(1,) * len(request.continuations))
            noise = random.Random(request.prompt).gauss(0, 0.2)
            familiar = by_heart and request.prompt.split("\n\n")[0] in known
            value = -2.0 + 0.5 * familiar + noise
            return Answer(logprobs=(value,) * 8, means=(-2.0,) * 8, deviations=(1.0,) * 8)

        return Replay(script, name="by-heart" if by_heart else "clean")

    clean, again = model(False), model(False)
    caught = {
        r.probe: r for r in contamination(model(True), "mini", out=tmp_path / "a", limit=40, reference=clean).probes
    }
    same = {r.probe: r for r in contamination(again, "mini", out=tmp_path / "b", limit=40, reference=clean).probes}
    for name in ("numbers, log-likelihood", "numbers, Min-20 %", "numbers, Min-20 %++"):
        assert caught[name].p is not None
        assert same[name].p is not None
        assert caught[name].p < 0.01 < same[name].p, name
    assert caught["completion"].value > 0.9 > same["completion"].value
    assert (caught["completion"].reference, same["order, log-likelihood"].reference) == (
        0.0,
        same["order, log-likelihood"].value,
    )
    engine = model(True)
    alone = {r.probe: r for r in contamination(engine, "mini", out=tmp_path / "a", limit=40).probes}
    assert engine.requests == []  # everything was in the journal
    assert (
        alone["numbers, Min-20 %"].p is None
    )  # real numbers are likelier to any good model: no null without a reference


def test_numbers_that_are_none_and_failures_are_asked_again(tmp_path: Path) -> None:
    first = Replay(lambda r: Answer(logprobs=(float("-inf"),) * 5) if r.kind != "text" else "x", name="m")
    contamination(first, "mini", out=tmp_path / "r", limit=10)
    second = Replay(lambda r: Answer(logprobs=(-1.0,) * 5, means=(0.0,) * 5, deviations=(1.0,) * 5), name="m")
    contamination(second, "mini", out=tmp_path / "r", limit=10)
    assert len(second.requests) == sum(r.kind != "text" for r in first.requests) > 0


def test_stems_that_are_alike_make_no_endless_loop(tmp_path: Path) -> None:
    rows = [
        {"id": f"{i}", "stem": "正しいのはどれか。", "choices": ["甲", "乙", "丙"], "answer": "a"} for i in range(10)
    ]
    own = tmp_path / "own.jsonl"
    own.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    found = {
        r.probe: r
        for r in contamination(
            Replay(lambda r: Answer(logprobs=(-1.0,) * 3), name="m"), str(own), out=tmp_path / "r"
        ).probes
    }
    assert found["order"].units == 0


def test_an_engine_that_cannot_look_at_tokens_says_so(tmp_path: Path) -> None:
    engine = Replay(lambda _: "")
    engine.supported = frozenset(("text", "letters"))
    with pytest.raises(IgakuError, match="use --engine transformers"):
        contamination(engine, "mini", out=tmp_path / "r")


def test_a_benchmark_object_and_a_built_reference_are_taken(tmp_path: Path) -> None:
    engine = Replay(
        lambda r: Answer(logprobs=(-1.0,) * max(3, len(r.continuations)), tokens=(1,) * 5, text="x"), name="m"
    )
    report = contamination(engine, load_benchmark("mini"), out=tmp_path / "r", limit=10, reference=engine)
    assert report.probes
