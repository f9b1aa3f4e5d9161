"""The ECG experiment of docs/experiments/ecg.

Age, sex and a diagnosis on LUDB in five folds, so that every patient is tested once, with PTB-XL's samples as the
external set; and LVSD on a synthetic cohort with few and many labels, against the best AUROC that its generator allows.
Everything lies under runs/ecg-experiment, each step done once.

python bench/ecg_experiment.py [FOLD ...]

Some folds alone, so that two processes can share the work; without any, all, and the tables.
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
from igaku.cardiology.ecg.efficiency import efficiency
from igaku.cardiology.ecg.evaluate import Evaluation, differences_of, file_name
from igaku.cardiology.ecg.inits import INITS
from igaku.cardiology.ecg.measures import measure
from igaku.cardiology.ecg.plan import read_plan, run
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.ecg.targets import Target, split
from igaku.cardiology.metrics import Measure, auroc, bootstrap_interval

OUT, PLAN = ROOT / "runs" / "ecg-experiment", ROOT / "examples" / "ecg.yaml"
FRACTIONS = (0.01, 0.05, 0.1, 0.5, 1.0)
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


def tested(label: str, name: str, folds: range) -> dict[str, Evaluation]:
    """What the folds' models of each initialisation predicted for patients they had not seen, in one set of records."""
    rows: list[RecordRow] = []
    truth: list[float] = []
    predictions: dict[str, list[float]] = {init: [] for init in INITS}
    for k in folds:
        with (OUT / f"fold-{k}" / "evaluated" / file_name(label) / name / "predictions.csv").open() as file:
            for r in csv.DictReader(file):
                age = float(r["age"]) if r["age"] else None
                rows.append(RecordRow(path="", patient=r["patient"], age=age, sex=r["sex"]))
                truth.append(float(r["truth"]))
                for init, values in predictions.items():
                    values.append(float(r[init]))
    target, t = Target(label, label != "age"), np.array(truth)[:, None]
    columns = {init: np.array(x)[:, None] for init, x in predictions.items()}
    return {init: Evaluation(target, rows, t, p, measure(target, t, p, rows)) for init, p in columns.items()}


def rows_of(label: str, found: dict[str, Evaluation], groups: bool) -> Iterator[dict[str, Any]]:
    lines = {name: {(x.group, x.measure): x for x in e.measures} for name, e in found.items()}
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
            ((_, p),) = differences_of(first, e)
            differences.append({"label": label, "pre-trained less": name, "measure": p.name, "difference": p.text})
    keep("ecg_differences", differences)
    keep(
        "ecg_external", [row for label in labels[:2] for row in rows_of(label, tested(label, "ptb-xl", range(1)), True)]
    )


def lvsd() -> None:
    """EF below 40 of 1,000 synthetic patients with 1 to 100 % of 600 labels, beside the best possible AUROC."""
    config, folder = load_config("tiny"), OUT / "lvsd"
    patients = synthetic.cohort(1000, seed=1)
    store = synthetic.store(patients, config.contract, folder / "records")
    found = efficiency(store, config, LVSD, folder, OUT / "fold-0" / "encoder", FRACTIONS, say=print).by_init()
    test = split(store.rows, config.seed)[2]
    truth, best = patients.ef[test] < 40, synthetic.best_score(patients.features[test])
    interval = bootstrap_interval(auroc, [store.rows[i].patient for i in test], truth, best)
    top = Measure("AUROC", auroc(truth, best), *interval)
    counts = [str(p.records) for p in next(iter(found.values()))]
    rows = [{"start": init, **{n: p.text for n, p in zip(counts, points)}} for init, points in found.items()]
    keep("ecg_lvsd", [*rows, {"start": "best there is, given the generator", counts[-1]: str(top)}])
    charts.lines(
        {init: [(float(p.records), p.value, p.low, p.high) for p in points] for init, points in found.items()},
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
