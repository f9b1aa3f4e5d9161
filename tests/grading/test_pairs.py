import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku import load_benchmark
from igaku.grading.pairs import hits, locate, published_recall, read_pairs
from igaku.keys import gold_text

from ..conftest import ASSETS
from .hostile import LIMIT, hostile, seconds

ROWS = [json.loads(line) for line in (ASSETS / "replies_pairs.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_replies_of_models(row: dict) -> None:
    read = read_pairs(row["reply"])
    assert (None if read is None else [list(p) for p in read]) == row["expect"], row["why"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text: str) -> None:
    read = read_pairs(text)
    assert read is None or all(len(p) == 2 for p in read)


def test_hostile_replies_end_quickly() -> None:
    for text in hostile():
        for read in (read_pairs, lambda t: published_recall("- " + t, [("a", "b")])):
            assert seconds(read, text) < LIMIT, text[:40]


@pytest.mark.parametrize("unit", ["変更前: ", "元:後:", "'before': '", "「", "a → （変更", " ", '{"before": '])
def test_time_grows_with_the_length_of_a_reply_not_with_its_square(unit: str) -> None:
    short, long = (seconds(read_pairs, unit * (n // len(unit))) for n in (9_000, 36_000))
    assert long < 8 * max(short, 0.01)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("変更前: 25 mL 変更後: 30 mL", [("25 mL", "30 mL")]),
        ("変更前:\n25 mL\n・変更後:\n30 mL", [("25 mL", "30 mL")]),
        ("変更前: 変更前の値、変更後: b\n変更前: c、変更後: d", [("変更前の値", "b"), ("c", "d")]),
        ("変更前: \n変更後: 追加された文", [("", "追加された文")]),
        ("変更後: b\n変更前: a", [("a", "b")]),
        ("変更前: a\n理由\n変更後: b", None),
        ("[{'before': 'a',\n  'after': 'b',}, {'before': 'c', 'after': 'd',}]", [("a", "b"), ("c", "d")]),
        ("- a → b（数値の変更）", [("a", "b")]),
        ("- a → b（仮）", [("a", "b（仮）")]),
    ],
)
def test_labels_literals_and_remarks(text: str, pairs: list | None) -> None:
    assert read_pairs(text) == pairs


def test_an_answer_after_very_long_thinking_is_read() -> None:
    assert read_pairs("<think>" + "考" * 60_000 + "</think>\n- 25 mL → 30 mL") == [("25 mL", "30 mL")]


GOLD = [("表示量の 90.0 ～ 110.0 ％", "表示量の 95.0 ～ 105.0 ％"), ("25 mL", "30 mL")]


@pytest.mark.parametrize(
    ("listed", "n"),
    [
        (GOLD, 2),
        ([("90.0～110.0％", "95.0～105.0％")], 1),
        ([("本品は表示量の90.0～110.0％を含む", "本品は表示量の95.0～105.0％を含む")], 1),
        ([("25", "30"), ("25 mL", "30 mL")], 1),
        ([("110.0", "105.0")], 0),
        ([("25 mL", "25 mL")], 0),
        ([("30 mL", "25 mL")], 0),
        ([("x" * 400 + "25 mL", "x" * 400 + "30 mL")], 0),
        ([], 0),
    ],
)
def test_a_pair_stands_for_one_change_and_must_hold_it(listed: list, n: int) -> None:
    assert hits(listed, GOLD) == n


def test_places_in_the_documents() -> None:
    assert locate(("乙", "丁"), ("甲乙丙", "甲丁丙")) == (1, 1)
    assert locate(("戊", "丁"), ("甲乙丙", "甲丁丙")) == (-1, 1)


@pytest.mark.data
@pytest.mark.parametrize(("part", "n", "percent", "whole"), [("easy", 1352, 93.1, 22.8), ("medium", 321, 96.9, 0.6)])
def test_the_published_parser_and_ours_on_gold_and_on_whole_documents(
    part: str, n: int, percent: float, whole: float
) -> None:
    questions = load_benchmark(f"sogocheck-{part}").load()
    golds = [q.key.pairs for q in questions]
    assert sum(map(len, golds)) == n
    bullets = ["".join(f"- {b} → {a}\n" for b, a in g) for g in golds]
    assert round(100 * sum(map(published_recall, bullets, golds)) / n, 1) == percent
    one = [f"- {q.documents[0]} → {q.documents[1]}" for q in questions]
    assert round(100 * sum(map(published_recall, one, golds)) / n, 1) == whole
    assert all(hits(read_pairs(gold_text(q)) or [], q.key.pairs) == len(set(q.key.pairs)) for q in questions)
    assert sum(hits([q.documents], q.key.pairs) for q in questions) <= 1
