"""A recipe, run: gate, data, model, loop, and a folder that can be loaded, checked and published."""

import hashlib
import platform
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.provenance import Origin, inherited, stamp
from igaku.training.config import Config, fault, load_config
from igaku.training.gate import checked

FLOPS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}
"""Peak of dense bfloat16 by the maker's data sheets."""


class Trained(Struct, kw_only=True):
    """``train.json``: everything needed to check, or repeat, a run."""

    igaku: str = __version__
    name: str
    config: Config
    origin: Origin
    sequences: int
    filled: float
    """Share of the sequences' tokens that is text."""
    parameters: int
    trained: int
    updates: int
    tokens: int
    first_loss: float
    last_loss: float
    """Means over the first and last tenth of the updates."""
    seconds: float
    per_second: float
    mfu: float | None = None
    """Share of the GPU's peak that was used; None where the peak is not known."""
    versions: dict[str, str]
    machine: str
    commit: str = ""


def train(
    recipe: str | Config,
    out: str | Path,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: list[str] | None = None,
    contaminated: bool = False,
    on_step: Callable[[Any], None] | None = None,
) -> Trained:
    """Train by a recipe; the same call again goes on where it stopped, or gives what is there.

    Args:
        recipe: a shipped name, a YAML file, or a ``Config``.
        out: a folder: adapter or weights, tokenizer, card, log, checkpoint.
        data: a mix of ``igaku corpus``.
        contaminated: train on data that did not go through decontamination; stamped on the model and every later score.

    Raises:
        IgakuError: the gate refuses the data, or something cannot be loaded, read or written.
    """
    given = {k: str(v) for k, v in (("path", data), ("base", model)) if v}
    config = load_config(recipe, changes, **given) if isinstance(recipe, str) else _with(recipe, data, model)
    name = Path(recipe).stem if isinstance(recipe, str) else "own"
    if wrong := fault(config):
        raise IgakuError(wrong)
    if not config.data.path:
        raise IgakuError("no data to train on: give --data FOLDER (a mix of igaku corpus) or data.path in the recipe")
    from igaku.training import loop
    from igaku.training.examples import examples, packed, pairs
    from igaku.training.networks import load

    out = Path(out)
    origin = checked(config.data.path, contaminated)
    origin.contaminated = origin.contaminated or inherited(_folder(config.model.base))
    mark = hashlib.sha256(msgspec.json.encode([msgspec.to_builtins(config), origin.data])).hexdigest()[:16]
    if (out / "train.json").exists():
        return _before(out, config, origin)
    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    network, tokenizer = load(config)
    network = _on_device(network)
    if config.data.form == "preference":
        items: Any = pairs(config.data.path, config.data, tokenizer)
        losses = loop.preference_losses(config, _frozen(network, config))
    else:
        items = packed(examples(config.data.path, config.data, tokenizer), config.data, tokenizer.pad_token_id or 0)
        losses = loop.next_token_losses
    rows = loop.fit(network, items, config, out, mark, losses, on_step)
    loop.together()
    made = _summary(name, config, origin, network, items, rows, time.perf_counter() - started)
    if loop.world().rank == 0:
        _save(network, tokenizer, out, made)
    return made


def _with(config: Config, data: str | Path | None, model: str | None) -> Config:
    if data:
        config = replace(config, data=replace(config.data, path=str(data)))
    return replace(config, model=replace(config.model, base=model)) if model else config


def _folder(base: str) -> str:
    """Where a base's stamp would be; a hub id has none."""
    return base if Path(base).is_dir() else ""


def _on_device(network: Any) -> Any:
    import os

    import torch

    if torch.cuda.is_available() and not getattr(network, "is_loaded_in_4bit", False):
        return network.to(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    return network


def _frozen(network: Any, config: Config) -> Any:
    """What the model said before training, where there are no adapters to switch off."""
    if config.method.kind == "lora":
        return None
    import copy

    import torch

    from igaku.training.loop import pair_logprobs

    before = copy.deepcopy(network).eval().requires_grad_(False)

    def reference(items: Any) -> Any:
        with torch.no_grad():
            return pair_logprobs(before, items)

    return reference


def _summary(
    name: str, config: Config, origin: Origin, network: Any, items: Any, rows: list[dict[str, Any]], seconds: float
) -> Trained:
    from igaku.training.examples import Packed
    from igaku.training.loop import padding
    from igaku.training.networks import trainable

    losses = [r["loss"] for r in rows]
    tenth = max(1, len(losses) // 10)
    whole = sum(p.numel() for p in network.parameters())
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
        parameters=whole,
        trained=trained,
        updates=len(rows),
        tokens=rows[-1]["tokens"],
        first_loss=sum(losses[:tenth]) / tenth,
        last_loss=sum(losses[-tenth:]) / tenth,
        seconds=round(seconds, 1),
        per_second=speed,
        mfu=_mfu(speed, whole, trained),
        versions=_versions(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        commit=_commit(),
    )


def _mfu(per_second: float, parameters: int, trained: int) -> float | None:
    import torch

    if not torch.cuda.is_available():
        return None
    peak = next((f for n, f in FLOPS.items() if n in torch.cuda.get_device_name()), None)
    return round(per_second * (4 * parameters + 2 * trained) / peak, 4) if peak else None


def _versions() -> dict[str, str]:
    out = {}
    for package in ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors"):
        try:
            out[package] = version(package)
        except PackageNotFoundError:
            continue
    return out


def _commit() -> str:
    try:
        told = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def _save(network: Any, tokenizer: Any, out: Path, made: Trained) -> None:
    from igaku.training.card import write_card
    from igaku.training.picture import loss_curve

    if made.config.method.kind == "full":
        network.config.use_cache = True
    stamp(out, made.origin)
    network.save_pretrained(out, safe_serialization=True)
    tokenizer.save_pretrained(out)
    loss_curve(out)
    write_card(out, made)
    write_json(out / "train.json", made)


def read_trained(folder: str | Path) -> Trained:
    """The ``train.json`` of a folder.

    Raises:
        IgakuError: it is not there, or cannot be read.
    """
    try:
        return msgspec.json.decode((Path(folder) / "train.json").read_bytes(), type=Trained)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IgakuError(f"{folder}: no finished training run there ({error})") from None


def _before(out: Path, config: Config, origin: Origin) -> Trained:
    made = read_trained(out)
    if (made.config, made.origin.data) != (config, origin.data):
        raise IgakuError(f"{out}: holds a run with another recipe or other data; give another --out")
    return made
