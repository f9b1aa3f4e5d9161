"""Models against each other on each benchmark: accuracy with its interval, and ranks that are ranges.

A model is ahead of another only where the paired test on their common questions shows it (5 %, Holm over all pairs that
are shown). The best rank a model may have is one more than the number of those ahead of it, the worst is the number of
models less those behind it.

A respondent is a model with all the ways it was asked (templates, orders of choices): each question counts with its
share of right answers over the ways, on the questions that every way could ask. Taken ``by="way"``, it is a model asked
in one way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import UNSET, Struct, UnsetType

from igaku.errors import IgakuError
from igaku.runs.counted import LeftOut, by_main_method, system_of
from igaku.runs.results import SuiteScore, suite_label
from igaku.runs.run_keys import key_notes, one_key
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_runs
from igaku.studies.boards import Board, By, Standing, boards, sighted
from igaku.studies.points import ExamPoints, exam_points, points_tables
from igaku.studies.truncation import MOST_TRUNCATED
from igaku.tables import Kind, Table, Value, View

CUT: dict[str, Kind] = {"truncated": "share", "without them": "share", "95 % (without them)": "interval"}
BEST = (
    "bold: shown to be better than every other ranked model of its board, by the test of the rank; where several share "
    "the first rank, none is bold"
)
NONE_BEST = "nothing is bold, since no model is shown to be better than every other ranked one of its board"
POINTS = (
    "points: of all questions of the exam, those with pictures too, whether the model was shown them or not; they rank "
    "nobody; like exam: other questions of the same kind and difficulty"
)


class BoardFacts(Struct, frozen=True, kw_only=True):
    """What a board's numbers are over."""

    benchmark: str
    language: str
    method: str
    questions: int
    left_out: LeftOut


class OnSuite(Struct, frozen=True, kw_only=True):
    """A standing's suites, where the model was asked as some (one, unless it stands for several runs)."""

    benchmark: str
    language: str
    respondent: str
    suites: list[SuiteScore]
    none: bool = False
    """Whether some of its replies were asked as no suite."""

    @property
    def label(self) -> str:
        """All of them, for a table."""
        return ", ".join([*map(suite_label, self.suites), *(["no suite"] if self.none else [])])


class LeaderboardReport(View, Struct, kw_only=True):
    """Standings of every benchmark, best first."""

    standings: list[Standing]
    boards: list[BoardFacts] = []
    pairs: int = 0
    """Pairs over which Holm's adjustment goes."""
    suites: list[OnSuite] | UnsetType = UNSET
    """Which suites the standings are of; absent where no run was asked as one."""
    keys: list[str] | UnsetType = UNSET
    """Which keys the questions were graded by, where there are several."""
    points: list[ExamPoints] | UnsetType = UNSET
    """Points of whole exams with pass marks, pictures included."""
    title: str | UnsetType = UNSET
    """The caption of its table."""

    def tables(self) -> list[Table]:
        """One row a respondent and benchmark; then one an examinee, for each exam with pass marks."""
        return [self._standings(), *points_tables(self.points or [])]

    def _standings(self) -> Table:
        several = any(s.ways > 1 for s in self.standings)
        cut = any(s.truncated for s in self.standings)
        graders = len({s.method for s in self.standings}) > 1
        of_suites = {(o.benchmark, o.language, o.respondent): o.label for o in self._on_suites()}
        pictured = any(s.pictures is not UNSET for s in self.standings)
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "rank": "range",
            "respondent": "text",
            **({"graded by": "text"} if graders else {}),
            "replies": "text",
            **({"pictures": "text"} if pictured else {}),
            "questions": "count",
            **({"ways": "count"} if several else {}),
            "accuracy": "share",
            "95 %": "interval",
            **(dict(CUT) if cut else {}),
            **({"suite": "text"} if of_suites else {}),
        }
        rows: list[list[Value]] = [
            [
                s.benchmark,
                s.language,
                s.ranks,
                s.respondent,
                *([s.method] if graders else []),
                "imported" if s.origin == "imported" else "asked by igaku",
                *([_pictures(s)] if pictured else []),
                s.n,
                *([s.ways] if several else []),
                s.accuracy,
                s.ci95,
                *(_without(s) if cut else []),
                *([of_suites.get((s.benchmark, s.language, s.respondent), "")] if of_suites else []),
            ]
            for s in self.standings
        ]
        best = self._best()
        note = (BEST if best else NONE_BEST) if self.pairs else ""
        return Table(name="standings", columns=columns, rows=rows, title=self.title or "", best=best, best_note=note)

    def _best(self) -> list[tuple[int, str]]:
        """The accuracies of those that are shown to be better than every other ranked one of their board."""
        separate = {(b.benchmark, b.language) for b in self.boards if b.method}
        where = [
            (s.benchmark, s.language, s.method if (s.benchmark, s.language) in separate else "") for s in self.standings
        ]
        ranked = Counter(at for at, s in zip(where, self.standings) if s.ranks)
        return [
            (i, "accuracy")
            for i, (at, s) in enumerate(zip(where, self.standings))
            if s.ranks and len(s.ahead_of) == ranked[at] - 1 > 0
        ]

    def notes(self) -> list[str]:
        """What the columns mean, which questions are counted, and who could not be ranked."""
        pairs = "1 pair" if self.pairs == 1 else f"all {self.pairs:,} pairs of these boards"
        rank = (
            "rank: a range where the paired test on the questions that both have does not show a difference "
            f"(5 %, Holm over {pairs}); not shown is not the same as equal"
        )
        return [
            "95 %: confidence interval of the accuracy, for other questions of this kind; linked questions together",
            rank if self.pairs else "rank: no two ranked models here have questions in common, so nothing is compared",
            *(_counted(b) for b in self.boards),
            *(note for s in self.standings if (note := _unlike(s))),
            *self._graders(),
            *self._suites(),
            *(self.keys or []),
            *([POINTS] if self.points else []),
        ]

    def _on_suites(self) -> list[OnSuite]:
        return [] if self.suites is UNSET else self.suites

    def _suites(self) -> list[str]:
        """Boards on which models were asked as different suites, or only some as one."""
        boards: dict[tuple[str, str], dict[str, None]] = {}
        for o in self._on_suites():
            names = [f"{s['name']} {s['version']} (hash {s['hash'][:12]})" for s in o.suites]
            boards.setdefault((o.benchmark, o.language), {}).update(dict.fromkeys(names + ["no suite"] * o.none))
        return [
            f"{' '.join(board)}: not all were asked as one suite ({'; '.join(suites)}), so prompts may differ"
            for board, suites in boards.items()
            if len(suites) > 1
        ]

    def _graders(self) -> list[str]:
        """Boards on which models are graded by different methods."""
        out = []
        for b in self.boards:
            where = (b.benchmark, b.language)
            methods = {s.method for s in self.standings if (s.benchmark, s.language) == where}
            if not b.method and len(methods) > 1:
                listed = ", ".join(sorted(methods))
                out.append(
                    f"{' '.join(where)}: models are graded by different methods ({listed}), so a difference may be "
                    "one of graders; --method takes one for all"
                )
        return out


