import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.errors import IgakuError
from igaku.training.batches import padding
from igaku.training.config import Data
from igaku.training.examples import Reader, packed, padded, preview
from igaku.training.literal import IGNORED, Example

from . import templates

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_folder)


@given(st.lists(st.integers(2, 90), min_size=1, max_size=40), st.integers(16, 64), st.booleans())
def test_packing_loses_nothing_and_mixes_nothing(lengths: list[int], block: int, pack: bool) -> None:
    found = [Example([i % 7 + 1] * n, [i % 7 + 1] * n) for i, n in enumerate(lengths)]
    made = packed(found, Data(block=block, pack=pack), pad=0)
    assert all(len(p.ids) == len(p.labels) == len(p.positions) <= block for p in made)
    assert not pack or all(len(p.ids) == block for p in made)
    assert len({len(p.ids) for p in padded(made, 0)}) == 1
    assert sum(t != 0 for p in made for t in p.ids) == sum(lengths)
    for p in made:
        for k in range(1, len(p.ids)):
            if p.positions[k] == 0:
                assert p.labels[k] == IGNORED
            elif p.labels[k] != IGNORED:
                assert p.ids[k - 1] == p.ids[k] and p.positions[k] == p.positions[k - 1] + 1
        assert padding(p) >= sum(t == 0 for t in p.ids) - 1


def rows(folder: Path, *found: object) -> Path:
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, found)))
    return folder / "rows.jsonl"


def learnt(example: Example, tokenizer: Any) -> str:
    return str(tokenizer.decode([t for t, label in zip(example.ids, example.labels) if label != IGNORED]))


def test_only_the_answer_is_learnt(tokenizer: Any, tmp_path: Path) -> None:
    file = rows(tmp_path, {"instruction": "Question: which one?", "output": "Answer: C"})
    (example,) = Reader(Data(), tokenizer).examples(file)
    assert learnt(example, tokenizer) == "Answer: C" + tokenizer.eos_token
    assert "which one" in tokenizer.decode(example.ids) and "【" in preview(example, tokenizer)
    (chat,) = Reader(Data(template="chat"), tokenizer).examples(file)
    assert chat.labels[-1] != IGNORED and chat.labels[0] == IGNORED


def test_rows_that_are_too_long_are_left_out_or_cut_at_the_end_and_counted(tokenizer: Any, tmp_path: Path) -> None:
    long = [{"instruction": "Question: " * n, "output": "Answer: C" * m} for n, m in ((1, 1), (1, 90), (90, 1))]
    file = rows(tmp_path, *long)
    reader = Reader(Data(block=64), tokenizer)
    (short,) = reader.examples(file)
    assert learnt(short, tokenizer).startswith("Answer: C") and reader.lines == [
        "2 rows longer than data.block (64), left out"
    ]
    reader = Reader(Data(block=64, long="cut"), tokenizer)
    _, cut = reader.examples(file)
    whole = Reader(Data(block=4096), tokenizer).examples(file)[1]
    assert cut.ids == whole.ids[:64] and "</s>" not in learnt(cut, tokenizer)
    assert reader.lines == [
        "1 rows longer than data.block (64), cut at the end",
        "1 rows longer than data.block (64), left out",
    ]


def test_a_conversation_is_learnt_turn_by_turn(tiny_folder: Path, tmp_path: Path) -> None:
    tokenizer = templates.with_template(tiny_folder, templates.CHATML)
    turns = [("system", "s"), ("user", "q"), ("assistant", "a"), ("user", "r"), ("assistant", "b"), ("user", "end")]
    file = rows(
        tmp_path,
        {"messages": [{"role": r, "content": c} for r, c in turns]},
        {"messages": [{"role": "user", "content": "x"}]},
    )
    reader = Reader(Data(template="chat"), tokenizer)
    (example,) = reader.examples(file)
    assert learnt(example, tokenizer) == "a<|im_end|>b<|im_end|>" and reader.lines == ["1 rows without an answer"]


def test_letters_of_several_tokens_are_shown_whole(tokenizer: Any) -> None:
    ids = tokenizer("心電図𠮷", add_special_tokens=False)["input_ids"]
    assert len(ids) > 4 and "\ufffd" not in preview(Example(ids, ids), tokenizer)
    assert preview(Example(ids, ids), tokenizer).replace("【", "").replace("】", "") == "心電図𠮷"


def test_rows_become_examples(mix: Path, tokenizer: Any, tmp_path: Path) -> None:
    found = Reader(Data(), tokenizer).examples(mix)
    assert len(found) == 36 and sum(e.labels[0] == IGNORED for e in found) == 24
    assert all(e.labels == e.ids for e in Reader(Data(form="text"), tokenizer).examples(mix))
    pair = {"prompt": "q", "chosen": "a", "rejected": "b"}
    assert len(Reader(Data(), tokenizer).pairs(rows(tmp_path, {"text": "x", **pair}, pair))) == 2
    with pytest.raises(IgakuError, match="needs prompt, chosen and rejected"):
        Reader(Data(), tokenizer).pairs(rows(tmp_path, {"text": "x", "prompt": "q", "chosen": "a"}))
    for empty in ((), ({"instruction": "q", "output": ""},)):
        with pytest.raises(IgakuError, match="nothing to learn"):
            Reader(Data(), tokenizer).examples(rows(tmp_path, *empty))
