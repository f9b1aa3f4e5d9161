"""What ``igaku consistency`` prints."""

from msgspec import UNSET, Struct, UnsetType, field

from igaku.question import RequestKind
from igaku.tables import Kind, Table, Value, View, percent

SAMPLES = (
    "same choice of samples: over all pairs of a sample of A and one of B; same within a run: over pairs of two "
    "samples of one run, the mean over both; where the two are alike, the engines differ no more than one of them from "
    "itself",
    "texts equal: each sample against the other run's of the same number; --flips: questions whose commonest answers "
    "differ",
)


class Flip(Struct, frozen=True, kw_only=True):
    """One question on which the two chose differently.

    ``margin`` is the smaller of the two gaps between first and second choice, in nats.
    """

    id: str
    a: str
    b: str
    margin: float | None = None


class Agreement(Struct, frozen=True, kw_only=True):
    """Two runs on one benchmark, language, template, order and kind of request."""

    benchmark: str
    language: str
    prompt: str
    order: str
    kind: RequestKind = field(name="ask")
    n: int
    """Questions that both answered."""
    same: float
    """Share of them with the same choice (for texts: with the same letters read); of several samples, the mean over all
    pairs of one run's sample and the other's."""
    within: float | UnsetType | None = UNSET
    """Of several samples: the same of two samples of one run, the mean over both; None where no run has two."""
    samples: tuple[int, int] | UnsetType = UNSET
    """Most samples of a question, of A and of B, where there are several."""
    flips: list[Flip]
    mean_gap: float | None = None
    """Mean difference of a log-probability, in nats; None for texts."""
    largest_gap: float | None = None
    identical: float | None = None
    """Share of texts equal to the last character (of samples, each against the other run's of its number); None for
    log-probabilities."""
    parts_at: float | None = None
    """Where texts that differ first do so: the median token (with a tokenizer), else character, counted from 0."""


class ConsistencyReport(View, Struct, kw_only=True):
    """Two runs of one model beside each other."""

    agreement: list[Agreement]

    def tables(self) -> list[Table]:
        """One row a benchmark, language, template, order and kind of request; and each question on which the choice
        differs."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "prompt": "text",
            "order": "text",
            "request": "text",
            "both answered": "count",
            "same choice": "share",
            **({"samples": "text", "same within a run": "share"} if self._sampled else {}),
            "mean gap, nat": "text",
            "largest gap, nat": "text",
            "texts equal": "text",
            "texts differ from": "text",
        }
        whole = Table(name="consistency", columns=columns, rows=[_row(f, self._sampled) for f in self.agreement])
        return [whole]

    @property
    def _sampled(self) -> bool:
        return any(f.samples is not UNSET for f in self.agreement)

    def flips(self) -> Table:
        """Each question on which the two chose differently."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "request": "text",
            "question": "text",
            "A": "text",
            "B": "text",
            "margin, nat": "text",
        }
        rows: list[list[Value]] = [
            [f.benchmark, f.language, f.kind, x.id, x.a, x.b, _digits(x.margin)]
            for f in self.agreement
            for x in f.flips
        ]
        return Table(name="flips", columns=columns, rows=rows)

    def notes(self) -> list[str]:
        """Where texts differ is counted in tokens with a tokenizer, else in characters."""
        out = [
            "texts differ from: the median position of the first difference, in tokens with "
            "--tokenizer, else in characters"
        ]
        return out + (list(SAMPLES) if self._sampled else [])


class ConsistencyWithFlips(ConsistencyReport):
    """The same data, shown with each question on which the choice differs."""

    def tables(self) -> list[Table]:
        """The table of runs, then the flips."""
        return [*super().tables(), self.flips()]


def _row(f: Agreement, sampled: bool) -> list[Value]:
    equal = "" if f.identical is None else percent(f.identical)
    return [
        f.benchmark,
        f.language,
        f.prompt,
        f.order,
        f.kind,
        f.n,
        f.same,
        *(_samples(f) if sampled else []),
        _digits(f.mean_gap),
        _digits(f.largest_gap),
        equal,
        "" if f.parts_at is None else f"{f.parts_at:g}",
    ]


def _samples(f: Agreement) -> list[Value]:
    if f.samples is UNSET:
        return ["", None]
    return [f"{f.samples[0]} and {f.samples[1]}", None if f.within is UNSET else f.within]


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"