def _pictures(s: Standing) -> str:
    return "" if s.pictures is UNSET else "shown" if s.pictures else "not shown"


def _without(s: Standing) -> list[Value]:
    return [s.truncated.share, s.truncated.rest, s.truncated.rest_ci95] if s.truncated else [None, None, None]


def _counted(b: BoardFacts) -> str:
    by = f" by {b.method}" if b.method else ""
    out = str(b.left_out)
    return f"{b.benchmark} {b.language}{by}: {b.questions:,} questions counted" + (f"; left out: {out}" if out else "")


def _unlike(s: Standing) -> str:
    where = f"{s.respondent} ({s.benchmark} {s.language})"
    if s.truncated:
        t = s.truncated
        return (
            f"{where} is not ranked: {t.count:,} of its {t.n:,} replies are truncated (more than {t.most:.0%}); its "
            "accuracy takes them as wrong; without them: of the replies that it finished, which may be to the easier "
            "questions; ask it again with more room (--max-tokens, a longer context)"
        )
    if s.ranks is None:
        return (
            f"{where} is not ranked: it lacks {s.lacking:,} of the board's questions, and its accuracy is over its own "
            f"{s.n:,}; igaku compare takes the questions that two have in common"
        )
    return f"{where}: {s.beyond:,} further questions are not counted, since others lack them" if s.beyond else ""


def leaderboard(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    method: Names = None,
    by: By = "model",
    images: bool = False,
    max_truncated: float = MOST_TRUNCATED,
) -> LeaderboardReport:
    """Standings, benchmark by benchmark, best first, on the same questions.

    Args:
        runs: runs or their folders.
        method: one grading method for all runs, or several for a board each; each model's main one if left out.
        by: a row for each ``model`` over all its ways of being asked, or for each ``way``.
        images: of benchmarks with pictures, all questions, and only the models that were shown them; otherwise all
            models on the questions without.
        max_truncated: share of truncated replies, 0 to 1, above which a model is not ranked.

    Raises:
        IgakuError: nothing in the runs has an accuracy, or with ``images`` no model was shown any.
    """
    opened = {f"{k}": run for k, run in enumerate(open_runs(*runs))}
    one_key(list(opened.values()))
    verdicts = by_main_method(opened, method)
    counted = sighted(verdicts, opened) if images else verdicts
    if images and not counted:
        raise IgakuError("--images: no model was shown pictures in these runs; leave it out for the questions without")
    found = boards(counted, opened, by, images, max_truncated)
    if not found:
        raise IgakuError("no exam questions with an accuracy in these runs")
    return LeaderboardReport(
        standings=[s for board in found for s in board.standings],
        boards=[_facts(b) for b in found],
        pairs=found[0].pairs,
        suites=_suites([s for board in found for s in board.standings], opened.values()),
        keys=key_notes(opened.values()) or UNSET,
        points=[p for p in exam_points(counted, opened) if p.complete] or UNSET,
    )


def _suites(standings: Sequence[Standing], runs: Iterable[Run]) -> list[OnSuite] | UnsetType:
    """The suites of each standing; absent where no run was asked as one."""
    found: dict[tuple[str, str, str, str], list[SuiteScore | None]] = {}
    for run in runs:
        for t in run.manifest.tasks:
            mine = found.setdefault((t.bench, t.lang, t.model, system_of(run)), [])
            if run.suite not in mine:
                mine.append(run.suite)
    if not any(suite for mine in found.values() for suite in mine):
        return UNSET
    return [
        OnSuite(
            benchmark=s.benchmark,
            language=s.language,
            respondent=s.respondent,
            suites=[one for one in mine if one],
            none=None in mine,
        )
        for s in standings
        if (mine := found.get((s.benchmark, s.language, s.model, s.system), []))
    ]


def _facts(b: Board) -> BoardFacts:
    return BoardFacts(
        benchmark=b.benchmark, language=b.language, method=b.method, questions=b.questions, left_out=b.left_out
    )
