"""Rows → token ids with labels → sequences.

Several documents share a sequence, and none sees another: positions begin again, and attention follows positions.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.corpus.documents import Document, read_documents
from igaku.errors import IgakuError
from igaku.training.config import Data

IGNORED = -100
"""Label of a token that is not learnt."""
INSTRUCTION, RESPONSE = "### 指示:\n{}\n\n", "### 応答:\n"


class Example(NamedTuple):
    """Token ids and, of the same length, labels."""

    ids: list[int]
    labels: list[int]


class Pair(NamedTuple):
    """A preference: the same prompt with two answers."""

    chosen: Example
    rejected: Example


class Packed(NamedTuple):
    """One packed sequence: [block] ids, labels, positions."""

    ids: list[int]
    labels: list[int]
    positions: list[int]


def examples(path: str | Path, data: Data, tokenizer: Any) -> list[Example]:
    """All rows of a mix as examples, in their order.

    Raises:
        IgakuError: there is none, or a row lacks what the form needs.
    """
    out = [e for d in read_documents([Path(path)]) for e in _examples(d, data, tokenizer)]
    if not any(label != IGNORED for e in out for label in e.labels):
        raise IgakuError(f"{path}: nothing to learn (no row with {'text' if data.form == 'text' else 'an output'})")
    return out


def _examples(document: Document, data: Data, tokenizer: Any) -> Iterator[Example]:
    if data.form == "instruction" and document.extra.get("instruction"):
        yield instruction(document.extra["instruction"], document.extra.get("output", ""), data, tokenizer)
        return
    ids = [*tokenizer(document.text)["input_ids"], _end(tokenizer)]
    yield Example(ids, list(ids))


def instruction(text: str, answer: str, data: Data, tokenizer: Any) -> Example:
    """The prompt is read, the answer and the end are learnt.

    What is too long for the sequence loses the prompt's beginning down to half of it, then the answer's end.
    """
    before = prompt_ids(text, data, tokenizer)
    after = [*tokenizer(answer, add_special_tokens=False)["input_ids"], _end(tokenizer)]
    after = after[: max(data.block // 2, data.block - len(before))]
    before = before[-(data.block - len(after)) :] if len(after) < data.block else []
    return Example([*before, *after], [IGNORED] * len(before) + after)


def prompt_ids(instruction: str, data: Data, tokenizer: Any) -> list[int]:
    """A question as the model will be asked."""
    if data.template == "chat" and tokenizer.chat_template:
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": instruction}], tokenize=False, add_generation_prompt=True
        )
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])
    if data.template == "chat":
        raise IgakuError("the model has no chat template; set data.template to plain")
    return list(tokenizer(INSTRUCTION.format(instruction) + RESPONSE)["input_ids"])


def pairs(path: str | Path, data: Data, tokenizer: Any) -> list[Pair]:
    """Rows with ``prompt``, ``chosen`` and ``rejected``."""
    out = []
    for d in read_documents([Path(path)]):
        texts = [d.extra.get(k) for k in ("prompt", "chosen", "rejected")]
        if not all(isinstance(t, str) and t for t in texts):
            raise IgakuError(f"{path}, {d.id}: a preference needs prompt, chosen and rejected")
        prompt, chosen, rejected = map(str, texts)
        out.append(Pair(instruction(prompt, chosen, data, tokenizer), instruction(prompt, rejected, data, tokenizer)))
    return out


def packed(found: Sequence[Example], data: Data, pad: int) -> list[Packed]:
    """Sequences of ``block`` tokens.

    A longer document is cut in pieces; each piece goes into the fullest of the open sequences that has room.
    """
    pieces = [
        Example(e.ids[i : i + data.block], e.labels[i : i + data.block])
        for e in found
        for i in range(0, len(e.ids), data.block)
    ]
    bins: list[list[Example]] = []
    room: list[int] = []
    open_: list[int] = []
    for piece in pieces if data.pack else ():
        fitting = [b for b in open_ if room[b] >= len(piece.ids)]
        if fitting:
            best = min(fitting, key=lambda b: (room[b], b))
        else:
            bins.append([])
            room.append(data.block)
            best = len(bins) - 1
            open_.append(best)
        bins[best].append(piece)
        room[best] -= len(piece.ids)
        if room[best] < 8 or len(open_) > 64:
            open_.remove(best if room[best] < 8 else min(open_, key=lambda b: room[b]))
    return [_laid(b, data.block, pad) for b in (bins if data.pack else [[p] for p in pieces])]


def _laid(members: Iterable[Example], block: int, pad: int) -> Packed:
    ids: list[int] = []
    labels: list[int] = []
    positions: list[int] = []
    for m in members:
        ids += m.ids
        labels += [IGNORED, *m.labels[1:]]  # nothing predicts the first token of a document
        positions += range(len(m.ids))
    rest = block - len(ids)
    return Packed([*ids, *[pad] * rest], [*labels, *[IGNORED] * rest], [*positions, *range(rest)])


def order(n: int, batch: int, steps: int, seed: int) -> Iterator[list[int]]:
    """Which sequences each update reads: every one once an epoch, in an order known from the seed alone."""
    waiting: list[int] = []
    epoch = 0
    for _ in range(steps):
        while len(waiting) < batch:
            shuffled = list(range(n))
            random.Random(f"{seed}/{epoch}").shuffle(shuffled)
            waiting += shuffled
            epoch += 1
        yield waiting[:batch]
        waiting = waiting[batch:]


def _end(tokenizer: Any) -> int:
    return int(tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.pad_token_id or 0)


def preview(example: Example, tokenizer: Any) -> str:
    """The tokens one by one, those that are learnt in 【】."""
    out = []
    for token, label in zip(example.ids, example.labels):
        piece = tokenizer.decode([token]).replace("\n", "⏎\n")
        out.append(f"【{piece}】" if label != IGNORED else piece)
    return "".join(out)
