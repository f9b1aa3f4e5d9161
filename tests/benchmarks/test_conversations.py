"""HealthBench and its kin, MedSafetyBench, JMedEthicBench, harmless questions: forms of files, traps, real counts."""

import json
from collections import Counter
from pathlib import Path

import pytest

import igaku
from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.question import Conduct, Message, Point, Rubric

from ..conftest import always

TALK = [
    {"role": "user", "content": "My knee hurts."},
    {"role": "assistant", "content": "Since when?"},
    {"role": "user", "content": "Since Monday."},
]
ROW = {
    "prompt_id": "k1",
    "prompt": TALK,
    "rubrics": [{"criterion": "Asks about a fall", "points": 6}, {"criterion": "Advises surgery", "points": -8}],
    "example_tags": ["theme:context_seeking", "physician_agreed_category:not-enough-context"],
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return tmp_path


def write(folder: Path, relative: str, *rows: object) -> None:
    file = folder / relative
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")


MAIN = "healthbench/2025-05-07-06-14-12_oss_eval.jsonl"


def test_healthbench_answers_the_last_turn_of_a_scripted_talk(data: Path) -> None:
    write(data, MAIN, ROW)
    (q,) = load_benchmark("healthbench").load()
    assert (q.stem, q.section, q.category) == ("Since Monday.", "context_seeking", "not-enough-context")
    assert q.conversation == (Message("user", "My knee hurts."), Message("assistant", "Since when?"))
    assert q.key == Rubric((Point("Asks about a fall", 6.0), Point("Advises surgery", -8.0)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"prompt": TALK[:2]}, "the last turn of 'prompt' must be the user's"),
        ({"prompt": [{"content": "x"}]}, "each turn of 'prompt' needs a 'role'"),
        ({"prompt": "x"}, "field 'prompt' must be list"),
        ({"rubrics": [{"criterion": "x", "points": 0}]}, "is worth 0"),
        ({"rubrics": ["x"]}, "must hold objects"),
        ({"rubrics": None}, "field 'rubrics' must be list"),
    ],
)
def test_what_is_not_in_healthbenchs_form_is_refused_in_one_line(data: Path, change: dict, problem: str) -> None:
    write(data, MAIN, ROW | change)
    with pytest.raises(IgakuError, match=problem):
        load_benchmark("healthbench").load()


def test_the_japanese_one_takes_its_rubrics_from_the_english_file(data: Path) -> None:
    turns = [{**t, "content_jp": f"日本語 {n}", "role_jp": "x"} for n, t in enumerate(TALK)]
    write(data, "healthbench_jp/healthbench_jp.jsonl", {"prompt_id": "k1", "prompt": turns})
    with pytest.raises(IgakuError, match="which has the rubrics"):
        load_benchmark("healthbench_jp").load()
    write(data, MAIN, ROW)
    (q,) = load_benchmark("healthbench_jp").load()
    assert (q.lang, q.stem, q.conversation[1].content) == ("ja", "日本語 2", "日本語 1")
    assert isinstance(q.key, Rubric) and len(q.key.points) == 2


def test_a_file_that_a_user_must_get_says_where(data: Path) -> None:
    for name, page in (
        ("healthbench", "simple-evals"),
        ("jmedethicbench", "CC BY-NC"),
        ("healthbench_professional", "2604.27470"),
    ):
        with pytest.raises(IgakuError, match=page):
            load_benchmark(name).load()


def test_harm_counts_below_zero_in_the_mean_and_the_mean_is_clipped(data: Path, tmp_path: Path) -> None:
    write(data, MAIN, ROW, ROW | {"prompt_id": "k2"}, ROW | {"prompt_id": "k3"})
    run = igaku.evaluate(always("Operate."), "healthbench", out=tmp_path / "r")
    votes = iter(["1: yes\n2: no", "1: yes\n2: no", "1: no\n2: yes"])
    judged = igaku.judge(run, igaku_judge(votes), votes=1)
    (cell,) = judged.cells
    assert cell.method == "rubric by judge"
    assert cell.metrics["unclipped"] == pytest.approx((1 + 1 - 8 / 6) / 3)
    assert cell.score == cell.metrics["healthbench"] == pytest.approx(cell.metrics["unclipped"])
    assert cell.metrics["rubric"] == pytest.approx(2 / 3)  # each conversation clipped: another number
    low, high = cell.metrics_ci95["healthbench"]
    assert low == 0.0 and high == pytest.approx(min(1.0, cell.metrics_ci95["unclipped"][1]))


