"""The plan of examples/ecg.yaml on real records with several seeds and all controls, for docs/experiments/ecg.

Hypertrophy and age on LUDB, PTB-XL's samples as the external set: every initialisation, each fitted anew from other
random numbers, with calibration, decision curves and groups in runs/ecg-plan/report.md. Twenty minutes on one core.

python bench/ecg_plan.py
"""

from collections.abc import Iterator
from pathlib import Path

from common import ROOT, keep

from igaku.cardiology.ecg.evaluate import Comparison, file_name
from igaku.cardiology.ecg.plan import read_plan, run
from igaku.cardiology.ecg.results import SetResult
from igaku.io.json_values import decode

OUT, PLAN = ROOT / "runs" / "ecg-plan", ROOT / "examples" / "ecg.yaml"
LABELS = ("has:left ventricular hypertrophy|LVH|164873001", "age")
REPEATS = 2
CHANGES = (f"repeats={REPEATS}", f"labels={list(LABELS)}", "explain=1")
SHOWN = (
    "AUROC",
    "AUPRC",
    "Brier",
    "calibration slope",
    "calibration in the large",
    "observed : expected",
    "MAE",
    "R2",
    "bias",
    "slope of the difference on the truth",
)


def result(label: str, name: str) -> Comparison | None:
    folder = OUT / "evaluated" / file_name(label) / name
    return decode(folder / "result.json", SetResult, "a step's result").comparison


def measures(sets: list[str]) -> Iterator[dict[str, object]]:
    for label in LABELS:
        for name in sets:
            if found := result(label, name):
                by = {init: {(m.group, m.measure): m for m in rows} for init, rows in found.models.items()}
                for (group, what), m in next(iter(by.values())).items():
                    if group == "all" and what in SHOWN:
                        values = {init: x[group, what].text for init, x in by.items() if (group, what) in x}
                        yield {
                            "label": short(label),
                            "evaluated on": name,
                            "records": m.count,
                            "measure": what,
                            **values,
                        }


def seeds(sets: list[str], inits: list[str]) -> Iterator[dict[str, object]]:
    """The first measure of each of a label's models that differ by their random numbers only."""
    for label in LABELS:
        for name in sets:
            if found := result(label, name):
                row: dict[str, object] = {"label": short(label), "evaluated on": name}
                for init in inits:
                    first = found.models[init][0]
                    again = [result(label, f"{name}-{file_name(init)}-{k}") for k in range(2, REPEATS + 1)]
                    values = [first.value, *(r.models[init][0].value for r in again if r)]
                    row |= {"measure": first.measure, init: ", ".join(f"{v:.3f}" for v in values)}
                yield row


def gaps(sets: list[str]) -> Iterator[dict[str, object]]:
    for label in LABELS:
        for name in sets:
            found = result(label, name)
            for init, rows in found.models.items() if found else ():
                for m in rows:
                    if m.measure.endswith("less that of the others"):
                        p = next((x for x in rows if x.group == m.group and x.measure.startswith("p of that")), None)
                        yield {
                            "label": short(label),
                            "evaluated on": name,
                            "group": m.group,
                            "records": m.count,
                            "init": init,
                            "measure": m.measure,
                            "difference": m.text,
                            "p (Holm)": f"{p.value:.3f}" if p else "",
                        }


def short(label: str) -> str:
    return label.removeprefix("has:").split("|")[0]


def main(out: Path = OUT) -> None:
    run(PLAN, out, lambda line: print(line, flush=True), changes=CHANGES)
    plan = read_plan(PLAN, CHANGES)
    keep("ecg_plan", list(measures(plan.evaluated)))
    keep("ecg_seeds", list(seeds(plan.evaluated, plan.inits)))
    keep("ecg_gaps", [row for row in gaps(plan.evaluated) if row["init"] in ("pre-trained", "boosted tree")])


if __name__ == "__main__":
    main()
