"""Which questions are hard, which tell models apart, whose key is doubtful, and which differ between two groups.

A key is doubtful where the better respondents are wrong more often than the worse, or where most respondents give one
and the same other answer. Both are reasons to read the question again, and nothing more: a question can be a trap that
good models share. ``igaku.statistics.items`` has the statistics.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.benchmarks import family, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.keys import gold_letters
from igaku.question import Question
from igaku.runs.respondents import Respondent, respondents
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_runs
from igaku.statistics.items import DifferentialItem, ItemStatistic, classical, differential
from igaku.statistics.paired import adjusted
from igaku.tables import Kind, Table, Value, View

LEAST = 5
"""Fewest respondents for a correlation to say anything."""
AGREED = 0.6
"""Share of respondents that give the same other answer, from which the key is doubtful."""
LISTED = 0.1
"""p of a negative correlation from which a key is listed: a list to read again may be long, and must not miss one."""
EACH = 3
"""Fewest right and wrong answers for a correlation: of one or two it is those respondents' own."""
LEVEL = 0.05
BETWEEN = ("", "languages", "pictures")
BACKWARDS = "the better are wrong more often"
AGREEING = "most agree on another answer"


class DoubtfulKey(Struct, frozen=True, kw_only=True):
    """A question to read again, and why."""

    item: ItemStatistic
    key: str
    replies: dict[str, int]
    """Answer -> respondents that gave it, most first; ``""`` for replies that could not be read."""
    reason: str
    reasons: tuple[str, ...] = ()
    """``BACKWARDS`` and ``AGREEING``, as far as they hold."""
    pictured: bool = False
    """Whether the question has a picture, which ``saw`` respondents were sent."""
    saw: int = 0


