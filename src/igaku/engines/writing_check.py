"""Which way of generating is right for the prompts at hand: measured against plain passes, token by token."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.engines.generating import Writer, WritingWay, end_tokens, run_generate
from igaku.engines.trial import FAILURES

if TYPE_CHECKING:
    from torch import Tensor

STEPS = 4
"""Tokens that are written for the comparison."""
LIKELIEST = 10
"""Of each distribution, the log-probabilities of the 10 likeliest tokens are compared."""
COMPILED = 16_384
"""New tokens from which compiling, which takes about half a minute, pays."""
EXACT, ROUNDED = 1e-3, 1.0
"""Nats that they may differ by: in float32, and with rounded weights. A wrong mask or position costs several nats."""

SLOWER: dict[WritingWay, str] = {
    "compiled": "step by step",
    "shared": "each sample reads its prompt",
    "batched": "one prompt at a time",
}
"""Ways of several prompts together, and what is done where one is wrong."""


class WritingCheck:
    """What was measured of one model's generation.

    Args:
        exact: whether weights and sums are in float32.
        notes: where the user is shown what falls back.
    """

    def __init__(self, writer: Writer, exact: bool, notes: list[str]) -> None:
        self._writer, self._notes = writer, notes
        self._tolerance = EXACT if exact else ROUNDED
        self._right: dict[WritingWay, int] = {}
        self._wrong: dict[WritingWay, int] = {}
        self.used: set[WritingWay] = set()
        """The ways that were taken."""

    def way(self, prompts: Sequence[Sequence[int]], new: int = 0) -> WritingWay:
        """The fastest way that is right for these prompts; measured on the longest and the shortest of them.

        Args:
            new: tokens that may be written in all: a step is compiled for many of them only.
        """
        longest, shortest = max(prompts, key=len), min(prompts, key=len)
        faster: tuple[WritingWay, ...] = ("batched", "single") if len(prompts) > 1 else ("single",)
        if len(set(map(tuple, prompts))) < len(prompts):
            faster = ("shared", *faster)
        if new >= COMPILED and self._writer.model.device.type == "cuda":
            faster = ("compiled", *faster)
        right = (way for way in faster if self._is_right(way, [shortest, longest], len(longest)))
        found: WritingWay = next(right, "uncached")
        self.used.add(found)
        return found

    def _is_right(self, way: WritingWay, prompts: list[Sequence[int]], size: int) -> bool:
        if size <= self._right.get(way, 0):
            return True
        if size >= self._wrong.get(way, 1 << 60):
            return False
        found = self._measured(way, prompts)
        if isinstance(found, float) and found <= self._tolerance:
            self._right[way] = size
            return True
        self._wrong[way] = size
        why = found if isinstance(found, str) else f"differs from plain passes (by {found:.3g} nat)"
        slower = SLOWER.get(way, "without a cache: slowest")
        self._notes.append(f"text generated the {way!r} way {why} at {size} tokens, so instead: {slower}")
        return False

    def _measured(self, way: WritingWay, prompts: list[Sequence[int]]) -> float | str:
        writer = self._writer._replace(way=way)
        prompts = [*prompts, prompts[-1]] if way == "shared" else prompts
        groups = [prompts] if way in SLOWER else [[p] for p in prompts]
        try:
            found = [steps for group in groups for steps in _written(writer, group)]
        except FAILURES as error:
            return f"does not run ({type(error).__name__})"
        return max(_difference(mine, _plain(writer, p, len(mine))) for mine, p in zip(found, prompts))


def _written(writer: Writer, prompts: Sequence[Sequence[int]]) -> "list[list[tuple[int, Tensor]]]":
    """For each prompt, the tokens that are written and the log-probabilities they were chosen from."""
    import torch

    out = run_generate(writer, prompts, STEPS, do_sample=False, output_logits=True)
    logs = [torch.log_softmax(step.float(), -1) for step in out.logits]
    start, ends = max(map(len, prompts)), end_tokens(writer)
    found = []
    for b, row in enumerate(out.sequences[:, start:].tolist()):
        length = next((t + 1 for t, token in enumerate(row) if token in ends), len(row))
        found.append([(row[t], logs[t][b]) for t in range(min(length, len(logs)))])
    return found


def _plain(writer: Writer, prompt: Sequence[int], steps: int) -> "list[tuple[int, Tensor]]":
    """The same by a plain pass a token: no cache, no mask, no padding."""
    import torch

    tokens, out = list(prompt), []
    for _ in range(steps):
        with torch.inference_mode():
            ids = torch.tensor([tokens], device=writer.model.device)
            logs = torch.log_softmax(writer.model(input_ids=ids, use_cache=False).logits[0, -1].float(), -1)
        tokens.append(int(logs.argmax()))
        out.append((tokens[-1], logs))
    return out


def _difference(mine: "Sequence[tuple[int, Tensor]]", truth: "Sequence[tuple[int, Tensor]]") -> float:
    """The largest difference of log-probabilities until the texts part."""
    worst = 0.0
    for (token, logs), (right, expected) in zip(mine, truth):
        top = expected.topk(min(LIKELIEST, len(expected))).indices
        worst = max(worst, float((logs[top] - expected[top]).abs().max()))
        if token != right:
            break
    return worst
