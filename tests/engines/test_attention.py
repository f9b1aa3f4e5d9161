"""FlexAttention is taken where a mask would not fit, gives the same numbers, and leaves the model as it was."""

from types import SimpleNamespace
from typing import Any

import pytest

from igaku.engines import attention
from igaku.engines.attention import wants_flex
from igaku.engines.scoring import SCORERS

from .conftest import tiny
from .test_scoring import questions

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@pytest.mark.parametrize("kind", ["llama", "gemma3"])
def test_it_gives_the_numbers_of_one_pass_a_choice(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = tiny(kind), questions(4, longest=30)
    truth = dict(SCORERS["alone"](model, given, 200, 0))
    taken: list[str] = []
    monkeypatch.setattr(attention, "wants_flex", lambda *_: True)
    model.register_forward_pre_hook(lambda m, _: taken.append(m.config._attn_implementation))
    torch.compiler.set_stance("force_eager")
    try:
        found = dict(SCORERS["headed"](model, given, 200, 0))
    finally:
        torch.compiler.set_stance("default")
    assert set(taken) == {"flex_attention"}
    assert model.config._attn_implementation != "flex_attention"
    for i, sums in truth.items():
        assert found[i] == pytest.approx(sums, abs=1e-4)


def test_only_a_card_without_room_for_the_mask_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def model(device: str, flexible: bool = True) -> Any:
        return SimpleNamespace(device=SimpleNamespace(type=device), _supports_flex_attn=flexible, dtype=torch.bfloat16)

    monkeypatch.setattr(attention, "free_memory", lambda: 16 * 2**30)
    long, short = (32, 4096), (800, 160)
    assert wants_flex(model("cuda"), long, 1000)
    assert not wants_flex(model("cuda"), short, 0)
    assert not wants_flex(model("cuda", flexible=False), long, 1000)
    assert not wants_flex(model("cpu"), long, 1000)