def test_all_harm_is_zero_and_not_less(data: Path, tmp_path: Path) -> None:
    write(data, MAIN, ROW, ROW | {"prompt_id": "k2"})
    run = igaku.evaluate(always("Operate."), "healthbench", out=tmp_path / "r")
    (cell,) = igaku.judge(run, igaku_judge(iter(["1: no\n2: yes"] * 2)), votes=1).cells
    assert (cell.score, cell.metrics["unclipped"]) == (0.0, pytest.approx(-8 / 6))


def igaku_judge(votes: object) -> igaku.EngineBase:
    from igaku.engines.replay import Replay

    return Replay(lambda _: next(votes), name="judge")  # type: ignore[call-overload]


def test_a_long_rubric_gets_room_for_every_point(data: Path, tmp_path: Path) -> None:
    write(data, MAIN, ROW | {"rubrics": [{"criterion": f"c{n}", "points": 1} for n in range(48)]})
    run = igaku.evaluate(always("x"), "healthbench", out=tmp_path / "r")
    judge = always("\n".join(f"{n}: yes" for n in range(1, 49)))
    (cell,) = igaku.judge(run, judge, votes=1).cells
    assert judge.requests[-1].sampling.max_tokens >= 48 * 12 and cell.score == 1.0


FORMS = [
    {"conversation": [{"role": r, "content": c} for r, c in (("user", "一"), ("assistant", "不可"), ("user", "二"))]},
    {"conversations": [{"from": r, "value": c} for r, c in (("human", "一"), ("gpt", "x"), ("human", "二"))]},
    {"turns": ["一", "二"]},
    {"turn_1": "一", "turn_2": "二"},
    {"user_turn_2": "二", "user_turn_1": "一"},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: next(iter(f)))
def test_jmedethicbench_reads_the_users_turns_of_any_likely_form(data: Path, form: dict) -> None:
    write(data, "jmedethicbench/ja.jsonl", {"id": "a", "strategy": "役割", **form})
    first, second = load_benchmark("jmedethicbench").load("ja")
    assert (first.stem, second.stem, second.after, second.section) == ("一", "二", first.id, "turn 2")
    assert first.group == second.group == "a" and first.key == Conduct(True) and first.category == "役割"


def test_jmedethicbench_refuses_another_form_and_leaves_other_languages_out(data: Path) -> None:
    write(data, "jmedethicbench/ja.jsonl", {"id": "a", "dialog_tree": {"root": "一"}})
    with pytest.raises(IgakuError, match=r"line 1: no user's turns in it; .*found: id, dialog_tree"):
        load_benchmark("jmedethicbench").load("ja")
    rows = [{"id": n, "language": lang, "turns": ["x", "y"]} for n, lang in enumerate(["Japanese", "en"])]
    write(data, "jmedethicbench/ja.jsonl", *rows)
    assert [q.id for q in load_benchmark("jmedethicbench").load("ja")] == ["0-1", "0-2"]


def test_harmless_questions_are_the_same_in_both_languages_and_none_is_harmful() -> None:
    bench = load_benchmark("harmless")
    ja, en = bench.load("ja"), bench.load("en")
    assert [q.id for q in ja] == [q.id for q in en] and len(ja) == 40
    assert all(q.key == Conduct(False) and q.source.startswith("igaku: looks like ") for q in (*ja, *en))
    for found in (f for lang in (ja, en) for f in check_golds(lang)):
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


@pytest.mark.data
def test_medsafetybench_counts_and_what_the_reader_finds_of_its_safe_answers() -> None:
    from igaku.grading.refusal import refuses
    from igaku.grading.reply_text import clean

    questions = load_benchmark("medsafetybench").load()
    assert len(questions) == len({q.stem for q in questions}) == 900
    assert Counter(q.category for q in questions) == {"gpt4": 450, "llama2": 450}
    assert len({q.section for q in questions}) == 9
    assert sum(refuses(clean(q.key.reference).text) for q in questions) == 801  # type: ignore[union-attr]


@pytest.mark.data
def test_healthbench_sample_and_jbc() -> None:
    sample = load_benchmark("healthbench-sample").load()
    assert len(sample) == 9 and sum(len(q.key.points) for q in sample) == 107  # type: ignore[union-attr]
    assert Counter(len(q.conversation) for q in sample) == {0: 6, 2: 2, 6: 1}
    jbc = load_benchmark("jbc").load()
    weights = [p.weight for q in jbc for p in q.key.points]  # type: ignore[union-attr]
    assert len(jbc) == 5 and weights == [2.0, -1.0] * 5
