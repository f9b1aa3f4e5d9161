"""Several written replies to one question: each drawn by a seed of its own, together one verdict.

A question counts once, whatever samples it has: n samples counted as n questions would make every interval too short.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from msgspec.structs import replace

from igaku.grading import Graded
from igaku.io.hashing import digest
from igaku.statistics.tally import CellKey


def seed_of(base: int, *position: str, sample: int) -> int:
    """The seed of one sample, from 0 to 2³¹ - 1, out of the run's seed and the question's position in the run.

    Two questions have different seeds too. With one for all, an engine that draws a reply's first token by its first
    random number would be lucky or unlucky on all questions at once, and no interval holds for that.
    """
    return int(digest("\n".join([f"{base}", *position, f"{sample}"]).encode())[:8], 16) >> 1


def by_question(graded: Iterable[tuple[CellKey, Graded]]) -> list[tuple[CellKey, Graded]]:
    """One verdict a question of each key, in order of appearance."""
    groups: dict[tuple[CellKey, str], list[Graded]] = defaultdict(list)
    for key, item in graded:
        groups[key, item.question.id].append(item)
    return [(key, together(items)) for (key, _), items in groups.items()]


def together(samples: Sequence[Graded]) -> Graded:
    """The verdicts on one question's samples as one.

    Its score and its share of right answers are means over the samples; its outcome, what was read and the reply are
    those of the commonest answer, the earlier of two that are equally common. Where that is not scored (a question that
    only counts for who has it right), the question is not.
    """
    if len(samples) == 1:
        return samples[0]
    commonest = Counter((g.verdict.outcome, g.verdict.read) for g in samples).most_common(1)[0][0]
    first = next(g for g in samples if (g.verdict.outcome, g.verdict.read) == commonest)
    scored = [g.verdict for g in samples if g.verdict.scored]
    if not first.verdict.scored or not scored:
        return first
    share, score = fmean(v.right for v in scored), fmean(v.score for v in scored)
    cut = fmean(v.outcome == "truncated" for v in scored)
    differs = cut != (first.verdict.outcome == "truncated")
    verdict = replace(first.verdict, share=share, score=score, truncated=cut if differs else None)
    return first._replace(verdict=verdict)
