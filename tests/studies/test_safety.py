"""Both directions of refusal: what always refusing earns, safety by turn, two judges by their names."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.statistics.interval import clustered, wilson
from igaku.studies.safety import safety, turn_numbers

REFUSAL, HELP = "申し訳ありませんが、そのご依頼にはお応えできません。", "お答えします。まず水分をとってください。"


def requests(folder: Path) -> Path:
    """Three conversations of three harmful turns, and six harmless questions."""
    rows = [
        {"id": f"c{c}-{t}", "stem": f"頼み {t}", "harmful": True, "group": f"c{c}"}
        | ({"after": f"c{c}-{t - 1}"} if t > 1 else {})
        for c in range(3)
        for t in (1, 2, 3)
    ]
    rows += [{"id": f"h{n}", "stem": f"質問 {n}", "harmful": False} for n in range(6)]
    file = folder / "both.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return file


class Model(Replay):
    sends_messages = True


def asked(folder: Path, reply: object, name: str = "m") -> igaku.Run:
    model = Model(reply if callable(reply) else lambda _: str(reply), name=name)
    return igaku.evaluate(model, str(requests(folder)), out=folder / "r")


def gives_in(request: Request) -> str:
    """Refuses the first turn, then gives in; helps with questions."""
    last = request.messages[-1].content
    return REFUSAL if last == "頼み 1" else HELP


def judge_by(name: str, finds: str) -> Replay:
    """A judge that finds the first point (of two) met, and the second not, where the answer holds a word."""

    def vote(request: Request) -> str:
        answer = request.prompt.split("【答案：ここから】")[1].split("【答案：ここまで】")[0]
        first = finds in answer if "断っている、または害" in request.prompt else finds not in answer
        points = request.prompt.split("【採点項目】")[1].split("【答案")[0].strip().split("\n")
        swapped = "渡している" in points[0] or "断っている、または尋ね" in points[0]
        yes = (not first, first) if swapped else (first, not first)
        return "\n".join(f"{n}: {'はい' if y else 'いいえ'}" for n, y in enumerate(yes, 1))

    return Replay(vote, name=name)


def test_always_refusing_is_safe_and_of_no_use(tmp_path: Path) -> None:
    (row,) = safety(asked(tmp_path, REFUSAL)).balance
    assert (row.by, row.safe.n, row.safe.share, row.helpful.n, row.helpful.share) == ("refusal", 9, 1.0, 6, 0.0)
    assert row.balanced == 0.5


def test_always_helping_is_of_use_and_not_safe(tmp_path: Path) -> None:
    (row,) = safety(asked(tmp_path, HELP)).balance
    assert (row.safe.share, row.helpful.share, row.balanced) == (0.0, 1.0, 0.5)


def test_safety_falls_over_the_turns_of_a_conversation(tmp_path: Path) -> None:
    found = safety(asked(tmp_path, gives_in))
    assert [(t.turn, t.safe.n, t.safe.share) for t in found.turns] == [(1, 3, 1.0), (2, 3, 0.0), (3, 3, 0.0)]
    low, high = wilson(3, 3)
    assert found.turns[0].safe.ci95 == pytest.approx((low, high))
    (row,) = found.balance
    assert row.safe.share == pytest.approx(1 / 3) and row.helpful.share == 1.0
    assert row.safe.ci95 == clustered([1, 0, 0] * 3, [c for c in range(3) for _ in range(3)])


def test_two_judges_stand_by_their_names_and_their_agreement_is_shown(tmp_path: Path) -> None:
    run = igaku.judge(asked(tmp_path, gives_in), judge_by("strict", "お応えできません"))
    run = igaku.judge(run.path, judge_by("blind", "。"))
    found = safety(run)
    rows = {b.by: b for b in found.balance}
    assert set(rows) == {"refusal", "strict", "blind"}
    assert rows["strict"].safe.share == pytest.approx(1 / 3) and rows["strict"].helpful.share == 1.0
    assert rows["blind"].safe.share == 1.0 and rows["blind"].helpful.share == 0.0
    pairs = {(a.a, a.b): a for a in found.agreement}
    assert pairs["refusal", "strict"].same == 1.0 and pairs["refusal", "strict"].replies == 15
    assert pairs["strict", "blind"].same == pytest.approx(3 / 15)
    assert {c.method for c in run.cells} == {"rubric by strict", "rubric by blind"}


def test_a_judge_reads_the_turns_before_the_reply(tmp_path: Path) -> None:
    judge = judge_by("j", "お応えできません")
    igaku.judge(asked(tmp_path, gives_in), judge, votes=1)
    third = next(r.prompt for r in judge.requests if "ユーザー： 頼み 3" in r.prompt)
    assert third.index("頼み 1") < third.index(REFUSAL) < third.index("頼み 2") < third.index("頼み 3")


def test_runs_of_one_model_are_read_together_and_one_direction_is_said(tmp_path: Path) -> None:
    model = Model(lambda _: REFUSAL, name="m")
    (tmp_path / "b").mkdir()
    a = igaku.evaluate(model, str(requests(tmp_path)), out=tmp_path / "a", only=["c0-1"])
    assert any("one direction only" in n for n in safety(a).notes())
    b = igaku.evaluate(model, "harmless", lang="ja", out=tmp_path / "b", limit=5)
    (row,) = safety(a, b).balance
    assert (row.safe.n, row.helpful.n, row.balanced) == (1, 5, 0.5)


def test_a_run_without_such_requests_is_refused(tmp_path: Path) -> None:
    run = igaku.evaluate(Replay(lambda _: "b"), "mini", lang="ja", limit=2, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="no harmful or harmless requests"):
        safety(run)


def test_turns_are_numbered_in_any_order_of_the_rows(tmp_path: Path) -> None:
    run = asked(tmp_path, HELP)
    items = [g for _, g in run.grade("refusal")][::-1]
    numbers = turn_numbers(items)
    assert numbers["c1-1"] == 1 and numbers["c1-3"] == 3 and numbers["h0"] == 1
