"""Angiography from DICOM to a hazard ratio on synthetic patients.

And the coverage of the planted ratio's interval over 100 simulated cohorts.

python bench/angiography.py [PATIENTS]
"""

import sys
import tempfile
from pathlib import Path

from common import keep

from igaku.cardiology.angiography.cine import write_cine
from igaku.cardiology.angiography.data import prepare_video
from igaku.cardiology.angiography.model import load
from igaku.cardiology.angiography.predict import predict_patients
from igaku.cardiology.angiography.prognosis import PLANTED, follow, prognosis
from igaku.cardiology.angiography.read import videos
from igaku.cardiology.angiography.train import train
from igaku.cardiology.angiography.vessels import film, patients
from igaku.cardiology.patients import pseudonym

COHORTS, SIZE = 100, 298


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    who = patients(n, seed=1)
    with tempfile.TemporaryDirectory() as work:
        for p in who:
            for v in range(2):
                write_cine(film(p, v, 1), Path(work, p.name, f"{v}.dcm"), p.vascular, p.sex)
        read = videos([Path(work)], print)
        measures = train(
            read,
            Path(work, "model"),
            epochs=90,
            on_epoch=lambda e, mae: print(f"epoch {e}: {mae:.1f}", flush=True) if e % 10 == 0 else None,
        )
        network, card = load(Path(work, "model"))
        others = patients(SIZE, seed=2)
        films = [prepare_video(film(p, v, 2), card.side, card.frames) for p in others for v in range(2)]
        predicted = {x.patient: x.predicted for x in predict_patients(network, films, card.mean, card.deviation)}
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
    seen = prognosis([f._replace(predicted=predicted[pseudonym("angiogram", p.name)]) for f, p in zip(truth, others)])
    rows.append(
        {
            "what": f"hazard ratio of looking older by the model ({PLANTED} planted on what the vessels truly show), "
            f"{SIZE} patients that the model never met",
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
