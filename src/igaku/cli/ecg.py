"""``igaku ecg``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from msgspec.structs import asdict
from typer import Argument, Option, Typer

from igaku.cli.output import emit, say, show_rows, tell_errors

app = Typer(
    no_args_is_help=True,
    help="12-lead ECGs: read any format, pre-train, fine-tune, evaluate, predict, explain. Research only.",
)

Records = Annotated[Path, Option(help="Prepared records (igaku ecg convert).")]
Config = Annotated[
    str,
    Argument(help="A shipped config (tiny, sawano-2024, echonext, mimic-iv-echo, ptb-xl, code-15), or a .yaml file."),
]
Rate = Annotated[float | None, Option(help="Samples a second, for files that do not say.")]
Json = Annotated[bool, Option("--json", help="One JSON object on stdout.")]


@app.command("inspect")
def inspect(
    files: Annotated[list[Path], Argument(help="Files or folders of any format.", metavar="FILE...")],
    picture: Annotated[Path | None, Option(help="Folder for a 12-lead picture of each on ECG paper.")] = None,
    identified: Annotated[bool, Option("--identified", help="Show the patient's name, number and birth too.")] = False,
    rate: Rate = None,
    json: Json = False,
) -> None:
    """What a file is: format, leads, rate, length, age, sex, quality.

    Example: igaku ecg inspect record.xml --picture pictures/
    """
    from igaku.cardiology.ecg.formats import read_all
    from igaku.cardiology.ecg.picture import twelve_leads
    from igaku.cardiology.ecg.signal import quality
    from igaku.errors import IgakuError

    rows: list[list[Any]] = []
    errors = []
    drawn: dict[str, int] = {}
    for record in read_all(files, rate):
        if isinstance(record, IgakuError):
            errors.append(str(record))
            continue
        told = quality(record)
        faults = (
            "; ".join(f"{k} {', '.join(v) if isinstance(v, list) else v}" for k, v in told.items() if v)
            or "no fault seen"
        )
        who = [record.patient.name, record.patient.id, record.patient.birth] if identified else []
        rows.append(
            [
                record.source,
                record.format,
                12 - len(record.missing),
                f"{record.rate:g}",
                f"{record.seconds:.1f}",
                record.age,
                record.sex,
                ", ".join(record.derived),
                faults,
                *who,
            ]
        )
        if picture:
            picture.mkdir(parents=True, exist_ok=True)
            name = "_".join(Path(record.source).parts[-2:]).replace(".", "-").replace("#", "-")
            drawn[name] = drawn.get(name, 0) + 1
            again = f"-{drawn[name]}" if drawn[name] > 1 else ""
            (picture / f"{name}{again}.svg").write_text(twelve_leads(record), encoding="utf-8")
    columns = [
        "file",
        "format",
        "leads",
        "Hz",
        "s",
        "age",
        "sex",
        "derived",
        "quality",
        *(["name", "id", "birth"] if identified else []),
    ]
    show_rows(columns, rows, json, "records")
    tell_errors(errors, bool(rows))


@app.command("convert")
def convert(
    sources: Annotated[
        list[Path],
        Argument(
            help="Files, folders, or a CSV table with a column `path` (and patient, age, sex, labels, any label).",
            metavar="RECORDS...",
        ),
    ],
    out: Annotated[
        Path,
        Option(help="Folder for prepared records; or NAME.parquet or NAME.zarr; or, with --wfdb, a folder of WFDB."),
    ],
    config: Annotated[str, Option(help="The config whose signal contract is used.")] = "tiny",
    wfdb: Annotated[
        bool, Option("--wfdb", help="Write each record as WFDB, unfiltered, without what identifies the patient.")
    ] = False,
    where: Annotated[
        str, Option(help="Of a table only rows with COLUMN=VALUE,VALUE; COLUMN!=VALUE leaves them out.")
    ] = "",
    workers: Annotated[int, Option(min=1, help="Processes.")] = 2,
) -> None:
    """Read records and bring them into one form. A damaged file is one line, and counted; the rest goes on.

    Example: igaku ecg convert index.csv --where dataset=LUDB --config tiny --out runs/ecg/ludb
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.convert import to_parquet, to_wfdb, to_zarr
    from igaku.cardiology.ecg.store import prepare
    from igaku.cardiology.ecg.tables import rows_of

    made = load_config(config)
    rows = rows_of(sources, made.source, where)
    if wfdb:
        n, errors = to_wfdb(rows, out)
    elif out.suffix in (".parquet", ".zarr"):
        n, errors = (to_parquet if out.suffix == ".parquet" else to_zarr)(rows, out, made.contract, workers)
    else:
        n, errors = prepare(rows, made.contract, out, workers)
    for e in errors[:20]:
        say(e)
    say(f"{n} records in {out}" + (f"; {len(errors)} could not be read" if errors else ""))


