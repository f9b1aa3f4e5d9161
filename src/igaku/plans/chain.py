"""From raw text to a report: corpus → train → merge → evaluate before and after → report. Every step is kept in its folder, and done once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

import igaku
from igaku.configs import YAML_SUFFIXES, builtin_names, config_text
from igaku.corpus.pipeline import Plan, build
from igaku.errors import IgakuError
from igaku.io.files import write_whole


class Asked(Struct, forbid_unknown_fields=True):
    """One evaluation, as ``igaku eval`` takes it."""

    bench: str
    method: list[str] = field(default_factory=lambda: ["letter-logprob"])
    prompt: str | None = None
    lang: str | None = None
    limit: int | None = None


class Merged(Struct, forbid_unknown_fields=True):
    """How much of the trained model's changes stays."""

    weight: float = 1.0
    density: float = 0.5


class Chain(Struct, forbid_unknown_fields=True):
    """A chain's YAML file."""

    recipe: str
    """A shipped recipe, or a YAML file."""
    evaluate: list[Asked]
    corpus: Plan | None = None
    """Its last step is a mix, which the recipe learns from; without it ``data``."""
    data: str = ""
    model: str = ""
    """Instead of the recipe's base."""
    set: list[str] = []
    """Changes to the recipe, as ``lr=1e-4``."""
    merge: Merged | None = None
    """``weight`` and ``density`` of the trained model's changes (TIES); the merged model is evaluated instead."""


def chain_names() -> list[str]:
    """The shipped chains."""
    return builtin_names(__package__, "chains")


def read_chain(name: str) -> tuple[Chain, Path]:
    """A shipped chain or a file of your own, and the folder its paths are relative to."""
    text = config_text("chain", name, __package__, "chains")
    try:
        return msgspec.convert(yaml.safe_load(text), Chain), Path(name).parent if name.endswith(
            YAML_SUFFIXES
        ) else Path()
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise IgakuError(f"{name}: cannot be read as a chain ({' '.join(str(error).split())[:300]})") from None


def run_chain(
    name: str,
    out: str | Path,
    *,
    contaminated: bool = False,
    workers: str | int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Do every step that is not done yet; the report's folder.

    Raises:
        IgakuError: as the steps do. What is done stays done.
    """
    from igaku.training.card import write_card
    from igaku.training.recipe import train

    chain, base = read_chain(name)
    out = Path(out)
    data = str(base / chain.data) if chain.data else ""
    if chain.corpus is not None:
        if chain.corpus.mix is None:
            raise IgakuError(f"{name}: the corpus of a chain ends with a mix; add mix: {{tokenizer: ...}}")
        build(
            chain.corpus,
            out / "corpus",
            workers,
            lambda m: say(f"corpus, {m.step}: {m.kept:,} of {m.read:,} documents kept"),
            base,
        )
        data = str(out / "corpus" / "6-mix")
    made = train(
        chain.recipe,
        out / "model",
        data=data or None,
        model=chain.model or None,
        changes=chain.set,
        contaminated=contaminated,
        on_step=lambda s: (
            say(f"update {s.step}/{s.steps}: loss {s.loss:.3f}, {s.per_second:.0f} tokens/s, {s.left:.0f} s left")
            if s.step % max(1, s.steps // 10) == 0
            else None
        ),
    )
    say(f"trained: loss {made.first_loss:.3f} → {made.last_loss:.3f}")
    before, after = {"model": made.config.model.base}, _after(chain, made, out)
    scores = []
    for n, asked in enumerate(chain.evaluate):
        runs = [
            _evaluate(out / "runs" / f"{n}-{label}", asked, model)
            for label, model in (("before", before), ("after", after))
        ]
        scores += _scores(asked, *runs)
        say(f"{asked.bench}: {scores[-1]['before']} → {scores[-1]['after']}")
    write_card(out / "model", made, scores)
    return _report(out, scores, made, say)


def _after(chain: Chain, made: Any, out: Path) -> dict[str, str]:
    base = made.config.model.base
    if chain.merge is None:
        return (
            {"model": base, "adapter": str(out / "model")}
            if made.config.method.kind == "lora"
            else {"model": str(out / "model")}
        )
    from igaku.engines.hf import model_folder
    from igaku.training.merging import Member, merge

    target = out / "merged"
    if not (target / "merge.json").exists():
        merge(model_folder(base), [Member(out / "model", chain.merge.weight, chain.merge.density)], target)
    return {"model": str(target)}


def _evaluate(folder: Path, asked: Asked, model: dict[str, Any]) -> Any:
    return igaku.evaluate(
        bench=asked.bench,
        out=folder,
        method=asked.method,
        prompt=asked.prompt,
        lang=asked.lang,
        limit=asked.limit,
        engine="transformers",
        **model,
    )


def _scores(asked: Asked, before: Any, after: Any) -> list[dict[str, str]]:
    rows = []
    for a, b in zip(*(_whole(run) for run in (before, after))):
        rows.append({"bench": f"{a.benchmark} ({a.language}, {a.method})", "before": _told(a), "after": _told(b)})
    return rows


def _whole(run: Any) -> list[Any]:
    """A run's cells over all questions (or over those without an image, where only these were asked)."""
    return [c for c in run.cells if c.text_only is None] or [c for c in run.cells if c.text_only]


def _told(cell: Any) -> str:
    from igaku.tables import interval, percent

    return f"{percent(cell.accuracy)} ({interval(cell.ci95)})"


def _report(out: Path, scores: list[dict[str, str]], made: Any, say: Callable[[str], None]) -> Path:
    from igaku.report.site import build_site

    lines = [
        "# Before and after",
        "",
        f"{made.name}: {made.updates} updates, {made.tokens:,} tokens, loss {made.first_loss:.3f} → {made.last_loss:.3f}.",
        "",
        "| benchmark | before | after |",
        "|---|---|---|",
        *(f"| {s['bench']} | {s['before']} | {s['after']} |" for s in scores),
        "",
    ]
    if made.origin.contaminated:
        lines.insert(2, f"**CONTAMINATED**: {made.origin.contaminated}\n")
    write_whole(out / "REPORT.md", "\n".join(lines))
    build_site(sorted((out / "runs").iterdir()), out / "report", title=f"igaku: {made.name}")
    say(f"report: {out / 'REPORT.md'} and {out / 'report' / 'index.html'}")
    return out / "report"
