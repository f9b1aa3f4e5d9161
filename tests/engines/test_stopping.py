"""Stop strings are met at the token at which decoding the whole of a row would find them, and few rows are decoded."""

import random
from pathlib import Path
from typing import Any

import pytest

from igaku.engines.stopping import StopStrings
from igaku.engines.written import stops_here

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch
STOPS = [("\n\n",), ("。", "Answer: B"), (" ",), ("。",), ("答え", "]"), ("<think>x",)]


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_folder)


def rows(tokenizer: Any, n: int = 6, length: int = 40) -> "torch.Tensor":
    """Prompts of three tokens and texts behind them: fragments of characters, thoughts, and pieces of stop strings."""
    rng = random.Random(7)
    pieces = [*(p for stop in STOPS for s in stop for p in (s, s[: len(s) // 2])), "<think>", "</think>", "word ", "正"]
    out = []
    for _ in range(n):
        text = "".join(rng.choice(pieces) for _ in range(length))
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        for _ in range(length // 4):
            tokens.insert(rng.randrange(len(tokens)), rng.randrange(2, 260))
        out.append([5, 6, 7, *tokens][:length])
    return torch.tensor(out)


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("stop", STOPS)
def test_it_ends_where_decoding_everything_would(stop: tuple[str, ...], opened: bool, tokenizer: Any) -> None:
    given = rows(tokenizer)
    specials = ["</s>", "<s>"]
    strings = StopStrings(tokenizer, [opened] * len(given), stop, specials, 3)
    met = [False] * len(given)
    for size in range(4, given.shape[1] + 1):
        for b, row in enumerate(given[:, 3:size].tolist()):
            tail = tokenizer.decode(row[-(max(map(len, stop)) * 2 + 8) :])
            met[b] |= any(s in tail for s in stop) and stops_here(tokenizer.decode(row), opened, stop, specials)
        assert strings.met(given[:, :size]) == met
    assert any(met) or opened or stop == ("<think>x",)


def test_a_row_is_decoded_only_where_its_newest_token_can_end_a_stop_string(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = tokenizer("which one? " * 30 + "答え。", add_special_tokens=False)["input_ids"]
    strings = StopStrings(tokenizer, [False], ("。",), [], 0)
    several = 0
    plain = type(tokenizer).decode

    def counted(self: Any, ids: list[int], *rest: Any, **more: Any) -> str:
        nonlocal several
        several += len(ids) > 1
        return str(plain(self, ids, *rest, **more))

    monkeypatch.setattr(type(tokenizer), "decode", counted)
    found = [strings.met(torch.tensor([tokens[: n + 1]]))[0] for n in range(len(tokens))]
    assert found.index(True) == len(tokens) - 1
    assert several < 12 < len(tokens)
