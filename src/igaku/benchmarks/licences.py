"""The licences of Japan's health professions: their names in several sources, and the plan of each exam.

``licences.toml`` holds them. A plan says of a question, by its block and number, which part of the exam it belongs to
and what it is worth; a file's own points go before it. Pass marks stand in ``pass_marks.toml``.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from igaku.errors import IgakuError, UnknownNameError

BLOCKS = {"午前": "A", "AM": "A", "午後": "B", "PM": "B"}
"""Halves of the day as blocks: most exams have two."""


class PlanRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some numbers of an exam."""

    first: int
    last: int
    section: str
    points: float | None = None
    """What each is worth; None where no number tells."""
    blocks: tuple[str, ...] = ()
    """Blocks whose numbers these are; every block where empty."""


class Licence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One licence."""

    title_ja: str
    short: str
    """The word of KokushiMD-10's files."""
    folder: int
    """The number of JMed48k's folder."""
    names: tuple[str, ...]
    plan: tuple[PlanRow, ...]
    equal: bool = False
    """Whether all questions are worth the same, so that a file's own points are not taken."""

    def row(self, block: str, number: int) -> PlanRow | None:
        """What a question is by its number; None where the plan does not know it."""
        fits = (r for r in self.plan if r.first <= number <= r.last and (not r.blocks or block in r.blocks))
        return next(fits, None)


@cache
def licences() -> Mapping[str, Licence]:
    """Slice -> licence, in the order of JMed48k's folders."""
    table = tomllib.loads((Path(__file__).parent / "licences.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table, dict[str, Licence])


def licence_of(word: str, where: str) -> str:
    """The slice that a file's word for a licence means: ``看護``, ``看護師国家試験``, ``Nursing``, ``nurse``.

    Raises:
        IgakuError: no such licence.
    """
    plain = unicodedata.normalize("NFKC", word).strip()
    lower = re.sub(r"[_\-]+", " ", plain.lower())
    for name, one in licences().items():
        if plain.startswith((one.title_ja, one.short)) or lower in (name.replace("_", " "), *one.names):
            return name
    raise IgakuError(f"{where}: {UnknownNameError('licence', word, [one.title_ja for one in licences().values()])}")


def block_of(word: object) -> str:
    """``午前``, ``am``, ``a1``, ``A`` as a block's letter; empty where there is none."""
    plain = unicodedata.normalize("NFKC", str(word or "")).strip().upper()
    return BLOCKS.get(plain, plain[:1] if re.fullmatch(r"[A-F]\d?", plain) else "")


def slices(years: range, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Every licence, and every licence's years: ``nurse``, ``nurse-2024``."""
    chosen = [name for name in licences() if name not in without]
    return (*chosen, *(f"{name}-{year}" for name in chosen for year in years))


def part_of(part: str) -> tuple[str, str]:
    """A slice as licence and year; empty for all."""
    name, _, year = part.partition("-")
    return name, year
