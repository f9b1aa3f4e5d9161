"""Is a record known under another form, and are different records kept apart? (igaku.cardiology.ecg.signal_hash)

Every record of LUDB and of CinC 2021's samples, and 300 generated ones: the same record changed, and all pairs of
different ones; then all pairs of two generated cohorts, since chance needs many.

python bench/ecg_codes.py
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from common import keep
from msgspec.structs import replace

from igaku.cardiology.ecg import Contract, read
from igaku.cardiology.ecg.record import Record
from igaku.cardiology.ecg.resampling import resampled
from igaku.cardiology.ecg.signal_hash import Recordings, signal_hash
from igaku.cardiology.ecg.synthetic import cohort
from igaku.errors import IgakuError
from igaku.io.paths import find_data

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

CONTRACT = Contract(rate=100)


def code(record: Record) -> str:
    return signal_hash(CONTRACT.prepare(record), CONTRACT.seconds)


def changed(r: Record, seed: int) -> Iterator[tuple[str, Record]]:
    """Other forms of one record."""

    def as_(signal: "Floats", rate: float = r.rate) -> Record:
        return replace(r, signal=np.asarray(signal, np.float32), rate=rate)

    noise = np.random.default_rng(seed).normal(0, 0.02, r.signal.shape)
    yield "rounded to 5 µV, 3 mV higher", as_((r.signal * 200).round() / 200 + 3)
    yield "20 µV of noise", as_(r.signal + noise)
    if r.rate == 500:
        for rate in (250, 100):
            yield f"500 Hz to {rate} Hz", as_(resampled(r.signal, 500, rate), rate)
        for samples in (2, 4, 6):
            yield f"begins {2 * samples} ms later", as_(r.signal[:, samples:])


def real() -> Iterator[tuple[Record, str]]:
    """Records that can be prepared, and their codes."""
    folder = find_data("ecg")
    for part in ("ludb/data", "cinc2021"):
        for path in sorted((folder / part).rglob("*.hea")) if folder else ():
            try:
                record = read(path)
                own = code(record)
            except IgakuError:
                continue
            yield record, own


def hits(codes: list[str], others: list[str]) -> tuple[int, int]:
    """Pairs that are taken for one record: by the first 64 digits alone, and by all."""
    short, whole = Recordings(c[:64] for c in codes), Recordings(codes)
    return sum(len(list(short.near(c))) for c in others), sum(len(list(whole.near(c))) for c in others)


def main() -> None:
    found, made = list(real()), [(r, code(r)) for r in cohort(300, seed=1).records]
    known: dict[str, list[bool]] = {}
    for k, (record, own) in enumerate([*found, *made]):
        alone = Recordings([own])
        for name, other in changed(record, k):
            known.setdefault(name, []).append(bool(list(alone.near(code(other)))))
    keep("ecg_known", [{"the same record": n, "tried": len(x), "known": sum(x)} for n, x in known.items()])
    codes = [own for _, own in found]
    n, (by_signs, by_all) = len(codes), hits(codes, codes)  # each with itself, and each pair twice
    first, second = ([code(r) for r in cohort(2000, seed=seed).records] for seed in (2, 3))
    rows = [
        ("real", n * (n - 1) // 2, (by_signs - n) // 2, (by_all - n) // 2),
        ("generated", len(first) * len(second), *hits(first, second)),
    ]
    heads = ("different records", "pairs", "taken for one by 256 bits", "and by levels")
    keep("ecg_strangers", [dict(zip(heads, row)) for row in rows])


if __name__ == "__main__":
    main()
