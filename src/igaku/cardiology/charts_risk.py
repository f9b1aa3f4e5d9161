"""ROC curves with bands and operating points, and calibration plots with a smooth curve, intervals and a histogram.

After Van Calster et al. 2019: groups alone depend on where they are cut, so a local line is drawn through the records.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.charts import COLOURS, DASHES, MARKERS, axes, save
from igaku.cardiology.clinical import calibration_in_the_large, calibration_slope, wilson
from igaku.cardiology.metrics import auroc, bootstrap_interval, calibration, resampled
from igaku.errors import optional

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from igaku.cardiology.arrays import Floats

ROUNDS = 300
"""Bootstrap samples of a band."""
SPAN = 0.75
"""Share of the records that the local line at a probability looks at, as loess has it."""
FEW = 60
"""Records that it looks at where there are so few."""
SIGNS = {"90 % specificity": "o", "Youden": "D", "90 % sensitivity": "s"}
"""Threshold set on validation patients -> its sign on a curve."""
Cuts = Mapping[str, Mapping[str, float]]
"""Model -> name of a threshold -> the threshold."""


def roc(truth: "Floats", probability: "Floats") -> tuple[list[float], list[float]]:
    """(1 - specificity, sensitivity) at every threshold, ties as one step."""
    import numpy as np

    positive, scores = np.asarray(truth).astype(bool), np.asarray(probability)
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    hits, misses = np.cumsum(positive[order])[last], np.cumsum(~positive[order])[last]
    return [0.0, *(misses / max(1, misses[-1]))], [0.0, *(hits / max(1, hits[-1]))]


def roc_band(truth: "Floats", probability: "Floats", patients: Sequence[str]) -> "tuple[Floats, Floats, Floats]":
    """(1 - specificity, low and high end of the sensitivity there), 95 % of bootstrap samples of the patients."""
    import numpy as np

    grid, curves = np.linspace(0, 1, 101), []
    for some in resampled(patients, ROUNDS):
        for weights in some:
            inside = np.repeat(np.arange(len(weights)), weights.astype(int))
            if 0 < truth[inside].sum() < len(inside):
                curves.append(np.interp(grid, *roc(truth[inside], probability[inside])))
    low, high = np.quantile(curves, (0.025, 0.975), axis=0)
    return grid, low, high


def roc_chart(
    truth: "Floats",
    probabilities: "Mapping[str, Floats]",
    title: str,
    path: Path,
    patients: Sequence[str],
    cuts: Cuts | None = None,
) -> Path:
    """ROC curves of models on the same records; the first with its band, all with the thresholds set before."""
    figure, ax = axes(width=5.4, height=6.0)
    ax.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=0.8)
    for k, ((name, values), colour, dash, marker) in enumerate(zip(probabilities.items(), COLOURS, DASHES, MARKERS)):
        style = {"color": colour, "linestyle": dash, "marker": marker, "markersize": 3, "markevery": (0.03 * k, 0.17)}
        ax.plot(*roc(truth, values), **style, label=_labelled(name, truth, values, patients))
        if k == 0 and len(set(patients)) > 1:
            ax.fill_between(*roc_band(truth, values, patients), color=colour, alpha=0.12, linewidth=0)
        for cut, threshold in (cuts or {}).get(name, {}).items():
            _operating_point(ax, truth, values, threshold, SIGNS[cut], colour)
    ax.set(xlim=(-0.005, 1), ylim=(0, 1.01), aspect="equal")
    ax.set(
        xlabel="1 - specificity", ylabel="sensitivity", title=f"{title} (n = {len(truth)}, {int(truth.sum())} positive)"
    )
    ax.title.set_fontsize(10)
    _legends(figure, ax, [sign for sign in SIGNS if any(sign in own for own in (cuts or {}).values())])
    return save(figure, path)


def _operating_point(ax: Any, truth: "Floats", values: "Floats", threshold: float, sign: str, colour: str) -> None:
    above, positive = values > threshold, truth.astype(bool)
    at = above[~positive].mean(), above[positive].mean()
    ax.plot(
        *at, sign, color=colour, markersize=6, markerfacecolor="white", markeredgewidth=1.3, clip_on=False, zorder=5
    )


def _labelled(name: str, truth: "Floats", values: "Floats", patients: Sequence[str]) -> str:
    low, high = bootstrap_interval(auroc, patients, truth, values)
    interval = f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else ""
    return f"{_name(name)} {auroc(truth, values):.3f}{interval}"


def _legends(figure: "Figure", ax: Any, cuts: Sequence[str]) -> None:
    """Models under the curves, signs of thresholds among them."""
    figure.legend(
        *ax.get_legend_handles_labels(),
        loc="outside lower center",
        frameon=False,
        fontsize=8,
        ncols=2,
        title="AUROC (95 %), thresholds from validation patients",
    )
    style = {"color": "#444444", "linestyle": "", "markerfacecolor": "white", "markeredgewidth": 1.3}
    line = optional("matplotlib.lines", "ecg").Line2D
    signs = [line([], [], marker=SIGNS[c], label=f"for {c}" if "%" in c else c, **style) for c in cuts]
    if signs:
        ax.legend(handles=signs, loc="lower right", frameon=False, fontsize=8, title="threshold set before")


def calibration_chart(
    truth: "Floats", probabilities: "Mapping[str, Floats]", title: str, path: Path, patients: Sequence[str]
) -> Path:
    """A panel a model: local line with its band, groups with 95 % intervals, and below how often each risk is given."""
    columns = min(3, len(probabilities))
    rows = math.ceil(len(probabilities) / columns)
    figure = optional("matplotlib.figure", "ecg").Figure(figsize=(columns * 3.4, rows * 4.3), layout="constrained")
    grid = figure.subplots(2 * rows, columns, squeeze=False, gridspec_kw={"height_ratios": [3, 1] * rows})
    for k, (name, values) in enumerate(probabilities.items()):
        row, column = divmod(k, columns)
        _calibration(grid[2 * row][column], grid[2 * row + 1][column], truth, values, patients, k)
        grid[2 * row][column].set_title(_name(name), fontsize=10)
    for k in range(len(probabilities), rows * columns):
        row, column = divmod(k, columns)
        grid[2 * row][column].set_axis_off()
        grid[2 * row + 1][column].set_axis_off()
    figure.suptitle(f"{title}: calibration (n = {len(truth)}, {int(truth.sum())} positive)", fontsize=11)
    return save(figure, path)


def _calibration(ax: Any, below: Any, truth: "Floats", values: "Floats", patients: Sequence[str], k: int) -> None:
    import numpy as np

    colour = COLOURS[k % len(COLOURS)]
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":")
    at, line, low, high = local_line(truth, values, patients)
    ax.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.plot(at, line, color=colour, linestyle=DASHES[k % len(DASHES)])
    for mean, share, n in calibration(truth, values, max(3, min(10, len(truth) // 20))):
        ends = wilson(round(share * n), n)
        ax.plot([mean, mean], ends, color=colour, linewidth=0.9)
        ax.plot(mean, share, MARKERS[k % len(MARKERS)], color=colour, markersize=4.5, markerfacecolor="white")
    ax.text(0.03, 0.97, _summary(truth, values), transform=ax.transAxes, va="top", fontsize=7.5)
    edges = np.linspace(0, 1, 21)
    positive = truth.astype(bool)
    top, bottom = (np.histogram(values[p], edges)[0] for p in (positive, ~positive))
    below.bar(edges[:-1], top, 0.05, align="edge", color=colour, label="positive")
    below.bar(edges[:-1], -bottom, 0.05, align="edge", color="#bbbbbb", label="negative")
    below.axhline(0, color="#333333", linewidth=0.6)
    highest = max(1, int(top.max()), int(bottom.max()))
    below.set(xlim=(0, 1), ylim=(-1.15 * highest, 1.15 * highest), xlabel="predicted probability", ylabel="records")
    below.set_yticks([-highest, 0, highest], [str(highest), "0", str(highest)])
    ax.set(xlim=(0, 1), ylim=(0, 1), ylabel="share of positives")
    for part in (ax, below):
        part.spines[["top", "right"]].set_visible(False)
        part.tick_params(labelsize=8)
    if k == 0:
        below.legend(frameon=False, fontsize=7, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.0)


def _summary(truth: "Floats", values: "Floats") -> str:
    slope, shift = calibration_slope(truth, values), calibration_in_the_large(truth, values)
    return f"slope {slope:.2f}\nin the large {shift:+.2f}" if slope == slope else "too few for a slope"


def local_line(
    truth: "Floats", probability: "Floats", patients: Sequence[str], span: float = SPAN
) -> "tuple[Floats, Floats, Floats, Floats]":
    """(probabilities, share of positives there by local lines with tricube weights, low and high end of 95 %).

    Only between the 1st and 99th percentile of the probabilities, beyond which nothing is known.
    """
    import numpy as np

    x, y = np.asarray(probability, float), np.asarray(truth, float)
    at = np.linspace(float(np.quantile(x, 0.01)), float(np.quantile(x, 0.99)), 41)
    distance = np.abs(at[:, None] - x[None, :])
    share = min(1.0, max(span, FEW / len(x)))
    width = np.maximum(np.quantile(distance, share, axis=1, keepdims=True), 1e-6)
    near = np.clip(1 - (distance / (1.0001 * width)) ** 3, 0, None) ** 3
    line = _weighted_line(at, x, y, near, np.ones((1, len(x))))[0]
    drawn = np.concatenate([_weighted_line(at, x, y, near, some) for some in resampled(patients, ROUNDS)])
    low, high = np.nanquantile(drawn, (0.025, 0.975), axis=0)
    return at, line, low, high


def _weighted_line(at: "Floats", x: "Floats", y: "Floats", near: "Floats", weights: "Floats") -> "Floats":
    """[samples, at]: the weighted least-squares line around each point, read there; within 0 and 1."""
    import numpy as np

    moments = [weights @ (near * v).T for v in (np.ones_like(x), x, x * x, y, x * y)]
    _, sx, sxx, sy, sxy = (m / np.maximum(moments[0], 1e-12) for m in moments)
    spread = sxx - sx * sx
    slope = np.where(spread > 1e-9, (sxy - sx * sy) / np.maximum(spread, 1e-9), 0.0)
    line: Floats = np.clip(sy + slope * (at[None, :] - sx), 0, 1)
    return line


def _name(name: str) -> str:
    return name.lstrip("_")
