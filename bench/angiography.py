"""Angiography from DICOM to a hazard ratio on synthetic patients, and the coverage of the planted ratio's interval over
100 simulated cohorts.

python bench/angiography.py [PATIENTS]
"""

import sys
import tempfile
from pathlib import Path

from common import keep

from igaku.cardiology.angiography.age_model import by_patient, load, prepared, train
from igaku.cardiology.angiography.cine import write_cine
from igaku.cardiology.angiography.prognosis import PLANTED, follow, prognosis
from igaku.cardiology.angiography.read import videos
from igaku.cardiology.angiography.vessels import film, patients
from igaku.cardiology.ecg.tables import masked

COHORTS, SIZE = 100, 298


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    who = patients(n, seed=1)
    with tempfile.TemporaryDirectory() as work:
        for p in who:
            for v in range(2):
                write_cine(film(p, v, 1), Path(work, p.name, f"{v}.dcm"), p.vascular, p.sex)
        made = videos([Path(work)], print)
        measures = train(
            made,
            Path(work, "model"),
            epochs=90,
            on_epoch=lambda e, mae: print(f"epoch {e}: {mae:.1f}", flush=True) if e % 10 == 0 else None,
        )
        network, card = load(Path(work, "model"))
        others = patients(SIZE, seed=2)
        films = [prepared(film(p, v, 2), card.side, card.frames) for p in others for v in range(2)]
        told = {name: t for name, t, _ in by_patient(network, films, card.mean, card.deviation)}
    rows = [
        {
            "what": f"{m.name}, years the vessels show, test patients"
            if "MAE" in m.name
            else f"{m.name}, test patients",
            "value": str(m),
        }
        for m in measures
    ]
    # patients that the model never met; the hazard hangs on what their vessels truly show
    truth = follow(others, [p.vascular for p in others], seed=7)
    seen = prognosis([f._replace(told=told[masked("angiogram", p.name)]) for f, p in zip(truth, others)])
    rows.append(
        {
            "what": f"hazard ratio of looking older by the model ({PLANTED} planted on what the vessels truly show), {SIZE} patients that the model never met",
            "value": f"{seen.main.ratio:.2f} ({seen.main.low:.2f} to {seen.main.high:.2f})",
        }
    )
    inside = 0
    for seed in range(COHORTS):
        some = patients(SIZE, seed=100 + seed)
        found = prognosis(follow(some, [p.vascular for p in some], seed=seed))
        inside += found.main.low <= PLANTED <= found.main.high
    rows.append(
        {
            "what": f"intervals that hold the planted ratio {PLANTED}, {COHORTS} cohorts of {SIZE}",
            "value": f"{inside} of {COHORTS}",
        }
    )
    keep("angiography", rows)


if __name__ == "__main__":
    main()
