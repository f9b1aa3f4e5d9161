"""Packed, shared and alone give the same numbers, on every architecture that can; others are found out."""

import random

import pytest

from igaku.engines.packed import common_head, packed
from igaku.engines.scoring import SCORERS
from igaku.engines.tree import Scored

from .conftest import tiny

pytestmark = pytest.mark.torch


def questions(n: int = 6, longest: int = 60) -> list[list[Scored]]:
    draw = random.Random(3)
    out = []
    for _ in range(n):
        context = [draw.randrange(300) for _ in range(draw.randrange(2, longest))]
        choices = [[draw.randrange(300) for _ in range(draw.randrange(1, 7))] for _ in range(5)]
        choices[1] = choices[0][:1] + choices[1]
        out.append([Scored(context + c, len(context)) for c in choices])
    return out


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3", "gemma2", "mistral", "gpt2"])
def test_packed_equals_alone(kind: str) -> None:
    model, given = tiny(kind), questions()
    truth = dict(SCORERS["alone"](model, given, 200, 0))
    got = dict(SCORERS["packed"](model, given, 200, 0))
    assert got.keys() == truth.keys()
    for i, sums in truth.items():
        assert got[i] == pytest.approx(sums, abs=1e-4), kind


@pytest.mark.parametrize("n", [3, 30])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3", "gemma2", "mistral", "gpt2"])
def test_a_beginning_of_all_questions_is_computed_once(kind: str, n: int) -> None:
    """30 tokens reach beyond the sliding window of 16, 3 do not."""
    model = tiny(kind)
    head = [(7 * i) % 300 for i in range(n)]
    given = [[Scored([*head, *s.tokens], s.start + n) for s in q] for q in questions(longest=20)]
    seen: list[int] = []
    model.register_forward_pre_hook(lambda _m, _a, kw: seen.append(kw["input_ids"].numel()), with_kwargs=True)
    got = dict(packed(model, given, 200, 0, least=3))
    assert seen[0] == n
    truth = dict(SCORERS["alone"](model, given, 200, 0))
    for i, sums in truth.items():
        assert got[i] == pytest.approx(sums, abs=1e-4), kind


@pytest.mark.parametrize("n", [6, 40])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3", "gemma2", "mistral", "gpt2"])
def test_a_stem_of_several_renderings_is_computed_once(kind: str, n: int) -> None:
    """Two questions, each rendered five times behind its stem, and one of its own; stems of two lengths."""
    model, few = tiny(kind), questions(10, longest=20)
    stems = [[(7 * i + k) % 300 for i in range(n + 5 * k)] for k in (0, 1)]
    given = [[Scored([*stems[i % 2], *s.tokens], s.start + len(stems[i % 2])) for s in q] for i, q in enumerate(few)]
    given += questions(1)
    seen: list[int] = []
    handle = model.register_forward_pre_hook(lambda _m, _a, kw: seen.append(kw["input_ids"].numel()), with_kwargs=True)
    got = dict(packed(model, given, 400, 0, stem=5))
    batch = sum(seen)
    seen.clear()
    truth = dict(SCORERS["packed"](model, given, 400, 0))
    handle.remove()
    if n == 40:
        assert batch < 0.7 * sum(seen)
    truth = dict(SCORERS["alone"](model, given, 400, 0))
    assert got.keys() == truth.keys()
    for i, sums in truth.items():
        assert got[i] == pytest.approx(sums, abs=1e-4), kind


def test_the_common_head_stops_before_what_is_scored() -> None:
    assert common_head([[Scored([1, 2, 3, 4], 2), Scored([1, 2, 3, 5], 3)]]) == [1]
    assert common_head([[Scored([1, 2, 3, 4], 4)], [Scored([1, 9, 3, 4], 4)]]) == [1]
    assert common_head([]) == []


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2", "bloom"])
def test_shared_equals_alone(kind: str) -> None:
    model, given = tiny(kind), questions()
    truth = dict(SCORERS["alone"](model, given, 200, 0))
    for i, sums in SCORERS["shared"](model, given, 200, 0):
        assert sums == pytest.approx(truth[i], abs=1e-4), kind


def test_a_merge_across_the_border_is_scored_as_its_own_sequence() -> None:
    model = tiny("llama")
    given = [[Scored([1, 2, 3, 4], 2), Scored([1, 7, 8], 2), Scored([1, 2, 3, 9], 3)]]
    truth = dict(SCORERS["alone"](model, given, 200, 0))[0]
    assert dict(SCORERS["packed"](model, given, 200, 0))[0] == pytest.approx(truth, abs=1e-4)


def test_logits_are_held_for_scored_positions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny("llama")
    rows: list[int] = []
    model.lm_head.register_forward_hook(lambda _m, _i, out: rows.append(out.shape[1]))
    given = [[Scored([*range(50), c], 50) for c in (1, 2, 3)]]
    list(SCORERS["packed"](model, given, 200, 0))
    assert rows == [1]


def test_large_batches_are_cut_where_logits_would_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igaku.engines.budget.LOGITS", 4 * 300 * 12)
    model, given = tiny("llama"), questions()
    truth = dict(SCORERS["alone"](model, given, 1000, 0))
    got = dict(SCORERS["packed"](model, given, 1000, 0))
    assert all(got[i] == pytest.approx(truth[i], abs=1e-4) for i in truth)
