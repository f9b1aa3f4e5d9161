import json
from pathlib import Path
from statistics import median

import pytest

import igaku
from igaku.engines.cost import Price
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.question import Answer, Request
from igaku.studies.usage import usage
from igaku.studies.usage_efforts import effort_table
from igaku.studies.usage_replies import size, within
from igaku.studies.usage_report import UsageReport
from igaku.studies.usage_rows import UsageRow
from igaku.tables import to_text

N = 20


def exam(folder: Path) -> str:
    """Twenty questions; the right answer to number i is abc[i % 3]."""
    rows = [
        {"id": f"q{i:02}", "stem": f"検体{i:02}の所見はどれか。", "choices": ["赤", "青", "黄"], "answer": "abc"[i % 3]}
        for i in range(N)
    ]
    file = folder / "own.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


def number(request: Request) -> int:
    return int(request.prompt.rsplit("検体", 1)[1][:2])


def thinker(name: str, per: int, *, counted: bool = True, cut: int = 0, wrong: int = 0) -> Replay:
    """Thinks (i + 1) * per tokens over question i and answers in 10; the last ``cut`` questions end in their thoughts,
    and the first ``wrong`` are wrong."""

    def answer(request: Request) -> Answer:
        i = number(request)
        thinking, ended = "考" * (per * (i + 1)), i < N - cut
        letter = "abc"[(i + (i < wrong)) % 3]
        return Answer(
            finish="stop" if ended else "length",
            text=f"答え: {letter}" if ended else "",
            thinking=thinking,
            prompt_tokens=100 if counted else 0,
            new_tokens=(len(thinking) + 10 * ended) if counted else 0,
            thinking_tokens=len(thinking) if counted else None,
        )

    return Replay(answer, name=name)


@pytest.fixture
def bench(tmp_path: Path) -> str:
    return exam(tmp_path)


def run(tmp_path: Path, bench: str, *engines: Replay) -> list[Path]:
    for engine in engines:
        igaku.evaluate(engine, bench, out=tmp_path / engine.identity.model)
    return [tmp_path / engine.identity.model for engine in engines]


def row(report: UsageReport, model: str) -> UsageRow:
    return next(r for r in report.rows if r.model == model)


def test_tokens_are_those_that_were_counted(tmp_path: Path, bench: str) -> None:
    one = row(usage(*run(tmp_path, bench, thinker("deep", 10))), "deep")
    assert (one.unit, one.split, one.n, one.accuracy) == ("tokens", "counted", N, 1.0)
    assert one.thinking is not None and one.answer is not None and one.prompt is not None
    assert one.thinking.median == median(10 * (i + 1) for i in range(N))
    assert one.thinking.p95 == pytest.approx(190.5)
    assert (one.answer.median, one.answer.p95, one.prompt.median) == (10, 10, 100)


def test_without_counts_it_is_characters_and_the_report_says_so(tmp_path: Path, bench: str) -> None:
    report = usage(*run(tmp_path, bench, thinker("deep", 10, counted=False)), prices={"deep": Price(1, 2)})
    one = row(report, "deep")
    assert (one.unit, one.cost) == ("characters", None)
    assert one.answer is not None and one.answer.median == len("答え: a")
    assert "characters: tokens of these replies are not known" in to_text(report)
    assert "no cost (no price, or tokens not known): deep" in to_text(report)


def test_a_whole_that_was_counted_is_split_as_its_characters_are() -> None:
    answer = Answer(thinking="考" * 30, text="答" * 10, new_tokens=80)
    assert size(answer, "tokens") == (60, 20, "by characters")
    assert size(Answer(text="答え: a", new_tokens=5, thinking_tokens=4), "tokens") == (4, 1, "counted")


def test_a_budget_cuts_the_thinking_first_and_then_the_answer() -> None:
    answer = Answer(thinking="考" * 30, text="0123456789", new_tokens=40, thinking_tokens=30)
    assert within(answer, 40, "tokens") is answer
    assert (within(answer, 35, "tokens").text, within(answer, 35, "tokens").finish) == ("01234", "length")
    assert within(answer, 12, "tokens").text == ""
    failed = Answer(finish="error", error="gone")
    assert within(failed, 1, "tokens") is failed


