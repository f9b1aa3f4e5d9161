"""Coverage of the 95 % intervals and false-positive rates of the tests, by simulation, where models are today.

python bench/intervals.py    a few minutes of one core

Accuracies 0.5 to 0.98, 50 to 2,000 questions, no links, the links of the real exams, and few or unequal groups. Two
models find the same questions hard (60 % of their answers hang on one common draw a question); on linked questions 55 %
of the answers hang on a draw a case, which is an intraclass correlation of 0.3.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from common import keep
from numpy.typing import NDArray

from igaku.statistics.exchangeability import exchangeable
from igaku.statistics.interval import clustered, wilson
from igaku.statistics.paired import Outcomes, compare, mcnemar
from igaku.statistics.sequential import bets

RUNS = 500
SHARES = (0.5, 0.8, 0.9, 0.95, 0.98)
ALIKE, CASE = 0.6, math.sqrt(0.3)
CLUSTERS = {
    "IgakuQA119's 50 in 20 groups, n 400": [1] * 350 + [2] * 10 + [3] * 10,
    "YakugakuQA's 130 in 65 pairs, n 345": [1] * 215 + [2] * 65,
    "24 groups of 5": [5] * 24,
    "one of 100, 50 single": [100] + [1] * 50,
    "three of 50, 20 pairs": [50] * 3 + [2] * 20,
}
Row = dict[str, object]
Bools = NDArray[np.bool_]


def answers(sizes: Sequence[int], shares: Sequence[float], linked: bool, rng: np.random.Generator) -> list[Bools]:
    """Right or wrong, of one or two models with these accuracies, on questions in groups of these sizes."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    common, alike = rng.random(len(groups)), rng.random(len(groups)) < ALIKE
    out = []
    for share in shares:
        draws = np.where(alike, common, rng.random(len(groups)))
        if linked:
            by_case = (rng.random(len(groups)) < CASE) & (np.repeat(sizes, sizes) > 1)
            draws = np.where(by_case, rng.random(len(sizes))[groups], draws)
        out.append(draws < share)
    return out


def row(what: str, p: float | str, found: float, kind: str, runs: int = RUNS) -> Row:
    error = 2 * math.sqrt(0.05 * 0.95 / runs)
    target = "0.93 to 0.97" if kind == "coverage" else f"at most {0.05 + error:.3f}"
    return {"what": what, "accuracy": p, kind: f"{found:.3f}", "target": target}


def accuracies(rng: np.random.Generator) -> Iterator[Row]:
    """The interval of one accuracy: exact for unlinked questions, simulated for linked ones."""
    for n in (50, 200, 2000):
        inside = [[low <= p <= high for low, high in (wilson(k, n) for k in range(n + 1))] for p in SHARES]
        for p, hits in zip(SHARES, inside):
            yield row(f"accuracy, n {n}", p, sum(_binomial(k, n, p) for k, hit in enumerate(hits) if hit), "coverage")
    for name, sizes in CLUSTERS.items():
        groups = np.repeat(np.arange(len(sizes)), sizes).tolist()
        for p in SHARES:
            drawn = (answers(sizes, [p], True, rng)[0].astype(float).tolist() for _ in range(RUNS))
            hits = [low <= p <= high for low, high in (clustered(values, groups) for values in drawn)]
            yield row(f"accuracy, {name}", p, sum(hits) / RUNS, "coverage")


def _binomial(k: int, n: int, p: float) -> float:
    logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(logs + k * math.log(p) + (n - k) * math.log1p(-p))


def differences(rng: np.random.Generator) -> Iterator[Row]:
    """The interval of a paired difference (2 points), and false differences of equally good models."""
    plain = {f"n {n}": [1] * n for n in (50, 200, 2000)}
    for name, sizes in {**plain, **CLUSTERS}.items():
        linked = name in CLUSTERS
        groups = {f"{i}": f"g{g}" for i, g in enumerate(np.repeat(np.arange(len(sizes)), sizes))}
        runs = 200 if sum(sizes) > 1000 else RUNS
        for p in SHARES:
            inside = [_within(groups, answers(sizes, (p, p - 0.02), linked, rng), 0.02) for _ in range(runs)]
            equal = [_p(groups, answers(sizes, (p, p), linked, rng)) < 0.05 for _ in range(runs)]
            yield row(f"difference, {name}", p, sum(inside) / runs, "coverage", runs)
            yield row(f"difference, {name}", p, sum(equal) / runs, "false positives", runs)


