"""Merge models of one base: a mean, SLERP, task arithmetic, TIES, DARE, DELLA; the result says what it is made of.

JPharmatron-7B was merged so, with the chat ability of its base's instruct model (2505.16661; densities and weights are
not published). One member alone is put in exactly, scaled by its weight.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from igaku._version import __version__
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_json, write_whole
from igaku.provenance import Origin, stamp
from igaku.steps import Steps
from igaku.training.adapters import foreign_notes, quantized_notes, refuse_quantized, whole_models
from igaku.training.blend import AVERAGES, METHODS, UNION, Blend
from igaku.training.card import RESEARCH_ONLY, data_licences, facts, front_matter, licence_of, warning
from igaku.training.merged_model import write_model
from igaku.training.weights import Weights, weight_files

SPARSE = 0.5
"""Share of each change that sparse methods keep, where several models are merged and nothing is said."""
Say = Callable[[str], None]


class Member(Struct, frozen=True):
    """One model to merge: its folder, weight, and the share of its changes that is kept.

    Without a density all of a model that is merged alone is kept, and half of each of several.
    """

    folder: Path
    weight: float = 1.0
    density: float | None = None


class Part(Struct, omit_defaults=True):
    """A model that went into a merge, as ``merge.json`` has it."""

    folder: str
    files: dict[str, str]
    """File of weights -> SHA-256."""
    weight: float | None = None
    density: float | None = None


class Merged(Struct, kw_only=True):
    """``merge.json``: everything needed to check, or repeat, a merge."""

    igaku: str = __version__
    base: Part
    method: str
    seed: int
    members: list[Part]
    tokenizer: str = ""
    """The folder that tokenizer and generation settings are of, where it is not the base's; or ``union``."""


def merge(
    base: str | Path,
    members: Sequence[Member],
    out: str | Path,
    method: str = "ties",
    seed: int = 0,
    *,
    tokenizer_from: str | Path = "",
    say: Say = lambda _: None,
    redo: bool = False,
) -> Path:
    """Write base + merged changes as safetensors, with tokenizer, configuration and a card.

    The same call again does nothing.

    Args:
        base: the folder that all members started from.
        members: folders of whole models, or of adapters, which are put into the base first.
        tokenizer_from: a member's folder, whose tokenizer, chat template and generation settings the result gets; rows
            of other vocabularies are aligned to it by token. ``union``: with the tokens of all. Else the base's.
        redo: merge again where the inputs have changed, instead of refusing.

    Raises:
        IgakuError: a member is not of this base, has another vocabulary, or no safetensors; or ``out`` was merged from
            other inputs.
    """
    base, out = Path(base), Path(out)
    _check(base, members, out, method, str(tokenizer_from))
    folders = [m.folder for m in members]
    for line in [*quantized_notes(folders), *foreign_notes(base, folders)]:
        say(line)
    shares = densities(members)
    merged = Merged(
        base=Part(base.name, weight_files(base)),
        method=method,
        seed=seed,
        members=[Part(m.folder.name, weight_files(m.folder), m.weight, d) for m, d in zip(members, shares)],
        tokenizer=Path(tokenizer_from).name,
    )

    def do(folder: Path) -> Path:
        with whole_models(base, [m.folder for m in members]) as folders:
            parts = [(f, m.weight, d) for f, m, d in zip(folders, members, shares)]
            vocabulary = _vocabulary(base, members, folders, str(tokenizer_from))
            write_model(Blend(base, parts, method, seed, vocabulary), folder, str(tokenizer_from))
        origin = Origin({}, ["merge"]).after(base, *(m.folder for m in members))
        stamp(folder, origin)
        write_json(folder / "merge.json", merged)
        write_whole(folder / "README.md", merge_card(out.name, merged, origin))
        return folder

    inputs = msgspec.to_builtins(merged)
    del inputs["igaku"]
    return Steps(out.parent, say, redo=redo).run(out.name, inputs, do, lambda folder: folder, what="merge")


def densities(members: Sequence[Member]) -> list[float]:
    """The share of each member's changes that sparse methods keep."""
    usual = 1.0 if len(members) == 1 else SPARSE
    return [usual if m.density is None else m.density for m in members]


