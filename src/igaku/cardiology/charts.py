"""Pictures of results as SVG, by matplotlib (which wfdb and lifelines bring along)."""

import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from igaku.cardiology.clinical import limits_of_agreement, net_benefit
from igaku.errors import optional
from igaku.io.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from igaku.cardiology.arrays import Floats

COLOURS = ("#1f5fa8", "#b5492a", "#3b7d3b", "#7a4fa3", "#8a6d1b", "#4d4d4d")
DASHES = ("-", "--", "-.", ":", "-", "--")
MARKERS = ("o", "s", "^", "D", "v", "P")
"""Colour, dash and marker differ together, so that colour alone is never needed."""
Point = tuple[float, float, float | None, float | None]
"""x, value, low and high end of its interval."""


def save(figure: "Figure", path: Path) -> Path:
    """The figure as an SVG whose text stays text, the same bytes every time."""
    matplotlib = optional("matplotlib", "ecg")
    svg = io.StringIO()
    for text in figure.findobj(optional("matplotlib.text", "ecg").Text):
        text.set_parse_math(False)  # a label is not a formula
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "igaku", "font.family": "sans-serif"}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": "igaku"}, bbox_inches="tight")
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, svg.getvalue())


def axes(n: int = 1, width: float = 4.2, height: float = 3.8) -> "tuple[Figure, Any]":
    """(figure, its axes) side by side, without a screen; one axis is not in a list."""
    figure = optional("matplotlib.figure", "ecg").Figure(figsize=(n * width, height), layout="constrained")
    found = figure.subplots(1, n)
    for ax in [found] if n == 1 else found:
        ax.spines[["top", "right"]].set_visible(False)
    return figure, found


def decision_curve(truth: "Floats", probabilities: "Mapping[str, Floats]", title: str, path: Path) -> Path:
    """Net benefit over the probability from which one would act, beside acting on everybody and on nobody."""
    import numpy as np

    figure, ax = axes(width=5.0)
    at = np.linspace(0.01, min(0.9, max(0.5, 2 * float(np.mean(truth)))), 60)
    share = float(np.mean(truth))
    for (name, values), colour, dash in zip(probabilities.items(), COLOURS, DASHES):
        gains = [net_benefit(truth, values, float(t)) for t in at]
        ax.plot(at, gains, color=colour, linestyle=dash, label=name.lstrip("_"))
    ax.plot(at, share - (1 - share) * at / (1 - at), color="#888888", linewidth=0.9, label="everybody")
    ax.axhline(0, color="#111111", linewidth=0.9, label="nobody")
    ax.set(ylim=(-0.05, max(0.05, 1.15 * share)), xlabel="probability from which one acts", ylabel="net benefit")
    ax.set_title(f"{title}: decision curve (n = {len(truth)})")
    ax.legend(frameon=False, fontsize=8)
    return save(figure, path)


