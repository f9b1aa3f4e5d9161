"""A recipe, run: gate, data, model, trainer, and a folder that can be loaded, checked and published."""

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

from igaku.errors import IgakuError, missing_extra
from igaku.io.files import write_json
from igaku.io.locks import writes
from igaku.provenance import Origin, stamp
from igaku.training.adapters import continued, goes_on
from igaku.training.config import Config, fault, load_config, updates_of
from igaku.training.gate import checked
from igaku.training.trained import Trained, first_and_last, read_trained

if TYPE_CHECKING:
    from igaku.training.batches import Items
    from igaku.training.measure import Questions
    from igaku.training.reinforce import Reinforced
    from igaku.training.updates import Row, Step

MIXED = "not packed: in this model documents that share a sequence see each other (tried on two)"


def prepared(
    recipe: str | Config,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: Sequence[str] = (),
    contaminated: bool = False,
    questions: "Questions | None" = None,
) -> tuple[Config, Origin]:
    """The recipe with its changes, and where its data come from; arguments and errors as of ``train``."""
    if isinstance(recipe, str):
        config = load_config(recipe, changes, data=str(data or ""), base=model or "")
    else:
        config = _with(recipe, data, model)
    if problem := fault(config):
        raise IgakuError(problem)
    config = continued(config)
    if config.data.form == "questions":
        raise IgakuError("a recipe of grpo is for igaku train (igaku.plans.grpo in Python)")
    if not config.data.path:
        raise IgakuError("no data to train on: give --data FOLDER (a mix of igaku corpus) or data.path in the recipe")
    origin = checked(config.data.path, contaminated)
    for other in _measured_on(config, contaminated, questions):
        origin.data |= other.data
        origin.steps += other.steps
        origin.contaminated = origin.contaminated or other.contaminated
    return config, origin.after(_folder(config.model.base))


def _measured_on(config: Config, contaminated: bool, questions: "Questions | None") -> list[Origin]:
    """Of the rows and questions that the model is measured on: they choose it, so they pass the gate too."""
    e = config.eval
    if e.questions and not questions:
        raise IgakuError("a recipe with eval.questions is for igaku train (in Python: questions of igaku.plans.dev)")
    found = [checked(e.rows, contaminated)] if e.rows else []
    found += [questions.origin] if questions else []
    what = "seen for selection" if e.best else "measured on"
    named = [{f"{what}: {name}": value for name, value in other.data.items()} for other in found]
    return [Origin(data, list(data), other.contaminated) for data, other in zip(named, found)]


