"""Stores in shards: the same records as one file, resumed, checked, in bounded memory."""

import csv
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg import shards
from igaku.cardiology.ecg.config import load_config
from igaku.cardiology.ecg.record import LEADS
from igaku.cardiology.ecg.shards import prepare_shards
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Joined, Store, prepare, store_bytes
from igaku.cardiology.ecg.tables import RecordRow, rows_of
from igaku.cli import app
from igaku.errors import IgakuError

pytest.importorskip("scipy")
CONTRACT = Contract(rate=100)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[RecordRow]:
    """23 records, of which the sixth is damaged."""
    folder, rng = tmp_path_factory.mktemp("records"), np.random.default_rng(0)
    for k in range(23):
        np.save(folder / f"{k:02d}.npy", rng.normal(0, 0.5, (12, 1000)).astype(np.float32).cumsum(1) % 1)
    (folder / "05.npy").write_bytes(b"damaged")
    return [RecordRow(path=str(folder / f"{k:02d}.npy"), patient=f"p{k}", rate=100) for k in range(23)]


def copies(rows: list[RecordRow]) -> list[RecordRow]:
    return [RecordRow(path=r.path, patient=r.patient, rate=r.rate) for r in rows]


def test_shards_hold_what_one_file_holds(rows: list[RecordRow], tmp_path: Path) -> None:
    n, errors = prepare(copies(rows), CONTRACT, tmp_path / "one", workers=1, half=True)
    assert prepare_shards(copies(rows), CONTRACT, tmp_path / "many", 5, workers=1) == (n, errors) and len(errors) == 1
    one, many = Store(tmp_path / "one"), Store(tmp_path / "many")
    assert [r.patient for r in many.rows] == [r.patient for r in one.rows] and len(many.signals) == 22
    wanted = [21, 0, 4, 3, 12, 5, 21]
    assert np.array_equal(many.signals[wanted], one.signals[wanted]) and many.signals[wanted].dtype == np.float32
    assert np.array_equal(many.signals[np.array([-1])], one.signals[[21]])
    assert (tmp_path / "many/shard-00001/signals.f16").stat().st_size == store_bytes(CONTRACT, 4, half=True)
    assert list(many.hashes()) == ["shards.json"] and len(Joined([one, many]).signals) == 44


def test_a_run_that_was_cut_off_goes_on_at_the_next_shard(
    rows: list[RecordRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    before = shards.prepare_part

    def counted(some: list[RecordRow], contract: Contract, folder: Path, *args: object, **more: object) -> object:
        if len(made) == 2:
            made.append("cut")
            raise KeyboardInterrupt
        made.append(folder.name)
        return before(some, contract, folder, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(shards, "prepare_part", counted)
    with pytest.raises(KeyboardInterrupt):
        prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 5, workers=1)
    with pytest.raises(IgakuError, match="its shards are not whole: give the same command again"):
        Store(tmp_path / "s")
    prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 5, workers=1)
    assert made == ["shard-00000", "shard-00001", "cut", "shard-00002", "shard-00003", "shard-00004"]
    assert len(Store(tmp_path / "s").rows) == 22
    made.clear()
    prepare_shards(copies(rows)[:10], CONTRACT, tmp_path / "s", 5, workers=1)
    assert made == [] and len(Store(tmp_path / "s").rows) == 9, "shards of a longer table are gone"


def test_a_record_that_changed_in_any_of_its_files_is_read_again(tmp_path: Path) -> None:
    wfdb, h5py, rng = pytest.importorskip("wfdb"), pytest.importorskip("h5py"), np.random.default_rng(1)

    def write(shift: float) -> None:
        signal = rng.normal(0, 0.5, (1000, 12)) + shift
        for name in ("bare", "head"):
            wfdb.wrsamp(name, 100, ["mV"] * 12, list(LEADS), signal, fmt=["16"] * 12, write_dir=str(tmp_path))
        with h5py.File(tmp_path / "many.hdf5", "w") as file:
            file["tracings"] = np.stack([signal] * 2).astype(np.float32)
            file["exam_id"] = np.arange(2)

    def fingerprints() -> list[str]:
        paths = ("bare", "head.hea", "many.hdf5#1")
        return [shards._fingerprint([RecordRow(path=str(tmp_path / p))], CONTRACT, True) for p in paths]

    write(0)
    before, head = fingerprints(), (tmp_path / "head.hea").stat()
    assert fingerprints() == before
    write(1)
    os.utime(tmp_path / "head.hea", ns=(head.st_atime_ns, head.st_mtime_ns))  # only its signal is another
    assert not set(before) & set(fingerprints())


def test_a_shard_that_was_changed_is_refused_and_made_again(rows: list[RecordRow], tmp_path: Path) -> None:
    prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 8, workers=1)
    file = tmp_path / "s/shard-00001/signals.f16"
    good = file.read_bytes()
    file.write_bytes(good[:1000] + b"\x00\x3c" + good[1002:])
    with pytest.raises(IgakuError, match=r"shard-00001/signals.f16: is not what was written \(SHA-256\)"):
        Store(tmp_path / "s")
    prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 8, workers=1)
    assert file.read_bytes() == good and len(Store(tmp_path / "s").rows) == 22
    file.unlink()
    with pytest.raises(IgakuError, match=r"signals\.f16: not found"):
        Store(tmp_path / "s")


