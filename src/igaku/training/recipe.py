"""A recipe, run: gate, data, model, loop, and a folder that can be loaded, checked and published."""

import hashlib
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.locks import writes
from igaku.provenance import Origin, inherited, stamp
from igaku.training.config import Config, fault, load_config
from igaku.training.gate import checked
from igaku.training.trained import Trained, read_trained

if TYPE_CHECKING:
    from igaku.training.examples import Pair
    from igaku.training.loop import Items, LogProbs, Losses, Reference, Row, Step

FLOPS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}
"""Peak of dense bfloat16 by the maker's data sheets."""


def prepared(
    recipe: str | Config,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: Sequence[str] = (),
    contaminated: bool = False,
) -> tuple[Config, Origin]:
    """The recipe with its changes, and where its data come from; arguments and errors as of ``train``."""
    if isinstance(recipe, str):
        config = load_config(recipe, changes, data=str(data or ""), base=model or "")
    else:
        config = _with(recipe, data, model)
    if problem := fault(config):
        raise IgakuError(problem)
    if not config.data.path:
        raise IgakuError("no data to train on: give --data FOLDER (a mix of igaku corpus) or data.path in the recipe")
    origin = checked(config.data.path, contaminated)
    origin.contaminated = origin.contaminated or inherited(_folder(config.model.base))
    return config, origin


@writes("out")
def train(
    recipe: str | Config,
    out: str | Path,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: Sequence[str] = (),
    contaminated: bool = False,
    on_step: "Callable[[Step], None] | None" = None,
) -> Trained:
    """Train by a recipe; the same call again goes on where it stopped, or gives what is there.

    Args:
        recipe: a built-in name, a YAML file, or a ``Config``.
        out: a folder: adapter or weights, tokenizer, card, log, checkpoint.
        data: a mix of ``igaku corpus``.
        model: instead of the recipe's base.
        changes: ``lr=1e-4``, to a recipe that is given by name.
        contaminated: train on data that did not go through decontamination; stamped on the model and every later score.

    Raises:
        IgakuError: the gate refuses the data, or something cannot be loaded, read or written.
    """
    config, origin = prepared(recipe, data=data, model=model, changes=changes, contaminated=contaminated)
    name, out = Path(recipe).stem if isinstance(recipe, str) else "own", Path(out)
    if (out / "train.json").exists():
        return _before(out, config, origin)
    from igaku.training import loop
    from igaku.training.networks import load

    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    network, tokenizer = load(config)
    network = _on_device(network)
    items, losses = _learning(config, network, tokenizer)
    rows = loop.fit(network, items, config, out, fingerprint(config, origin), losses, on_step)
    loop.barrier()
    trained = _summary(name, config, origin, network, items, rows, time.perf_counter() - started)
    if loop.dist_info().rank == 0:
        _save(network, tokenizer, out, trained)
    return trained


def fingerprint(config: Config, origin: Origin) -> str:
    """16 hex digits over the recipe and the data."""
    return hashlib.sha256(msgspec.json.encode([msgspec.to_builtins(config), origin.data])).hexdigest()[:16]


def _learning(config: Config, network: Any, tokenizer: Any) -> "tuple[Items, Losses]":
    """Packed sequences or pairs, and the losses over them."""
    from igaku.training import loop
    from igaku.training.examples import examples, packed, pairs

    if config.data.form == "preference":
        losses = loop.preference_losses(config, _frozen(network, config))
        return pairs(config.data.path, config.data, tokenizer), losses
    found = examples(config.data.path, config.data, tokenizer)
    return packed(found, config.data, tokenizer.pad_token_id or 0), loop.next_token_losses


def _with(config: Config, data: str | Path | None, model: str | None) -> Config:
    if data:
        config = replace(config, data=replace(config.data, path=str(data)))
    return replace(config, model=replace(config.model, base=model)) if model else config


def _folder(base: str) -> str:
    """The folder that may hold the base's stamp; a hub id has none."""
    return base if Path(base).is_dir() else ""


def _on_device(network: Any) -> Any:
    import os

    import torch

    if torch.cuda.is_available() and not getattr(network, "is_loaded_in_4bit", False):
        return network.to(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    return network


def _frozen(network: Any, config: Config) -> "Reference | None":
    """The model before training as the reference, where there are no adapters to switch off."""
    if config.method.kind == "lora":
        return None
    import copy

    import torch

    from igaku.training.loop import pair_logprobs

    before = copy.deepcopy(network).eval().requires_grad_(False)

    def reference(items: "Sequence[Pair]") -> "LogProbs":
        with torch.no_grad():
            return pair_logprobs(before, items)

    return reference


def _summary(
    name: str, config: Config, origin: Origin, network: Any, items: "Items", rows: "list[Row]", seconds: float
) -> Trained:
    from igaku.training.examples import Packed
    from igaku.training.loop import padding
    from igaku.training.networks import trainable

    losses = [r["loss"] for r in rows]
    tenth = max(1, len(losses) // 10)
    parameters = sum(p.numel() for p in network.parameters())
    trained = sum(p.numel() for p in trainable(network).values())
    packed = [i for i in items if isinstance(i, Packed)]
    filled = 1 - sum(map(padding, packed)) / max(1, sum(len(i.ids) for i in packed)) if packed else 1.0
    speed = rows[-1]["per_second"]
    return Trained(
        name=name,
        config=config,
        origin=origin,
        sequences=len(items),
        filled=round(filled, 4),
        parameters=parameters,
        trained=trained,
        updates=len(rows),
        tokens=rows[-1]["tokens"],
        first_loss=sum(losses[:tenth]) / tenth,
        last_loss=sum(losses[-tenth:]) / tenth,
        seconds=round(seconds, 1),
        per_second=speed,
        mfu=_mfu(speed, parameters, trained),
        versions=versions(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        commit=_commit(),
    )


def _mfu(per_second: float, parameters: int, trained: int) -> float | None:
    import torch

    if not torch.cuda.is_available():
        return None
    peak = next((f for n, f in FLOPS.items() if n in torch.cuda.get_device_name()), None)
    return round(per_second * (4 * parameters + 2 * trained) / peak, 4) if peak else None


def versions() -> dict[str, str]:
    """Versions of the packages that can change a trained model."""
    out = {}
    for package in ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors"):
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            continue
    return out


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _save(network: Any, tokenizer: Any, out: Path, trained: Trained) -> None:
    from igaku.training.card import write_card
    from igaku.training.picture import loss_curve

    if trained.config.method.kind == "full":
        network.config.use_cache = True
    for adapter in getattr(network, "peft_config", {}).values():
        if isinstance(adapter.target_modules, set):  # written in another order each time, which changes the hash
            adapter.target_modules = sorted(adapter.target_modules)
    stamp(out, trained.origin)
    network.save_pretrained(out, safe_serialization=True)
    tokenizer.save_pretrained(out)
    loss_curve(out)
    write_card(out, trained)
    write_json(out / "train.json", trained)


def _before(out: Path, config: Config, origin: Origin) -> Trained:
    before = read_trained(out)
    if (before.config, before.origin.data) != (config, origin.data):
        raise IgakuError(f"{out}: holds a run with another recipe or other data; give another --out")
    return before
