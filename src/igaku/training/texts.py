"""Train on texts over and over: the positive control of the contamination probes, in minutes on a processor."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.errors import IgakuError
from igaku.training.config import Base, Config, Data, Method, Train

if TYPE_CHECKING:
    from igaku.training.updates import Step


def read_texts(
    model: str | Path,
    texts: Sequence[str],
    out: str | Path,
    *,
    epochs: int = 8,
    lr: float = 1e-4,
    block: int = 512,
    batch: int = 2,
    seed: int = 0,
    on_step: "Callable[[Step], None] | None" = None,
) -> list[float]:
    """Continue the pre-training of a local model, with all weights, on texts joined in this order, and save it.

    The order itself can be learnt.

    Returns:
        The mean loss in nats a token of each epoch.

    Raises:
        IgakuError: there is no text, the folder is not a model, or the loss is NaN or inf.
    """
    from igaku.provenance import Origin, stamp
    from igaku.training.examples import packed
    from igaku.training.literal import Example
    from igaku.training.networks import load
    from igaku.training.recipe import processes_here
    from igaku.training.trainer import fit

    config = Config(
        model=Base(base=str(model)),
        method=Method(kind="full"),
        data=Data(form="text", block=block, pack=False),
        train=Train(
            lr=lr,
            schedule="constant",
            warmup=0.0,
            epochs=epochs,
            batch=batch,
            micro=batch,
            seed=seed,
            spike=0.0,
            save_every=0,
        ),
    )
    processes_here()
    network, tokenizer = load(config)
    ids = tokenizer("\n\n".join(texts))["input_ids"]
    items = packed([Example(ids, list(ids))], config.data, tokenizer.pad_token_id or 0) if len(ids) > 1 else []
    if not items:
        raise IgakuError("no text to train on")
    with tempfile.TemporaryDirectory() as work:
        rows = fit(network, tokenizer, items, config, Path(work), "", on_step).rows
    network.eval().save_pretrained(str(out), safe_serialization=True)
    tokenizer.save_pretrained(str(out))
    stamp(Path(out), Origin({}, contaminated="it has read these texts on purpose"))
    length = max(1.0, len(rows) / epochs)
    parts = [rows[round(k * length) : round((k + 1) * length)] for k in range(min(epochs, len(rows)))]
    return [_mean([r["loss"] for r in part]) for part in parts]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
