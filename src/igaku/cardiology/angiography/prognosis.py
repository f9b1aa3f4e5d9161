"""Does the age that vessels show predict events beyond actual age and sex? Kaplan-Meier and a Cox model, by lifelines.

Published on other data, not to compare with (PLoS ONE 17(10):e0276928): hazard ratio 2.14 (1.07 to 4.29) in 298
patients, adjusted for age, sex, peak CK and history of heart failure.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from igaku.cardiology.angiography.vessels import Vascular
from igaku.errors import IgakuError, optional
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from pandas import DataFrame

LARGEST = 1e4
"""A ratio's upper end from which the likelihood is taken to have no maximum."""
PLANTED = 1.8
"""Hazard ratio of looking older, in the synthetic cohort."""
_OLDER, _GAP = "older-looking", "gap of age, per 5 years"


class Followed(NamedTuple):
    """A patient after the examination."""

    predicted: float
    """The model's age, years."""
    age: float
    male: bool
    years: float
    """Of follow-up."""
    event: bool
    extra: tuple[float, ...] = ()
    """Further numbers to adjust for."""


class Effect(Struct):
    """One row of the Cox model: a hazard ratio with its 95 % interval."""

    name: str
    ratio: float
    low: float
    high: float
    p: float

    @property
    def text(self) -> str:
        """The ratio with its interval and p."""
        return f"{self.ratio:.2f} ({self.low:.2f} to {self.high:.2f}), p {self.p:.3g}"


class Curve(Struct):
    """A Kaplan-Meier curve."""

    survival: list[tuple[float, float]]
    """(years, share without an event)."""
    at_risk: list[tuple[int, int]]
    """(years, patients still followed)."""
    band: list[tuple[float, float, float]] = []
    """(years, low and high end of the share's 95 % interval), by Greenwood on the log-log scale."""
    censored: list[float] = []
    """Years at which patients were lost without an event."""