def _check(base: Path, members: Sequence[Member], out: Path, method: str, tokenizer_from: str) -> None:
    if method not in METHODS:
        raise UnknownNameError("merge method", method, list(METHODS))
    for m, density in zip(members, densities(members)):
        if not math.isfinite(m.weight) or m.weight == 0 or not 0 < density <= 1:
            raise IgakuError(
                f"{m.folder}: weight {m.weight:g}, density {density:g}; "
                "a weight is not 0, a density above 0 and at most 1"
            )
        if m.weight < 0 and method in AVERAGES:
            raise IgakuError(f"{m.folder}: weight {m.weight:g}; {method} takes none below 0, task-arithmetic does")
    if not members or out.resolve() in {base.resolve(), *(m.folder.resolve() for m in members)}:
        raise IgakuError(f"{out}: give at least one member, and a folder of its own for the result")
    if method == "slerp" and (len(members) > 2 or (len(members) == 1 and members[0].weight > 1)):
        raise IgakuError("slerp takes two members, or one with a weight of at most 1 (its share, beside the base)")
    for folder in (base, *(m.folder for m in members)):
        refuse_quantized(folder)
    if tokenizer_from not in ("", UNION) and not Path(tokenizer_from, "tokenizer_config.json").is_file():
        raise IgakuError(f"--tokenizer-from {tokenizer_from}: no tokenizer in it (tokenizer_config.json)")


def _vocabulary(base: Path, members: Sequence[Member], folders: Sequence[Path], tokenizer_from: str) -> str:
    """What mergekit aligns vocabularies to; empty where all have as many words.

    Raises:
        IgakuError: they differ, and nothing is said of how to align them.
    """
    words = Weights(base).words
    sizes = [(m.folder, Weights(f).words) for m, f in zip(members, folders)]
    other = next(((folder, n) for folder, n in sizes if n != words), None)
    if tokenizer_from == UNION:
        return UNION
    if other is None:
        return ""
    if not tokenizer_from:
        raise IgakuError(
            f"{other[0]}: a vocabulary of {other[1]:,}, the base has {words:,}; "
            f"--tokenizer-from {other[0]} (or union) aligns them by token"
        )
    return str(tokenizer_from)


def merge_card(name: str, merged: Merged, origin: Origin) -> str:
    """The card of a merged model."""
    licences = [licence_of(merged.base.folder), *([data_licences(origin.licences)] if origin.licences else [])]
    rows = {
        "base / 元のモデル": f"`{merged.base.folder}`",
        "licence / ライセンス": "; ".join([*licences, "and those of the members / および各モデルのもの"]),
        "method / 方法": f"{merged.method}, seed {merged.seed}",
        "tokenizer / トークナイザ": f"`{merged.tokenizer or merged.base.folder}`",
        "versions / 版": f"igaku {merged.igaku}",
    }
    members = [
        f"| `{m.folder}` | {m.weight:g} | {m.density:g} | {', '.join(f'`{sha[:12]}`' for sha in m.files.values())} |"
        for m in merged.members
    ]
    lines = [
        front_matter(merged.base.folder, "transformers"),
        f"# {name}",
        warning(origin.contaminated),
        RESEARCH_ONLY,
        "",
        *facts(rows),
        "| member / モデル | weight / 重み | density / 密度 | SHA-256 |",
        "|---|---|---|---|",
        *members,
        "",
        "Everything in `merge.json`.",
    ]
    return "\n".join(lines) + "\n"


def read_members(texts: Sequence[str]) -> list[Member]:
    """Members from ``FOLDER``, ``FOLDER:WEIGHT`` or ``FOLDER:WEIGHT:DENSITY``.

    Raises:
        IgakuError: a text is written otherwise.
    """
    return [_read_member(text) for text in texts]


def _read_member(text: str) -> Member:
    folder, *numbers = text.split(":")
    try:
        values = [float(n) for n in numbers]
    except ValueError:
        values = [math.nan] * 3
    if len(values) > 2:
        raise IgakuError(f"{text!r}: write FOLDER, FOLDER:WEIGHT or FOLDER:WEIGHT:DENSITY")
    return Member(Path(folder), *values)