def _outcomes(groups: dict[str, str], both: Sequence[Bools]) -> tuple[Outcomes, Outcomes]:
    a, b = (dict(zip(groups, values.astype(float).tolist())) for values in both)
    return Outcomes("a", a, groups), Outcomes("b", b)


def _within(groups: dict[str, str], both: Sequence[Bools], gap: float) -> bool:
    low, high = compare(*_outcomes(groups, both)).ci95
    return low <= gap <= high


def _p(groups: dict[str, str], both: Sequence[Bools]) -> float:
    return compare(*_outcomes(groups, both)).p


def few_discordant() -> Iterator[Row]:
    """McNemar's mid-p where few questions tell two equally good models apart: exact, over all outcomes."""
    for k in (3, 5, 8, 12, 20, 40, 100, 400):
        found = sum(_binomial(a, k, 0.5) for a in range(k + 1) if mcnemar(a, k - a)[1] < 0.05)
        yield row(f"mid-p, {k} questions that one of the two gets right", "", found, "false positives", 10**9)


def margins(rng: np.random.Generator) -> Iterator[Row]:
    """B is worse by the margin, and is called not worse (one-sided 2.5 %)."""
    sizes = [1] * 400
    groups = {f"{i}": f"{i}" for i in range(400)}
    for p in (0.8, 0.95):
        drawn = (_outcomes(groups, answers(sizes, (p, p - 0.03), False, rng)) for _ in range(RUNS))
        tests = [compare(*pair, margin=0.03).margin for pair in drawn]
        found = sum(t is not None and t.p_b < 0.025 for t in tests) / RUNS
        error = 2 * math.sqrt(0.025 * 0.975 / RUNS)
        what = "not worse by 3 points, n 400, worse by just that"
        yield {**row(what, p, found, "false positives"), "target": f"at most {0.025 + error:.3f}"}


def looks(rng: np.random.Generator) -> Iterator[Row]:
    """Equally good models, looked at after every 25 of 500 questions: any look below 5 %."""
    for p in (0.8, 0.95):
        any_sequential = any_plain = 0
        for _ in range(200):
            a, b = (x.astype(float) for x in answers([1] * 500, (p, p), False, rng))
            gaps = (a - b).tolist()
            parts = [gaps[:n] for n in range(25, 501, 25)]
            any_sequential += any(bets(part, [1] * len(part), 500).p() < 0.05 for part in parts)
            any_plain += any(mcnemar(part.count(1.0), part.count(-1.0))[1] < 0.05 for part in parts)
        yield row("20 looks at one run, --looks", p, any_sequential / 200, "false positives", 200)
        beside = row("20 looks at one run, as if each were the only one", p, any_plain / 200, "false positives", 200)
        yield {**beside, "target": "(for comparison)"}


def probe(rng: np.random.Generator) -> Iterator[Row]:
    """The exchangeability test under its stated null."""
    for units in (10, 30, 100):
        ps = [exchangeable(rng.normal(0, 1, (units, 10)).tolist(), seed=k, draws=999).p for k in range(RUNS)]
        yield row(f"exchangeability test, {units} units", "", sum(p <= 0.05 for p in ps) / RUNS, "false positives")


def side_by_side(rows: Sequence[Row]) -> list[Row]:
    """One row for each simulation and rate, with a column for each accuracy."""
    out: dict[tuple[object, str], Row] = {}
    for one in rows:
        rate = "coverage" if "coverage" in one else "false positives"
        mine = out.setdefault((one["what"], rate), {"what": one["what"], "rate": rate})
        mine[f"{one['accuracy']}" or "any"] = one[rate]
        mine["target"] = one["target"]
    columns = ("what", "rate", *map(str, SHARES), "any", "target")
    return [{c: mine.get(c, "") for c in columns} for mine in out.values()]


def main() -> None:
    rng = np.random.default_rng(0)
    rows = [*accuracies(rng), *differences(rng), *few_discordant(), *margins(rng), *looks(rng), *probe(rng)]
    keep("intervals", side_by_side(rows), note=f"{RUNS} simulations a row (200 for n 2000 and for looks), seed 0")


if __name__ == "__main__":
    main()
