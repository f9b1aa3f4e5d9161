"""Reading and preparing ECGs against a plain wfdb + scipy loop on LUDB; masking; predictions.

python bench/ecg_speed.py
"""

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import keep

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.config import Config, Network, Shape
from igaku.cardiology.ecg.mae import Encoder, Head, MaskedAutoencoder
from igaku.cardiology.ecg.model import Fitted, forward
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import prepare
from igaku.cardiology.ecg.tables import RecordRow
from igaku.io.paths import find_data

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
        prepare([RecordRow(path=str(f)) for f in files], CONTRACT, Path(work), workers=2)
        mine = time.perf_counter() - start
    rows = [
        {
            "what": f"read and prepare {len(files)} records of LUDB: wfdb + scipy loop / igaku, 2 processes",
            "value": f"{theirs:.2f} s / {mine:.2f} s = {theirs / mine:.1f}x",
            "target": "3x",
        }
    ]
    child = f"""
import resource, sys
from pathlib import Path
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import prepare
from igaku.cardiology.ecg.tables import RecordRow
files = {[str(f) for f in files]!r}
rows = [RecordRow(path=files[i % len(files)]) for i in range(int(sys.argv[2]))]
prepare(rows, Contract(rate=250), Path(sys.argv[1]), workers=2)
print(*(resource.getrusage(who).ru_maxrss / 1e3 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""
    peaks = []
    for n in (400, 20_000):
        with tempfile.TemporaryDirectory() as work:
            result = subprocess.run(
                [sys.executable, "-c", child, work, str(n)], capture_output=True, text=True, check=True
            )
            peaks.append("{:.0f} + {:.0f}".format(*map(float, result.stdout.split())))
    rows.append(
        {
            "what": "peak memory of preparing 400 / 20,000 records, MB: the process + its largest worker",
            "value": f"{peaks[0]} / {peaks[1]}",
            "target": "bounded",
        }
    )
    return rows


def step(model: MaskedAutoencoder, signal: Any, visible: Any, hidden: Any, full: bool = False) -> None:
    model.loss(signal, visible, hidden, full).backward()


def masking() -> list[dict[str, Any]]:
    rows = []
    for size in ("base", "small"):
        torch.manual_seed(0)
        model = MaskedAutoencoder(size, Shape())
        signal = torch.randn(2, 12, 5000)
        visible, hidden = model.draw(2)
        times = {full: fastest(partial(step, model, signal, visible, hidden, full)) for full in (False, True)}
        rows.append(
            {
                "what": f"a step of ViT-{size} with the 8 x 512 decoder: 60 of 240 tokens in the encoder / all",
                "value": f"{times[False]:.2f} s / {times[True]:.2f} s = {times[False] / times[True]:.2f}x; "
                f"{2 * 60 / times[False]:.0f} encoder tokens a second",
                "target": "0.5x" if size == "base" else "",
            }
        )
    return rows


def where_the_time_goes() -> dict[str, Any]:
    """Of an update of ViT-base: encoder, decoder, optimizer."""
    torch.manual_seed(0)
    model = MaskedAutoencoder("base", Shape())
    optimizer = torch.optim.AdamW(model.parameters())
    signal = torch.randn(2, 12, 5000)
    visible, hidden = model.draw(2)

    def encode() -> None:
        model.encoder(signal, visible).square().mean().backward()

    whole, encoder, update = (
        fastest(f) for f in (partial(step, model, signal, visible, hidden), encode, optimizer.step)
    )
    total = whole + update
    shares = (
        f"encoder {100 * encoder / total:.0f} %, decoder and loss {100 * (whole - encoder) / total:.0f} %, "
        f"optimizer {100 * update / total:.0f} %"
    )
    return {"what": "where an update of ViT-base goes, 2 records", "value": f"{shares} of {total:.2f} s", "target": ""}


def fastest(do: Any, rounds: int = 3) -> float:
    best = 1e9
    for _ in range(rounds):
        start = time.perf_counter()
        do()
        best = min(best, time.perf_counter() - start)
    return best


def peak() -> float:
    """GFLOP/s of a large float32 matrix product here: what no network can pass."""
    a = torch.randn(2048, 2048)
    return 2 * 2048**3 / fastest(lambda: a @ a, 5) / 1e9


def predicting() -> list[dict[str, Any]]:
    from torch.utils.flop_counter import FlopCounterMode

    config = Config(contract=Contract(rate=500), network=Network(size="small", patch=250))
    patients = synthetic.cohort(64, seed=0)
    signals = np.stack([config.contract.prepare(r) for r in patients.records])
    model = Head(Encoder("small", config.shape), 1)
    with tempfile.TemporaryDirectory() as work:
        Fitted(config=config, label="age", binary=False, kind="vit", scaling=[(60.0, 15.0)], network=model).save(
            Path(work)
        )
        np.save(Path(work, "a.npy"), patients.records[0].signal)
        command = [
            sys.executable,
            "-m",
            "igaku",
            "ecg",
            "predict",
            f"{work}/a.npy",
            "--rate",
            "500",
            "--model",
            work,
            "--json",
        ]
        subprocess.run(command, check=True, capture_output=True)
        cold = fastest(lambda: subprocess.run(command, check=True, capture_output=True), 1)
    rows = [{"what": "one file from the command line, ViT-small", "value": f"{cold:.2f} s", "target": "2 s"}]
    most = peak()
    for name, patch, dtype in (
        ("ViT-small, 240 tokens as the paper", 250, torch.float32),
        ("ViT-small, 240 tokens, bfloat16", 250, torch.bfloat16),
        ("ViT-small, patches of a second, 120 tokens", 500, torch.float32),
    ):
        model = Head(Encoder("small", Shape(12, 5000, patch)), 1).eval()
        with FlopCounterMode(display=False) as counted, torch.no_grad():
            model(torch.from_numpy(signals[:1]))
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            forward(model, signals, range(8))
            speed = 64 / fastest(partial(forward, model, signals, range(64), batch=16))
        reached = speed * counted.get_total_flops() / 1e9
        note = f"{speed:.0f} ({reached:.0f} GFLOP/s; a large float32 matrix product reaches {most:.0f} here)"
        rows.append(
            {
                "what": f"records a second in batch, {name}",
                "value": note,
                "target": "50" if patch == 250 and dtype == torch.float32 else "",
            }
        )
    return rows


if __name__ == "__main__":
    keep("ecg_speed", [*reading(), *masking(), where_the_time_goes(), *predicting()])
