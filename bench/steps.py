"""What three steps of training do to a small model: examples/steps/plan.yaml on an invented exam and on general
questions, every step kept under runs/steps and done once, so a run that was cut off goes on.

python bench/steps.py       (some ten minutes of one core)
"""

import json
import subprocess
import sys

from common import ROOT, keep

from igaku.plans import run_plan
from igaku.tables import interval, percent, show


def main() -> None:
    """The exam, the plan, and its table."""
    subprocess.run(
        [sys.executable, str(ROOT / "examples/steps/make_exam.py"), str(ROOT / "runs/steps-data")], check=True
    )
    out = ROOT / "runs" / "steps"
    run_plan(str(ROOT / "examples/steps/plan.yaml"), out, say=print)
    report = json.loads((out / "steps.json").read_text(encoding="utf-8"))
    keep("steps", [row(s) for s in report["scores"]])
    for name, what in report["trained"].items():
        print(f"{name}: {what}")


def row(score: dict) -> dict[str, object]:
    """A line of the table: accuracy, and the difference to the step before on the same questions."""
    change = score.get("change") or {}
    return {
        "suite": score["suite"],
        "step": score["step"] if score["step"] == "base" else f"after {score['step']}",
        "questions": score["n"],
        "accuracy": f"{percent(score['accuracy'])} ({interval(score['ci95'])})",
        "difference": show(change.get("difference"), "points"),
        "95 % of it": show(change.get("ci95"), "points interval"),
        "p (holm)": show(change.get("p_adjusted"), "p"),
    }


if __name__ == "__main__":
    main()
