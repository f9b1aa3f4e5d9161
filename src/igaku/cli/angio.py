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
    from igaku.cardiology.angiography.read import cines
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
    epochs: Annotated[int, Option(min=1)] = 60,
    backbone: Annotated[
        str, Option(help="Folder or hub name of a vision model (ResNet, ConvNeXT ...); a small network if left out.")
    ] = "",
) -> None:
    """Fit age to angiograms; 60 % of the patients learn, 20 % stop, 20 % test.

    Example: igaku angio train runs/angio/cines --out runs/angio/age
    """
    from igaku.cardiology.angiography.age_model import train as run
    from igaku.cardiology.angiography.read import videos

    measures = run(
        videos(sources, say),
        out,
        epochs,
        backbone=backbone,
        on_epoch=lambda e, mae: (
            say(f"epoch {e}/{epochs}: {mae:.1f} years off on validation patients") if e % 5 == 0 else None
        ),
    )
    show_rows(["measure", "test patients"], [[m.name, str(m)] for m in measures], False, "measures")


@app.command("evaluate")
def evaluate(sources: Sources, model: Annotated[Path, Option(help="A model's folder.")], json: Json = False) -> None:
    """Mean absolute error, R² and r over patients; those that the model was fitted to are left out.

    Example: igaku angio evaluate other/ --model runs/angio/age
    """
    from igaku.cardiology.angiography.age_model import evaluate as run
    from igaku.cardiology.angiography.age_model import load, unseen
    from igaku.cardiology.angiography.read import videos

    network, card = load(model)
    left = unseen(videos(sources, say, card.side, card.frames), card)
    say(f"{len(left)} videos of {len({v.patient for v in left})} patients that the model was not fitted to")
    found = run(network, left, card.mean, card.deviation)
    show_rows(["measure", "value"], [[m.name, str(m)] for m in found], json, "measures")


@app.command("predict")
def predict(sources: Sources, model: Annotated[Path, Option(help="A model's folder.")], json: Json = False) -> None:
    """The age that a patient's vessels show, by a mark of the patient and the files. Research only: not for diagnosis or treatment.

    Example: igaku angio predict study/ --model runs/angio/age
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.angiography.age_model import by_patient, load
    from igaku.cardiology.angiography.read import videos

    network, card = load(model)
    read = videos(sources, say, card.side, card.frames)
    files: dict[str, list[str]] = {}
    for v in read:
        files.setdefault(v.patient, []).append(v.source)
    told = by_patient(network, read, card.mean, card.deviation)
    if json:
        emit({"told": [{"patient": n, "age": round(t, 1), "files": files[n]} for n, t, _ in told], "note": RESEARCH})
        return
    show_rows(
        ["patient", "told age", "files"], [[n, f"{t:.1f}", ", ".join(files[n])] for n, t, _ in told], False, "told"
    )
    say(RESEARCH)


@app.command("explain")
def explain(
    source: Annotated[Path, Argument(help="A DICOM file, or a folder of pictures.", metavar="CINE")],
    model: Annotated[Path, Option(help="A model's folder.")],
    out: Annotated[Path, Option(help="Picture (.png).")],
) -> None:
    """Colour what told age hangs on: the squares whose absence changes it most.

    Example: igaku angio explain study/1.dcm --model runs/angio/age --out explained.png
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.angiography.age_model import load, prepared
    from igaku.cardiology.angiography.cine import read_cine
    from igaku.cardiology.angiography.explain import explain as run

    network, card = load(model)
    most = run(prepared(read_cine(source), card.side, card.frames), network, card, out)
    say(f"{out}: the reddest squares change told age by {most:.1f} years. {RESEARCH}")


@app.command("prognosis")
def prognosis(
    table: Annotated[Path, Argument(help="CSV with told, age, sex, years, event (0 or 1).")],
    adjust: Annotated[
        str, Option(help="Further columns to adjust for, parted by commas, as peak_ck,heart_failure.")
    ] = "",
    picture: Annotated[Path | None, Option(help="Kaplan-Meier curves (.svg).")] = None,
    json: Json = False,
) -> None:
    """Do patients whose vessels look old have more events? Kaplan-Meier, and a Cox hazard ratio adjusted for age, sex and more.

    Example: igaku angio prognosis followed.csv --adjust peak_ck,heart_failure --picture curves.svg
    """
    from igaku.cardiology.angiography.prognosis import picture as drawn
    from igaku.cardiology.angiography.prognosis import prognosis as run
    from igaku.cardiology.angiography.read import followed

    names = [a.strip() for a in adjust.split(",") if a.strip()]
    made = run(followed(table, names), adjust=names)
    if picture:
        drawn(made, picture)
    if made.alike:
        say(f"not adjusted for {', '.join(made.alike)}: all patients have the same")
    if json:
        emit(
            {
                "hazard ratios": [e._asdict() for e in made.effects],
                "log-rank p": made.log_rank,
                "proportional hazards p": made.proportional,
                "patients": made.patients,
                "older-looking": made.older,
                "events": made.events,
            }
        )
        return
    rows = [
        [f"hazard ratio, {e.name}", f"{e.ratio:.2f} ({e.low:.2f} to {e.high:.2f}), p {e.p:.3g}"] for e in made.effects
    ]
    rows += [
        ["log-rank p", f"{made.log_rank:.3g}"],
        ["p of a ratio that changes over the years", f"{made.proportional:.3g}"],
    ]
    rows += [["older-looking", f"{made.older} of {made.patients}"], ["events", str(made.events)]]
    show_rows(["what", "value"], rows, False, "prognosis")
