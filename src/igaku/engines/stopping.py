"""Stop strings while a batch is written: only rows whose newest token can end one are decoded, and only their tail."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.engines.written import stops_here

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase, StoppingCriteriaList


class StopStrings:
    """Where each row of a batch meets a stop string, outside its thinking.

    Args:
        opened: for each row, whether its prompt opened the thinking.
        stop: the strings.
        specials: texts of the tokenizer's special tokens.
        start: tokens before the first new one.
    """

    def __init__(
        self,
        tokenizer: "PreTrainedTokenizerBase",
        opened: Sequence[bool],
        stop: Sequence[str],
        specials: Sequence[str],
        start: int,
    ) -> None:
        self._tokenizer, self._opened, self._stop = tokenizer, opened, [s for s in stop if s]
        self._specials, self._start = specials, start
        self._reach = max(map(len, stop), default=0) * 2 + 8
        self._ends: dict[int, bool] = {}
        """Token -> whether it can end a stop string."""
        self._watched = [0] * len(opened)
        """For each row, until which length it is looked at whatever its newest token is."""
        self._met = [False] * len(opened)

    def met(self, ids: "Tensor") -> list[bool]:
        """Whether each row of (rows, tokens) has met one; called after every token."""
        newest, size = ids[:, -1].tolist(), ids.shape[1]
        for row, token in enumerate(newest):
            if not self._met[row] and (self._can_end(token) or size <= self._watched[row]):
                self._met[row] = self._meets(ids[row], row)
        return list(self._met)

    def _meets(self, tokens: "Tensor", row: int) -> bool:
        size = len(tokens)
        tail = str(self._tokenizer.decode(tokens[max(self._start, size - self._reach) :].tolist()))
        if not any(s in tail for s in self._stop):
            return False
        self._watched[row] = size + self._reach  # it may stand in a thought that turns out to be none
        whole = str(self._tokenizer.decode(tokens[self._start :].tolist()))
        return stops_here(whole, self._opened[row], self._stop, self._specials)

    def _can_end(self, token: int) -> bool:
        """Whether the last character of a stop string may be in a token, or be completed by its bytes."""
        if token not in self._ends:
            text = str(self._tokenizer.decode([token]))
            # a blank at its beginning is not shown; bytes of a character show as U+FFFD
            self._ends[token] = not text or "\ufffd" in text or any(s[-1] in text or s[-1] == " " for s in self._stop)
        return self._ends[token]


def criteria(strings: StopStrings) -> "StoppingCriteriaList":
    """For ``generate`` of transformers."""
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList

    class Stops(StoppingCriteria):
        def __call__(self, input_ids: "Tensor", scores: "Tensor", **_: object) -> "Tensor":
            return torch.tensor(strings.met(input_ids), device=input_ids.device)

    return StoppingCriteriaList([Stops()])
