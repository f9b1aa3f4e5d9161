"""Damage of CSV: columns lost, doubled, renamed; quotes, other separators, odd and endless fields."""

import csv
import io
from random import Random

from .trees import NUMBERS, TEXTS


def comma(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """One damaged table."""
    rows = [list(row) for row in csv.reader(io.StringIO(raw.decode()))]
    way = rng.choice((_field, _field, _field, _column, _column, _ragged, _quote, _separator))
    name, text = way(rows, rng)
    return f"csv-{name}", text.encode("utf-8", "surrogatepass")


def _written(rows: list[list[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _odd(rng: Random) -> str:
    return str(rng.choice((*TEXTS, *NUMBERS, "9" * 500, "nan", "inf", "x" * 200_000, "1,2", "\ud800")))


def _field(rows: list[list[str]], rng: Random) -> tuple[str, str]:
    row = rng.choice(rows)
    row[rng.randrange(len(row))] = _odd(rng)
    return "field", _written(rows)


def _column(rows: list[list[str]], rng: Random) -> tuple[str, str]:
    at, way = rng.randrange(len(rows[0])), rng.choice(("lost", "doubled", "renamed", "filled", "headless", "moved"))
    odd = _odd(rng)
    for i, row in enumerate(rows):
        if at >= len(row):
            continue
        if way == "lost":
            del row[at]
        elif way == "doubled":
            row.insert(at, row[at])
        elif way == "filled" and i:
            row[at] = odd
        elif way == "moved":
            row.append(row.pop(at))
    if way == "renamed":
        rows[0][at] = odd
    return f"column-{way}", _written(rows[1:] if way == "headless" else rows)


def _ragged(rows: list[list[str]], rng: Random) -> tuple[str, str]:
    row = rng.choice(rows)
    row[:] = rng.choice((row[:1], row * 2, [], [*row, "x"], row * 400))
    return "ragged", _written(rows)


def _quote(rows: list[list[str]], rng: Random) -> tuple[str, str]:
    text = _written(rows)
    at = rng.randrange(len(text))
    return "quote", text[:at] + rng.choice(('"', '""', "'", '"\n', '",', "\0", "\r")) + text[at:]


def _separator(rows: list[list[str]], rng: Random) -> tuple[str, str]:
    return "separator", _written(rows, rng.choice((";", "\t", "|", " ")))
