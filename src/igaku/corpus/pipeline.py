"""All steps with one command, from a file that says what goes in; each step in a folder of its own, done once, and one page over all for a reviewer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from igaku.corpus.clean import clean
from igaku.corpus.decontaminate import decontaminate
from igaku.corpus.dedup import dedup
from igaku.corpus.documents import files_of
from igaku.corpus.filter import filter_documents
from igaku.corpus.instruct import instruct
from igaku.corpus.manifest import DOCUMENTS, Manifest, page, read_manifest
from igaku.corpus.mix import mix
from igaku.corpus.sources import Source, gather
from igaku.engines import build_engine
from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.hashing import file_sha256
from igaku.question import RequestKind

STEPS = ("sources", "clean", "dedup", "decontaminate", "filter", "instruct", "mix")


class Plan(Struct, forbid_unknown_fields=True):
    """A corpus's YAML file. A step left out is not done, but for ``decontaminate``, which always is."""

    sources: dict[str, Source]
    clean: dict[str, Any] | None = None
    """``languages``, ``shortest``, ``identified``."""
    dedup: dict[str, Any] | None = None
    """``alike``, ``exact``, ``semantic``, ``epsilon``."""
    decontaminate: dict[str, Any] | None = None
    """``share``."""
    filter: dict[str, Any] | None = None
    """``labels`` or ``model``; ``purpose``, ``sample``, ``precision``."""
    instruct: dict[str, Any] | None = None
    """``model`` and what it is built with, ``pairs``, ``passages``, ``exams``, ``temperature``, ``max_tokens``."""
    mix: dict[str, Any] | None = None
    """``tokenizer``, ``weights``, ``tokens``, ``block``, ``seed``."""


def read_plan(file: Path) -> Plan:
    """The plan in a YAML file.

    Raises:
        IgakuError: it is no plan; the line says which field.
    """
    try:
        return msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), Plan)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise IgakuError(f"{file}: cannot be read as a corpus's plan ({' '.join(str(error).split())[:300]})") from None


def build(
    plan: Plan | str | Path,
    out: str | Path,
    workers: str | int = 1,
    on_step: Callable[[Manifest], None] | None = None,
    base: Path = Path(),
) -> dict[str, Manifest]:
    """Do every step that is not done yet; the manifests by step.

    Raises:
        IgakuError: as the steps do. What is done stays done.
    """
    base = Path(plan).parent if isinstance(plan, str | Path) else base
    plan = read_plan(Path(plan)) if isinstance(plan, str | Path) else plan
    out = Path(out)
    made: dict[str, Manifest] = {}

    def step(name: str, run: Callable[[list[Path], Path], Manifest], read: list[Path]) -> list[Path]:
        folder = out / f"{STEPS.index(name)}-{name}"
        try:
            made[name] = run(read, folder)
        except TypeError as error:
            raise IgakuError(f"step {name} of the plan: {str(error).split(') ')[-1]}") from None
        if on_step:
            on_step(made[name])
        return [folder / DOCUMENTS]

    at = step("sources", lambda read, to: gather(plan.sources, to, base), [])
    if plan.clean is not None:
        at = step("clean", lambda read, to: clean(read, to, workers=workers, **(plan.clean or {})), at)
    if plan.dedup is not None:
        at = step("dedup", lambda read, to: dedup(read, to, workers=workers, **(plan.dedup or {})), at)
    at = step(
        "decontaminate", lambda read, to: decontaminate(read, to, workers=workers, **(plan.decontaminate or {})), at
    )
    if plan.filter is not None:
        given = dict(plan.filter)
        if "labels" in given:
            given["labels"] = base / given["labels"]
        at = step(
            "filter",
            lambda read, to: with_engine(filter_documents, read, to, {"workers": workers, **given}, ("letters",)),
            at,
        )
    pairs = (
        step("instruct", lambda read, to: with_engine(instruct, read, to, dict(plan.instruct or {}), ("text",)), at)
        if plan.instruct is not None
        else []
    )
    if plan.mix is not None:
        step("mix", lambda read, to: mix(read, to, **(plan.mix or {})), [*at, *pairs])
    write_whole(out / "MANIFEST.md", summary(made))
    return made


ENGINE_SETTINGS = ("engine", "adapter", "base_url", "dtype", "context", "concurrency", "api", "quantize")


def with_engine(
    run: Callable[..., Manifest], read: list[Path], to: Path, given: dict[str, Any], needs: tuple[RequestKind, ...]
) -> Manifest:
    """A step that may ask a model, which is loaded only where the step is not done."""
    model = given.pop("model", None)
    settings = {k: given.pop(k) for k in ENGINE_SETTINGS if k in given}
    if model is None:
        return run(read, to, **given)
    asked = json.dumps(
        {"step": run.__name__, "model": model, **settings, **given, "read": [file_sha256(f) for f in files_of(read)]},
        default=str,
        sort_keys=True,
    )
    if (done := read_manifest(to)) and (to / "asked.json").exists():
        if (to / "asked.json").read_text() == asked:
            return done
        raise IgakuError(f"{to}: holds the work of another step, input or setting; give another --out")
    engine = build_engine(str(model), needs=frozenset(needs), **settings)
    try:
        made = run(read, to, engine=engine, **given)
    finally:
        engine.close()
    write_whole(to / "asked.json", asked)
    return made


def summary(made: dict[str, Manifest]) -> str:
    """One page over all steps."""
    lines = [
        "# The corpus, step by step",
        "",
        "| step | read | kept | characters kept | dropped |",
        "|---|---|---|---|---|",
    ]
    for name, m in made.items():
        gone = ", ".join(f"{r} {n:,}" for r, n in sorted(m.dropped.items(), key=lambda x: -x[1])) or "-"
        lines.append(f"| {name} | {m.read:,} | {m.kept:,} | {m.characters_kept:,} | {gone} |")
    return (
        "\n".join(lines)
        + "\n\n"
        + "\n".join(page(m).replace("\n## ", "\n### ").replace("# ", "## ", 1) for m in made.values())
    )
