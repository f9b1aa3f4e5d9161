"""``igaku ecg``."""

from pathlib import Path
from typing import Annotated, Any

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
            name = "_".join(Path(record.source).with_suffix("").parts[-2:])
            (picture / f"{name}.svg").write_text(twelve_leads(record), encoding="utf-8")
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
        Path, Option(help="Folder for prepared records; or NAME.parquet; or, with --wfdb, a folder of WFDB.")
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
    from igaku.cardiology.ecg.converting import chosen, to_parquet, to_wfdb
    from igaku.cardiology.ecg.store import prepare, rows_of
    from igaku.cardiology.ecg.training import load_config

    made = load_config(config)
    rows = chosen(rows_of(sources, made.columns), where)
    if wfdb:
        n, errors = to_wfdb(rows, out)
    elif out.suffix == ".parquet":
        n, errors = to_parquet(rows, out, made.contract, workers)
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
) -> None:
    """Pair ECGs with echocardiograms, and show who was left out where.

    Example: igaku ecg cohort --ecg ecg.csv --echo echo.csv --window 30 --out table.csv
    """
    from igaku.cardiology.ecg.cohort import paired, read_exams, write_table

    flow = paired(read_exams(ecg, "path"), read_exams(echo, "lvef"), window, index)
    write_table(flow, out)
    say(flow.text())


@app.command("pretrain")
def pretrain(config: Config, records: Records, out: Annotated[Path, Option(help="Folder for the encoder.")]) -> None:
    """Pre-train the masked autoencoder; labels are not looked at, nor are the patients that fine-tuning will test on.

    Example: igaku ecg pretrain tiny --records runs/ecg/records --out runs/ecg/encoder
    """
    from igaku.cardiology.ecg.evaluating import SHARES, refuse_other_form
    from igaku.cardiology.ecg.store import Store
    from igaku.cardiology.ecg.targets import split
    from igaku.cardiology.ecg.training import load_config
    from igaku.cardiology.ecg.training import pretrain as run

    made, store = load_config(config), Store(records)
    refuse_other_form(store, made)
    train, valid, _ = split(store.rows, SHARES, made.seed)
    n = len(train) + len(valid)
    losses = run(
        store.signals,
        made,
        out,
        lambda e, loss, s: (
            say(f"epoch {e}/{made.pretrain.epochs}  loss {loss:.4f}  {n * e / s:.0f} records/s")
            if e % max(1, made.pretrain.epochs // 10) == 0
            else None
        ),
        [*train, *valid],
    )
    say(f"{n} records, loss {losses[0]:.4f} → {losses[-1]:.4f}; {out}")


@app.command("finetune")
def finetune(
    config: Config, records: Records, out: Annotated[Path, Option(help="Folder for the model.")],
    label: Annotated[str, Option(help="age, sex, has:DIAGNOSIS, lvef<40, or any column.")] = "",
    encoder: Annotated[Path | None, Option(help="A pre-trained encoder; from scratch if left out.")] = None,
    baseline: Annotated[bool, Option("--baseline", help="A ResNet of convolutions instead.")] = False,
    fraction: Annotated[float, Option(min=0.01, max=1.0, help="Share of the training labels.")] = 1.0,
    json: Json = False,
) -> None:  # fmt: skip
    """Fit a head to 60 % of the patients, stop by 20 %, measure on 20 %.

    Example: igaku ecg finetune tiny --records runs/ecg/records --label age --encoder runs/ecg/encoder --out runs/ecg/age
    """
    from igaku.cardiology.ecg.evaluating import fit
    from igaku.cardiology.ecg.store import Store
    from igaku.cardiology.ecg.training import load_config
    from igaku.errors import IgakuError

    made = load_config(config)
    if not (label or made.label):
        raise IgakuError("--label is needed: age, sex, has:DIAGNOSIS, lvef<40, or a column")
    _show(
        fit(Store(records), made, label or made.label, out, pretrained=encoder, baseline=baseline, fraction=fraction),
        json,
    )


@app.command("evaluate")
def evaluate(
    model: Annotated[Path, Argument(help="A fitted model's folder.")], records: Records,
    json: Json = False,
) -> None:  # fmt: skip
    """Measures with 95 % intervals by patient, of all and by sex and age; patients the model was fitted to are left out.

    Example: igaku ecg evaluate runs/ecg/age --records runs/ecg/external
    """
    from igaku.cardiology.ecg.evaluating import evaluate as run
    from igaku.cardiology.ecg.store import Store

    _show(run(model, Store(records)), json)


@app.command("predict")
def predict(
    files: Annotated[list[Path], Argument(help="ECGs of any format.", metavar="FILE...")],
    model: Annotated[Path, Option(help="A fitted model's folder.")],
    rate: Rate = None,
    json: Json = False,
) -> None:
    """What a model says of records. Research only: not for diagnosis or treatment.

    Example: igaku ecg predict record.xml --model runs/ecg/age
    """
    from igaku.cardiology import RESEARCH
    from igaku.cardiology.ecg.evaluating import predict_many
    from igaku.cardiology.ecg.formats import files_of

    found = predict_many([f for p in files for f in files_of(p)], model, rate)
    if json:
        emit({"predictions": found, "note": RESEARCH})
        return
    show_rows(
        ["file", "label", "told"],
        [[r["file"], r.get("label", ""), r.get("chance", r.get("value", r.get("error")))] for r in found],
        False,
        "predictions",
    )
    say(RESEARCH)


@app.command("explain")
def explain(
    file: Annotated[Path, Argument(help="An ECG.")],
    model: Annotated[Path, Option(help="A fitted model's folder.")],
    out: Annotated[Path, Option(help="Picture (.svg).")],
    rate: Rate = None,
) -> None:
    """Shade what the answer hangs on: the patches whose absence changes it most.

    Example: igaku ecg explain record.xml --model runs/ecg/age --out explained.svg
    """
    from igaku.cardiology.ecg.evaluating import explain as run

    say(str(run(file, model, out, rate)))


def _show(made: dict[str, Any], json: bool) -> None:
    if json:
        emit(made)
        return
    show_rows(["group", "measure"], [[g, m] for g, ms in made["measures"].items() for m in ms], False, "measures")
    say(", ".join(f"{k} {v}" for k, v in made.items() if k != "measures"))
