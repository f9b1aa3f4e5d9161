"""``igaku angio``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option, Typer

from igaku.cli.options import Json, split
from igaku.cli.output import say, show, tell_errors

app = Typer(
    no_args_is_help=True,
    help="Coronary angiograms. Read cine loops, predict age, test whether it predicts events. Research only.",
)

Sources = Annotated[
    list[Path],
    Argument(help="DICOM files, or folders of them (one folder of pictures is one video).", metavar="CINE..."),
]
Ages = Annotated[
    Path | None, Option(help="CSV with patient (number, study, or file name) and age, for files without an age.")
]
Views = Annotated[str, Option(help="Only views that begin so, comma-separated: LAO,RAO 30. All if left out.")]
Model = Annotated[Path, Option(help="A model's folder.")]


@app.command("inspect")
def inspect(sources: Sources, json: Json = False) -> None:
    """Frames, size, rate, view, transfer syntax, age, sex, letters masked.

    Example: igaku angio inspect study/
    """
    from igaku.cardiology.angiography.inspection import inspect_cines

    found, errors = inspect_cines(sources)
    if json or found.videos:
        show(found, "json" if json else "table")
    tell_errors(errors, bool(found.videos))


@app.command("synthesise")
def synthesise(
    out: Annotated[Path, Option(help="Folder for DICOM cine loops.")],
    patients: Annotated[int, Option(min=1, help="Synthetic patients.")] = 60,
    videos: Annotated[int, Option(min=1, help="Videos of each patient.")] = 2,
    seed: Annotated[int, Option(help="Another number, other patients.")] = 0,
) -> None:
    """Write synthetic angiograms whose vessels show a known age, as DICOM.

    Example: igaku angio synthesise --patients 100 --out runs/angio/cines
    """
    from igaku.cardiology.angiography.cine import write_cine
    from igaku.cardiology.angiography.vessels import film
    from igaku.cardiology.angiography.vessels import patients as drawn

    for p in drawn(patients, seed):
        for v in range(videos):
            write_cine(film(p, v, seed), out / p.name / f"{v}.dcm", p.vascular, p.sex)
    say(f"{patients * videos} videos of {patients} synthetic patients in {out}; PatientAge is the age of their vessels")


@app.command("train")
def train(
    sources: Sources,
    out: Annotated[Path, Option(help="Folder for the model.")],
    epochs: Annotated[int, Option(min=1, help="Times that all training videos are read.")] = 60,
    ages: Ages = None,
    views: Views = "",
    backbone: Annotated[
        str, Option(help="Folder or hub name of a vision model (ResNet, ConvNeXT ...); a small network if left out.")
    ] = "",
    json: Json = False,
) -> None:
    """Fit age to angiograms of 60 % of the patients, stop by 20 %, measure on 20 %.

    Example: igaku angio train runs/angio/cines --out runs/angio/age
    """
    from igaku.cardiology.angiography.predict import measures_report
    from igaku.cardiology.angiography.read import ages_from, videos
    from igaku.cardiology.angiography.train import train as run

    def on_epoch(epoch: int, error: float) -> None:
        if epoch % 5 == 0:
            say(f"epoch {epoch}/{epochs}: mean absolute error {error:.1f} years on validation patients")

    found = videos(sources, say, ages=ages_from(ages) if ages else None, views=split(views))
    measures = run(found, out, epochs, backbone=backbone, on_epoch=on_epoch)
    show(measures_report(measures), "json" if json else "table")


@app.command("evaluate")
def evaluate(sources: Sources, model: Model, ages: Ages = None, views: Views = "", json: Json = False) -> None:
    """Mean absolute error, R² and r over patients; those that the model was fitted to are left out.

    Example: igaku angio evaluate other/ --model runs/angio/age
    """
    from igaku.cardiology.angiography.model import load
    from igaku.cardiology.angiography.predict import evaluate as run
    from igaku.cardiology.angiography.predict import measures_report, unseen
    from igaku.cardiology.angiography.read import ages_from, videos

    network, card = load(model)
    found = videos(sources, say, card.side, card.frames, ages_from(ages) if ages else None, split(views))
    left = unseen(found, card)
    say(f"{len(left)} videos of {len({v.patient for v in left})} patients that the model was not fitted to")
    show(measures_report(run(network, left, card.mean, card.deviation)), "json" if json else "table")


@app.command("predict")
def predict(sources: Sources, model: Model, json: Json = False) -> None:
    """The age that a patient's vessels show, by the patient's pseudonym. Research only: not for diagnosis or treatment.

    Example: igaku angio predict study/ --model runs/angio/age
    """
    from igaku.cardiology.angiography.model import load
    from igaku.cardiology.angiography.predict import ages_of
    from igaku.cardiology.angiography.read import videos

    network, card = load(model)
    show(ages_of(network, videos(sources, say, card.side, card.frames), card), "json" if json else "table")


@app.command("explain")
def explain(
    source: Annotated[Path, Argument(help="A DICOM file, or a folder of pictures.", metavar="CINE")],
    model: Model,
    out: Annotated[Path, Option(help="Picture (.png).")],
) -> None:
    """Colour what the predicted age depends on: the squares that change it most when they are replaced.

    Example: igaku angio explain study/1.dcm --model runs/angio/age --out explained.png
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.angiography.cine import read_cine
    from igaku.cardiology.angiography.data import prepare_video
    from igaku.cardiology.angiography.explain import explain as run
    from igaku.cardiology.angiography.model import load

    network, card = load(model)
    most = run(prepare_video(read_cine(source), card.side, card.frames), network, card, out)
    say(f"{out}: the reddest squares change the predicted age by {most:.1f} years. {RESEARCH}")


@app.command("prognosis")
def prognosis(
    table: Annotated[Path, Argument(help="CSV with predicted_age, age, sex, years, event (0 or 1).")],
    adjust: Annotated[
        str, Option(help="Further columns to adjust for, comma-separated, as peak_ck,heart_failure.")
    ] = "",
    picture: Annotated[Path | None, Option(help="Kaplan-Meier curves (.svg).")] = None,
    incidence: Annotated[bool, Option("--incidence", help="In the picture, the share with an event.")] = False,
    json: Json = False,
) -> None:
    """Do patients whose vessels look old have more events? Kaplan-Meier, and an adjusted Cox hazard ratio.

    Example: igaku angio prognosis followed.csv --adjust peak_ck,heart_failure --picture curves.svg
    """
    from igaku.cardiology.angiography.prognosis import picture as drawn
    from igaku.cardiology.angiography.prognosis import prognosis as run
    from igaku.cardiology.angiography.read import followed

    names = split(adjust)
    found = run(followed(table, names), adjust=names)
    if picture:
        drawn(found, picture, incidence)
    show(found.report, "json" if json else "table")
