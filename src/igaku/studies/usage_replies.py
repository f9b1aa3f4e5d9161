"""What one reply took, and what a shorter limit would have left of it."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from msgspec.structs import replace

from igaku.grading import METHODS, Graded, grade_all
from igaku.question import Answer

Unit = Literal["tokens", "characters"]


class Size(NamedTuple):
    """How long one reply is, in one unit; ``split`` says where the parts come from."""

    thinking: float
    answer: float
    split: Literal["counted", "by characters"] = "counted"

    @property
    def written(self) -> float:
        """All of it."""
        return self.thinking + self.answer


def is_written(answer: Answer) -> bool:
    """Whether a model wrote something: no failure, and no prompt that was too long to ask."""
    return answer.finish in ("stop", "length", "refused")


def unit_of(answers: Iterable[Answer]) -> Unit:
    """Tokens where each reply that holds text has them counted; else characters."""
    return "tokens" if all(a.new_tokens or not a.shown for a in answers if is_written(a)) else "characters"


def size(answer: Answer, unit: Unit) -> Size:
    """How long a reply is. Tokens of thinking are as they were counted; where nobody did, the tokens of the whole are
    split as its characters are."""
    thinking, text = len(answer.thinking), len(answer.text)
    if unit == "characters":
        return Size(thinking, text)
    if answer.thinking_tokens is not None:
        known = min(answer.thinking_tokens, answer.new_tokens)
        return Size(known, answer.new_tokens - known)
    if not thinking:
        return Size(0, answer.new_tokens)
    share = thinking / (thinking + text)
    return Size(answer.new_tokens * share, answer.new_tokens * (1 - share), "by characters")


def within(answer: Answer, budget: float, unit: Unit) -> Answer:
    """A reply as a limit would have left it: whole where it fits, else its thinking first and what text there was room
    for."""
    found = size(answer, unit)
    if not is_written(answer) or found.written <= budget:
        return answer
    room = max(0.0, budget - found.thinking)
    letters = int(len(answer.text) * room / found.answer) if found.answer else 0
    return replace(answer, text=answer.text[:letters], finish="length")


def right_within(items: Sequence[Graded], budget: float, unit: Unit) -> list[bool]:
    """Whether each reply is right if a limit cuts it, graded anew by its method; one that a judge has read is wrong
    once it is cut."""
    out = [g.verdict.right for g in items]
    jobs = []
    for i, g in enumerate(items):
        if g.reply is None or (cut := within(g.reply.answer, budget, unit)) is g.reply.answer:
            continue
        if out[i] and cut.text and not METHODS[g.method].needs_votes:
            jobs.append((i, (g.question, replace(g.reply, answer=cut), g.method)))
        out[i] = False
    for (i, _), verdict in zip(jobs, grade_all([job for _, job in jobs])):
        out[i] = verdict.right
    return out
