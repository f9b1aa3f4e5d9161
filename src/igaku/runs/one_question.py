"""One question of a run, with everything that was sent, answered, voted and read: how a single number comes about."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from igaku.errors import UnknownNameError
from igaku.grading import Graded
from igaku.keys import gold_letters
from igaku.question import Answer, Choices, Key, Number, Question, Text
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics.tally import CellKey
from igaku.tables import Table, Value, printable

HEAD, TAIL = 1_500, 500
"""Characters of thinking that a terminal shows: where it begins, and where it comes to an answer."""

Item = tuple[CellKey, Graded]


def find_question(run: Run, id: str, method: Names = None) -> list[list[Item]]:
    """The verdicts on a question, one list a benchmark and language.

    Raises:
        UnknownNameError: the run has no such question.
    """
    found = [(p, g) for p, g in run.graded(names(method) or None, each_sample=True)[0] if g.question.id == id]
    if not found:
        raise UnknownNameError("question", id, {q for _, _, q in run.questions}, hint=f"in {run.path}")
    at = dict.fromkeys((p.benchmark, p.language) for p, _ in found)
    return [[(p, g) for p, g in found if (p.benchmark, p.language) == one] for one in at]


def question_data(items: Sequence[Item]) -> dict[str, Any]:
    """A question and its verdicts as plain data."""
    verdicts = [
        {
            **msgspec.to_builtins(p),
            **msgspec.to_builtins(g.verdict),
            "reply": msgspec.to_builtins(g.reply.answer) if g.reply else None,
        }
        for p, g in items
    ]
    return {"question": msgspec.to_builtins(items[0][1].question), "verdicts": verdicts}


def question_text(run: Run, items: Sequence[Item]) -> str:
    """Stem, choices, key, prompts, what was thought before the replies, and a judge's votes, as a person reads them."""
    q = items[0][1].question
    hashes = dict.fromkeys(g.reply.prompt_hash for _, g in items if g.reply)
    lines = [
        f"{q.id} ({q.lang}) {q.stem}",
        *(f"  {letter}. {choice}" for letter, choice in zip(q.letters, q.choices)),
        *(f"  {point.weight:+g} {point.text}" for point in getattr(q.key, "points", ())),
        f"key: {_key_text(q)}\n",
        *(f"--- prompt ---\n{run.prompts[h]}\n" for h in hashes if h in run.prompts),
        *(f"--- {title} ---\n{shortened(text)}\n" for title, text in _thoughts(items).items()),
        *(
            f"--- vote {n} by {vote.model} ---\n{shortened(vote.answer.shown)}\n"
            for n, vote in enumerate(_votes(items), 1)
        ),
    ]
    return printable("\n".join(lines))


def question_table(items: Sequence[Item]) -> Table:
    """One row a way of asking, sample and method: the outcome, what was read, and the reply."""
    several = any(g.reply and g.reply.sample for _, g in items)
    sample = ("sample",) * several
    columns = ("model", "prompt", "order", *sample, "method", "outcome", "read", "by rule", "reply")
    rows: list[list[Value]] = [
        [
            p.model,
            p.prompt,
            p.order,
            *([f"{g.reply.sample}" if g.reply else ""] * several),
            p.method,
            g.verdict.outcome,
            ", ".join(g.verdict.read),
            g.verdict.rule,
            _answer_text(g.reply.answer) if g.reply else "",
        ]
        for p, g in items
    ]
    return Table(name="verdicts", columns=dict.fromkeys(columns, "text"), rows=rows)


def _thoughts(items: Sequence[Item]) -> dict[str, str]:
    """What models thought before they answered, by a title that names the reply."""
    return {
        f"thinking of {p.model}, {p.prompt} {p.order}" + f", sample {g.reply.sample}" * (g.reply.sample > 0): thinking
        for p, g in items
        if g.reply and (thinking := g.reply.answer.thinking)
    }


def shortened(text: str, head: int = HEAD, tail: int = TAIL) -> str:
    """The beginning and the end of a long text, which is whole in ``--json``."""
    left_out = len(text) - head - tail
    return text if left_out <= 0 else f"{text[:head]}\n[… {left_out:,} characters; --json has them …]\n{text[-tail:]}"


def _votes(items: Sequence[Item]) -> list[Any]:
    votes = {v.key: v for _, g in items if g.reply for v in g.reply.votes}
    return list(votes.values())


def _key_text(q: Question) -> str:
    return q.void or " or ".join(gold_letters(replace(q, key=key)) for key in _alternatives(q.key))


def _alternatives(key: Key) -> list[Key]:
    """One key an accepted answer."""
    if not isinstance(key, Choices | Number | Text):
        return [key]
    return [msgspec.structs.replace(key, accepted=(one,)) for one in key.accepted] or [key]


def _answer_text(answer: Answer) -> str:
    return "  ".join(f"{x:.2f}" for x in answer.logprobs) or answer.text or answer.error