@writes("out")
def train(
    recipe: str | Config,
    out: str | Path,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: Sequence[str] = (),
    contaminated: bool = False,
    questions: "Questions | None" = None,
    on_step: "Callable[[Step], None] | None" = None,
    say: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train by a recipe; the same call again goes on where it stopped, or gives what is there.

    Args:
        recipe: a built-in name, a YAML file, or a ``Config``.
        out: a folder: adapter or weights, tokenizer, card, log, checkpoint.
        data: a mix of ``igaku corpus``.
        model: instead of the recipe's base.
        changes: ``lr=1e-4``, to a recipe that is given by name.
        contaminated: train on data that did not go through decontamination; stamped on the model and every later score.
        questions: of the recipe's ``eval.questions`` (``igaku.plans.dev``).
        say: given a line for what the user should know, as rows that were left out.

    Raises:
        IgakuError: the gate refuses the data, or something cannot be loaded, read or written.
    """
    config, origin = prepared(
        recipe, data=data, model=model, changes=changes, contaminated=contaminated, questions=questions
    )
    name, out = Path(recipe).stem if isinstance(recipe, str) else "own", Path(out)
    if (out / "train.json").exists() and (before := finished(out, config, origin)):
        return before
    try:
        from igaku.training.trainer import fit
    except ImportError:
        raise missing_extra("trl", "train") from None
    from igaku.training.measure import measure_of
    from igaku.training.memory import device_bytes, needed
    from igaku.training.networks import load

    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    processes = processes_here()  # each takes its own GPU before anything is loaded
    network, tokenizer = load(config)
    if not config.train.shard:  # parts are moved one by one
        network = on_device(network)
    say(needed(network, config, processes.num_processes).line(config, device_bytes()))
    items, held_out, notes = _learning(config, network, tokenizer)
    for note in (*goes_on(config), *notes):
        say(note)
    measure = measure_of(config, held_out, questions, out)
    fitted = fit(network, tokenizer, items, config, out, fingerprint(config, origin), on_step, measure)
    speed, seconds = fitted.rows[-1]["per_second"], time.perf_counter() - started
    trained = _summary(name, config, origin, network, len(items), fitted.rows, speed, notes, seconds)
    trained.filled = _filled(items)
    if processes.is_main_process:
        _save(network, tokenizer, out, trained, fitted.weights)
    processes.wait_for_everyone()
    return trained


def finish(
    name: str,
    config: Config,
    origin: Origin,
    network: Any,
    tokenizer: Any,
    questions: int,
    done: "Reinforced",
    out: Path,
    seconds: float,
) -> Trained:
    """A model that was trained by rewards, with its card and record; the first process saves them."""
    trained = _summary(name, config, origin, network, questions, done.rows, done.per_second, [], seconds)
    trained.first_reward, trained.last_reward = first_and_last(done.rows, "reward")
    processes = processes_here()
    if processes.is_main_process:
        _save(network, tokenizer, out, trained)
    processes.wait_for_everyone()
    return trained


def processes_here() -> Any:
    """This process among those that ``torchrun`` or ``accelerate launch`` started; each on its own GPU.

    Raises:
        IgakuError: the packages for training are not installed.
    """
    import torch

    try:
        from accelerate import PartialState
    except ImportError:
        raise missing_extra("accelerate", "train") from None
    return PartialState(cpu=not torch.cuda.is_available())


def fingerprint(config: Config, origin: Origin) -> str:
    """16 hex digits over the recipe and the data; a run may be made longer."""
    plain = msgspec.json.encode(_any_length(config))
    plain = msgspec.json.encode(msgspec.json.decode(plain, type=Config))  # defaults that were written out are left out
    return hashlib.sha256(plain + msgspec.json.encode(origin.data)).hexdigest()[:16]


def _any_length(config: Config) -> Config:
    return replace(config, train=replace(config.train, steps=None, epochs=1.0))


def _learning(config: Config, network: Any, tokenizer: Any) -> "tuple[Items, Items, list[str]]":
    """Packed sequences or pairs, those that are held out, and what the user should know."""
    from igaku.training.examples import Reader, packed
    from igaku.training.isolation import documents_mix
    from igaku.training.measure import split
    from igaku.training.networks import experts_note

    data, e, reader = config.data, config.eval, Reader(config.data, tokenizer)
    if data.form == "preference":
        found: list[Any] = [[pair] for pair in reader.pairs(data.path)]
        held_out: list[Any] = list(reader.pairs(e.rows)) if e.rows else []
    else:
        found, held_out = list(reader.rows(data.path)), list(reader.examples(e.rows)) if e.rows else []
    learnt = [x for row in found for x in row]
    if e.share:
        learnt, held_out = split(found, e.share, config.train.seed)
    if data.form == "preference":
        return learnt, held_out, reader.lines
    notes = [*reader.lines, *experts_note(network, config.method)]
    if data.pack and len(learnt) > 1 and documents_mix(network):
        notes.append(MIXED)
        data = replace(data, pack=False)
    pad = tokenizer.pad_token_id or 0
    return packed(learnt, data, pad), packed(held_out, data, pad), notes


def _with(config: Config, data: str | Path | None, model: str | None) -> Config:
    if data:
        config = replace(config, data=replace(config.data, path=str(data)))
    return replace(config, model=replace(config.model, base=model)) if model else config


def _folder(base: str) -> str:
    """The folder that may hold the base's stamp; a hub id has none."""
    return base if Path(base).is_dir() else ""


def on_device(network: Any) -> Any:
    """The network on this process's own GPU, where there is one."""
    import torch

    from igaku.training.networks import local_rank

    if torch.cuda.is_available() and not getattr(network, "is_loaded_in_4bit", False):
        return network.to(f"cuda:{local_rank()}")
    return network


def _summary(
    name: str,
    config: Config,
    origin: Origin,
    network: Any,
    items: int,
    rows: "list[Row]",
    speed: float,
    notes: list[str],
    seconds: float,
) -> Trained:
    from igaku.training.networks import trainable

    first, last = first_and_last(rows, "loss")
    parameters = sum(p.numel() for p in network.parameters())
    trained = sum(p.numel() for p in trainable(network).values())
    return Trained(
        name=name,
        config=config,
        origin=origin,
        sequences=items,
        filled=1.0,
        notes=notes,
        parameters=parameters,
        trained=trained,
        updates=len(rows),
        tokens=rows[-1]["tokens"],
        first_loss=first,
        last_loss=last,
        seconds=round(seconds, 1),
        per_second=speed,
        mfu=_mfu(speed, parameters, trained),
        versions=versions(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        commit=_commit(),
    )


def _filled(items: "Items") -> float:
    """Share of the sequences' tokens that is text; 1 of pairs."""
    from igaku.training.batches import padding
    from igaku.training.examples import Packed

    packed = [i for i in items if isinstance(i, Packed)]
    return round(1 - sum(map(padding, packed)) / max(1, sum(len(i.ids) for i in packed)), 4)


def _mfu(per_second: float, parameters: int, trained: int) -> float | None:
    import torch

    from igaku.training.memory import PEAKS

    if not torch.cuda.is_available():
        return None
    peak = next((f for n, f in PEAKS.items() if n in torch.cuda.get_device_name()), None)
    return round(per_second * (4 * parameters + 2 * trained) / peak, 4) if peak else None


def versions() -> dict[str, str]:
    """Versions of the packages that can change a trained model."""
    out = {}
    for package in ("torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes", "safetensors"):
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


def _save(network: Any, tokenizer: Any, out: Path, trained: Trained, weights: dict[str, Any] | None = None) -> None:
    """Write the model's folder.

    Args:
        weights: all of them, where the network itself holds a part.
    """
    from igaku.training.card import write_card
    from igaku.training.picture import log_curve, log_curves

    if trained.config.method.kind == "full":
        network.config.use_cache = True
    for adapter in getattr(network, "peft_config", {}).values():
        if isinstance(adapter.target_modules, set):  # written in another order each time, which changes the hash
            adapter.target_modules = sorted(adapter.target_modules)
    stamp(out, trained.origin)
    only = {"selected_adapters": ["default"]} if hasattr(network, "peft_config") else {}
    network.save_pretrained(out, safe_serialization=True, state_dict=weights, **only)
    tokenizer.save_pretrained(out)
    log_curve(out)
    log_curves(out, "score", ["score"])
    write_card(out, trained)
    write_json(out / "train.json", trained)


def finished(out: Path, config: Config, origin: Origin) -> Trained | None:
    """The finished run of a folder; None where the recipe asks for more updates of the same.

    Raises:
        IgakuError: it is of another recipe or other data.
    """
    before = read_trained(out)
    if (_any_length(before.config), before.origin.data) != (_any_length(config), origin.data):
        raise IgakuError(f"{out}: holds a run with another recipe or other data; give another --out")
    if before.config == config:
        return before
    if updates_of(config, before.sequences) > before.updates:
        return None
    raise IgakuError(f"{out}: holds a run of {before.updates} updates, more than are wanted now; give another --out")