@app.command("cohort")
def cohort(
    ecg: Annotated[Path, Option(help="CSV of ECGs: patient, date, path, note.")],
    echo: Annotated[Path, Option(help="CSV of echocardiograms: patient, date, lvef.")],
    out: Annotated[Path, Option(help="Table for `igaku ecg convert`.")],
    window: Annotated[int, Option(min=0, help="Most days between the two.")] = 30,
    index: Annotated[str, Option(help="first, last or all paired ECGs of a patient.")] = "first",
    config: Annotated[
        str, Option(help="The config that says what the tables call things (as mimic-iv-echo).")
    ] = "tiny",
) -> None:
    """Pair ECGs with echocardiograms, and show who was left out where.

    Example: igaku ecg cohort --ecg ecg.csv --echo echo.csv --window 30 --out table.csv
    """
    from igaku.cardiology.ecg.cohort import paired, read_exams, write_table
    from igaku.cardiology.ecg.config import load_config

    columns = load_config(config).source.columns
    flow = paired(read_exams(ecg, "path", columns), read_exams(echo, "lvef", columns), window, index)
    write_table(flow, out)
    say(flow.text())


@app.command("run")
def run(
    plan: Annotated[Path, Argument(help="A plan (.yaml), as examples/ecg.yaml.")],
    out: Annotated[Path, Option(help="Folder for everything; what is done there from the same inputs stays.")],
) -> None:
    """From records to a report: prepare, pre-train, fine-tune, test at home and outside, compare, explain.

    Example: igaku ecg run examples/ecg.yaml --out runs/ecg-report
    """
    from igaku.cardiology.ecg.plan import run as work

    say(str(work(plan, out, say)))


@app.command("pretrain")
def pretrain(
    config: Config,
    records: Annotated[list[Path], Option(help="Prepared records; repeat for several sets.")],
    out: Annotated[Path, Option(help="Folder for the encoder.")],
    whole: Annotated[
        list[Path] | None,
        Option(help="Sets that are taken whole, since nothing will be tested on them; repeat for several."),
    ] = None,
) -> None:
    """Pre-train the masked autoencoder; labels are not looked at, nor are the patients that fine-tuning will test on.

    Example: igaku ecg pretrain tiny --records runs/ecg/ludb --whole runs/ecg/others --out runs/ecg/encoder
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.evaluate import SEEN, refuse_other_form, untested
    from igaku.cardiology.ecg.pretrain import pretrain as run
    from igaku.cardiology.ecg.store import Joined, Store

    made = load_config(config)
    divided = [Store(r) for r in records]
    store = Joined([*divided, *(Store(w) for w in whole or ())])
    refuse_other_form(store, made)
    places, seen = untested(store, divided, made)
    every = max(1, made.pretrain.epochs // 10)
    losses = run(
        store.signals,
        made,
        out,
        lambda e, loss, s: (
            say(f"epoch {e}/{made.pretrain.epochs}  loss {loss:.4f}  {len(places) * e / s:.0f} records/s")
            if e % every == 0
            else None
        ),
        places,
        {SEEN: seen},
    )
    say(f"{len(places)} records, loss {losses[0]:.4f} → {losses[-1]:.4f}; {out}")


Label = Annotated[
    str,
    Option(
        help="age, sex, has:DIAGNOSIS, lvef<40, or any column; yes-or-no labels parted by commas are learnt together."
    ),
]
Encoder = Annotated[Path | None, Option(help="A pre-trained encoder; from scratch if left out.")]


@app.command("finetune")
def finetune(
    config: Config,
    records: Records,
    out: Annotated[Path, Option(help="Folder for the model.")],
    label: Label = "",
    encoder: Encoder = None,
    kind: Annotated[str, Option(help="vit, resnet (convolutions), or tree (boosted trees on intervals).")] = "vit",
    frozen: Annotated[bool, Option("--frozen", help="Only the head learns (linear probe).")] = False,
    fraction: Annotated[float, Option(min=0.001, max=1.0, help="Share of the training labels.")] = 1.0,
    json: Json = False,
) -> None:
    """Fit a head to the training patients, stop by the validation patients, measure on the test patients (60, 20, 20 % unless the data set divides them).

    Example: igaku ecg finetune tiny --records runs/ecg/records --label age --encoder runs/ecg/encoder --out runs/ecg/age
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.evaluate import fit, probing
    from igaku.cardiology.ecg.store import Store

    made = load_config(config)
    used = probing(made) if frozen else made
    _show(fit(Store(records), used, label or made.label, out, kind=kind, encoder=encoder, fraction=fraction), json)


