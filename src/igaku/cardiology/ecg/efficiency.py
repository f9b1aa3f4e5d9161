"""Label efficiency: how well each initialisation does with how few labels, on the same test patients."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct, field

from igaku.cardiology import charts
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.evaluate import file_name
from igaku.cardiology.ecg.fit_label import fit_init, measures_of
from igaku.cardiology.ecg.inits import FRACTIONS, INITS
from igaku.cardiology.ecg.measures import MetricRow
from igaku.cardiology.ecg.pretrain import WEIGHTS
from igaku.cardiology.ecg.store import Store
from igaku.io.hashing import file_sha256
from igaku.io.locks import writes
from igaku.steps import Steps
from igaku.tables import Kind, Table, Value, View


class EfficiencyPoint(Struct):
    """One model."""

    init: str = field(name="start")
    """The initialisation, one of ``INITS``."""
    records: int = field(name="training records")
    measure: str
    text: str = field(name="test patients")
    """The value with its interval."""
    value: float
    low: float | None
    high: float | None


class Efficiency(View, Struct):
    """The first measure on the test patients (of several labels their mean AUROC), by training records."""

    efficiency: list[EfficiencyPoint]

    def tables(self) -> list[Table]:
        """A row a model."""
        columns: dict[str, Kind] = dict.fromkeys(("init", "training records", "measure", "test patients"), "text")
        rows: list[list[Value]] = [[p.init, str(p.records), p.measure, p.text] for p in self.efficiency]
        return [Table(name="efficiency", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """Nothing to add."""
        return []

    def by_init(self) -> dict[str, list[EfficiencyPoint]]:
        """The points of each initialisation, with ever more labels."""
        out: dict[str, list[EfficiencyPoint]] = {}
        for p in self.efficiency:
            out.setdefault(p.init, []).append(p)
        return out


@writes("out")
def efficiency(
    store: Store,
    config: Config,
    label: str,
    out: Path,
    encoder: Path,
    fractions: Sequence[float] = FRACTIONS,
    inits: Sequence[str] = tuple(INITS),
    *,
    say: Callable[[str], None] = lambda _: None,
    redo: bool = False,
) -> Efficiency:
    """Fit a model for each initialisation and share of the training labels; each is fitted once.

    Args:
        label: one, or comma-separated yes-or-no labels.
        out: a folder for the models and a picture.
        encoder: a pre-trained encoder's folder.
        fractions: shares of the labels of training and validation patients, above 0 and up to 1.
        say: called with a line for each model.
        redo: fit again where the inputs have changed, instead of refusing.

    Raises:
        IgakuError: as ``fit``, or a model in ``out`` was made from other inputs.
    """
    steps, points = Steps(out, say, redo=redo), []
    records = store.hashes()
    pretrained = {name: file_sha256(encoder / name) for name in ("ecg.json", WEIGHTS) if (encoder / name).exists()}
    for init in inits:
        for fraction in fractions:
            inputs = {
                "label": label,
                "init": init,
                "fraction": fraction,
                "config": fit_settings(config),
                "records": records,
                "encoder": pretrained if INITS[init].pretrained else None,
            }

            def do(folder: Path, init: str = init, fraction: float = fraction) -> tuple[int, list[MetricRow]]:
                fit_init(store, config, label, folder, init, encoder, fraction)
                return measures_of(folder)

            name = f"{file_name(label)}-{file_name(init)}-{fraction:g}"
            n, rows = steps.run(name, inputs, do, measures_of, f"fit {label}, {init}, {100 * fraction:g} % of labels")
            points.append(_point(init, n, rows[-1] if "," in label else rows[0]))
    found = Efficiency(points)
    _draw(found, label, out / f"{file_name(label)}.svg")
    return found


def fit_settings(config: Config) -> dict[str, object]:
    """The parts of a config that a fitted model depends on."""
    return {
        "contract": config.contract,
        "network": config.network,
        "finetune": config.finetune,
        "seed": config.seed,
        "fold": config.fold,
    }


def _point(init: str, records: int, row: MetricRow) -> EfficiencyPoint:
    return EfficiencyPoint(init, records, row.measure, row.text, row.value, row.low, row.high)


def _draw(found: Efficiency, label: str, picture: Path) -> None:
    lines = {n: [(float(p.records), p.value, p.low, p.high) for p in points] for n, points in found.by_init().items()}
    charts.lines(lines, picture, x="training records", y=found.efficiency[0].measure, title=label)
