"""Does the age that vessels show foretell events beyond actual age and sex? Kaplan-Meier curves of two groups, and a Cox model, by lifelines.

Published on other data, not to compare with (PLoS ONE 17(10):e0276928): hazard ratio 2.14 (1.07 to 4.29) in 298 patients, adjusted for age, sex, peak CK and history of heart failure.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from igaku.cardiology.angiography.vessels import Vascular
from igaku.errors import IgakuError, optional

PLANTED = 1.8
"""Hazard ratio of looking older, in the synthetic cohort."""


class Followed(NamedTuple):
    """A patient after the examination."""

    told: float
    """Age as the model tells it."""
    age: float
    male: bool
    years: float
    event: bool


class Prognosis(NamedTuple):
    """Older-looking against younger-looking."""

    ratio: float
    low: float
    high: float
    p: float
    log_rank: float
    older: int
    events: int
    curves: dict[str, list[tuple[float, float]]]
    """Group -> (years, share without an event)."""


def prognosis(followed: Sequence[Followed], older: Sequence[bool] | None = None) -> Prognosis:
    """Cox hazard ratio of the older-looking group, adjusted for actual age and sex; the group is told age above what is usual for the actual age unless given.

    Raises:
        IgakuError: fewer than ten events, or all in one group.
    """
    pd, lifelines = optional("pandas", "angio"), optional("lifelines", "angio")
    statistics = optional("lifelines.statistics", "angio")
    group = list(older) if older is not None else looks_older(followed)
    events = sum(f.event for f in followed)
    if events < 10 or len(set(group)) < 2:
        raise IgakuError(
            f"{events} events, {sum(group)} of {len(group)} look older: too few for a hazard ratio (ten events, and both groups)"
        )
    rows = pd.DataFrame({"years": [f.years for f in followed], "event": [int(f.event) for f in followed], "older": [int(g) for g in group],
                         "age": [(f.age - 65) / 10 for f in followed], "male": [int(f.male) for f in followed]})  # fmt: skip
    if rows["male"].nunique() < 2:
        rows = rows.drop(columns="male")
    try:
        fitted = lifelines.CoxPHFitter().fit(rows, "years", "event")
    except (ArithmeticError, ValueError, RuntimeError) as error:
        raise IgakuError(f"no hazard ratio can be fitted ({str(error).splitlines()[0][:120]})") from None
    told = fitted.summary.loc["older"]
    a, b = rows[rows.older == 1], rows[rows.older == 0]
    rank = statistics.logrank_test(a.years, b.years, a.event, b.event)
    curves = {}
    for name, part in (("older-looking", a), ("younger-looking", b)):
        table = lifelines.KaplanMeierFitter().fit(part.years, part.event).survival_function_
        curves[name] = [(float(t), float(s)) for t, s in zip(table.index, table.iloc[:, 0])]
    return Prognosis(
        float(told["exp(coef)"]),
        float(told["exp(coef) lower 95%"]),
        float(told["exp(coef) upper 95%"]),
        float(told["p"]),
        float(rank.p_value),
        int(sum(group)),
        events,
        curves,
    )


def looks_older(followed: Sequence[Followed]) -> list[bool]:
    """Told age above the straight line of told on actual age: a model that pulls everybody to the mean would call all the young old otherwise."""
    np = optional("numpy", "angio")
    age, told = np.array([f.age for f in followed]), np.array([f.told for f in followed])
    slope, start = np.polyfit(age, told, 1)
    return [bool(x) for x in told > start + slope * age]


def follow(
    patients: Sequence[Vascular], told: Sequence[float], seed: int = 0, ratio: float = PLANTED
) -> list[Followed]:
    """Synthetic years until an event, whose hazard is ``ratio`` times as large for patients that look older by ``told``, and grows with age; five years at most."""
    np = optional("numpy", "angio")
    dice = np.random.default_rng([3, seed])
    plain = [Followed(float(t), p.age, p.sex == "M", 0.0, False) for p, t in zip(patients, told)]
    out = []
    for f, older in zip(plain, looks_older(plain)):
        hazard = 0.05 * ratio**older * np.exp(0.03 * (f.age - 65)) * (1.2 if f.male else 1.0)
        years, lost = dice.exponential(1 / hazard), dice.uniform(1.5, 5.0)
        out.append(f._replace(years=float(max(0.01, min(years, lost))), event=bool(years <= lost)))
    return out


def picture(made: Prognosis) -> str:
    """The Kaplan-Meier curves as SVG."""
    width, height, left, low = 560, 320, 50, 40
    last = max(t for curve in made.curves.values() for t, _ in curve) or 1.0

    def at(t: float, s: float) -> str:
        return f"{left + t / last * (width - left - 15):.1f},{15 + (1 - s) * (height - low - 15):.1f}"

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img"><title>Kaplan-Meier curves of two groups</title>',
           f'<rect width="{width}" height="{height}" fill="white"/>']  # fmt: skip
    for share in (0, 0.5, 1):
        y = at(0, share).split(",")[1]
        out.append(
            f'<line x1="{left}" x2="{width - 15}" y1="{y}" y2="{y}" stroke="#ddd"/><text x="{left - 6}" y="{float(y) + 4:.0f}" text-anchor="end">{100 * share:.0f} %</text>'
        )
    for (name, curve), colour, dash in zip(made.curves.items(), ("#b5492a", "#1f5fa8"), ("", "6 3")):
        steps = [at(*curve[0])]
        for (_, before), (t, s) in pairwise(curve):
            steps += [at(t, before), at(t, s)]
        out.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" points="{" ".join(steps)}"/>'
        )
        x, y = at(*curve[-1]).split(",")
        out.append(
            f'<text x="{float(x) - 4:.0f}" y="{float(y) - 6:.0f}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    out.append(
        f'<text x="{left}" y="{height - 12}">years 0 to {last:.1f};  hazard ratio {made.ratio:.2f} ({made.low:.2f} to {made.high:.2f}), {made.events} events; research only</text></svg>'
    )
    return "".join(out)
