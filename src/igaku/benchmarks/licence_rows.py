"""A question of a licence's exam from a third party's row: choices, keys and pictures in the forms that occur."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.benchmarks.base import lettered
from igaku.errors import IgakuError
from igaku.question import LETTERS, Choices, Key, Number, Ordering, Void, stated

_BETWEEN = re.compile(r"\s*(?:または|又は|もしくは|か|or|/|／|\|)\s*", re.I)
_OPTION = re.compile(r"[a-hA-H]|[1-9]|10")


class ChoiceList(NamedTuple):
    """Choices, and the label that the source gives each (``a`` or ``1``), in lower case."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]


def choices_of(given: object, row: Mapping[str, object], where: str) -> ChoiceList:
    """Choices from a dictionary by label, a list, or the row's own fields ``a`` … or ``1`` ….

    Raises:
        IgakuError: another form, or a choice that is no text.
    """
    if given is None or given == "":
        fields = [k for k in row if _OPTION.fullmatch(str(k)) and row[k] is not None]
        given = {k: row[k] for k in sorted(fields, key=lambda k: (len(str(k)), str(k)))}
    if isinstance(given, dict):
        labels = tuple(str(k).strip().lower() for k in given)
        texts: Iterable[object] = given.values()
    elif isinstance(given, list):
        labels, texts = tuple(LETTERS[: len(given)]), given
    else:
        raise IgakuError(f"{where}: the choices must be a list or an object by label, found {type(given).__name__}")
    words = ["" if t is None else t for t in texts]
    if any(not isinstance(t, str) for t in words):
        raise IgakuError(f"{where}: a choice must be text")
    return ChoiceList(labels, lettered(str(t) for t in words))


def key_of(answer: object, choices: ChoiceList, stem: str) -> tuple[Key, Void]:
    """The key of an answer given as ``"AC"``, ``"13"``, ``["1", "3"]``, ``"A or C"`` or a number.

    ``no-key`` where there is none, it names no choice, or several are given where the stem does not ask for as many:
    all of them, or any of them, may be meant.
    """
    given = [unicodedata.normalize("NFKC", str(a)).strip() for a in (answer if isinstance(answer, list) else [answer])]
    given = [a for a in given if a and a not in ("None", "nan")]
    if not choices.texts:
        return (number, "") if (number := Number.parsed(given, stem)) else (Choices(()), "no-key")
    alternatives = [_positions(part, choices.labels) for part in _BETWEEN.split(given[0])] if len(given) == 1 else []
    if len(alternatives) > 1 and all(alternatives):
        return Choices(tuple(tuple(sorted(a)) for a in alternatives)), ""
    found = _positions("".join(given), choices.labels) if all(len(a) == 1 for a in given) or len(given) == 1 else ()
    wanted = stated(stem)
    if wanted == "order" and sorted(found) == list(range(len(choices.texts))):
        return Ordering(found), ""
    if not found or len(set(found)) != len(found) or (len(found) > 1 and wanted not in (len(found), "all")):
        return Choices(()), "no-key"
    return Choices((tuple(sorted(found)),)), ""


def _positions(text: str, labels: Sequence[str]) -> tuple[int, ...]:
    """``AC``, ``a, c`` or ``13`` as positions in the order given; () where a character is no label."""
    plain = re.sub(r"[\s,、.・]+", "", text.lower())
    by_label = {label: i for i, label in enumerate(labels)}
    if plain in by_label:
        return (by_label[plain],)
    if plain and all(c in by_label for c in plain):
        return tuple(by_label[c] for c in plain)
    by_letter = {c: i for i, c in enumerate(LETTERS[: len(labels)])}
    by_number = {str(i + 1): i for i in range(len(labels))}
    other = by_letter if plain.isalpha() else by_number
    return tuple(other[c] for c in plain) if plain and all(c in other for c in plain) else ()


def pictures_of(given: object, folders: Sequence[Path], where: str) -> tuple[str, ...]:
    """The pictures that a row names and that are here: a path, or a list of paths, relative to one of the folders.

    Raises:
        IgakuError: a picture that is no path (bytes in the row).
    """
    names = [n for n in (given if isinstance(given, list) else [given]) if n]
    if any(not isinstance(n, str) or len(n) > 300 or n.startswith("data:") for n in names):
        raise IgakuError(f"{where}: pictures must be paths; unpack those that stand in the row, and name their files")
    found = []
    for name in (str(n).replace("\\", "/") for n in names):
        inside = [f / name for f in folders if ".." not in Path(name).parts and not Path(name).is_absolute()]
        found += [str(p) for p in inside if p.is_file()][:1]
    return tuple(found)


def first(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value of the first of these fields that the row has; None where it has none."""
    return next((row[n] for n in names if row.get(n) not in (None, "")), None)
