"""Does the age that vessels show foretell events beyond actual age and sex? Kaplan-Meier curves of two groups, and a Cox model, by lifelines.

Published on other data, not to compare with (PLoS ONE 17(10):e0276928): hazard ratio 2.14 (1.07 to 4.29) in 298 patients, adjusted for age, sex, peak CK and history of heart failure.
"""

from collections.abc import Sequence
from pathlib import Path
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
    more: tuple[float, ...] = ()
    """What else is adjusted for."""


class Effect(NamedTuple):
    """One row of the Cox model."""

    name: str
    ratio: float
    low: float
    high: float
    p: float


class Prognosis(NamedTuple):
    """Older-looking against younger-looking."""

    effects: list[Effect]
    """The older-looking group first, then all that it was adjusted for."""
    log_rank: float
    proportional: float
    """p of the test that the ratio stays the same over the years (Schoenfeld's residuals on rank time); small where it does not."""
    alike: list[str]
    """What was not adjusted for, since all patients have the same."""
    older: int
    patients: int
    events: int
    curves: dict[str, list[tuple[float, float]]]
    """Group -> (years, share without an event)."""
    at_risk: dict[str, list[tuple[int, int]]]
    """Group -> (years, patients still followed)."""

    @property
    def main(self) -> Effect:
        """The older-looking group's hazard ratio."""
        return self.effects[0]


def prognosis(
    followed: Sequence[Followed], older: Sequence[bool] | None = None, adjust: Sequence[str] = ()
) -> Prognosis:
    """Cox hazard ratio of the older-looking group, adjusted for actual age, sex and ``adjust``; the group is told age above what is usual for the actual age unless given.

    Args:
        adjust: names of the numbers in ``more``; told per standard deviation, 0 and 1 as they are.

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
    rows = pd.DataFrame(
        {
            "years": [f.years for f in followed],
            "event": [int(f.event) for f in followed],
            "older-looking": [int(g) for g in group],
            "age, per 10 years": [(f.age - 65) / 10 for f in followed],
            "male": [int(f.male) for f in followed],
        }
    )
    for k, name in enumerate(adjust):
        values = pd.Series([f.more[k] for f in followed])
        plain = set(values) <= {0.0, 1.0}
        rows[name if plain else f"{name}, per SD"] = (
            values if plain else (values - values.mean()) / (values.std() or 1.0)
        )
    alike = [str(c) for c in rows.columns[3:] if rows[c].nunique() < 2]
    rows = rows.drop(columns=alike)
    try:
        fitted = lifelines.CoxPHFitter().fit(rows, "years", "event")
        changing = statistics.proportional_hazard_test(fitted, rows, time_transform="rank").summary
    except (ArithmeticError, ValueError, RuntimeError) as error:
        raise IgakuError(f"no hazard ratio can be fitted ({str(error).splitlines()[0][:120]})") from None
    effects = [
        Effect(str(name), *(float(r[c]) for c in ("exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%", "p")))
        for name, r in fitted.summary.iterrows()
    ]
    a, b = rows[rows["older-looking"] == 1], rows[rows["older-looking"] == 0]
    rank = statistics.logrank_test(a.years, b.years, a.event, b.event)
    curves, at_risk = {}, {}
    for name, part in (("older-looking", a), ("younger-looking", b)):
        table = lifelines.KaplanMeierFitter().fit(part.years, part.event).survival_function_
        curves[name] = [(float(t), float(s)) for t, s in zip(table.index, table.iloc[:, 0])]
        at_risk[name] = [(y, int((part.years >= y).sum())) for y in range(int(rows.years.max()) + 1)]
    return Prognosis(
        effects,
        float(rank.p_value),
        float(changing.loc["older-looking", "p"]),
        alike,
        int(sum(group)),
        len(group),
        events,
        curves,
        at_risk,
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
    rng = np.random.default_rng([3, seed])
    plain = [Followed(float(t), p.age, p.sex == "M", 0.0, False) for p, t in zip(patients, told)]
    out = []
    for f, older in zip(plain, looks_older(plain)):
        hazard = 0.05 * ratio**older * np.exp(0.03 * (f.age - 65)) * (1.2 if f.male else 1.0)
        years, lost = rng.exponential(1 / hazard), rng.uniform(1.5, 5.0)
        out.append(f._replace(years=float(max(0.01, min(years, lost))), event=bool(years <= lost)))
    return out


def picture(made: Prognosis, path: Path) -> Path:
    """The Kaplan-Meier curves as SVG, with the patients at risk below."""
    from igaku.cardiology.charts import survival

    m = made.main
    note = f"hazard ratio {m.ratio:.2f} ({m.low:.2f} to {m.high:.2f}), {made.events} events in {made.patients} patients; research only"
    return survival(made.curves, made.at_risk, note, path)
