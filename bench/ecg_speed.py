"""Reading and preparing ECGs against a plain wfdb + scipy loop on LUDB; what leaving hidden tokens out of the encoder saves; predictions.

python bench/ecg_speed.py
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import keep

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.mae import Encoder, Head, MaskedAutoencoder, Shape
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Row, prepare
from igaku.cardiology.ecg.training import Config, Network, forward, save_head
from igaku.paths import find_data

CONTRACT = Contract(rate=250)


def plain(files: list[Path]) -> int:
    """What a notebook does: rdsamp, filtfilt, resample, z-score, lead by lead."""
    import wfdb
    from scipy.signal import butter, filtfilt, resample

    n = 0
    for file in files:
        signal, fields = wfdb.rdsamp(str(file.with_suffix("")))
        out = []
        for lead in signal.T:
            b, a = butter(3, [0.67, 40.0], "bandpass", fs=fields["fs"])
            lead = filtfilt(b, a, lead)
            lead = resample(lead, CONTRACT.samples)
            out.append((lead - lead.mean()) / lead.std())
        n += np.stack(out).astype(np.float32).shape[0] == 12
    return n


def reading() -> list[dict[str, Any]]:
    files = sorted((find_data("ecg/ludb/data") or Path()).glob("*.hea"))
    plain(files[:4])
    start = time.perf_counter()
    plain(files)
    theirs = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as work:
        start = time.perf_counter()
        prepare([Row(path=str(f)) for f in files], CONTRACT, Path(work), workers=2)
        mine = time.perf_counter() - start
    rows = [
        {
            "what": f"read and prepare {len(files)} records of LUDB: wfdb + scipy loop / igaku, 2 processes",
            "value": f"{theirs:.2f} s / {mine:.2f} s = {theirs / mine:.1f}x",
            "target": "3x",
        }
    ]
    child = f"""
import resource, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from ecg_speed import CONTRACT, Row, prepare
files = [Path(p) for p in {[str(f) for f in files]!r}]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
prepare([Row(path=str(files[i % len(files)])) for i in range(N)], CONTRACT, Path(sys.argv[1]), workers=2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""
    peaks = []
    for n in (400, 4000):
        with tempfile.TemporaryDirectory() as work:
            told = subprocess.run(
                [sys.executable, "-c", child.replace("range(N)", f"range({n})"), work],
                capture_output=True,
                text=True,
                check=True,
            )
            peaks.append(float(told.stdout))
    rows.append(
        {
            "what": "peak memory of preparing 400 / 4,000 records (stands still, so also for 100,000)",
            "value": f"{peaks[0]:.0f} MB / {peaks[1]:.0f} MB",
            "target": "bounded",
        }
    )
    return rows


def masking() -> list[dict[str, Any]]:
    rows = []
    for size in ("base", "small"):
        torch.manual_seed(0)
        model = MaskedAutoencoder(size, Shape())
        signal = torch.randn(2, 12, 5000)
        kept, hidden = model.draw(2)
        times = {}
        for full in (False, True):
            best = 1e9
            for _ in range(3):
                start = time.perf_counter()
                model.loss(signal, kept, hidden, full).backward()
                best = min(best, time.perf_counter() - start)
            times[full] = best
        rows.append(
            {
                "what": f"a step of ViT-{size} with the 8 x 512 decoder: 60 of 240 tokens in the encoder / all",
                "value": f"{times[False]:.2f} s / {times[True]:.2f} s = {times[False] / times[True]:.2f}x; {2 * 60 / times[False]:.0f} encoder tokens a second",
                "target": "0.5x" if size == "base" else "",
            }
        )
    return rows


def predicting() -> list[dict[str, Any]]:
    config = Config(contract=Contract(rate=500), network=Network(size="small", patch=250))
    made = synthetic.cohort(64, seed=0)
    signals = np.stack([config.contract.prepare(r) for r in made.records])
    model = Head(Encoder("small", config.shape), 1)
    with tempfile.TemporaryDirectory() as work:
        save_head(Path(work), model, config, "age", False, (60.0, 15.0), {})
        np.save(Path(work, "a.npy"), made.records[0].signal)
        command = [sys.executable, "-m", "igaku", "ecg", "predict", f"{work}/a.npy", "--model", work, "--json"]
        subprocess.run(command, check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        cold = time.perf_counter() - start
    forward(model, signals, range(8))
    start = time.perf_counter()
    forward(model, signals, range(64), batch=16)
    many = 64 / (time.perf_counter() - start)
    return [
        {"what": "one file from the command line, ViT-small", "value": f"{cold:.2f} s", "target": "2 s"},
        {"what": "records a second in batch, ViT-small", "value": f"{many:.0f}", "target": "50"},
    ]


if __name__ == "__main__":
    keep("ecg_speed", [*reading(), *masking(), *predicting()])
