"""The ECG experiment of docs/experiments/ecg: a small masked autoencoder on real and synthetic records, then age, sex and a diagnosis on LUDB, PTB-XL's sample as external set; and LVSD
on a synthetic cohort against the best AUROC its generator allows. Kept under runs/ecg-experiment; one command, minutes on two cores.

python bench/ecg_experiment.py
"""

from pathlib import Path

import numpy as np
from common import ROOT, keep

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.evaluating import SHARES, evaluate, explain, fit, label_efficiency
from igaku.cardiology.ecg.store import Row, Store, prepare, table
from igaku.cardiology.ecg.targets import split
from igaku.cardiology.ecg.training import load_config, pretrain
from igaku.cardiology.metrics import auroc, by_patient
from igaku.paths import find_data

OUT = ROOT / "runs" / "ecg-experiment"
CONFIG = load_config("tiny")
EXTERNAL = ("PTB-XL-100Hz", "CinC2021:PTB-XL-500Hz")


def stores() -> dict[str, Store]:
    rows = table(find_data("ecg/index.csv") or Path())
    for r in rows:
        if r.dataset == "LUDB" or r.dataset.startswith(("CinC", "CODE")):
            r.path = r.path if Path(r.path).suffix else r.path + ".hea" if Path(r.path + ".hea").exists() else r.path
    parts: dict[str, list[Row]] = {"ludb": [r for r in rows if r.dataset == "LUDB"], "external": [r for r in rows if r.dataset in EXTERNAL],
                                   "others": [r for r in rows if r.dataset != "LUDB" and r.dataset not in EXTERNAL]}  # fmt: skip
    for name, mine in parts.items():
        if not (OUT / name / "contract.json").exists():
            n, errors = prepare(mine, CONFIG.contract, OUT / name)
            print(f"{name}: {n} records", *errors[:5], sep="\n  ", flush=True)
    return {name: Store(OUT / name) for name in parts}


def encoder(made: dict[str, Store]) -> Path:
    """Pre-trained on LUDB without its test patients, the other sets, and 600 synthetic records; never on the external set."""
    out = OUT / "encoder"
    if not (out / "ecg.json").exists():
        train, valid, _ = split(made["ludb"].rows, SHARES, CONFIG.seed)
        unlabelled = synthetic.store(synthetic.cohort(600, seed=9), CONFIG.contract, OUT / "unlabelled")
        signals = np.concatenate([made["ludb"].signals[train + valid], made["others"].signals, unlabelled.signals])
        losses = pretrain(
            signals,
            CONFIG,
            out,
            lambda e, loss, s: print(f"epoch {e} loss {loss:.3f} {s:.0f} s", flush=True) if e % 10 == 0 else None,
        )
        print(f"pre-trained on {len(signals)} records: {losses[0]:.3f} -> {losses[-1]:.3f}", flush=True)
    return out


def lvsd(pretrained: Path) -> list[dict[str, str]]:
    """EF < 40 on 1,000 synthetic patients, and the best AUROC there is on the same test patients."""
    made = synthetic.cohort(1000, seed=1)
    store = synthetic.store(made, CONFIG.contract, OUT / "synthetic")
    test = split(store.rows, SHARES, CONFIG.seed)[2]
    truth, best = made.ef[test] < 40, synthetic.best_score(made.features[test])
    patients = [store.rows[i].patient for i in test]
    low, high = by_patient(auroc, patients, truth, best)
    rows = [
        {
            "start": "best there is, given the generator",
            "AUROC on test patients": f"{auroc(truth, best):.3f} ({low:.3f} to {high:.3f})",
            "training records": "",
        }
    ]
    for name, given, baseline, fraction in (
        ("pre-trained", pretrained, False, 1.0),
        ("from scratch", None, False, 1.0),
        ("ResNet", None, True, 1.0),
        ("pre-trained", pretrained, False, 0.1),
        ("from scratch", None, False, 0.1),
        ("ResNet", None, True, 0.1),
    ):
        told = fit(
            store,
            CONFIG,
            "lvef<40",
            OUT / f"lvsd-{name}-{fraction:g}",
            pretrained=given,
            baseline=baseline,
            fraction=fraction,
        )
        rows.append(
            {
                "start": name,
                "AUROC on test patients": next(iter(told["measures"].values()))[0].removeprefix("AUROC "),
                "training records": str(told["training records"]),
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    made = stores()
    start = encoder(made)
    keep("ecg_lvsd", lvsd(start))
    rows = []
    for label in ("age", "sex", "has:left ventricular hypertrophy"):
        rows += label_efficiency(made["ludb"], CONFIG, label, OUT / "efficiency", start, (0.1, 1.0))
        print(rows[-1], flush=True)
    keep("ecg_labels", rows)
    outside = []
    for label in ("age", "sex"):
        fit(made["ludb"], CONFIG, label, OUT / label, pretrained=start)
        for where, told in (
            ("LUDB, test patients", evaluate(OUT / label, made["ludb"])),
            ("PTB-XL sample, external", evaluate(OUT / label, made["external"])),
        ):
            outside += [
                {"label": label, "where": where, "group": g, "measures": "; ".join(m)}
                for g, m in told["measures"].items()
            ]
    keep("ecg_external", outside)
    explain(Path(made["ludb"].rows[0].path), OUT / "sex", OUT / "explained.svg")


if __name__ == "__main__":
    main()
