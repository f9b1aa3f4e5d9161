"""Facts of the real data, each a trap that a loader could fall into."""

from collections import Counter

import pytest

from igaku import benchmark_names, load_benchmark
from igaku.benchmarks.by_hand import ByHand
from igaku.benchmarks.igakuqa import prohibited
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.io.paths import find_data
from igaku.question import Choices, Number, Ordering

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def igakuqa() -> dict:
    return {lang: {q.id: q for q in load_benchmark("igakuqa").load(lang)} for lang in ("ja", "en")}


def test_igakuqa_counts(igakuqa: dict) -> None:
    for lang in ("ja", "en"):
        questions = igakuqa[lang].values()
        assert len(questions) == 2000
        assert sum(q.text_only for q in questions) == 1471
        assert Counter(len(q.choices) for q in questions) == {5: 1984, 0: 12, 6: 2, 8: 2}
        assert sum(q.points for q in questions) == 2485
        assert Counter(q.void for q in questions) == {"": 1988, "excluded": 11, "everybody": 1}
        assert sum(q.n_right > 1 for q in questions) == 298


def test_igakuqa_special_keys(igakuqa: dict) -> None:
    ja = igakuqa["ja"]
    assert ja["112B30"].key == Choices(((0,), (3,)))
    assert ja["116A71"].void == "everybody"
    assert ja["112A27"].prohibited == (2, 3, 4)
    assert ja["115E28"].prohibited == (3, 4)
    assert ja["112F66"].prohibited == (1,)
    assert ja["114C11"].choices[0] == "ａ"


def test_dirty_prohibited_lists() -> None:
    assert prohibited(["cde"], 5) == (2, 3, 4)
    assert prohibited(["ｂ"], 5) == (1,)
    assert prohibited(["d", " e"], 5) == (3, 4)
    assert prohibited([], 5) == ()


def test_igakuqa_linked_and_years(igakuqa: dict) -> None:
    groups = Counter(q.group for q in igakuqa["ja"].values() if q.group)
    assert Counter(groups.values()) == {2: 50, 3: 50}
    assert len(load_benchmark("igakuqa-2018").load()) == 400
    assert sum(q.points for q in load_benchmark("igakuqa-2022").load()) == 494


def test_igakuqa119() -> None:
    questions = {q.id: q for q in load_benchmark("igakuqa119").load()}
    assert (len(questions), sum(q.text_only for q in questions.values())) == (400, 297)
    assert sum(q.points for q in questions.values()) == 500
    assert sum(q.points for q in questions.values() if q.text_only) == 383
    assert questions["119E28"].key == Choices(((0,), (2,)))
    assert {len(q.choices) for q in questions.values()} == {5, 0}
    assert questions["119E45"].choices[0].startswith("「")
    assert sum(isinstance(q.key, Number) for q in questions.values()) == 4


def test_denqa_orderings_and_missing_keys() -> None:
    questions = load_benchmark("denqa").load()
    assert (len(questions), sum(q.text_only for q in questions)) == (720, 433)
    assert sum(isinstance(q.key, Ordering) for q in questions) == 7
    assert sum(q.void == "no-key" for q in questions) == 21


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("medqa", 1273),
        ("medqa4", 1273),
        ("medmcqa", 4183),
        ("mmlu_medical", 1089),
        ("pubmedqa", 500),
        ("jjsimqa", 460),
        ("medqa_zh", 3426),
        ("cmexam", 6811),
        ("jmmlu", 1130),
        ("jmmlu-virology", 150),
    ],
)
def test_sizes(name: str, n: int) -> None:
    assert len(load_benchmark(name).load()) == n


def test_jjsimqa_answer_with_a_comma_in_its_list() -> None:
    questions = {q.id: q for q in load_benchmark("jjsimqa").load()}
    assert questions["107_888-26"].key == Choices(((3, 4),))


@pytest.mark.parametrize(
    "name", [n for n in benchmark_names() if n not in ("jmedbench", "mini", "jmed_llm", "sogocheck")]
)
def test_gold_passes_its_own_graders(name: str) -> None:
    bench = load_benchmark(name)
    if isinstance(bench, ByHand) and not all(find_data(f) for lang in bench.languages for f in bench.files(lang)):
        pytest.skip(f"{name}: its files are the user's to fetch, and are not among the real data here")
    for lang in bench.languages:
        for found in check_golds(bench.load(lang)):
            assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


def test_a_benchmark_that_is_not_here_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path))
    with pytest.raises(IgakuError, match="igaku data get medqa"):
        load_benchmark("medqa").load()


def test_yakugakuqa_keys_and_sections() -> None:
    questions = {q.id: q for q in load_benchmark("yakugakuqa").load()}
    assert (len(questions), sum(q.text_only for q in questions.values())) == (4140, 2771)
    assert sum(q.void == "excluded" for q in questions.values()) == 18
    assert questions["101021"].key == Choices(((0,), (1,)))
    assert questions["103127"].key == Choices(((1, 3), (1, 4), (3, 4)))
    assert sum(isinstance(q.key, Choices) and len(q.key.accepted) > 1 for q in questions.values()) == 6
    assert questions["097007"].choices == ("ａ", "ｂ", "ｃ", "ｄ", "ｅ")
    assert len({q.category for q in questions.values()}) == 9
    assert Counter(q.section for q in load_benchmark("yakugakuqa-2023").load()) == {
        "required": 90,
        "theory": 105,
        "practice": 150,
    }


def test_jmed_llm_is_asked_as_its_tasks(tmp_path: object) -> None:
    from igaku import evaluate

    from ..conftest import always

    run = evaluate(always("A"), "jmed_llm", out=tmp_path / "r")  # type: ignore[operator]
    cells = {c.benchmark: c for c in run.cells}
    assert {name: c.aggregate for name, c in cells.items()} == {
        "jmed_llm-jmmlu_med": "kappa",
        "jmed_llm-crade": "linear_kappa",
        "jmed_llm-rrtnm": "kappa",
        "jmed_llm-smdis": "kappa",
        "jmed_llm-jcsts": "linear_kappa",
        "jmed_llm-mrner_disease": "f1",
        "jmed_llm-mrner_medicine": "f1",
        "jmed_llm-nrner": "f1",
    }
    assert cells["jmed_llm-crade"].metrics["linear_kappa"] == pytest.approx(0, abs=1e-9)
    assert cells["jmed_llm-nrner"].prompt == "extract_ja"
    assert cells["jmed_llm-smdis"].accuracy == 0.5
