"""Synthetic angiograms whose age is known: with age vessels wind more, are narrower at their ends, and calcify.

They are filled by contrast agent and emptied again. What age does here was chosen, not measured: the path from DICOM
to a hazard ratio can be checked on it, and nothing else.
"""

from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.angiography.cine import Cine
from igaku.errors import optional

if TYPE_CHECKING:
    from numpy.random import Generator

    from igaku.cardiology.arrays import Floats

SIDE, LENGTH = 128, 24
"""Pixels of a frame's side, and frames of a video."""


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
    tree = _Tree(rng, old)
    for _ in range(3):
        x, y = SIDE * rng.uniform(0.15, 0.35), SIDE * rng.uniform(0.1, 0.3)
        tree.grow(_Stroke(x, y, angle=rng.uniform(0.4, 1.2), width=3.4))
    calcified = ndimage.gaussian_filter(
        (rng.random((SIDE, SIDE)) < 0.0015 * np.exp(0.9 * old)) * (tree.depth > 0.3), 0.7
    ).astype(np.float32)
    ground = ndimage.gaussian_filter(rng.normal(0, 1, (SIDE, SIDE)), 14).astype(np.float32)
    ground = 0.66 + 0.09 * ground / (ground.std() + 1e-6)
    frames = []
    for k in range(LENGTH):
        moved = ndimage.shift(tree.depth, (1.5 * np.sin(k), 1.2 * np.cos(1.3 * k)), order=1)
        front = (k - 3) * 14
        filling = 1 / (1 + np.exp((tree.reached - front) / 6)) * (1 / (1 + np.exp((k - 19) / 1.2)))
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


class _Stroke(NamedTuple):
    """Where a vessel begins."""

    x: float
    y: float
    """Pixels."""
    angle: float
    """Radians."""
    width: float
    """Pixels."""
    way: float = 0
    """Pixels from the root, which the contrast agent has to go."""
    level: int = 0
    """Branchings from the root."""


class _Tree:
    """Vessels drawn so far: how deep each pixel is in a vessel (0 to 1), and its way from the root (99 outside)."""

    def __init__(self, rng: "Generator", old: float) -> None:
        np = optional("numpy", "angio")
        self.rng, self.old = rng, old
        self.depth: Floats = np.zeros((SIDE, SIDE), np.float32)
        self.reached: Floats = np.full((SIDE, SIDE), 99.0, np.float32)

    def grow(self, s: _Stroke) -> None:
        """Walk a vessel pixel by pixel, winding with age, narrowing faster with age, and branching."""
        np = optional("numpy", "angio")
        rng, (x, y, angle) = self.rng, s[:3]
        winding = 0.10 * np.exp(0.45 * self.old)
        phase, bend = rng.random() * 6.28, 0.0
        for step in range(int(70 * 0.75**s.level)):
            bend += rng.normal(0, 0.03)
            angle += winding * np.sin(0.35 * step + phase) + 0.04 * bend
            x, y = x + np.cos(angle), y + np.sin(angle)
            if not (2 < x < SIDE - 3 and 2 < y < SIDE - 3):
                return
            narrowing = (1 - step / 110) * (1 - 0.10 * self.old * min(1.0, s.level / 2))
            self._disc(x, y, max(0.5, s.width / 2 * narrowing), s.way + step)
            if s.level < 3 and step in (18, 36, 52) and rng.random() < 0.8:
                turned = angle + rng.choice([-1, 1]) * rng.uniform(0.5, 0.9)
                self.grow(_Stroke(x, y, turned, s.width * 0.68, s.way + step, s.level + 1))

    def _disc(self, x: float, y: float, radius: float, way: float) -> None:
        np = optional("numpy", "angio")
        reach, i, j = int(radius) + 2, round(y), round(x)
        block = slice(max(0, i - reach), i + reach + 1), slice(max(0, j - reach), j + reach + 1)
        yy, xx = np.mgrid[block]
        inside = np.clip(1 - (((yy - y) ** 2 + (xx - x) ** 2) / (radius + 0.5) ** 2), 0, 1) ** 0.5
        np.maximum(self.depth[block], inside, out=self.depth[block])
        np.minimum(self.reached[block], np.where(inside > 0, way, 99), out=self.reached[block])