def test_the_curve_is_the_accuracy_of_the_replies_that_fit(tmp_path: Path, bench: str) -> None:
    report = usage(*run(tmp_path, bench, thinker("deep", 10, wrong=4)), budgets=[20, 60, 110, 500])
    (curve,) = report.curves
    fits = [sum(10 * (i + 1) + 10 <= b for i in range(4, N)) / N for b in curve.budgets]
    assert curve.accuracy == pytest.approx(fits)
    assert curve.accuracy[-1] == curve.whole == row(report, "deep").accuracy


def test_an_answer_that_came_before_the_cut_is_still_read(tmp_path: Path, bench: str) -> None:
    def early(request: Request) -> Answer:
        text = f"答え: {'abc'[number(request) % 3]}\n" + "解説。" * 100
        return Answer(text=text, prompt_tokens=9, new_tokens=len(text))

    (curve,) = usage(*run(tmp_path, bench, Replay(early, name="early")), budgets=[3, 50]).curves
    assert curve.accuracy == [0.0, 1.0]


def test_a_model_with_too_many_truncated_replies_is_not_to_be_ranked(tmp_path: Path, bench: str) -> None:
    report = usage(*run(tmp_path, bench, thinker("cut", 10, cut=4, wrong=2), thinker("once", 10, cut=1)))
    (found,) = report.without
    assert (found.respondent, found.truncated, found.accuracy) == ("cut", 4, pytest.approx(14 / 20))
    assert (found.rest, found.most) == (pytest.approx(14 / 16), pytest.approx(18 / 20))
    assert "not to be ranked: more than 5.0 % of replies truncated" in to_text(report)
    assert usage(tmp_path / "cut", max_truncated=0.2).without == []


def test_a_price_makes_money_of_tokens(tmp_path: Path, bench: str) -> None:
    runs = run(tmp_path, bench, thinker("deep", 10), thinker("free", 1))
    (tmp_path / "prices.toml").write_text('["deep"]\ninput = 2.0\noutput = 8.0\n')
    report = usage(*runs, prices=tmp_path / "prices.toml")
    cost, written = row(report, "deep").cost, sum(10 * (i + 1) + 10 for i in range(N))
    assert cost is not None and (cost.input, cost.output) == (100 * N, written)
    assert cost.total == pytest.approx((100 * N * 2 + written * 8) / 1e6)
    assert row(report, "free").cost is None and "no cost (no price, or tokens not known): free" in to_text(report)


def test_a_model_that_scores_less_for_more_is_off_the_front(tmp_path: Path, bench: str) -> None:
    runs = run(tmp_path, bench, thinker("quick", 1), thinker("slow", 10, wrong=5), thinker("cheap", 0, wrong=9))
    beaten = {f.row.model: f.beaten_by for f in usage(*runs).fronts}
    assert beaten == {"quick": "", "slow": "quick", "cheap": ""}


def test_models_in_other_units_or_on_other_questions_are_not_held_against_each_other(
    tmp_path: Path, bench: str
) -> None:
    runs = run(tmp_path, bench, thinker("quick", 1), thinker("long", 10, counted=False, wrong=5))
    igaku.evaluate(thinker("half", 10, wrong=5), bench, out=tmp_path / "half", limit=10)
    assert [f.beaten_by for f in usage(*runs, tmp_path / "half").fronts] == ["", "", ""]


def test_loops_are_counted_in_thinking_and_answer(tmp_path: Path, bench: str) -> None:
    def loops(request: Request) -> Answer:
        i = number(request)
        return Answer(text="答え: a" if i else "もう一度確認する。" * 40, thinking="待って、" * 90 if i == 3 else "")

    report = usage(*run(tmp_path, bench, Replay(loops, name="loops")))
    assert report.rows[0].loops == 2
    assert f"loops (1 of {N})" in to_text(report)


def test_failures_are_no_replies_of_length_nothing(tmp_path: Path, bench: str) -> None:
    def fails(request: Request) -> Answer:
        i = number(request)
        return Answer(finish="error", error="gone") if i < 5 else Answer(text="答え: a", prompt_tokens=7, new_tokens=4)

    one = usage(*run(tmp_path, bench, Replay(fails, name="fails"))).rows[0]
    assert (one.unit, one.failed) == ("tokens", 5)
    assert one.answer is not None and one.answer.median == 4


