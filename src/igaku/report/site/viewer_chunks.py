"""What the viewer loads for a few questions: every respondent's reply, its samples, and the conversation before it."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.question import Question
from igaku.report.site.letters import letters_reply
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.report.site.viewer_rows import ReplyRow, reply_row
from igaku.report.site.viewer_samples import SamplesRow, letters_samples, samples_row
from igaku.report.site.viewer_talk import TurnRow, threads, turns
from igaku.runs.store import Run


class QuestionReplies(Struct, kw_only=True):
    """What a chunk contains of one question: texts before the stem, each respondent's reply, and pictures."""

    contexts: list[str] = field(name="more")
    replies: list[ReplyRow | None]
    pictures: list[str] = []
    """Addresses of its pictures, beside the page; empty where one is not at hand."""
    samples: list[SamplesRow | None] | UnsetType = UNSET
    """Each respondent's samples, where some has several."""
    thread: list[str] | UnsetType = UNSET
    """Ids of the turns of its conversation, where it is one of several questions."""
    script: list[TurnRow] | UnsetType = UNSET
    """Turns before the reply that are the same for all,"""
    talks: list[list[TurnRow]] | UnsetType = UNSET
    """or each respondent's own."""


class Chunk(Struct):
    """Replies to some questions in a row."""

    questions: dict[str, QuestionReplies]
    texts: list[str] = field(name="prompts")
    """Prompts and turns of conversations, each once."""


class Shown(Struct, frozen=True, kw_only=True):
    """What of the texts a site shows."""

    prompts: bool = True
    """Each reply with its rendered prompt."""
    letters_only: bool = False
    """No text of a question or reply."""


class Column(Struct, frozen=True):
    """A respondent: its run, and by question its verdict and its samples."""

    run: Run
    by_id: Mapping[str, Graded]
    samples: Mapping[str, Sequence[Graded]]


class Chunks:
    """Makes the chunks of a benchmark and language.

    Args:
        questions: all of them, by id.
        columns: the respondents.
        shown: which texts are shown.
        pictures: the addresses of a question's pictures.
    """

    def __init__(
        self,
        questions: Mapping[str, Question],
        columns: Sequence[Column],
        shown: Shown,
        pictures: Callable[[Question], list[str]],
    ) -> None:
        self._questions, self._columns, self._shown, self._pictures = questions, columns, shown, pictures
        self._threads = threads(questions)

    def of(self, ids: Sequence[str]) -> Chunk:
        """The chunk of some questions."""
        texts: dict[str, int] = {}
        of = self._letters if self._shown.letters_only else self._whole
        return Chunk({display(i): of(self._questions[i], texts) for i in ids}, list(texts))

    def _letters(self, q: Question, _: dict[str, int]) -> QuestionReplies:
        return QuestionReplies(
            contexts=[],
            replies=[letters_reply(c.by_id.get(q.id)) for c in self._columns],
            samples=self._samples(q, letters_samples),
            thread=self._thread(q),
        )

    def _whole(self, q: Question, texts: dict[str, int]) -> QuestionReplies:
        prompts = texts if self._shown.prompts else None
        rows = [reply_row(c.by_id.get(q.id), c.run, prompts) for c in self._columns]
        found = self._samples(q, samples_row)
        if found is not UNSET:
            rows = [replace(r, text="", thinking="") if r and s else r for r, s in zip(rows, found)]
        return QuestionReplies(
            contexts=[display(t) for t in (q.context, *q.documents) if t],
            replies=rows,
            pictures=self._pictures(q),
            samples=found,
            thread=self._thread(q),
            **self._turns(q, texts),
        )

    def _samples(
        self, q: Question, row: Callable[[Sequence[Graded]], SamplesRow]
    ) -> list[SamplesRow | None] | UnsetType:
        found = [c.samples.get(q.id) for c in self._columns]
        return [row(s) if s else None for s in found] if any(found) else UNSET

    def _thread(self, q: Question) -> list[str] | UnsetType:
        return [display(i) for i in self._threads.get(q.id, ())] or UNSET

    def _turns(self, q: Question, texts: dict[str, int]) -> dict[str, list[TurnRow] | list[list[TurnRow]]]:
        """What was exchanged before the reply: each respondent's own, or the same for all."""

        def number(text: str) -> int:
            return texts.setdefault(display(text), len(texts))

        if q.after in self._questions:
            return {"talks": [turns(q, self._questions, c.by_id, number) for c in self._columns]}
        return {"script": turns(q, {}, {}, number)} if q.conversation or q.id in self._threads else {}
