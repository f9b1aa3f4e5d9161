from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.errors import IgakuError
from igaku.training.config import Data
from igaku.training.examples import IGNORED, Example, examples, instruction, order, packed, pairs, preview
from igaku.training.loop import padding

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_folder)


@given(st.lists(st.integers(2, 90), min_size=1, max_size=40), st.integers(16, 64), st.booleans())
def test_packing_loses_nothing_and_mixes_nothing(lengths: list[int], block: int, pack: bool) -> None:
    found = [Example([i % 7 + 1] * n, [i % 7 + 1] * n) for i, n in enumerate(lengths)]
    made = packed(found, Data(block=block, pack=pack), pad=0)
    assert all(len(p.ids) == len(p.labels) == len(p.positions) == block for p in made)
    assert sum(t != 0 for p in made for t in p.ids) == sum(lengths)
    for p in made:
        for k in range(1, block):
            if p.positions[k] == 0:
                assert p.labels[k] == IGNORED
            elif p.labels[k] != IGNORED:
                assert p.ids[k - 1] == p.ids[k] and p.positions[k] == p.positions[k - 1] + 1
        assert padding(p) >= sum(t == 0 for t in p.ids) - 1


@given(st.integers(1, 30), st.integers(1, 8), st.integers(1, 40), st.integers(0, 3))
def test_every_sequence_comes_once_an_epoch(n: int, batch: int, steps: int, seed: int) -> None:
    drawn = [i for b in order(n, batch, steps, seed) for i in b]
    assert len(drawn) == batch * steps and drawn == [i for b in order(n, batch, steps, seed) for i in b]
    for k in range(len(drawn) // n):
        assert sorted(drawn[k * n : (k + 1) * n]) == list(range(n))


def test_only_the_answer_is_learnt(tokenizer: Any) -> None:
    made = instruction("Question: which one?", "Answer: C", Data(), tokenizer)
    learnt = tokenizer.decode([t for t, label in zip(made.ids, made.labels) if label != IGNORED])
    assert learnt == "Answer: C" + tokenizer.eos_token
    assert "which one" in tokenizer.decode(made.ids) and "【" in preview(made, tokenizer)
    long = instruction("Question: " * 200, "Answer: C", Data(block=64), tokenizer)
    assert len(long.ids) <= 64 and tokenizer.decode(long.ids).endswith("Answer: C" + tokenizer.eos_token)
    chat = instruction("which one?", "C", Data(template="chat"), tokenizer)
    assert chat.labels[-1] != IGNORED and chat.labels[0] == IGNORED


def test_rows_become_examples(mix: Path, tokenizer: Any, tmp_path: Path) -> None:
    asked = examples(mix, Data(), tokenizer)
    assert len(asked) == 36 and sum(e.labels[0] == IGNORED for e in asked) == 24
    assert all(e.labels == e.ids for e in examples(mix, Data(form="text"), tokenizer))
    (tmp_path / "p.jsonl").write_text('{"text": "x", "prompt": "q", "chosen": "a", "rejected": "b"}')
    assert len(pairs(tmp_path / "p.jsonl", Data(), tokenizer)) == 1
    (tmp_path / "p.jsonl").write_text('{"text": "x", "prompt": "q", "chosen": "a"}')
    with pytest.raises(IgakuError, match="needs prompt, chosen and rejected"):
        pairs(tmp_path / "p.jsonl", Data(), tokenizer)
    (tmp_path / "e.jsonl").write_text("")
    with pytest.raises(IgakuError, match="nothing to learn"):
        examples(tmp_path / "e.jsonl", Data(), tokenizer)