def test_sessions_stand_beside_with_what_the_run_itself_counted(tmp_path: Path, bench: str) -> None:
    (folder,) = run(tmp_path, bench, thinker("deep", 1))
    with (folder / "sessions.jsonl").open("a") as file:
        file.write(
            '{"asked": 2, "seconds": 3.5, "requests": 9, "cost": 0.25}\nnot a session\n[1]\n{"asked": Infinity}\n'
        )
    (found,) = usage(folder).sittings
    assert (found.sessions, found.replies, found.requests, found.cost) == (2, N + 2, 9, 0.25)
    assert found.seconds >= 3.5


@pytest.mark.parametrize(("given", "message"), [({"max_truncated": 1.5}, "0 to 1"), ({"budgets": [0]}, "1 or more")])
def test_what_makes_no_sense_is_one_line(given: dict[str, list[int]], message: str, tmp_path: Path, bench: str) -> None:
    with pytest.raises(IgakuError, match=message):
        usage(*run(tmp_path, bench, thinker("deep", 1)), **given)


@pytest.mark.parametrize("text", ['["m"]\ninput = -1\noutput = 1', '["m"]\ninput = nan\noutput = 1', "[m]\ninput = 1"])
def test_a_price_that_is_none_is_one_line(text: str, tmp_path: Path, bench: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(IgakuError, match=r"prices\.toml"):
        usage(*run(tmp_path, bench, thinker("deep", 1)), prices=tmp_path / "prices.toml")


@pytest.mark.data
def test_published_replies_have_the_lengths_that_their_files_have(tmp_path: Path) -> None:
    source = find_data("jmle2026/results/openai_gpt-oss-120b_medium.json")
    assert source
    igaku.import_run("jmle2026", source, bench="jmle2026", out=tmp_path / "run")
    (one,) = usage(tmp_path / "run").rows
    counted = {q.id for q in igaku.load_benchmark("jmle2026").load() if q.text_only and not q.void}
    rows = [r for r in json.loads(source.read_text())["results"] if r["question_id"] in counted]
    assert one.n == len(rows) and one.unit == "characters"
    assert one.thinking is not None and one.thinking.median == median(len(r["reasoning"]) for r in rows)


def test_the_picture_numbers_the_models_and_names_them(tmp_path: Path, bench: str) -> None:
    pytest.importorskip("altair")
    report = usage(*run(tmp_path, bench, thinker("quick", 1), thinker("slow", 10, wrong=5)))
    from igaku.report.usage import draw

    for file, title in zip(sorted(draw(report, tmp_path / "u.svg")), ("tokens written", "出力トークン数"), strict=True):
        text = file.read_text(encoding="utf-8")
        assert all(word in text for word in ("1 quick", "2 slow", title))
    with pytest.raises(IgakuError, match=r"ends in \.svg"):
        draw(report, tmp_path / "u.png")


def test_lengths_stand_by_effort_and_by_whether_the_reply_is_right(tmp_path: Path, bench: str) -> None:
    """The first five questions have the shortest thoughts and are wrong: 11 to 15 tokens; right: 16 to 30."""
    names = {"ash (high)": 4, "ash (low)": 1, "birch": 2}
    runs = [
        igaku.evaluate(thinker(name, per, wrong=5), bench, lang="ja", method="letter", out=tmp_path / f"{per}")
        for name, per in names.items()
    ]
    report = usage(runs)
    table = effort_table(report.rows)
    assert [row[:2] for row in table.rows] == [["ash (low)", "low"], ["ash (high)", "high"]]
    low = dict(zip(table.columns, table.rows[0]))
    assert (low["written, right"], low["written, wrong"]) == (round(median(range(16, 31))), 13)
    assert low["accuracy"] == 0.75 and low["written, all"] == round(median(range(11, 31)))
    assert "lengths by effort" in str(report) and "by effort: all: median" in " ".join(report.notes())


def test_without_an_effort_there_is_no_such_table(tmp_path: Path, bench: str) -> None:
    report = usage(igaku.evaluate(thinker("birch", 2), bench, lang="ja", method="letter", out=tmp_path / "r"))
    assert not effort_table(report.rows).rows and "by effort" not in str(report)
