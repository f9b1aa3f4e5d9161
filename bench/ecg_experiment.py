"""The ECG experiment of docs/experiments/ecg: age, sex and a diagnosis on LUDB in five folds, so that every patient is
tested once, with PTB-XL's samples as the external set; and LVSD on a synthetic cohort with few and many labels, against
the best AUROC that its generator allows. Kept under runs/ecg-experiment, each step once.

python bench/ecg_experiment.py [FOLD ...]      some folds alone, so that two processes can share the work; without any,
all, and the tables
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml
from common import ROOT, keep

from igaku.cardiology import charts
from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.config import load_config
from igaku.cardiology.ecg.evaluate import STARTS, Evaluation, Line, compare, efficiency, file_name, measure
from igaku.cardiology.ecg.plan import read_plan, run
from igaku.cardiology.ecg.tables import Row
from igaku.cardiology.ecg.targets import Target, split
from igaku.cardiology.metrics import Measure, auroc, by_patient

OUT, PLAN = ROOT / "runs" / "ecg-experiment", ROOT / "examples" / "ecg.yaml"
SHARES = (0.01, 0.05, 0.1, 0.5, 1.0)
LVSD = "lvef<40"


def fold(k: int) -> Path:
    """The example's plan with another fifth of the patients as the test part."""
    out = OUT / f"fold-{k}"
    config = msgspec.to_builtins(load_config("tiny")) | {"fold": k}
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.yaml").write_text(yaml.safe_dump(config))
    plan = msgspec.to_builtins(read_plan(PLAN)) | {"config": str(out / "config.yaml"), "explain": int(k == 0)}
    (out / "plan.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True))
    run(out / "plan.yaml", out, lambda line: print(f"fold {k}: {line}", flush=True))
    return out


def tested(label: str, where: str, folds: range) -> dict[str, Evaluation]:
    """Of each start what the folds' models told of patients they had not seen."""
    rows: list[Row] = []
    truth: list[float] = []
    told: dict[str, list[float]] = {name: [] for name in STARTS}
    for k in folds:
        with (OUT / f"fold-{k}" / "evaluated" / file_name(label) / where / "predictions.csv").open() as file:
            for r in csv.DictReader(file):
                rows.append(Row(path="", patient=r["patient"], age=float(r["age"]) if r["age"] else None, sex=r["sex"]))
                truth.append(float(r["truth"]))
                for name, values in told.items():
                    values.append(float(r[name]))
    made = Target(label, label != "age")
    t = np.array(truth)[:, None]
    return {
        n: Evaluation(made, rows, t, (v := np.array(x)[:, None]), measure(made, t, v, rows)) for n, x in told.items()
    }


def rows_of(label: str, found: dict[str, Evaluation], groups: bool) -> Iterator[dict[str, Any]]:
    lines = {name: {(x.group, x.measure): x for x in e.lines} for name, e in found.items()}
    for group, what in lines["pre-trained"]:
        if groups or group == "all":
            first = lines["pre-trained"][group, what]
            yield {
                "label": label,
                "group": group,
                "records": first.records,
                "measure": what,
                **{n: x[group, what].text for n, x in lines.items() if (group, what) in x},
            }


def real() -> None:
    labels = read_plan(PLAN).labels
    home = {label: tested(label, "ludb", range(5)) for label in labels}
    keep("ecg_labels", [row for label in labels for row in rows_of(label, home[label], label != labels[2])])
    differences = []
    for label, found in home.items():
        first = found["pre-trained"]
        for name, e in list(found.items())[1:]:
            ((_, p),) = compare(first, e)
            differences.append({"label": label, "pre-trained less": name, "measure": p.name, "difference": p.text})
    keep("ecg_differences", differences)
    keep(
        "ecg_external", [row for label in labels[:2] for row in rows_of(label, tested(label, "ptb-xl", range(1)), True)]
    )


def lvsd() -> None:
    """EF below 40 of 1,000 synthetic patients with 1 to 100 % of 600 labels, and the best there is on the same test
    patients."""
    config, folder = load_config("tiny"), OUT / "lvsd"
    made = synthetic.cohort(1000, seed=1)
    store = synthetic.store(made, config.contract, folder / "records")
    kept = folder / "efficiency.json"
    encoder = OUT / "fold-0" / "encoder"
    if not kept.exists() or kept.stat().st_mtime < (encoder / "ecg.json").stat().st_mtime:
        kept.write_bytes(msgspec.json.encode(efficiency(store, config, LVSD, folder, encoder, SHARES)))
    found = msgspec.json.decode(kept.read_bytes(), type=dict[str, list[tuple[int, Line]]])
    test = split(store.rows, config.seed)[2]
    truth, best = made.ef[test] < 40, synthetic.best_score(made.features[test])
    top = Measure("AUROC", auroc(truth, best), *by_patient(auroc, [store.rows[i].patient for i in test], truth, best))
    counts = [str(n) for n, _ in next(iter(found.values()))]
    rows = [{"start": name, **{n: line.text for n, (_, line) in zip(counts, points)}} for name, points in found.items()]
    keep("ecg_lvsd", [*rows, {"start": "best there is, given the generator", counts[-1]: str(top)}])
    told = {name: [(float(n), x.value, x.low, x.high) for n, x in points] for name, points in found.items()}
    charts.lines(
        told,
        ROOT / "docs" / "experiments" / "ecg-lvsd.svg",
        x="training records",
        y="AUROC on 200 test patients",
        title="LVSD, synthetic",
        level=("best there is", top.value),
    )


if __name__ == "__main__":
    some = [int(a) for a in sys.argv[1:]]
    for k in some or range(5):
        fold(k)
    if not some:
        real()
        lvsd()
