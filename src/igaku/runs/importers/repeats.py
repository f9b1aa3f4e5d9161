"""Which reply counts where one model has several to one question, and which logs are rows of their own.

Nothing is settled in silence: by default several replies to one question are refused, with their number.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from igaku.errors import IgakuError, UnknownNameError
from igaku.question import Question, RequestKind
from igaku.runs.importers.recorded import RecordedReply, listed

Repeats = Literal["refuse", "first", "last", "separate", "samples"]
"""``first`` and ``last`` count; ``separate``: each is a row of its own, by its file and the number of its sample;
``samples``: all count, as samples of one question (``igaku.runs.samples``)."""


class Found(NamedTuple):
    """A recorded reply whose question is known."""

    file: Path
    reply: RecordedReply
    question: Question
    order: str
    """``original``, or ``shuffled`` where its file shows choices in another order."""
    sample: int | None = None
    """Its number among the samples of its question; that of its file where it is None."""

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The row that it belongs to: model, language, prompt, order."""
        return self.reply.model, self.reply.lang, self.reply.prompt, self.order

    @property
    def claim(self) -> tuple[str, str, str, str, str, RequestKind]:
        """What one reply of a row stands for: the question, by one kind of request."""
        return *self.row, self.question.id, self.reply.kind


def checked(repeats: str) -> Repeats:
    """The choice by its name.

    Raises:
        UnknownNameError: another name, with near matches.
    """
    for known in get_args(Repeats):
        if repeats == known:
            return known  # type: ignore[no-any-return]
    raise UnknownNameError("choice for repeats", repeats, get_args(Repeats))


def without_copies(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """A log that stands in two files (``.json`` and ``.eval``) read once, with a note; other logs stay."""
    logs: dict[tuple[str, Path], list[Found]] = defaultdict(list)
    for one in found:
        logs[one.reply.log, one.file].append(one)
    first: dict[str, list[tuple[Path, list[RecordedReply]]]] = defaultdict(list)
    notes, copies = [], set()
    for (log, file), mine in logs.items():
        replies = [one.reply._replace(where="") for one in mine]
        original = next((f for f, others in first[log] if others == replies), None) if log else None
        if original is None:
            first[log].append((file, replies))
        else:
            copies.add(file)
            notes.append(f"{file.name}: the same log as {original.name}, read once")
    return [one for one in found if one.file not in copies], notes


def with_tasks(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Two tasks of one model that share questions are two rows, each with its task's name as the prompt's; tasks that
    share none (the subjects of one benchmark) are one."""
    tasks: dict[tuple[str, ...], dict[str, set[object]]] = defaultdict(lambda: defaultdict(set))
    for one in found:
        tasks[one.row][one.reply.task].add(one.claim)
    shared = {
        row for row, by_task in tasks.items() if sum(map(len, by_task.values())) > len(set().union(*by_task.values()))
    }
    notes = [
        f"{row[0]}: tasks {', '.join(sorted(tasks[row]))} have questions in common and are rows of their own"
        for row in sorted(shared)
    ]
    renamed = (
        one._replace(reply=one.reply._replace(prompt=one.reply.task)) if one.row in shared else one for one in found
    )
    return list(renamed), notes


def settle(found: Sequence[Found], repeats: Repeats) -> tuple[list[Found], list[Found], list[str]]:
    """The replies that count, those that do not, and notes.

    Raises:
        IgakuError: ``refuse``, and a question has several replies.
    """
    claims = grouped(found)
    several = {claim: ones for claim, ones in claims.items() if len(ones) > 1}
    if not several:
        return list(found), [], []
    if repeats == "refuse":
        raise IgakuError(
            f"{_described(several)}; choose with --repeats first, last, separate (rows of their own) or "
            "samples (all of them)"
        )
    note = f"{_described(several)}; {repeats}: " + (
        {"separate": "each is a row of its own", "samples": "all count, as samples"}.get(repeats, "it counts")
    )
    if repeats == "samples":
        return _numbered(claims), [], [note]
    if repeats == "separate":
        return _separated(found, several), [], [note]
    counted = {id(ones[0 if repeats == "first" else -1]) for ones in claims.values()}
    return [one for one in found if id(one) in counted], [one for one in found if id(one) not in counted], [note]


def _numbered(claims: Mapping[tuple[str, ...], Sequence[Found]]) -> list[Found]:
    """Each reply with its number among those to its question.

    Raises:
        IgakuError: several log-probabilities of one question, which are not drawn.
    """
    for ones in claims.values():
        if len(ones) > 1 and ones[0].reply.kind != "text":
            raise IgakuError(
                f"{ones[1].reply.where}: --repeats samples is for written replies; of log-probabilities give first, "
                "last or separate"
            )
    return [one._replace(sample=n) for ones in claims.values() for n, one in enumerate(ones)]


def grouped(found: Iterable[Found]) -> dict[tuple[str, ...], list[Found]]:
    """Replies by what they stand for, samples in their order."""
    claims: dict[tuple[str, ...], list[Found]] = defaultdict(list)
    for one in found:
        claims[one.claim].append(one)
    return {claim: sorted(ones, key=lambda one: one.reply.sample) for claim, ones in claims.items()}


def _described(several: dict[tuple[str, ...], list[Found]]) -> str:
    """How many questions, of which model, and why: two logs, later samples, or lines that repeat."""
    extra = sum(len(ones) - 1 for ones in several.values())
    first = next(iter(several.values()))
    logs = sorted({one.file.name for ones in several.values() for one in ones})
    models = sorted({claim[0] for claim in several})
    why = []
    if any(len({one.file for one in ones}) > 1 for ones in several.values()):
        why.append(f"in {len(logs)} files: {', '.join(logs[:4])}{' …' if len(logs) > 4 else ''}")
    if samples := sum(one.reply.sample > 0 for ones in several.values() for one in ones[1:]):
        why.append(f"{samples} second or later samples")
    if lines := sum(len(ones) - len({(one.file, one.reply.sample) for one in ones}) for ones in several.values()):
        why.append(f"{lines} repeated in one file")
    positions = " and ".join(one.reply.where.rsplit("/", 1)[-1] for one in first[:2])
    which = listed(dict.fromkeys(ones[0].question.id for ones in several.values()))
    return (
        f"{len(several)} questions have more than one reply of {', '.join(models[:4])} ({extra} too many; "
        f"{'; '.join(why)}): {which} (first: {positions})"
    )


def _separated(found: Sequence[Found], several: dict[tuple[str, ...], list[Found]]) -> list[Found]:
    """Each file of a row in which files overlap, and each sample, under a prompt's name of its own."""
    files = {ones[0].row for ones in several.values() if len({one.file for one in ones}) > 1}
    samples = {ones[0].row for ones in several.values() if len({one.file for one in ones}) < len(ones)}
    nth: dict[tuple[object, ...], int] = defaultdict(int)
    out = []
    for one in sorted(found, key=lambda one: one.reply.sample):
        prompt = one.reply.prompt
        if one.row in files:
            prompt += f" ({one.file.name})"
        position = (one.claim, one.file if one.row in files else "")
        nth[position] += 1
        if one.row in samples:
            prompt += f" (sample {nth[position]})"
        out.append(one._replace(reply=one.reply._replace(prompt=prompt)))
    return out
