"""``igaku ecg finetune``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.ecg.options import LABEL, Config, Records, Set
from igaku.cli.options import Json
from igaku.cli.output import say, show


def finetune(
    config: Config,
    records: Records,
    out: Annotated[Path, Option(help="Folder for the model.")],
    label: Annotated[str, Option(help=LABEL)] = "",
    encoder: Annotated[
        str,
        Option(
            help="A pre-trained encoder's folder, or NAME=FILE of a published one: ecgfounder, ecg-fm, "
            "hubert-ecg-small (base, large), st-mem. From scratch if left out."
        ),
    ] = "",
    kind: Annotated[str, Option(help="vit, resnet (convolutions), or tree (boosted trees on intervals).")] = "vit",
    frozen: Annotated[bool, Option("--frozen", help="Train only the head (linear probe).")] = False,
    fraction: Annotated[float, Option(min=0.001, max=1.0, help="Share of the training labels.")] = 1.0,
    changes: Set = None,
    json: Json = False,
) -> None:
    """Fit a model to the training patients, stop by the validation patients, measure on the test patients.

    These are 60, 20 and 20 % of the patients, unless the data set has a split of its own.

    Example: igaku ecg finetune tiny --records runs/ecg/records --label age --encoder runs/ecg/encoder --out runs/age
    """
    from igaku.cardiology.ecg.config import freeze_encoder, load_config
    from igaku.cardiology.ecg.encoders.published import named_file, published_in
    from igaku.cardiology.ecg.fit_label import fit
    from igaku.cardiology.ecg.measures import Measures
    from igaku.cardiology.ecg.model import read_card
    from igaku.cardiology.ecg.store import Store
    from igaku.cardiology.ecg.targets import DOUBTED, doubted

    settings = load_config(config, changes or ())
    used, label = freeze_encoder(settings) if frozen else settings, label or settings.label
    kind, file = named_file(encoder, kind)
    store = Store(records)
    measured = Measures(fit(store, used, label, out, kind=kind, encoder=file, fraction=fraction))
    show(measured, "json" if json else "table")
    if not json and (licence := published_in(read_card(out))):
        say(licence)
    if not json and (n := doubted(label, store.rows)):
        say(f"{n} records doubt the label ({DOUBTED})")
