"""``igaku ecg convert``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.ecg.options import Unit
from igaku.cli.output import say


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
    filter: Annotated[
        str, Option(help="Of a table only rows with COLUMN=VALUE,VALUE; COLUMN!=VALUE leaves them out.")
    ] = "",
    unit: Unit = "",
    workers: Annotated[int, Option(min=1, help="Processes.")] = 2,
    half: Annotated[
        bool, Option("--half", help="Half precision: half the room; each number changes by at most 0.05 %.")
    ] = False,
    shard: Annotated[
        int, Option(min=0, help="Records a shard, as 20000; a run that was cut off goes on. 0: one file.")
    ] = 0,
) -> None:
    """Read records and bring them into one form. A damaged file is one line, and counted; the rest goes on.

    Example: igaku ecg convert index.csv --filter dataset=LUDB --config tiny --out runs/ecg/ludb
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.convert import to_parquet, to_wfdb, to_zarr
    from igaku.cardiology.ecg.store import prepare
    from igaku.cardiology.ecg.tables import rows_of

    settings = load_config(config)
    rows = rows_of(sources, settings.source, filter)
    for row in rows:
        row.unit = row.unit or unit
    doubts: list[str] = []
    if wfdb:
        n, errors = to_wfdb(rows, out, doubts.append)
    elif out.suffix in (".parquet", ".zarr"):
        write = to_parquet if out.suffix == ".parquet" else to_zarr
        n, errors = write(rows, out, settings.contract, workers, doubts.append)
    elif shard:
        from igaku.cardiology.ecg.shards import prepare_shards

        n, errors = prepare_shards(
            rows, settings.contract, out, shard, workers, doubts.append, half, lambda k, of: say(f"shard {k}/{of}")
        )
    else:
        n, errors = prepare(rows, settings.contract, out, workers, on_doubt=doubts.append, half=half)
    for line in [*errors[:20], *doubts[:20]]:
        say(line)
    lost = f"; {len(errors)} could not be read" if errors else ""
    say(f"{n} records in {out}{lost}" + (f"; {len(doubts)} doubts about what was read" if doubts else ""))
