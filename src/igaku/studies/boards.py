"""A board: the models of one benchmark and language on the same questions, every pair tested, ranks that are ranges.

Every number of a board is one on the same questions. Where the respondents' questions differ, the board is that group
of them, and the questions which all of that group have, that holds the most verdicts; the others stand below, without a
rank, with their own questions counted. Below stand also models with too many truncated replies, which are in no pair.
Pairs are compared on the questions that both have, as ``igaku compare`` does, and Holm's adjustment is over all pairs
of all boards that are shown together. A model is not compared with itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from igaku.grading import Graded
from igaku.runs.counted import Counted, LeftOut, counts, images_shown, left_out, system_of
from igaku.runs.store import Run
from igaku.statistics.all_pairs import compare_all
from igaku.statistics.interval import clustered
from igaku.statistics.paired import LEVEL, Comparison, Outcomes, corrected
from igaku.statistics.respondents import PromptVariant, RespondentId, respondent_names
from igaku.statistics.tally import CellKey
from igaku.studies.truncation import MOST_TRUNCATED, Truncated, truncated

By = Literal["way", "model"]
Ways = dict[PromptVariant, list[Graded]]


class Standing(Struct, frozen=True, kw_only=True):
    """One respondent on one benchmark. ``ranks`` is (best, worst), 1 the first; None where it has not all of the
    board's questions, or too many truncated replies."""

    benchmark: str
    language: str
    respondent: str
    model: str
    method: str
    origin: str
    n: int
    """Questions that its numbers are over: the board's, or its own where it has no rank."""
    accuracy: float
    ci95: tuple[float, float]
    ranks: tuple[int, int] | None
    ahead_of: list[str]
    """Respondents that it is shown to be better than (5 %, Holm)."""
    system: str = ""
    """What tells it from another model of its name (adapter, quantization), where ``by="model"``."""
    ways: int = 1
    lacking: int = 0
    """Questions of the board that it was not scored on (where it has no rank),"""
    beyond: int = 0
    """and questions that it was scored on and the board does not count."""
    lowest: float
    """Accuracy of the worst way of asking,"""
    highest: float
    """and of the best; both are the accuracy itself where there is one way."""
    pictures: bool | UnsetType = UNSET
    """Whether it was shown the pictures in every way; left out where no question has one."""
    truncated: Truncated | UnsetType = UNSET
    """Why it has no rank, where too many of its replies are truncated (``igaku.studies.truncation``)."""

    @property
    def rank(self) -> str:
        """``2``, or ``1–3`` where the rank is a range; ``–`` for none."""
        if self.ranks is None:
            return "–"
        best, worst = self.ranks
        return f"{best}" if best == worst else f"{best}–{worst}"


class Board(Struct, frozen=True, kw_only=True):
    """One benchmark and language: standings best first, those without a rank last, and every pair compared."""

    benchmark: str
    language: str
    method: str = ""
    """The grading method, where the same models stand on several boards by several methods."""
    questions: int
    """Questions that all ranked respondents were scored on."""
    left_out: LeftOut
    pairs: int
    """Pairs over which the p values are adjusted: those of all boards shown together."""
    standings: list[Standing]
    comparisons: list[Comparison]


class _Rows(Struct, frozen=True):
    """What one board is computed from."""

    bench: str
    lang: str
    method: str
    ways: dict[RespondentId, Ways]
    outcomes: dict[RespondentId, Outcomes]
    out: LeftOut
    cut: dict[RespondentId, Truncated]
    """Those that are not ranked for it, and in no pair."""


def boards(
    items: Iterable[Counted | tuple[str, CellKey, Graded]],
    runs: Mapping[str, Run],
    by: By = "model",
    images: bool = False,
    most_truncated: float = MOST_TRUNCATED,
) -> list[Board]:
    """Boards from verdicts, each with the label of its run (a key of ``runs``); by choices and accuracy only.

    Args:
        items: verdicts, by one method a model (``igaku.runs.counted.by_main_method``), or by several.
        runs: the runs by label.
        by: a row for each ``model`` over all its ways of being asked, or for each ``way``.
        images: questions that need an image count too, for those models that were shown it.
        most_truncated: share of truncated replies above which a model is not ranked, and compared with none.
    """
    found = list(_rows(items, runs, by, images, most_truncated))
    pairs = [_pairs(rows) for rows in found]
    every = [c for mine in pairs for c in mine]
    tested = iter(corrected(every))
    by_board = [[next(tested) for _ in mine] for mine in pairs]
    return [_board(rows, mine, len(every), runs) for rows, mine in zip(found, by_board)]