@app.command("evaluate")
def evaluate(
    models: Annotated[
        list[Path], Argument(help="Fitted models' folders; the first is compared with each other.", metavar="MODEL...")
    ],
    records: Records,
    out: Annotated[
        Path | None, Option(help="Folder for measures, predictions, and pictures (ROC, calibration).")
    ] = None,
    json: Json = False,
) -> None:
    """Measures with 95 % intervals by patient, of all and by sex and age; patients that a model or its encoder has seen are left out. Of several models also their differences.

    Example: igaku ecg evaluate runs/ecg/age runs/ecg/age-resnet --records runs/ecg/external --out runs/ecg/outside
    """
    from igaku.cardiology.ecg.evaluate import compare, evaluate_all, write
    from igaku.cardiology.ecg.model import load
    from igaku.cardiology.ecg.store import Store

    made = evaluate_all([load(m) for m in models], Store(records))
    names = [str(m) for m in models]
    if out:
        write(made, names, out)
    pairs = [(name, part, p) for name, e in zip(names[1:], made[1:]) for part, p in compare(made[0], e)]
    if json:
        differences = [
            {"first": names[0], "other": n, "label": part, "difference": p.difference, **asdict(p)}
            for n, part, p in pairs
        ]
        emit({"models": {n: [asdict(x) for x in e.lines] for n, e in zip(names, made)}, "differences": differences})
        return
    if made[0].left_out:
        say(f"{made[0].left_out} records of patients whom a model or its encoder has seen are left out")
    for name, e in zip(names, made):
        say(name)
        _show(e.lines, False)
    if pairs:
        rows = [
            [
                part,
                n,
                p.name,
                f"{p.difference:+.3f}",
                f"{p.low:+.3f} to {p.high:+.3f}" if p.low is not None and p.high is not None else "",
                "" if p.p is None else f"{p.p:.3f}",
            ]
            for n, part, p in pairs
        ]
        show_rows(
            ["label", f"{names[0]} less", "measure", "difference", "95 %", "DeLong's p"], rows, False, "differences"
        )


@app.command("efficiency")
def efficiency(
    config: Config,
    records: Records,
    encoder: Annotated[Path, Option(help="A pre-trained encoder.")],
    out: Annotated[Path, Option(help="Folder for the models and a picture.")],
    label: Label,
    shares: Annotated[str, Option(help="Shares of the training labels, parted by commas.")] = "0.01,0.05,0.1,0.5,1",
    json: Json = False,
) -> None:
    """How well which start does with how few labels, on the same test patients: pre-trained, its frozen features, from scratch, a ResNet, a boosted tree.

    Example: igaku ecg efficiency tiny --records runs/ecg/records --encoder runs/ecg/encoder --label sex --out runs/ecg/few
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.evaluate import efficiency as run
    from igaku.cardiology.ecg.store import Store
    from igaku.errors import IgakuError

    try:
        wanted = [float(x) for x in shares.split(",")]
    except ValueError:
        wanted = []
    if not wanted or not all(0 < x <= 1 for x in wanted):
        raise IgakuError(f"--shares {shares!r}: write numbers above 0 and up to 1, as 0.01,0.1,1")
    found = run(Store(records), load_config(config), label, out, encoder, wanted)
    rows = [[name, n, line.measure, line.text] for name, points in found.items() for n, line in points]
    show_rows(["start", "training records", "measure", "test patients"], rows, json, "efficiency")


@app.command("predict")
def predict(
    files: Annotated[
        list[Path], Argument(help="ECGs of any format; FILE#ID where a file holds many.", metavar="FILE...")
    ],
    model: Annotated[Path, Option(help="A fitted model's folder.")],
    rate: Rate = None,
    json: Json = False,
) -> None:
    """What a model says of records. Research only: not for diagnosis or treatment.

    Example: igaku ecg predict record.xml --model runs/ecg/age
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.ecg.formats import files_of
    from igaku.cardiology.ecg.predict import predict_many

    found = predict_many([f for p in files for f in files_of(p)], model, rate)
    told = [r for r in found if "error" not in r]
    if json:
        emit({"predictions": found, "note": RESEARCH})
    elif told:
        rows = [[r["file"], r["label"], r.get("chance", r.get("value"))] for r in told]
        show_rows(["file", "label", "told"], rows, False, "predictions")
        say(RESEARCH)
    tell_errors([r["error"] for r in found if "error" in r], bool(told))


@app.command("explain")
def explain(
    file: Annotated[Path, Argument(help="An ECG.")],
    model: Annotated[Path, Option(help="A fitted model's folder.")],
    out: Annotated[Path, Option(help="Picture (.svg).")],
    label: Annotated[str, Option(help="Which of a model's labels; its first if left out.")] = "",
    rate: Rate = None,
) -> None:
    """Shade what the answer hangs on: the patches whose absence changes it most.

    Example: igaku ecg explain record.xml --model runs/ecg/age --out explained.svg
    """
    from igaku.cardiology.ecg.explain import explain as run
    from igaku.cardiology.ecg.model import load

    say(str(run(file, load(model), out, rate, label)))


def _show(lines: Sequence[Any], json: bool) -> None:
    """Measures as a table, or as plain data."""
    if json:
        emit({"measures": [asdict(x) for x in lines]})
        return
    show_rows(
        ["label", "group", "records", "measure", "value"],
        [[x.label, x.group, x.count, x.measure, x.text] for x in lines],
        False,
        "measures",
    )
