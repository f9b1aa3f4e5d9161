"""Pictures of what a model does, as SVG by matplotlib (which wfdb and lifelines bring along): ROC and calibration, told against true, lines with intervals, survival curves."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from igaku.cardiology.metrics import auroc, calibration
from igaku.errors import optional
from igaku.io.files import write_whole

COLOURS = ("#1f5fa8", "#b5492a", "#3b7d3b", "#7a4fa3", "#8a6d1b", "#4d4d4d")
DASHES = ("-", "--", "-.", ":", "-", "--")
MARKS = ("o", "s", "^", "D", "v", "P")
"""Colour, dash and mark differ together, so that no line hangs on colour alone."""


def save(figure: Any, path: Path) -> Path:
    """The figure as an SVG whose letters stay letters, the same bytes every time."""
    matplotlib = optional("matplotlib", "ecg")
    made = io.StringIO()
    for text in figure.findobj(optional("matplotlib.text", "ecg").Text):
        text.set_parse_math(False)  # a label is no formula
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "igaku", "font.family": "sans-serif"}):
        figure.savefig(made, format="svg", metadata={"Date": None, "Creator": "igaku"}, bbox_inches="tight")
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, made.getvalue())


def axes(n: int = 1, width: float = 4.2, height: float = 3.8) -> tuple[Any, Any]:
    """(figure, its axes) side by side, without a screen."""
    figure = optional("matplotlib.figure", "ecg").Figure(figsize=(n * width, height), layout="constrained")
    found = figure.subplots(1, n)
    for ax in [found] if n == 1 else found:
        ax.spines[["top", "right"]].set_visible(False)
    return figure, found


def classifier(truth: Any, chances: Mapping[str, Any], title: str, path: Path) -> Path:
    """ROC curves, and mean chance against share of positives in up to ten equal groups, of one model or several on the same records."""
    figure, (left, right) = axes(2)
    bins = max(3, min(10, len(truth) // 20))
    for (name, chance), colour, dash, mark in zip(chances.items(), COLOURS, DASHES, MARKS):
        left.plot(
            *roc(truth, chance), color=colour, linestyle=dash, label=f"{name.lstrip('_')} {auroc(truth, chance):.3f}"
        )
        told = calibration(truth, chance, bins)
        right.plot(
            [c for c, _, _ in told], [s for _, s, _ in told], color=colour, linestyle=dash, marker=mark, label=name
        )
    for ax in (left, right):
        ax.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=0.8)
        ax.set(xlim=(0, 1), ylim=(0, 1.01))
    left.set(xlabel="1 - specificity", ylabel="sensitivity", title=f"{title}: ROC")
    right.set(xlabel="mean chance told", ylabel="share of positives", title=f"calibration, {bins} groups")
    left.legend(loc="lower right", frameon=False, title="AUROC")
    return save(figure, path)


def roc(truth: Any, chance: Any) -> tuple[list[float], list[float]]:
    """(1 - specificity, sensitivity) at every threshold, ties together."""
    import numpy as np

    truth, chance = np.asarray(truth).astype(bool), np.asarray(chance)
    order = np.argsort(-chance, kind="stable")
    last = np.append(np.diff(chance[order]) != 0, True)
    hits, misses = np.cumsum(truth[order])[last], np.cumsum(~truth[order])[last]
    return [0.0, *(misses / max(1, misses[-1]))], [0.0, *(hits / max(1, hits[-1]))]


def regression(truth: Any, told: Any, title: str, model: str, path: Path) -> Path:
    """Told by one model against true, with the line on which both are the same."""
    figure, ax = axes()
    low, high = min(min(truth), min(told)), max(max(truth), max(told))
    ax.plot([low, high], [low, high], color="#bbbbbb", linewidth=0.8)
    ax.plot(truth, told, "o", color=COLOURS[0], markersize=3.5, alpha=0.7)
    ax.set(xlabel=f"{title}, true", ylabel=f"{title}, told", title=f"{title}, {model} (n = {len(truth)})")
    return save(figure, path)


def lines(
    rows: Mapping[str, Sequence[tuple[float, float, float | None, float | None]]],
    path: Path,
    *,
    x: str,
    y: str,
    title: str,
    level: tuple[str, float] | None = None,
) -> Path:
    """Lines through (x, value, low, high), x as a logarithm; ``level`` is a name and a height that is drawn across."""
    figure, ax = axes(width=5.6)
    for k, ((name, points), colour, dash, mark) in enumerate(zip(rows.items(), COLOURS, DASHES, MARKS)):
        at = [p[0] * 1.03**k for p in points]
        ax.plot(at, [p[1] for p in points], color=colour, linestyle=dash, marker=mark, markersize=4, label=name)
        for place, (_, _, low, high) in zip(at, points):
            if low is not None:
                ax.plot([place, place], [low, high], color=colour, linewidth=0.8, alpha=0.6)
    if level:
        ax.axhline(level[1], color="#888888", linewidth=0.8)
        ax.annotate(level[0], (1, level[1]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
    ax.set(xscale="log", xlabel=x, ylabel=y, title=title)
    ax.set_xticks(ticks := sorted({p[0] for points in rows.values() for p in points}), [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return save(figure, path)


def survival(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    at_risk: Mapping[str, Sequence[tuple[int, int]]],
    note: str,
    path: Path,
) -> Path:
    """Kaplan-Meier curves as steps, how many are at risk below, and the hazard ratio above."""
    figure, ax = axes(width=6.2, height=4.2)
    for (name, curve), colour, dash in zip(curves.items(), COLOURS, DASHES):
        ax.step(
            [t for t, _ in curve], [100 * s for _, s in curve], where="post", color=colour, linestyle=dash, label=name
        )
    ax.set(ylim=(0, 101), xlim=(0, None), ylabel="without an event, %", title=note)
    ax.title.set_fontsize(9)
    ax.legend(frameon=False, loc="lower left")
    ax.set_xlabel("years\n" + "\n" * (len(at_risk) + 1))
    ax.annotate(
        "at risk",
        (0, 0),
        (-24, -46),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        fontsize=8,
        fontstyle="italic",
    )
    for row, (name, counts) in enumerate(at_risk.items()):
        below = -59 - 13 * row
        ax.annotate(
            name, (0, 0), (-24, below), xycoords="axes fraction", textcoords="offset points", ha="right", fontsize=8
        )
        for years, n in counts:
            at = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            ax.annotate(str(n), (years, 0), (0, below), ha="center", fontsize=8, **at)
    return save(figure, path)
