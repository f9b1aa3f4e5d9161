"""``igaku angio``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option, Typer

from igaku.cli.output import emit, say, show_rows, tell_errors

app = Typer(
    no_args_is_help=True, help="Coronary angiograms: read cine loops, tell age, ask what it foretells. Research only."
)

Sources = Annotated[
    list[Path],
    Argument(help="DICOM files, or folders of them (one folder of pictures is one video).", metavar="CINE..."),
]
Json = Annotated[bool, Option("--json", help="One JSON object on stdout.")]


@app.command("inspect")
def inspect(sources: Sources, json: Json = False) -> None:
    """Frames, size, rate, view, transfer syntax, age, sex, letters masked.

    Example: igaku angio inspect study/
    """
    from igaku.cardiology.angiography.reading import cines
    from igaku.errors import IgakuError

    rows, errors = [], []
    for c in cines(sources):
        if isinstance(c, IgakuError):
            errors.append(str(c))
        else:
            n, h, w = c.frames.shape
            rows.append([c.source, n, f"{w} x {h}", c.rate, c.view, c.syntax, c.age, c.sex, c.masked])
    show_rows(["file", "frames", "size", "a second", "view", "syntax", "age", "sex", "masked"], rows, json, "videos")
    tell_errors(errors, bool(rows))


@app.command("synthesise")
def synthesise(
    out: Annotated[Path, Option(help="Folder for DICOM cine loops.")],
    patients: Annotated[int, Option(min=1)] = 60,
    videos: Annotated[int, Option(min=1, help="Of each patient.")] = 2,
    seed: Annotated[int, Option()] = 0,
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
    say(
        f"{patients * videos} videos of {patients} synthetic patients in {out}; PatientAge is the age their vessels show"
    )


@app.command("train")
def train(
    sources: Sources,
    out: Annotated[Path, Option(help="Folder for the model.")],
    epochs: Annotated[int, Option(min=1)] = 25,
) -> None:
    """Fit age to angiograms; 60 % of the patients learn, 20 % stop, 20 % test.

    Example: igaku angio train runs/angio/cines --out runs/angio/age
    """
    from igaku.cardiology.angiography.reading import videos
    from igaku.cardiology.angiography.training import train as run

    measures = run(
        videos(sources, say),
        out,
        epochs,
        on_epoch=lambda e, mae: (
            say(f"epoch {e}/{epochs}: {mae:.1f} years off on validation patients") if e % 5 == 0 else None
        ),
    )
    show_rows(["measure", "test patients"], [[m.name, str(m)] for m in measures], False, "measures")


@app.command("evaluate")
def evaluate(sources: Sources, model: Annotated[Path, Option(help="A model's folder.")], json: Json = False) -> None:
    """Mean absolute error, R² and r over patients.

    Example: igaku angio evaluate other/ --model runs/angio/age
    """
    from igaku.cardiology.angiography.reading import videos
    from igaku.cardiology.angiography.training import evaluate as run
    from igaku.cardiology.angiography.training import load

    network, card = load(model)
    found = run(
        network,
        [v for v in videos(sources, say, card["side"], card["frames"]) if v.age is not None],
        card["mean"],
        card["deviation"],
    )
    show_rows(["measure", "value"], [[m.name, str(m)] for m in found], json, "measures")


@app.command("predict")
def predict(sources: Sources, model: Annotated[Path, Option(help="A model's folder.")], json: Json = False) -> None:
    """The age that a patient's vessels show. Research only: not for diagnosis or treatment.

    Example: igaku angio predict study/ --model runs/angio/age
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.angiography.reading import videos
    from igaku.cardiology.angiography.training import by_patient, load

    network, card = load(model)
    told = by_patient(network, videos(sources, say, card["side"], card["frames"]), card["mean"], card["deviation"])
    if json:
        emit({"told": [{"patient": n, "age": round(t, 1)} for n, t, _ in told], "note": RESEARCH})
        return
    show_rows(["patient", "told age"], [[n, f"{t:.1f}"] for n, t, _ in told], False, "told")
    say(RESEARCH)


@app.command("prognosis")
def prognosis(
    table: Annotated[Path, Argument(help="CSV with told, age, sex, years, event (0 or 1).")],
    picture: Annotated[Path | None, Option(help="Kaplan-Meier curves (.svg).")] = None,
    json: Json = False,
) -> None:
    """Do patients whose vessels look old have more events? Kaplan-Meier, and a Cox hazard ratio adjusted for age and sex.

    Example: igaku angio prognosis followed.csv --picture curves.svg
    """
    from igaku.cardiology.angiography.prognosis import picture as drawn
    from igaku.cardiology.angiography.prognosis import prognosis as run
    from igaku.cardiology.angiography.reading import followed

    made = run(followed(table))
    if picture:
        picture.write_text(drawn(made), encoding="utf-8")
    told = {
        "hazard ratio": f"{made.ratio:.2f} ({made.low:.2f} to {made.high:.2f})",
        "p": f"{made.p:.3g}",
        "log-rank p": f"{made.log_rank:.3g}",
        "older-looking": made.older,
        "events": made.events,
    }
    emit(told) if json else show_rows(["what", "value"], [[k, str(v)] for k, v in told.items()], False, "prognosis")
