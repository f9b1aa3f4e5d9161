"""The flow of a cohort: who was left after each step, why the others were not, and what the pairs are like."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from igaku.io.files import write_bytes
from igaku.io.json_values import decode
from igaku.tables import Table, View

PATIENTS = "patients"
"""What the last step counts; the others count ECGs."""
SUFFIX = ".flow.json"
"""Of the flow beside a cohort's table."""


class FlowStep(Struct, omit_defaults=True):
    """One box of the flow diagram."""

    what: str
    n: int
    reasons: dict[str, int] = {}
    """Why those of the step before are not in this one, where more than one reason is possible."""


class Flow(View, Struct, omit_defaults=True):
    """How many ECGs were left after each step."""

    steps: list[FlowStep]
    lost: list[FlowStep] = []
    """Rows of the two tables that could not be used, by reason."""
    remarks: list[str] = []
    """How values were read."""
    pairs: dict[str, str] = {}
    """Days between the examinations, how EF was measured, how many have a low EF."""

    def tables(self) -> list[Table]:
        """The flow diagram, the rows that could not be used, and the pairs."""
        parts = (("flow", "step", self.steps), ("unusable", "rows that could not be used", self.lost))
        found = [
            Table(name=name, columns={head: "text", "n": "count"}, rows=[[s.what, s.n] for s in steps])
            for name, head, steps in parts
            if steps
        ]
        about = Table(
            name="pairs", columns={"pairs": "text", "value": "text"}, rows=[[k, v] for k, v in self.pairs.items()]
        )
        return [*found, about] if self.pairs else found

    def notes(self) -> list[str]:
        """How values were read."""
        return self.remarks


def write_flow(flow: Flow, table: Path) -> Path:
    """The flow beside its cohort's table, where a plan's report finds it."""
    return write_bytes(table.with_suffix(SUFFIX), msgspec.json.encode(flow))


def flow_of(table: Path) -> Flow | None:
    """The flow beside a table; None where there is none."""
    file = table.with_suffix(SUFFIX)
    return decode(file, Flow, "the flow of a cohort") if file.is_file() else None


def excluded(steps: Sequence[FlowStep]) -> list[dict[str, int]]:
    """Reason -> number of those left out between each step and the next; empty before the patients are counted."""
    return [
        after.reasons or {"left out": before.n - after.n} if before.n > after.n and after.what != PATIENTS else {}
        for before, after in pairwise(steps)
    ]


def draw_flow(flow: Flow, title: str, path: Path) -> Path:
    """The flow diagram as SVG."""
    from igaku.cardiology.charts_flow import flow_chart

    return flow_chart([(s.what, s.n) for s in flow.steps], excluded(flow.steps), flow.pairs, title, path)
