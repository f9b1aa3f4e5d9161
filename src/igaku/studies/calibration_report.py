"""What ``igaku calibration`` prints: confidence beside accuracy, calibration error, Brier's score, and the bins."""

from msgspec import Struct

from igaku.studies.calibration_notes import row_notes
from igaku.studies.calibration_rows import ALL, CalibrationRow, way_values, ways_columns
from igaku.tables import Kind, Table, Value, View


class CalibrationReport(View, Struct, frozen=True, kw_only=True):
    """Every block with a confidence."""

    rows: list[CalibrationRow]
    keys: list[str] = []
    """Which key each benchmark is graded by, where there are several."""
    unfinished: int = 0
    """Questions of the runs without their reply, by any of the methods."""

    def tables(self) -> list[Table]:
        """Confidence against accuracy, the error, Brier's parts, and the bins of all answers."""
        return [self._main(), self._errors(), self._brier(), self._bins()]

    def notes(self) -> list[str]:
        """What the columns are, what has no confidence, and which keys stand."""
        waiting = [f"{self.unfinished:,} questions have no reply yet and are in no number"] if self.unfinished else []
        return [*row_notes(self.rows), *waiting, *self.keys]

    def _main(self) -> Table:
        columns: dict[str, Kind] = {
            **ways_columns(),
            "n": "count",
            "mean confidence": "share",
            "accuracy": "share",
            "over, points": "points",
            "95 %": "points interval",
            "AUROC": "share",
            "95 % (AUROC)": "interval",
        }
        rows: list[list[Value]] = [
            [
                *(*way_values(r), r.n, r.confidence, r.accuracy, r.overconfidence, r.overconfidence_ci95),
                *((r.auroc.value, r.auroc.ci95) if r.auroc else (None, None)),
            ]
            for r in self.rows
        ]
        return Table(name="calibration", columns=columns, rows=rows)

    def _errors(self) -> Table:
        columns: dict[str, Kind] = {
            **ways_columns(),
            "bins": "text",
            "ECE": "share",
            "95 %": "interval",
            "if calibrated": "share",
            "up to": "share",
        }
        rows: list[list[Value]] = [
            [
                *way_values(r),
                f"{e.bins} levels" if e.binning == "levels" else f"{e.bins} of {e.binning}",
                e.value,
                e.ci95,
                e.if_calibrated,
                e.if_calibrated_most,
            ]
            for r in self.rows
            for e in r.errors
        ]
        return Table(name="error", columns=columns, rows=rows, title="expected calibration error")

    def _brier(self) -> Table:
        parts = ("reliability", "debiased", "resolution", "uncertainty", "within")
        columns: dict[str, Kind] = {
            **ways_columns(),
            "Brier": "number",
            "95 %": "text",
            **dict.fromkeys(parts, "number"),
        }
        rows: list[list[Value]] = [
            [
                *(
                    *way_values(r),
                    b.value,
                    f"{b.ci95[0]:.3f} to {b.ci95[1]:.3f}",
                    b.reliability,
                    b.reliability_debiased,
                ),
                *(b.resolution, b.uncertainty, b.within),
            ]
            for r in self.rows
            for b in [r.brier]
        ]
        return Table(name="brier", columns=columns, rows=rows, title="Brier's score")

    def _bins(self) -> Table:
        columns: dict[str, Kind] = {
            **{k: v for k, v in ways_columns().items() if k != "answers"},
            "from": "share",
            "to": "share",
            "n": "count",
            "mean confidence": "share",
            "accuracy": "share",
            "95 %": "interval",
        }
        rows: list[list[Value]] = [
            [*way_values(r)[:-1], b.low, b.high, b.n, b.confidence, b.accuracy, b.ci95]
            for r in self.rows
            if r.answers == ALL
            for b in r.reliability
        ]
        return Table(name="reliability", columns=columns, rows=rows, title="reliability, bin by bin")