def sighted(items: Iterable[Counted], runs: Mapping[str, Run]) -> list[Counted]:
    """Of verdicts, those of respondents that were shown the pictures, on benchmarks that have some: ``boards`` of them
    with ``images`` is a board over all questions, which the blind cannot stand on."""
    items = list(items)
    pictured = {(key.benchmark, key.language) for _, key, g in items if not g.question.text_only}
    if not pictured:
        return []
    saw = {who: images_shown(runs[who[0]], who[1]) for who in {(label, key) for label, key, _ in items}}
    return [c for c in items if saw[c.run, c.key] and (c.key.benchmark, c.key.language) in pictured]


def _rows(
    items: Iterable[Counted | tuple[str, CellKey, Graded]],
    runs: Mapping[str, Run],
    by: By,
    images: bool,
    most_truncated: float,
) -> Iterable[_Rows]:
    systems = {label: system_of(run) for label, run in runs.items()}
    tables: dict[tuple[str, str], dict[RespondentId, Ways]] = {}
    lists: dict[tuple[str, int], tuple[CellKey, list[Graded]]] = {}  # by address: millions of verdicts have few keys
    for label, p, g in items:
        if p.aggregate != "accuracy" or p.question_format != "choices":
            continue
        if (label, id(p)) not in lists:
            variant = (label, p) if by == "way" else None
            who = RespondentId(p.model, p.method, systems[label], variant)
            mine = tables.setdefault((p.benchmark, p.language), {}).setdefault(who, {}).setdefault((label, p), [])
            lists[label, id(p)] = (p, mine)
        lists[label, id(p)][1].append(g)
    for (bench, lang), ways in tables.items():
        for method, rows in _by_method(ways).items():
            labels = respondent_names(list(rows))
            variants = [v for way in rows.values() for v in way] if images else []
            shown = defaultdict(frozenset[str], {v: images_shown(runs[v[0]], v[1]) for v in variants})
            outcomes = {who: outcomes_over_ways(row_name(who, labels[who]), way, shown) for who, way in rows.items()}
            each = ((shown[v], graded) for way in rows.values() for v, graded in way.items())
            out = left_out((g, g.question.id in pictured) for pictured, graded in each for g in graded)
            outcomes = {who: o for who, o in outcomes.items() if o.scores}
            found = ((who, truncated(_counting(rows[who], shown), most_truncated)) for who in outcomes)
            cut = {who: t for who, t in found if t}
            if outcomes:
                yield _Rows(bench, lang, method, rows, outcomes, out, cut)


def _counting(ways: Ways, shown: Mapping[PromptVariant, Collection[str]]) -> list[Graded]:
    return [g for way, items in ways.items() for g in items if counts(g, g.question.id in shown[way])]


def _by_method(ways: Mapping[RespondentId, Ways]) -> dict[str, dict[RespondentId, Ways]]:
    """One board, or one a method where some model was graded by several: no model stands beside itself."""
    methods: dict[tuple[str, str], set[str]] = defaultdict(set)
    for who in ways:
        methods[who.model, who.system].add(who.method)
    if all(len(m) == 1 for m in methods.values()):
        return {"": dict(ways)}
    out: dict[str, dict[RespondentId, Ways]] = defaultdict(dict)
    for who, mine in ways.items():
        out[who.method][who] = mine
    return out


def row_name(who: RespondentId, label: str) -> str:
    """A row always has its model's name, also where it is the only one."""
    return label if label.startswith(who.model) else f"{who.model} {label}"


def outcomes_over_ways(name: str, ways: Ways, shown: Mapping[PromptVariant, Collection[str]]) -> Outcomes:
    """Each question's share of right answers over the ways, where every way could ask it; partial scores for one way
    only."""
    scores: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, str] = {}
    for variant, items in ways.items():
        pictured = shown[variant]
        for g in items:
            if counts(g, g.question.id in pictured):
                scores[g.question.id].append(g.verdict.score)
                groups[g.question.id] = g.question.group
    shared = {q: fmean(values) for q, values in scores.items() if len(values) == len(ways)}
    return Outcomes(name, shared, groups)


