"""Curves of a training run as SVG."""

from collections.abc import Sequence
from pathlib import Path

from igaku.io.checkpoints import read_log
from igaku.io.files import write_whole

W, H, LEFT, BOTTOM = 640, 260, 52, 34


def log_curve(out: Path) -> Path | None:
    """``loss.svg`` from the log, with what was measured on held-out rows; None of fewer than two updates."""
    rows = read_log(out / "log.jsonl")
    if len(rows) < 2:
        return None
    over = [(r["step"], r["held_out"]) for r in rows if "held_out" in r]
    return write_whole(out / "loss.svg", curve([r["step"] for r in rows], [r["loss"] for r in rows], "Loss", over))


def log_curves(out: Path, file: str, names: Sequence[str]) -> Path | None:
    """``FILE.svg`` with a curve for each of these numbers that the log has, two side by side; None of fewer than two
    updates.
    """
    rows = read_log(out / "log.jsonl")
    found = {name: [r for r in rows if name in r] for name in names}
    curves = [
        curve([r["step"] for r in mine], [r[name] for r in mine], name.capitalize())
        for name, mine in found.items()
        if len(mine) > 1
    ]
    if not curves:
        return None
    placed = [
        c.replace("<svg ", f'<svg x="{W * (n % 2)}" y="{H * (n // 2)}" width="{W}" height="{H}" ', 1)
        for n, c in enumerate(curves)
    ]
    box = f"0 0 {W * min(2, len(curves))} {H * -(-len(curves) // 2)}"
    return write_whole(
        out / f"{file}.svg", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(placed)}</svg>'
    )


def curve(steps: Sequence[int], values: Sequence[float], name: str, held_out: Sequence[tuple[int, float]] = ()) -> str:
    """Values by update, and a running mean of a twentieth of them.

    Plain SVG, so that training needs no drawing library.

    Args:
        held_out: (update, value) of rows that are not learnt, in red.
    """
    every = [*values, *(v for _, v in held_out)]
    low, high = min(every), max(every)
    span = (high - low) or 1.0

    def at(step: float, value: float) -> str:
        x = LEFT + (step - steps[0]) / (steps[-1] - steps[0]) * (W - LEFT - 12)
        return f"{x:.1f},{12 + (high - value) / span * (H - BOTTOM - 24):.1f}"

    width = max(1, len(values) // 20)
    windows = [values[max(0, i - width) : i + 1] for i in range(len(values))]
    means = [sum(window) / len(window) for window in windows]
    ticks = "".join(
        f'<text x="{LEFT - 6}" y="{float(at(steps[0], v).split(",")[1]) + 4:.0f}" text-anchor="end">{v:.2f}</text>'
        for v in (high, low + span / 2, low)
    )
    lines = [("#b9c6d8", 1, [*zip(steps, values)]), ("#1f5fa8", 2, [*zip(steps, means)])]
    lines += [("#c0392b", 2, [*held_out])] if held_out else []
    drawn = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="{thick}" points="{" ".join(at(*p) for p in points)}"/>'
        for colour, thick, points in lines
    )
    other = f"; held out (red): {held_out[-1][1]:.3f} at the last" if held_out else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" font-family="sans-serif" font-size="11" '
        'role="img">'
        f"<title>{name} by update: {values[0]:.3f} at the first, {values[-1]:.3f} at the last{other}</title>"
        f'<rect width="{W}" height="{H}" fill="white"/>{ticks}'
        f'<text x="{LEFT}" y="{H - 10}">{steps[0]}</text>'
        f'<text x="{W - 12}" y="{H - 10}" text-anchor="end">{steps[-1]}</text>'
        f'<text x="{W / 2}" y="{H - 10}" text-anchor="middle">{name}, by update</text>'
        f"{drawn}</svg>"
    )
