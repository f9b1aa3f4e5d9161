"""Synthetic angiograms whose age is known: a tree of vessels that with age winds more, is narrower at its ends, and calcifies; filled by contrast agent and emptied again.

What age does here was chosen, not measured: the path from DICOM to a hazard ratio can be checked on it, and nothing else.
"""

from typing import Any, NamedTuple

from igaku.cardiology.angiography.cine import Cine
from igaku.errors import optional

SIDE, LENGTH = 128, 24


class Vascular(NamedTuple):
    """A synthetic patient: actual age, vascular age (what the vessels show), sex."""

    name: str
    age: float
    vascular: float
    sex: str


def patients(n: int, seed: int = 0) -> list[Vascular]:
    """Ages around 66; the vessels are older or younger than the person by 6 years or so."""
    np = optional("numpy", "angio")
    rng = np.random.default_rng([1, seed])
    ages = np.clip(rng.normal(66, 11, n), 35, 92)
    vascular = np.clip(ages + rng.normal(0, 6, n), 30, 98)
    return [
        Vascular(f"s{seed}-{i:04d}", round(float(a), 1), round(float(v), 1), "M" if m else "F")
        for i, (a, v, m) in enumerate(zip(ages, vascular, rng.random(n) < 0.7))
    ]


def film(patient: Vascular, view: int = 0, seed: int = 0) -> Cine:
    """One video of a patient: 24 frames of 128 x 128."""
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    rng = np.random.default_rng([2, seed, view, int(patient.name.rpartition("-")[2])])
    old = (patient.vascular - 60) / 15
    depth = np.zeros((SIDE, SIDE), np.float32)
    reached = np.full((SIDE, SIDE), 99.0, np.float32)
    for _ in range(3):
        _branch(
            depth,
            reached,
            rng,
            SIDE * rng.uniform(0.15, 0.35),
            SIDE * rng.uniform(0.1, 0.3),
            rng.uniform(0.4, 1.2),
            3.4,
            old,
            0,
        )
    calcified = ndimage.gaussian_filter(
        (rng.random((SIDE, SIDE)) < 0.0015 * np.exp(0.9 * old)) * (depth > 0.3), 0.7
    ).astype(np.float32)
    ground = ndimage.gaussian_filter(rng.normal(0, 1, (SIDE, SIDE)), 14).astype(np.float32)
    ground = 0.66 + 0.09 * ground / (ground.std() + 1e-6)
    frames = []
    for k in range(LENGTH):
        moved = ndimage.shift(depth, (1.5 * np.sin(k), 1.2 * np.cos(1.3 * k)), order=1)
        front = (k - 3) * 14
        filling = 1 / (1 + np.exp((reached - front) / 6)) * (1 / (1 + np.exp((k - 19) / 1.2)))
        frames.append(ground - 0.4 * moved * filling - 0.25 * calcified + rng.normal(0, 0.02, (SIDE, SIDE)))
    angles = ((-30.0, -20.0), (40.0, 20.0), (0.0, 30.0))[view % 3]
    return Cine(
        frames=np.clip(np.stack(frames), 0, 1).astype(np.float32),
        source=f"{patient.name}/{view}",
        rate=15,
        primary=angles[0],
        secondary=angles[1],
        patient=patient.name,
        age=patient.age,
        sex=patient.sex,
    )


def _branch(
    depth: Any,
    reached: Any,
    rng: Any,
    x: float,
    y: float,
    angle: float,
    width: float,
    old: float,
    gone: float,
    level: int = 0,
) -> None:
    """Walk a vessel pixel by pixel, winding with age, narrowing faster with age, and branching."""
    np = optional("numpy", "angio")
    winding = 0.10 * np.exp(0.45 * old)
    phase, bend = rng.random() * 6.28, 0.0
    for step in range(int(70 * 0.75**level)):
        bend += rng.normal(0, 0.03)
        angle += winding * np.sin(0.35 * step + phase) + 0.04 * bend
        x, y = x + np.cos(angle), y + np.sin(angle)
        if not (2 < x < SIDE - 3 and 2 < y < SIDE - 3):
            return
        radius = max(0.5, width / 2 * (1 - step / 110) * (1 - 0.10 * old * min(1.0, level / 2)))
        reach = int(radius) + 2
        i, j = round(y), round(x)
        block = slice(max(0, i - reach), i + reach + 1), slice(max(0, j - reach), j + reach + 1)
        yy, xx = np.mgrid[block]
        inside = np.clip(1 - (((yy - y) ** 2 + (xx - x) ** 2) / (radius + 0.5) ** 2), 0, 1) ** 0.5
        np.maximum(depth[block], inside, out=depth[block])
        np.minimum(reached[block], np.where(inside > 0, gone + step, 99), out=reached[block])
        if level < 3 and step in (18, 36, 52) and rng.random() < 0.8:
            _branch(
                depth,
                reached,
                rng,
                x,
                y,
                angle + rng.choice([-1, 1]) * rng.uniform(0.5, 0.9),
                width * 0.68,
                old,
                gone + step,
                level + 1,
            )