def regression(truth: "Floats", predicted: "Floats", title: str, model: str, path: Path) -> Path:
    """Predicted by one model against true with the line on which both are equal, and Bland and Altman's plot."""
    figure, (ax, right) = axes(2)
    middle, difference = (truth + predicted) / 2, predicted - truth
    right.plot(middle, difference, "o", color=COLOURS[0], markersize=3.5, alpha=0.7)
    for height, dash in zip(limits_of_agreement(truth, predicted), ("-", "--", "--")):
        right.axhline(height, color="#555555", linewidth=0.9, linestyle=dash)
        right.annotate(
            f"{height:+.1f}", (1, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8
        )
    right.set(xlabel="mean of predicted and true", ylabel="predicted - true", title="bias and limits of agreement")
    low, high = float(min(truth.min(), predicted.min())), float(max(truth.max(), predicted.max()))
    ax.plot([low, high], [low, high], color="#bbbbbb", linewidth=0.8)
    ax.plot(truth, predicted, "o", color=COLOURS[0], markersize=3.5, alpha=0.7)
    ax.set(xlabel=f"{title}, true", ylabel=f"{title}, predicted", title=f"{title}, {model} (n = {len(truth)})")
    return save(figure, path)


def lines(
    rows: Mapping[str, Sequence[Point]],
    path: Path,
    *,
    x: str,
    y: str,
    title: str,
    level: tuple[str, float] | None = None,
) -> Path:
    """Lines through points with intervals, x as a logarithm; ``level`` is a name and a height that is drawn across."""
    figure, ax = axes(width=5.6)
    for k, ((name, points), colour, dash, marker) in enumerate(zip(rows.items(), COLOURS, DASHES, MARKERS)):
        at = [p[0] * 1.03**k for p in points]
        ax.plot(at, [p[1] for p in points], color=colour, linestyle=dash, marker=marker, markersize=4, label=name)
        for shifted, (_, _, low, high) in zip(at, points):
            if low is not None:
                ax.plot([shifted, shifted], [low, high], color=colour, linewidth=0.8, alpha=0.6)
    if level:
        ax.axhline(level[1], color="#888888", linewidth=0.8)
        ax.annotate(level[0], (1, level[1]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
    ax.set(xscale="log", xlabel=x, ylabel=y, title=title)
    ax.set_xticks(ticks := sorted({p[0] for points in rows.values() for p in points}), [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return save(figure, path)


class KaplanMeier(Protocol):
    """A curve as ``survival`` draws it."""

    survival: list[tuple[float, float]]
    at_risk: list[tuple[int, int]]
    band: list[tuple[float, float, float]]
    censored: list[float]


def survival(curves: Mapping[str, KaplanMeier], note: str, path: Path, incidence: bool = False) -> Path:
    """Kaplan-Meier curves as steps with bands and ticks where patients were lost, those at risk below, a note above.

    Args:
        incidence: draw the share with an event (1 less survival), up to where the bands end.
    """
    figure, ax = axes(width=6.2, height=4.2)
    highest = 0.0
    for (name, curve), colour, dash in zip(curves.items(), COLOURS, DASHES):
        xs, ys = [t for t, _ in curve.survival], [_share(s, incidence) for _, s in curve.survival]
        ax.step(xs, ys, where="post", color=colour, linestyle=dash, label=name)
        low, high = ([_share(b[k], incidence) for b in curve.band] for k in (1, 2))
        highest = max([highest, *(y for y in (*low, *high, *ys) if y == y)])
        ax.fill_between([b[0] for b in curve.band], low, high, step="post", color=colour, alpha=0.12, linewidth=0)
        lost = [ys[bisect_right(xs, t) - 1] for t in curve.censored]
        ax.plot(curve.censored, lost, "|", color=colour, markersize=5, markeredgewidth=0.7)
    what = "with an event (1 - survival), %" if incidence else "without an event, %"
    ax.set(ylim=(0, min(101, 1.1 * highest) if incidence else 101), xlim=(0, None), ylabel=what, title=note)
    ax.title.set_fontsize(9)
    ax.legend(frameon=False, loc="upper left" if incidence else "lower left")
    ax.set_xlabel("years\n" + "\n" * (len(curves) + 1))
    _at_risk(ax, {name: c.at_risk for name, c in curves.items()})
    return save(figure, path)


def _share(survival: float, incidence: bool) -> float:
    return 100 * (1 - survival if incidence else survival)


def _at_risk(ax: Any, at_risk: Mapping[str, Sequence[tuple[int, int]]]) -> None:
    left = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "fontsize": 8}
    ax.annotate("at risk", (0, 0), (-24, -46), fontstyle="italic", **left)
    for row, (name, counts) in enumerate(at_risk.items()):
        below = -59 - 13 * row
        ax.annotate(name, (0, 0), (-24, below), **left)
        for years, n in counts:
            at = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            ax.annotate(str(n), (years, 0), (0, below), ha="center", fontsize=8, **at)