class ItemReport(View, Struct, frozen=True, kw_only=True):
    """Every question, the doubtful keys, and the questions that function differently in two groups."""

    respondents: int
    items: list[ItemStatistic]
    doubtful: list[DoubtfulKey]
    groups: tuple[str, str] | None = None
    differing: list[DifferentialItem] = []
    adjusted: dict[str, float] = {}
    """Question -> p of its difference, Holm over the questions compared."""

    def tables(self) -> list[Table]:
        """A summary, the doubtful keys, the questions that differ, and every question (the hardest first)."""
        known = [i.point_biserial for i in self.items if i.point_biserial is not None]
        heads: dict[str, Kind] = {
            "questions": "count",
            "respondents": "count",
            "right, mean": "share",
            "all right": "count",
            "none right": "count",
            "item-rest r, mean": "number",
            "doubtful keys": "count",
        }
        right = [i.share_right for i in self.items]
        summary: list[Value] = [
            *(len(self.items), self.respondents, fmean(right), right.count(1.0), right.count(0.0)),
            *(fmean(known) if known else None, len(self.doubtful)),
        ]
        out = [Table(name="summary", columns=heads, rows=[summary]), self._doubtful()]
        return [*out, *([self._differing()] if self.groups else []), self._items()]

    def _doubtful(self) -> Table:
        columns: dict[str, Kind] = {
            "question": "text",
            "respondents": "count",
            "right": "share",
            "item-rest r": "number",
            "p": "p",
            "key": "text",
            "replies": "text",
            "why": "text",
        }
        rows: list[list[Value]] = [
            [*_shown(d.item), d.key, ", ".join(f"{k or 'unread'} {n}" for k, n in d.replies.items()), d.reason]
            for d in self.doubtful
        ]
        return Table(name="doubtful", title="keys to check", columns=columns, rows=rows)

    def _differing(self) -> Table:
        one, two = self.groups or ("", "")
        columns: dict[str, Kind] = {
            "question": "text",
            f"{one}: n": "count",
            f"{one}: right": "share",
            f"{two}: n": "count",
            f"{two}: right": "share",
            "odds ratio": "number",
            "p": "p",
            "p (Holm)": "p",
        }
        rows: list[list[Value]] = [
            [d.id, d.n[0], d.share_right[0], d.n[1], d.share_right[1], d.odds_ratio, d.p, self.adjusted[d.id]]
            for d in sorted(self.differing, key=lambda d: d.p)
            if d.p < LEVEL
        ]
        return Table(name="differing", title=f"{one} against {two}", columns=columns, rows=rows)

    def _items(self) -> Table:
        columns: dict[str, Kind] = {"question": "text", "respondents": "count", "right": "share"}
        columns |= {"item-rest r": "number", "p": "p"}
        rows = [_shown(i) for i in sorted(self.items, key=lambda i: i.share_right)]
        return Table(name="questions", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """What the numbers are, and how many would be listed by chance."""
        tested = sum(map(_correlated, self.items))
        out = [
            "item-rest r: correlation of right or not with the score on the other questions; below 0 the better "
            "respondents are wrong more often",
            "p: one-sided for r below 0, one question at a time, listed under 10 %; were r 0 everywhere, "
            f"{LISTED * tested:.0f} of {tested} would be listed by chance",
            "a listed key is to be read again; it need not be wrong",
            "models of one family are alike, so that the respondents count for fewer than they are",
        ]
        if self.groups:
            shown = sum(p < LEVEL for p in self.adjusted.values())
            out.append(
                f"{self.groups[0]} against {self.groups[1]}: Mantel-Haenszel in bands of like score on the other "
                f"questions (p < 5 % listed); shown for {shown} of {len(self.differing)} (5 %, Holm over these)"
            )
        return out


def _shown(item: ItemStatistic) -> list[Value]:
    return [item.id, item.n, item.share_right, item.point_biserial, item.p]


def items(
    bench: str | Benchmark,
    *runs: Run | str | Path | Sequence[Run | str | Path],
    lang: str | None = None,
    method: Names = None,
    between: str = "",
) -> ItemReport:
    """Statistics of a benchmark's questions over the respondents of some runs.

    Args:
        between: ``languages`` (the benchmark's two languages, all respondents in each), or ``pictures`` (respondents
            that were sent the images against those that were not, on questions with images, alike in the others).

    Raises:
        IgakuError: fewer than three respondents, or no two groups to compare.
    """
    if between not in BETWEEN:
        raise IgakuError(f"--between {between!r} is not known; there are languages, pictures")
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    lang = lang or loaded.languages[0]
    questions = {q.id: q for q in loaded.load(lang) if not q.void}
    opened = open_runs(*runs)
    found = respondents(opened, family(loaded.label), lang, method, questions)
    if len(found) < 3:
        raise IgakuError(f"{loaded.label}: {len(found)} respondents in these runs; at least three are needed")
    statistics = [s for s in classical([r.scores for r in found], list(questions)) if s.n]
    report = ItemReport(respondents=len(found), items=statistics, doubtful=doubtful_keys(statistics, questions, found))
    if not between:
        return report
    other = [x for x in loaded.languages if x != lang][:1]
    if between == "languages" and other:
        second = respondents(opened, family(loaded.label), other[0], method, questions)
        return _compared(report, (lang, other[0]), found, second, [s.id for s in statistics])
    if between == "languages":
        raise IgakuError(f"{loaded.label} has one language")
    pictures = [i for i, q in questions.items() if not q.text_only]
    groups = [r for r in found if r.images], [r for r in found if not r.images]
    return _compared(report, ("with images", "without"), *groups, pictures, set(questions) - set(pictures))


def doubtful_keys(
    statistics: Iterable[ItemStatistic], questions: Mapping[str, Question], found: Sequence[Respondent]
) -> list[DoubtfulKey]:
    """Of some questions (by id) those to read again, by their statistics over some respondents."""
    return [d for s in statistics if (d := _doubt(s, questions[s.id], found))]


def _compared(
    report: ItemReport,
    names: tuple[str, str],
    first: Sequence[Respondent],
    second: Sequence[Respondent],
    ids: Sequence[str],
    match: Collection[str] = (),
) -> ItemReport:
    if min(len(first), len(second)) < 2:
        raise IgakuError(f"{names[0]}: {len(first)} respondents, {names[1]}: {len(second)}; two of each are needed")
    found = differential([r.scores for r in first], [r.scores for r in second], ids, match)
    found = [d for d in found if min(d.n)]
    corrected = dict(zip((d.id for d in found), adjusted([d.p for d in found])))
    return ItemReport(
        respondents=report.respondents,
        items=report.items,
        doubtful=report.doubtful,
        groups=names,
        differing=found,
        adjusted=corrected,
    )


def _correlated(item: ItemStatistic) -> bool:
    """Whether enough were right, and enough wrong, for the correlation to say something."""
    right = round(item.share_right * item.n)
    return item.p is not None and min(right, item.n - right) >= EACH


def _doubt(item: ItemStatistic, question: Question, found: Sequence[Respondent]) -> DoubtfulKey | None:
    if item.n < LEAST:
        return None
    given = [(r.reads.get(item.id, ""), r.scores[item.id]) for r in found if item.id in r.scores]
    other = Counter(read for read, score in given if read and score < 1)
    agreed = other.most_common(1)[0][1] / item.n if other else 0.0
    backwards = _correlated(item) and (item.p or 0) < LISTED
    if not backwards and agreed < AGREED:
        return None
    reasons = (BACKWARDS,) * backwards + (AGREEING,) * (agreed >= AGREED)
    saw = sum(r.images for r in found if item.id in r.scores)
    pictured = () if question.text_only else (f"has a picture, which {saw} of {item.n} were sent",)
    return DoubtfulKey(
        item=item,
        key=gold_letters(question),
        replies=dict(Counter(read for read, _ in given).most_common()),
        reason="; ".join((*reasons, *pictured)),
        reasons=reasons,
        pictured=not question.text_only,
        saw=saw,
    )