class PrognosisReport(View, Struct, omit_defaults=True):
    """Older-looking against younger-looking patients."""

    effects: list[Effect] = field(name="hazard ratios")
    """The older-looking group first, then all that it was adjusted for."""
    log_rank: float = field(name="log-rank p")
    proportional: float = field(name="proportional hazards p")
    """p of the test that the ratio stays the same over the years (Schoenfeld's residuals on rank time)."""
    patients: int
    older: int = field(name="older-looking")
    events: int
    gap: Effect | None = None
    """The hazard ratio of five years that the vessels look older than expected at that age, adjusted for the same."""
    concordance: tuple[float, float] = (0.0, 0.0)
    """Harrell's C of the model without looking older, and with it."""
    constant: list[str] = []
    """What was not adjusted for, since all patients have the same value."""

    @property
    def main(self) -> Effect:
        """The older-looking group's hazard ratio."""
        return self.effects[0]

    def tables(self) -> list[Table]:
        """Hazard ratios and tests."""
        effects = [*self.effects, *([self.gap] if self.gap else [])]
        rows: list[list[Value]] = [[f"hazard ratio, {e.name}", e.text] for e in effects]
        rows += [
            ["C-index without and with looking older", "{:.3f}, {:.3f}".format(*self.concordance)],
            ["log-rank p", f"{self.log_rank:.3g}"],
            ["p of a ratio that changes over the years", f"{self.proportional:.3g}"],
            [_OLDER, f"{self.older} of {self.patients}"],
            ["events", str(self.events)],
        ]
        columns: dict[str, Kind] = {"what": "text", "value": "text"}
        return [Table(name="prognosis", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What was not adjusted for."""
        return [f"not adjusted for {', '.join(self.constant)}: all patients have the same"] if self.constant else []


class Prognosis(NamedTuple):
    """The report, and what else was found."""

    report: PrognosisReport
    curves: dict[str, Curve]
    """Of the older-looking and the younger-looking group."""

    @property
    def main(self) -> Effect:
        """The older-looking group's hazard ratio."""
        return self.report.main


def prognosis(
    followed: Sequence[Followed], older: Sequence[bool] | None = None, adjust: Sequence[str] = ()
) -> Prognosis:
    """Cox hazard ratio of the older-looking group, adjusted for actual age, sex and ``adjust``.

    Args:
        older: who looks older; by ``looks_older`` if None.
        adjust: names of the numbers in ``extra``; per standard deviation, but 0 and 1 as they are.

    Raises:
        IgakuError: fewer than ten events, or all in one group.
    """
    group = list(older) if older is not None else looks_older(followed)
    events = sum(f.event for f in followed)
    if events < 10 or len(set(group)) < 2:
        raise IgakuError(
            f"{events} events, {sum(group)} of {len(group)} look older: too few for a hazard ratio "
            "(ten events, and both groups)"
        )
    _refuse_separation(followed, group)
    rows = _rows(followed, group, adjust)
    constant = [str(c) for c in rows.columns[3:] if rows[c].nunique() < 2]
    rows = rows.drop(columns=constant)
    effects, proportional, concordance = _cox(rows)
    others = rows.drop(columns=[_OLDER])
    a, b = rows[rows[_OLDER] == 1], rows[rows[_OLDER] == 0]
    rank = optional("lifelines.statistics", "angio").logrank_test(a.years, b.years, a.event, b.event)
    longest = int(rows.years.max())
    curves = {name: _curve(part, longest) for name, part in ((_OLDER, a), ("younger-looking", b))}
    report = PrognosisReport(
        effects=effects,
        log_rank=float(rank.p_value),
        proportional=proportional,
        patients=len(group),
        older=int(sum(group)),
        events=events,
        gap=_gap_effect(others, age_gaps(followed)),
        concordance=(_concordance(others), concordance),
        constant=constant,
    )
    return Prognosis(report, curves)


def _refuse_separation(followed: Sequence[Followed], group: Sequence[bool]) -> None:
    """Pass where both groups have events.

    Raises:
        IgakuError: one has none, so that the likelihood has no maximum and any printed ratio is where the fit stopped.
    """
    events = {side: sum(f.event for f, g in zip(followed, group) if g == side) for side in (True, False)}
    for side, name in ((True, "younger-looking"), (False, "older-looking")):
        if not events[not side]:
            raise IgakuError(
                f"no finite hazard ratio: all {events[side]} events are in one group, none of {group.count(not side)} "
                f"{name} patients had one"
            )


def _rows(followed: Sequence[Followed], group: Sequence[bool], adjust: Sequence[str]) -> "DataFrame":
    pd = optional("pandas", "angio")
    columns = {
        "years": [f.years for f in followed],
        "event": [int(f.event) for f in followed],
        _OLDER: [int(g) for g in group],
        "age, per 10 years": [(f.age - 65) / 10 for f in followed],
        "male": [int(f.male) for f in followed],
    }
    rows: DataFrame = pd.DataFrame(columns)
    for k, name in enumerate(adjust):
        values = pd.Series([f.extra[k] for f in followed])
        if set(values) <= {0.0, 1.0}:
            rows[name] = values
        else:
            rows[f"{name}, per SD"] = (values - values.mean()) / (values.std() or 1.0)
    return rows


def _cox(rows: "DataFrame") -> tuple[list[Effect], float, float]:
    """Hazard ratios, the p of proportional hazards, and Harrell's C."""
    lifelines, statistics = optional("lifelines", "angio"), optional("lifelines.statistics", "angio")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what does not converge is refused below
            fitted = lifelines.CoxPHFitter().fit(rows, "years", "event")
            changing = statistics.proportional_hazard_test(fitted, rows, time_transform="rank").summary
    except (ArithmeticError, ValueError, RuntimeError) as error:
        raise IgakuError(f"no hazard ratio can be fitted ({str(error).splitlines()[0][:120]})") from None
    columns = ("exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%", "p")
    effects = [Effect(str(name), *(float(r[c]) for c in columns)) for name, r in fitted.summary.iterrows()]
    if endless := next((e for e in effects if not (e.low > 0 and e.high < LARGEST)), None):
        raise IgakuError(
            f"no finite hazard ratio for {endless.name!r} ({endless.low:.2g} to {endless.high:.2g}): it separates "
            "those with an event from those without; leave it out"
        )
    return effects, float(changing.loc[rows.columns[2], "p"]), float(fitted.concordance_index_)


def _gap_effect(others: "DataFrame", gaps: Sequence[float]) -> Effect | None:
    """The gap instead of the two groups; None where all gaps are equal."""
    if max(gaps) - min(gaps) < 1e-6:
        return None
    rows = others.assign(**{_GAP: [g / 5 for g in gaps]})
    effects, *_ = _cox(rows[["years", "event", _GAP, *others.columns[2:]]])
    return effects[0]


def _concordance(rows: "DataFrame") -> float:
    lifelines = optional("lifelines", "angio")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(lifelines.CoxPHFitter().fit(rows, "years", "event").concordance_index_)


def _curve(rows: "DataFrame", longest: int) -> Curve:
    fitted = optional("lifelines", "angio").KaplanMeierFitter().fit(rows.years, rows.event)
    table, ends = fitted.survival_function_, fitted.confidence_interval_survival_function_
    survival = [(float(t), float(s)) for t, s in zip(table.index, table.iloc[:, 0])]
    band = [(float(t), float(a), float(b)) for t, (a, b) in zip(ends.index, ends.to_numpy())]
    at_risk = [(y, int((rows.years >= y).sum())) for y in range(longest + 1)]
    return Curve(survival, at_risk, band, sorted(float(t) for t in rows.years[rows.event == 0]))


def looks_older(followed: Sequence[Followed]) -> list[bool]:
    """Whose predicted age is above the regression line of predicted on actual age.

    A model pulls ages to the mean, and the plain difference would call all the young old.
    """
    return [gap > 0 for gap in age_gaps(followed)]


def age_gaps(followed: Sequence[Followed]) -> list[float]:
    """Years by which each predicted age is above the regression line of predicted on actual age."""
    np = optional("numpy", "angio")
    age, predicted = np.array([f.age for f in followed]), np.array([f.predicted for f in followed])
    slope, start = np.polyfit(age, predicted, 1)
    return [float(x) for x in predicted - (start + slope * age)]


def follow(
    patients: Sequence[Vascular], predicted: Sequence[float], seed: int = 0, ratio: float = PLANTED
) -> list[Followed]:
    """Synthetic follow-up of five years at most.

    The hazard grows with age, and is ``ratio`` times as large for patients that look older by ``predicted``.
    """
    np = optional("numpy", "angio")
    rng = np.random.default_rng([3, seed])
    before = [Followed(float(x), p.age, p.sex == "M", 0.0, False) for p, x in zip(patients, predicted)]
    out = []
    for f, older in zip(before, looks_older(before)):
        hazard = 0.05 * ratio**older * np.exp(0.03 * (f.age - 65)) * (1.2 if f.male else 1.0)
        years, lost = rng.exponential(1 / hazard), rng.uniform(1.5, 5.0)
        out.append(f._replace(years=float(max(0.01, min(years, lost))), event=bool(years <= lost)))
    return out


def picture(found: Prognosis, path: Path, incidence: bool = False) -> Path:
    """The Kaplan-Meier curves as SVG, with the patients at risk below.

    Args:
        incidence: as of ``charts.survival``.
    """
    from igaku.cardiology.charts import survival

    m, r = found.main, found.report
    note = (
        f"hazard ratio {m.ratio:.2f} ({m.low:.2f} to {m.high:.2f}), log-rank p {r.log_rank:.2g}, {r.events} events in "
        f"{r.patients} patients; research only"
    )
    return survival(found.curves, note, path, incidence)
