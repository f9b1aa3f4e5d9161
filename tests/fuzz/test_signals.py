import random
from pathlib import Path

import pytest

pytest.importorskip("scipy")
pytest.importorskip("ecgdatakit")
pytest.importorskip("h5py")
pytest.importorskip("wfdb")

from tests.fuzz.signals_bases import Base, made
from tests.fuzz.signals_mutations import Signal, damaged, outcome, signal_of, tried

BASES = list(made())


@pytest.mark.parametrize("base", BASES, ids=lambda b: b.kind)
def test_a_damaged_file_is_refused_or_said_and_never_another_signal(base: Base) -> None:
    seen = list(tried(base, 16, random.Random(f"ci {base.kind}")))
    assert [t.said or t.how for t in seen if t.outcome in ("traceback", "wrong")] == []
    assert max(t.seconds for t in seen) < 20 and any(t.outcome == "refused" for t in seen)


@pytest.mark.parametrize("base", [b for b in BASES if b.summed], ids=lambda b: b.kind)
def test_a_changed_sample_under_a_checksum_is_seen(base: Base, tmp_path: Path) -> None:
    name, (at, end) = next((n, p[0]) for n, p in base.samples.items())
    raw = bytearray(base.files[name])
    middle = (at + end) // 2
    raw[middle] = ord("A") if raw[middle] != ord("A") else ord("B")
    assert isinstance(signal_of(base, base.files | {name: bytes(raw)}, tmp_path), str)


def test_the_mutations_change_the_files_and_the_comparison_sees_it() -> None:
    base = BASES[0]
    changed = [d for d in damaged(base, 30, random.Random(1)) if d.files != base.files]
    assert len(changed) > 30 and {d.how for d in changed} >= {"cut", "longer", "flip", "number", "lose"}
    other = BASES[3]
    truth, found = _signal(base), _signal(other)
    assert outcome(truth, found, header=True) in ("wrong", "said", "one value")
    shuffled = truth._replace(values=truth.values[:, ::-1].copy())
    assert outcome(truth, shuffled, header=True) == "wrong"
    assert outcome(truth, truth._replace(values=2 * truth.values), header=True) == "one value"
    assert outcome(truth, truth, header=True) == "same" and outcome(truth, "one line", header=True) == "refused"


def _signal(base: Base) -> Signal:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        found = signal_of(base, base.files, Path(folder))
    assert isinstance(found, Signal)
    return found
