"""Texts as tokens in which nothing is a control token but what the template or the tokenizer itself writes.

``<|im_end|>`` in a corpus is six letters and marks, not the end of a turn: control tokens in contents are hidden behind
noncharacters while the template runs, and then tokenized as text.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from igaku.engines.tokens import Tokens

IGNORED = -100
"""Label of a token that is not learnt."""


class Example(NamedTuple):
    """Token ids and, of the same length, labels."""

    ids: list[int]
    labels: list[int]


def joined(found: Sequence[Example]) -> list[Example]:
    """Examples of one conversation, each that only continues the one before put together with it."""
    out: list[Example] = []
    for e in found:
        if out and e.ids[: len(out[-1].ids)] == out[-1].ids:
            before = out.pop()
            e = Example(e.ids, [*before.labels, *e.labels[len(before.ids) :]])
        out.append(e)
    return out


_HIDDEN = re.compile("(\ufdd0[0-9]+\ufdd1)")


class TextTokens:
    """A tokenizer for texts of others.

    Attributes:
        before: ids that the tokenizer puts before a text.
        end: id that ends a text.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        added = [str(t) for t in tokenizer.added_tokens_decoder.values() if t.special]
        self._controls = sorted({*map(str, tokenizer.all_special_tokens), *added} - {""}, key=lambda t: (-len(t), t))
        self._numbers = {t: i for i, t in enumerate(self._controls)}
        self._control = re.compile("|".join(map(re.escape, self._controls)) or "(?!)")
        self.before: list[int] = Tokens(tokenizer).before("a")
        eos = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.pad_token_id
        self.end = int(eos or 0)

    def hide(self, text: str) -> str:
        """A text with its control tokens behind noncharacters."""
        return self._control.sub(lambda m: f"\ufdd0{self._numbers[m[0]]}\ufdd1", text)

    def first_control(self, text: str, start: int) -> int:
        """Where the first control token from ``start`` on ends; 0 for none."""
        found = self._control.search(text, start)
        return found.end() if found else 0

    def ids(self, text: str, hidden: bool = False) -> list[int]:
        """Token ids without those that the tokenizer would put around.

        Args:
            hidden: control tokens in it are the template's; contents' own have been hidden.
        """
        out: list[int] = []
        for part in _HIDDEN.split(text if hidden else self.hide(text)):
            if _HIDDEN.fullmatch(part):
                number = int(part[1:-1])
                out += self._literal(self._controls[number]) if number < len(self._controls) else []
            elif part:
                out += self._tokenizer(part, add_special_tokens=False)["input_ids"]
        return out

    def example(self, prompt: str, answer: str, *, ended: bool = False, hidden: bool = False) -> Example:
        """A prompt that is read, and an answer that is learnt, with one end.

        Both are tokenized together where that leaves the prompt's tokens as they are, else one after the other.

        Args:
            ended: the answer's own last token is its end.
            hidden: as of ``ids``; such a prompt is of a chat template, which writes its own first token.
        """
        start = [] if hidden else self.before
        read, both = ([*start, *self.ids(t, hidden)] for t in (prompt, prompt + answer))
        learnt = both[len(read) :] if both[: len(read)] == read else self.ids(answer, hidden)
        learnt += [] if ended else [self.end]
        return Example([*read, *learnt], [IGNORED] * len(read) + learnt)

    def _literal(self, control: str) -> list[int]:
        return list(self._tokenizer(control, add_special_tokens=False, split_special_tokens=True)["input_ids"])
