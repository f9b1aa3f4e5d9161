"""``igaku ecg pretrain``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.ecg.options import Config, Set
from igaku.cli.output import say


def pretrain(
    config: Config,
    records: Annotated[list[Path], Option(help="Prepared records; repeat for several sets.")],
    out: Annotated[Path, Option(help="Folder for the encoder.")],
    whole: Annotated[
        list[Path] | None,
        Option(help="Sets of which all patients are used, since nothing will be tested on them; repeat for several."),
    ] = None,
    changes: Set = None,
) -> None:
    """Pre-train an encoder, without labels and without the patients that fine-tuning will test on.

    By masked patches, or by telling patients apart (``--set pretrain.objective=cmsc``).

    Example: igaku ecg pretrain tiny --records runs/ecg/ludb --whole runs/ecg/others --out runs/ecg/encoder
    """
    from igaku.cardiology.ecg.config import load_config
    from igaku.cardiology.ecg.inits import untested
    from igaku.cardiology.ecg.model import refuse_other_form
    from igaku.cardiology.ecg.pretrain import pretrain as run
    from igaku.cardiology.ecg.store import Joined, Store

    settings = load_config(config, changes or ())
    divided = [Store(r) for r in records]
    store = Joined([*divided, *(Store(w) for w in whole or ())])
    refuse_other_form(store, settings)
    allowed = untested(store, divided, settings)
    epochs = settings.pretrain.epochs

    def on_epoch(epoch: int, loss: float, seconds: float) -> None:
        if epoch % max(1, epochs // 10) == 0:
            say(f"epoch {epoch}/{epochs}  loss {loss:.4f}  {len(allowed.indices) * epoch / seconds:.0f} records/s")

    patients = [row.patient for row in store.rows]
    losses = run(store.signals, settings, out, on_epoch, allowed.indices, allowed.seen, patients=patients)
    say(f"{len(allowed.indices)} records, loss {losses[0]:.4f} → {losses[-1]:.4f}; {out}")