def _pairs(rows: _Rows) -> list[Comparison]:
    """Every pair of two models that may be ranked, with questions in common."""
    who, outcomes = list(rows.outcomes), list(rows.outcomes.values())
    ranked = [(i, one) for i, one in enumerate(who) if one not in rows.cut]
    pairs = [
        (i, j)
        for (i, one), (j, other) in combinations(ranked, 2)
        if (one.model, one.system) != (other.model, other.system)
        and any(q in outcomes[j].scores for q in outcomes[i].scores)
    ]
    return compare_all(outcomes, pairs)


def same_questions(outcomes: Sequence[Outcomes]) -> tuple[set[str], set[str]]:
    """Names of the respondents that are ranked together, and the questions that all of them have.

    Of the groups that start with the respondent with most questions and take in the others by how many of these they
    share, the one with the most verdicts (respondents times questions in common).
    """
    largest = max(outcomes, key=lambda o: len(o.scores))
    order = sorted(outcomes, key=lambda o: (o is not largest, -sum(q in largest.scores for q in o.scores)))
    common, best, names = set(largest.scores), set(largest.scores), {largest.name}
    for k, o in enumerate(order[1:], 2):
        common = {q for q in common if q in o.scores}
        if k * len(common) >= len(names) * len(best) and common:
            best, names = common, {x.name for x in order[:k]}
    return names, best


def _board(rows: _Rows, comparisons: list[Comparison], pairs: int, runs: Mapping[str, Run]) -> Board:
    whole = [o for who, o in rows.outcomes.items() if who not in rows.cut]
    ranked, questions = same_questions(whole or list(rows.outcomes.values()))
    ranked = ranked if whole else set()
    ahead: dict[str, list[str]] = {name: [] for name in ranked}
    for c in comparisons:
        if c.p_adjusted < LEVEL and {c.a, c.b} <= ranked:
            first, second = (c.a, c.b) if c.difference > 0 else (c.b, c.a)
            ahead[first].append(second)
    standings = [_standing(rows, who, o, questions, ahead, runs) for who, o in rows.outcomes.items()]
    return Board(
        benchmark=rows.bench,
        language=rows.lang,
        method=rows.method,
        questions=len(questions),
        left_out=rows.out,
        pairs=pairs,
        standings=sorted(standings, key=lambda s: (s.ranks is None, -s.accuracy)),
        comparisons=comparisons,
    )


def _standing(
    rows: _Rows,
    who: RespondentId,
    own: Outcomes,
    questions: set[str],
    ahead: Mapping[str, list[str]],
    runs: Mapping[str, Run],
) -> Standing:
    ways, name = rows.ways[who], own.name
    shared = {q for q in own.scores if q in questions}
    over = shared if name in ahead or (who in rows.cut and shared) else set(own.scores)
    right: dict[str, list[float]] = {q: [] for q in own.scores if q in over}
    each = []
    for items in ways.values():
        mine = [(g.question.id, float(g.verdict.share_right)) for g in items if g.question.id in over]
        each.append(fmean(v for _, v in mine))
        for q, v in mine:
            right[q].append(v)
    values = [fmean(v) for v in right.values()]
    imported = any(runs[label].manifest.identity is None for label, _ in ways)
    ranks = (1 + sum(name in beaten for beaten in ahead.values()), len(ahead) - len(ahead.get(name, [])))
    return Standing(
        benchmark=rows.bench,
        language=rows.lang,
        respondent=name,
        model=who.model,
        method=who.method,
        system=who.system,
        origin="imported" if imported else "run",
        n=len(values),
        accuracy=fmean(values),
        ci95=clustered(values, [own.groups[q] or q for q in right]),
        ranks=ranks if name in ahead else None,
        ahead_of=ahead.get(name, []),
        ways=len(ways),
        lacking=sum(q not in own.scores for q in questions),
        beyond=len(own.scores) - len(over),
        lowest=min(each),
        highest=max(each),
        pictures=_saw(ways, runs),
        truncated=rows.cut.get(who, UNSET),
    )


def _saw(ways: Ways, runs: Mapping[str, Run]) -> bool | UnsetType:
    if all(g.question.text_only for items in ways.values() for g in items):
        return UNSET
    return all(
        {g.question.id for g in items if not g.question.text_only} <= images_shown(runs[label], key)
        for (label, key), items in ways.items()
    )
