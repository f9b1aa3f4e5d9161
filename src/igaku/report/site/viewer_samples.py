"""Several samples of a question as the viewer shows them: their answers with how many gave each, and each reply."""

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from igaku.grading import Graded
from igaku.report.site.letters import letters
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.report.site.viewer_rows import read_text, verdict_code
from igaku.runs.sample_results import sampled


class SampleRow(Struct, array_like=True):
    """One sample."""

    code: str
    answer: str
    """Its vote; empty where it has none."""
    read: str
    """What was read, and by which rule."""
    text: str
    thinking: str


class SamplesRow(Struct, array_like=True):
    """All samples of one question by one respondent."""

    answers: list[tuple[str, int]]
    """Each answer that was read with its number of samples, the commonest first."""
    rows: list[SampleRow]


def samples_row(samples: Sequence[Graded]) -> SamplesRow:
    """Samples with their texts."""
    return _row(samples, sampled(samples).votes, _whole)


def letters_samples(samples: Sequence[Graded]) -> SamplesRow:
    """As ``samples_row``, without any text of a reply."""
    votes = [" ".join(letters(vote.split(" "))) if vote else "" for vote in sampled(samples).votes]
    return _row(samples, votes, _letters)


def is_unsteady(samples: Sequence[Graded]) -> bool:
    """Whether the samples of a question do not all give one answer."""
    return len(set(sampled(samples).votes)) > 1


def _row(samples: Sequence[Graded], votes: Sequence[str], one: Callable[[Graded, str], SampleRow]) -> SamplesRow:
    counts = Counter(vote for vote in votes if vote)
    return SamplesRow([(display(v), n) for v, n in counts.most_common()], [one(g, v) for g, v in zip(samples, votes)])


def _whole(g: Graded, vote: str) -> SampleRow:
    text, thinking = (g.reply.answer.text or g.reply.answer.error, g.reply.answer.thinking) if g.reply else ("", "")
    return SampleRow(verdict_code(g), display(vote), display(read_text(g.verdict)), display(text), display(thinking))


def _letters(g: Graded, vote: str) -> SampleRow:
    return SampleRow(verdict_code(g), vote, "", "", "")