def test_one_file_after_shards_is_read_and_shards_after_one_file_too(rows: list[RecordRow], tmp_path: Path) -> None:
    prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 5, workers=1)
    prepare(copies(rows)[:3], CONTRACT, tmp_path / "s", workers=1)
    assert len(Store(tmp_path / "s").rows) == 3 and not list((tmp_path / "s").glob("shard-*"))
    prepare_shards(copies(rows)[:4], CONTRACT, tmp_path / "s", 2, workers=1)
    assert len(Store(tmp_path / "s").rows) == 4


def test_none_that_can_be_read_is_one_line_and_a_full_disk_is_said_before(
    rows: list[RecordRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IgakuError, match="none of 1 records could be read"):
        prepare_shards(copies(rows)[5:6], CONTRACT, tmp_path / "s", 5, workers=1)
    assert store_bytes(Contract(), 800_000, half=True) == 96_000_000_000
    prepare_shards(copies(rows)[:10], CONTRACT, tmp_path / "s", 5, workers=1)
    begun: list[int] = []
    room = store_bytes(CONTRACT, 12, half=True)  # for two shards of five, not for the thirteen that are left
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": room})())
    with pytest.raises(IgakuError, match="s: 13 records take"):
        prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 5, workers=1, on_shard=lambda k, _: begun.append(k))
    assert begun == [] and len(Store(tmp_path / "s").rows) == 9, "what was there stays"
    assert prepare_shards(copies(rows)[:20], CONTRACT, tmp_path / "s", 5, workers=1)[0] == 19, "ten are there already"
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 5000})())
    prepare_shards(copies(rows)[10:20], CONTRACT, tmp_path / "s", 5, workers=1)  # in the room of what they replace
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10**9})())
    with pytest.raises(IgakuError, match=r"800,000 records take 192.0 GB, or half of it with --half; .* 1.0 GB free"):
        prepare([RecordRow(path="a")] * 800_000, Contract(), tmp_path / "full")


def test_reading_a_batch_takes_a_batch_s_memory(rows: list[RecordRow], tmp_path: Path) -> None:
    prepare_shards(copies(rows), CONTRACT, tmp_path / "s", 5, workers=1)
    store = Store(tmp_path / "s")
    tracemalloc.start()
    store.signals[[1, 20]]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * store_bytes(CONTRACT, 2), most


def test_the_command_writes_shards(rows: list[RecordRow], tmp_path: Path) -> None:
    with (tmp_path / "table.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerows([["path", "patient", "sex"], *([r.path, r.patient, "F"] for r in rows)])
    config = tmp_path / "c.yaml"
    config.write_text("contract: {rate: 100}\nnetwork: {patch: 100}\nsource: {rate: 100}\n")
    command = ["ecg", "convert", str(tmp_path / "table.csv"), "--config", str(config), "--out", str(tmp_path / "s")]
    done = CliRunner().invoke(app, [*command, "--half", "--shard", "10", "--workers", "1"])
    assert done.exit_code == 0 and "shard 3/3" in done.output and "22 records in" in done.output
    assert len(Store(tmp_path / "s").rows) == 22
    assert rows_of([tmp_path / "table.csv"], load_config(str(config)).source)[0].rate == 100
