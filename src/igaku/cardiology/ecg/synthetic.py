"""ECGs whose ejection fraction is known by construction, with the best AUROC that any reader of the signal could reach.

Ejection fraction (EF) acts on three things only: the width of QRS, the growth of R from V1 to V6, and the size of T;
each is normal around a line in EF. Heart rate, axis, sizes and noise are independent of EF. So a signal says no more of
EF than these three numbers do, and the probability of EF < 40 given them is the best possible score. The numbers were
set before any model was fitted; they make a task of the difficulty that is published for LVSD, and claim nothing about
hearts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.record import Record, arranged
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.signal_hash import signal_hash
from igaku.cardiology.ecg.store import Store, write_store
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import optional

if TYPE_CHECKING:
    from numpy.random import Generator

    from igaku.cardiology.arrays import Floats

VERSION = 1
EFFECTS = {"width": (95.0, -9.0, 13.0), "growth": (1.0, 0.20, 0.30), "tee": (0.32, 0.08, 0.13)}
"""Name -> (at EF 55, per 15 points of EF, deviation): ms; R of V5 over R of V2 as a factor; mV in V5."""
LOW, LOW_SHARE = (32.0, 6.0), 0.2
NORMAL = (60.0, 7.0)
"""EF of a fifth of the patients, and of the others: mean and deviation."""
EF_LIMITS, LEAST, MOST = (10.0, 80.0), (60.0, 0.1, -0.4), (200.0, 2.5, 1.2)
"""EF and the three numbers are kept within these."""


class Cohort(NamedTuple):
    """Synthetic patients."""

    records: list[Record]
    ef: "Floats"
    """[n] percent."""
    features: "Floats"
    """[n, 3] in the order of ``EFFECTS``."""


def cohort(n: int, seed: int = 0, rate: int = 500, seconds: float = 10.0) -> Cohort:
    """``n`` patients with one record each.

    Args:
        rate: samples per second.
        seconds: length of each record.
    """
    np = optional("numpy", "ecg")
    rng = np.random.default_rng([VERSION, seed])
    low = rng.random(n) < LOW_SHARE
    ef = np.clip(np.where(low, rng.normal(*LOW, n), rng.normal(*NORMAL, n)), *EF_LIMITS)
    features = np.stack([a + b * (ef - 55) / 15 + rng.normal(0, s, n) for a, b, s in EFFECTS.values()], 1)
    features = np.clip(features, LEAST, MOST)
    age, sex = np.clip(rng.normal(62, 14, n), 20, 95), rng.random(n) < 0.5
    records = [
        Record(
            signal=beats(float(f[0]), float(f[1]), float(f[2]), rng, rate, seconds),
            rate=rate,
            source=f"synthetic/{seed}/{i}",
            format="synthetic",
            age=float(round(a)),
            sex="M" if s else "F",
        )
        for i, (f, a, s) in enumerate(zip(features, age, sex))
    ]
    return Cohort(records, ef, features)


def beats(width: float, growth: float, tee: float, rng: "Generator", rate: int, seconds: float) -> "Floats":
    """float32 [12, n] millivolts: bells for P, Q, R, S and T in each lead, beat after beat, with drift, hum and noise.

    Args:
        width: of QRS, ms.
        growth: R of V5 over R of V2, as a factor.
        tee: T in V5, mV.
        rate: samples per second.
    """
    np = optional("numpy", "ecg")
    t = np.arange(round(rate * seconds)) / rate
    rr = rng.normal(0.85, 0.12)
    beats_at = np.cumsum(np.clip(rng.normal(max(0.45, rr), 0.02, int(seconds / 0.4) + 4), 0.4, 1.6)) - rr * rng.random()
    waves = _waves(width, growth, tee, rng)
    signal = np.zeros((8, len(t)))
    for start in beats_at:
        for weight, shift, wide in waves:
            at = (t - start - shift) / max(wide, 0.004)
            near = np.abs(at) < 5
            signal[:, near] += weight[:, None] * np.exp(-0.5 * at[near] ** 2)
    drift = 0.08 * np.sin(2 * np.pi * (rng.uniform(0.1, 0.35, (8, 1)) * t + rng.random((8, 1))))
    signal = signal + drift + 0.01 * np.sin(2 * np.pi * 50 * t) + rng.normal(0, 0.015, signal.shape)
    twelve, _, _ = arranged(signal, ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], "synthetic")
    return twelve.astype(np.float32)


def _waves(width: float, growth: float, tee: float, rng: "Generator") -> "list[tuple[Floats, float, float]]":
    """(millivolts in I, II, V1-V6, seconds after R, deviation in seconds) of P, Q, R, S and T."""
    np = optional("numpy", "ecg")
    size, axis = rng.lognormal(0, 0.15), rng.normal(50, 20) * np.pi / 180
    half_width = width / 1000 / 2
    chest = np.array([0.25, 0.5, 0.8, 1.1, 1.2, 1.0]) * growth ** np.array([-1, -0.5, 0.2, 0.8, 1, 0.9])
    r = np.concatenate([[np.cos(axis), np.cos(axis - np.pi / 3)], chest]) * size
    s = np.concatenate([[0.12, 0.15], np.array([1.0, 1.3, 0.9, 0.5, 0.2, 0.08]) * rng.lognormal(0, 0.1)])
    q = np.concatenate([[0.05, 0.06], [0, 0, 0.02, 0.06, 0.08, 0.08]])
    p = np.concatenate([[0.06, 0.12], [0.04, 0.06, 0.06, 0.06, 0.06, 0.05]])
    tw = np.concatenate([[0.5, 0.7], [-0.2, 0.7, 1.0, 1.1, 1.0, 0.8]]) * tee
    return [
        (p, -0.17, 0.022),
        (-q, -0.55 * half_width, 0.18 * half_width),
        (r, 0.0, 0.30 * half_width),
        (-s, 0.6 * half_width, 0.30 * half_width),
        (tw, 0.24 + half_width, 0.045),
    ]


def best_score(features: "Floats", below: float = 40.0) -> "Floats":
    """[n] probability of EF below ``below``, given the three numbers.

    By the generator's own densities summed over EF; the values that clipping moves to the limits are counted there.

    Args:
        features: [n, 3] as of ``Cohort``.
    """
    np = optional("numpy", "ecg")
    norm = optional("scipy.stats", "ecg").norm
    step = 0.05
    grid = np.arange(EF_LIMITS[0], EF_LIMITS[1] + step / 2, step)

    def shares(mean: float, deviation: float) -> "Floats":
        """The share of each cell of EF; the outer cells take all that lies beyond."""
        edges = np.concatenate([[-np.inf], grid[:-1] + step / 2, [np.inf]])
        out: Floats = np.diff(norm.cdf(edges, mean, deviation))
        return out

    prior = LOW_SHARE * shares(*LOW) + (1 - LOW_SHARE) * shares(*NORMAL)
    likely = np.ones((len(features), len(grid))) * prior
    for k, (a, b, s) in enumerate(EFFECTS.values()):
        x, mean = np.asarray(features)[:, k : k + 1], a + b * (grid - 55) / 15
        likely *= np.select(
            [x <= LEAST[k], x >= MOST[k]], [norm.cdf(x, mean, s), norm.sf(x, mean, s)], norm.pdf(x, mean, s)
        )
    score: Floats = likely[:, grid < below].sum(1) / likely.sum(1)
    return score


def store(patients: Cohort, contract: Contract, out: str | Path) -> Store:
    """The cohort as prepared records, each with its ``lvef``."""

    def rows() -> Iterator[tuple[RecordRow, bytes]]:
        for r, ef in zip(patients.records, patients.ef):
            signal, scale = contract.scaled(r)
            row = RecordRow(
                path=r.source,
                patient=r.source,
                age=r.age,
                sex=r.sex,
                dataset="synthetic",
                extra={"lvef": f"{ef:.2f}"},
                scale=scale.tolist(),
                signal_hash=signal_hash(signal, contract.seconds),
            )
            yield row, signal.tobytes()

    write_store(rows(), contract, Path(out))
    return Store(Path(out))
