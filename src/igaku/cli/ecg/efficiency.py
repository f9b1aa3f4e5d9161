"""``igaku ecg efficiency``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.ecg.options import LABEL, Config, Records, Redo, Set
from igaku.cli.options import Json, split
from igaku.cli.output import say, show
from igaku.errors import IgakuError


def efficiency(
    config: Config,
    records: Records,
    encoder: Annotated[Path, Option(help="A pre-trained encoder.")],
    out: Annotated[Path, Option(help="Folder for the models and a picture; models that are done stay.")],
    label: Annotated[str, Option(help=LABEL)],
    fractions: Annotated[str, Option(help="Shares of the training labels, comma-separated.")] = "0.01,0.05,0.1,0.5,1",
    redo: Redo = False,
    changes: Set = None,
    json: Json = False,
) -> None:
    """How well each initialisation does with how few labels, on the same test patients.

    They are: pre-trained, its frozen features, from scratch, a ResNet, boosted trees. A second run goes on where the
    first was cut off.

    Example: igaku ecg efficiency tiny --records runs/ecg/records --encoder runs/ecg/encoder --label sex --out runs/few
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.efficiency import efficiency as run
    from igaku.cardiology.ecg.store import Store

    settings = load_config(config, changes or ())
    show(
        run(Store(records), settings, label, out, encoder, _fractions(fractions), say=say, redo=redo),
        "json" if json else "table",
    )


def _fractions(text: str) -> list[float]:
    try:
        found = [float(x) for x in split(text)]
    except ValueError:
        found = []
    if not found or not all(0 < x <= 1 for x in found):
        raise IgakuError(f"--fractions {text!r}: write numbers above 0 and up to 1, as 0.01,0.1,1")
    return found
