import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from igaku.benchmarks import load_benchmark
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Choices, Question, Request
from igaku.studies.contamination import contamination
from igaku.studies.contamination_items import other_numbers, runs_of_five

pytest.importorskip("numpy")


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


def rows(folder: Path, name: str, n: int = 24) -> Path:
    """Own questions of distinct texts with numbers, and nothing that links them."""
    rng = random.Random(name)
    file = folder / f"{name}.jsonl"
    letters = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめも"
    stems = []
    for _ in range(n):
        words = "".join(rng.choice(letters) for _ in range(70))
        stems.append(f"{rng.randrange(21, 89)}歳。脈拍{rng.randrange(51, 99)}、{words}。{rng.randrange(31, 97)}日。")
    questions = [
        {"id": f"{name}{i}", "stem": s, "choices": ["甲", "乙", "丙"], "answer": "a"} for i, s in enumerate(stems)
    ]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in questions), encoding="utf-8")
    return file


def reader(name: str, known: list[str], better: float = 0.0) -> Replay:
    """A model that finds stems with some noise, real numbers a little likelier, and what it knows by heart likelier."""
    follows = {(a[:30], b[:30]) for a, b in pairwise(known)}

    def script(request: Request) -> Answer:
        if request.kind == "text":
            rest = next((s[len(request.prompt) :] for s in known if s.startswith(request.prompt)), "")
            return Answer(text=rest or "わからない")
        if request.kind == "letters":
            return Answer(logprobs=(-1.0,) * len(request.continuations), tokens=(1,) * len(request.continuations))
        stems = request.prompt.split("\n\n")
        value = -2.0 + random.Random(name + request.prompt).gauss(0, 0.2)
        value += 0.5 * sum((a[:30], b[:30]) in follows for a, b in pairwise(stems))
        value += 0.6 * (len(stems) == 1 and stems[0] in known) + better
        return Answer(logprobs=(value,) * 8, means=(-2.0,) * 8, deviations=(1.0,) * 8)

    return Replay(script, name=name)


def test_a_model_that_knows_the_exam_by_heart_leaves_traces_and_another_does_not(tmp_path: Path) -> None:
    exam, control = rows(tmp_path, "exam", 60), rows(tmp_path, "later")
    known = [q.stem for q in load_benchmark(str(exam)).load("ja")]
    clean = reader("clean", [])
    given = {"limit": 40, "reference": clean, "control": str(control)}
    by_heart = contamination(reader("by heart", known), str(exam), out=tmp_path / "a", **given)
    another = contamination(reader("another", []), str(exam), out=tmp_path / "b", **given)
    seen, unseen = {r.probe: r for r in by_heart.probes}, {r.probe: r for r in another.probes}
    for name in ("order, log-likelihood", "numbers, log-likelihood", "numbers, Min-20 %", "numbers, Min-20 %++"):
        assert seen[name].p is not None
        assert unseen[name].p is not None
        assert seen[name].p < 0.01 < unseen[name].p, name
    assert (seen["order, log-likelihood"].units, seen["order, log-likelihood"].expected) == (12, 0.5)
    assert seen["completion"].value > 0.9 > unseen["completion"].value
    assert seen["completion"].reference == 0.0
    assert seen["numbers, Min-20 %"].control is not None


def test_without_a_control_real_numbers_are_no_test(tmp_path: Path) -> None:
    exam = rows(tmp_path, "exam")
    first = reader("one", [])
    report = contamination(first, str(exam), out=tmp_path / "a", reference=reader("two", []))
    assert all(r.p is None for r in report.probes if r.probe.startswith("numbers"))
    assert "only with --control" in str(report)
    assert "no probe says that a model has seen the exam" in str(report)
    again = reader("one", [])
    contamination(again, str(exam), out=tmp_path / "a")
    assert again.requests == []  # everything was in the journal


def test_a_control_that_shares_questions_is_refused(tmp_path: Path) -> None:
    exam = str(rows(tmp_path, "exam"))
    with pytest.raises(IgakuError, match="holds 24 questions of the benchmark"):
        contamination(reader("m", []), exam, out=tmp_path / "a", control=exam)


def in_a_run(lang: str, *stems: str) -> bool:
    """Whether these neighbours stay in the order probe, with others that share nothing up to a run of five."""
    others = ["発熱", "bone", "骨折", "pain"][: 5 - len(stems)]
    every = [Question(id=s, lang=lang, stem=s, key=Choices(accepted=((0,),))) for s in (*others, *stems)]
    return len(runs_of_five(every)) == 1


@pytest.mark.parametrize(
    "stem", ["この患者で次に行うのはどれか。", "次の文を読み、問いに答えよ。", "The same drug is given. Why?"]
)
def test_questions_that_refer_back_have_a_direction_and_are_left_out(stem: str) -> None:
    assert not in_a_run("ja", stem)
    assert in_a_run("ja", "発疹の原因はどれか。")


def test_a_vignette_that_is_repeated_is_left_out_and_a_stock_phrase_is_not() -> None:
    ja = "長い病歴のあとに検査所見が続き二つの設問がある。"
    assert not in_a_run("ja", ja + "診断はどれか。", ja + "治療はどれか。")
    stock = "A 63-year-old man comes to the clinic with "
    assert in_a_run("en", stock + "a rash. What is it?", stock + "joint pain. Which drug helps?")
    en = stock + "a rash that began last week on both of his legs. "
    assert not in_a_run("en", en + "What is it?", en + "Which drug helps?")


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
