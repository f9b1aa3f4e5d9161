"""Do the 95 % intervals cover, and do the tests keep to their false-positive rate? Simulations, stated n and p.

python bench/intervals.py
"""

import math

import numpy as np
from common import keep

from igaku.statistics.exchangeability import exchangeable
from igaku.statistics.interval import clustered, wilson
from igaku.statistics.paired import Outcomes, compare, mcnemar

TRIES = 2000
SHARES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def cover_plain(n: int, rng: np.random.Generator) -> float:
    hits = 0
    for p in SHARES:
        for k in rng.binomial(n, p, TRIES):
            low, high = wilson(int(k), n)
            hits += low <= p <= high
    return hits / TRIES / len(SHARES)


def cover_clusters(n: int, size: int, same: float, rng: np.random.Generator) -> float:
    """Groups of linked questions; with probability ``same`` a question takes its group's common outcome."""
    hits, tries = 0, TRIES // 4
    groups = [i // size for i in range(n)]
    for p in SHARES:
        for _ in range(tries):
            common = rng.random(n // size + 1) < p
            own = rng.random(n) < p
            values = np.where(rng.random(n) < math.sqrt(same), common[groups], own)
            low, high = clustered(values.astype(float).tolist(), groups)
            hits += low <= p <= high
    return hits / tries / len(SHARES)


def cover_difference(n: int, rng: np.random.Generator) -> float:
    """Paired difference by bootstrap from cells: A right with p, B with p - 0.05, on questions of varying difficulty."""
    hits, tries = 0, TRIES // 8
    for p in SHARES:
        gap = 0.05
        for _ in range(tries):
            shared = rng.random(n) < 0.5
            u, v = rng.random(n), rng.random(n)
            a = u < p
            b = np.where(shared, u, v) < p - gap
            c = compare(
                Outcomes("a", dict(enumerate_(a))), Outcomes("b", dict(enumerate_(b))), seed=int(rng.integers(1 << 30))
            )
            hits += c.ci95[0] <= gap <= c.ci95[1]
    return hits / tries / len(SHARES)


def enumerate_(values: np.ndarray) -> list[tuple[str, float]]:
    return [(str(i), float(v)) for i, v in enumerate(values)]


def false_positives(n: int, discordant: float, rng: np.random.Generator) -> tuple[float, float]:
    exact = mid = 0
    for _ in range(TRIES * 5):
        k = int(rng.binomial(n, discordant))
        e, m = mcnemar(int(x := rng.binomial(k, 0.5)), k - int(x))
        exact += e <= 0.05
        mid += m <= 0.05
    return exact / TRIES / 5, mid / TRIES / 5


def probe_false_positives(units: int, rng: np.random.Generator) -> float:
    tries = TRIES
    return (
        sum(exchangeable(rng.normal(0, 1, (units, 10)).tolist(), seed=k, draws=999).p <= 0.05 for k in range(tries))
        / tries
    )


def main() -> None:
    rng = np.random.default_rng(0)
    rows: list[dict] = []
    told = "p 0.2 to 0.9 by 0.1"
    for n in (50, 200, 1000):
        rows.append(
            {
                "what": f"coverage, Wilson, n {n}, {told}",
                "found": f"{cover_plain(n, rng):.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n, size, same in ((200, 2, 0.5), (400, 3, 0.3), (120, 5, 0.5)):
        found = cover_clusters(n, size, same, rng)
        rows.append(
            {
                "what": f"coverage, clusters of {size} (intra-class correlation {same}), n {n}, {told}",
                "found": f"{found:.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n in (200, 1000):
        rows.append(
            {
                "what": f"coverage, paired difference by bootstrap, n {n}, {told}",
                "found": f"{cover_difference(n, rng):.3f}",
                "target": "0.93 to 0.97",
            }
        )
    for n, d in ((100, 0.2), (400, 0.1), (2000, 0.2)):
        exact, mid = false_positives(n, d, rng)
        rows.append(
            {
                "what": f"false positives at 5 %, McNemar exact, n {n}, discordant {d}",
                "found": f"{exact:.4f}",
                "target": "at most 0.05",
            }
        )
        rows.append(
            {
                "what": f"false positives at 5 %, McNemar mid-p, n {n}, discordant {d}",
                "found": f"{mid:.4f}",
                "target": "about 0.05",
            }
        )
    for units in (10, 30, 100):
        error = 2 * math.sqrt(0.05 * 0.95 / TRIES)
        rows.append(
            {
                "what": f"false positives at 5 %, exchangeability probe, {units} units",
                "found": f"{probe_false_positives(units, rng):.4f}",
                "target": f"at most 0.05 (simulation error {error:.3f})",
            }
        )
    keep("intervals", rows, note=f"{TRIES} simulations a value of p; clusters a quarter, bootstrap an eighth of that")


if __name__ == "__main__":
    main()
