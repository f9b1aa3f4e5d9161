"""Which parameters a path of a server takes: one that is refused is left out alone, and the others stay."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from igaku.engines.fleet import Failed
from igaku.engines.openai_bodies import Json

LENGTHS = (20, 512, 4096)
"""Tokens asked for, the fewest first: models that think refuse a limit within which they cannot finish."""
LEAST_TEMPERATURE = 0.01
LENGTH_FIELDS = ("max_tokens", "max_completion_tokens")
OPTIONAL: Json = {"temperature": 0.0, "top_p": 1.0, "seed": 0, "stop": ["\n\n\n"]}
"""What may be left out, the dearest first."""
MOST = 14
"""Tries of one path."""
_TOO_FEW = re.compile(
    r"could not finish|higher max|(?:limit was|been) reached|below (?:the )?minimum|"
    r"(?:at least|>=|greater than|minimum) \D{0,20}(?:[2-9]|\d\d+)\b",
    re.I,
)
_POSITIVE = re.compile(r"positive|greater than 0|> ?0\b|above 0|non-?zero|range[^.]{0,30}\(0", re.I)


@dataclass
class Terms:
    """What a path was found to take."""

    result: object
    """What the reader made of the answer, or ``Failed``."""
    length: int = LENGTHS[0]
    length_field: str = "max_tokens"
    refused: list[str] = field(default_factory=list)
    least_temperature: float = 0.0

    @property
    def agreed(self) -> bool:
        """Whether the path answers."""
        return self.result is not None and not isinstance(self.result, Failed)

    def fields(self, without: Iterable[str] = ()) -> Json:
        """The length and the parameters that are left."""
        left_out = {*self.refused, *without}
        drawn = {name: value for name, value in OPTIONAL.items() if name not in left_out}
        if self.least_temperature and "temperature" in drawn:
            drawn["temperature"] = self.least_temperature
        return {self.length_field: self.length, **drawn}


def negotiate(ask: Callable[[Json], object], terms: Terms) -> Terms:
    """Ask with all parameters, and leave out what the server names until it answers; where it names none, begin with
    none and take them in one by one.

    Args:
        ask: sends the parameters, and gives what was read or ``Failed``.
        terms: where to begin: a length, its name, and what is left out from the start.
    """
    given = tuple(terms.refused)
    for _ in range(MOST):
        terms.result = ask(terms.fields())
        if terms.agreed:
            early = [n for n in terms.refused if n not in given][:-1]  # perhaps named for the last one's sake
            return _take_in(ask, terms, early)
        if not (isinstance(terms.result, Failed) and terms.result.error and _changed(terms, terms.result)):
            break
    return terms if _is_hopeless(terms.result) else _one_by_one(ask, terms, given)


def _changed(terms: Terms, failed: Failed) -> bool:
    """Change what the server complains of; False where it names nothing of ours."""
    message = failed.message
    if _TOO_FEW.search(message) and (longer := [n for n in LENGTHS if n > terms.length]) and "tokens" in message:
        terms.length = longer[0]
        return True
    if terms.length_field == "max_tokens" and re.search(r"\bmax_(completion_)?tokens\b", _named(failed)):
        terms.length_field = "max_completion_tokens"
        return True
    found = [name for name in reversed(OPTIONAL) if name not in terms.refused and _names(failed, name)]
    if found[:1] == ["temperature"] and not terms.least_temperature and _POSITIVE.search(message):
        terms.least_temperature = LEAST_TEMPERATURE
        return True
    if found:
        terms.refused.append(min(found, key=_CHEAPEST.index))
    return bool(found)


_CHEAPEST = ("top_p", "seed", "stop", "temperature")
"""Which of several is left out first: at temperature 0 the first two count for nothing, and stops are cut here too."""


def _named(failed: Failed) -> str:
    parameters = failed.error.parameters if failed.error else ()
    return " ".join((*parameters, failed.message))


def _names(failed: Failed, name: str) -> bool:
    """Whether an error names a parameter; ``stop`` is a word of English, so it must stand as a name."""
    parameters = failed.error.parameters if failed.error else ()
    if any(p.rpartition(".")[2] == name for p in parameters):
        return True
    quoted = rf"[`'\"]{name}[`'\"]|\b{name}:" if name == "stop" else rf"\b{name}\b"
    return re.search(quoted, failed.message, re.I) is not None


def _take_in(ask: Callable[[Json], object], terms: Terms, names: Iterable[str]) -> Terms:
    """Take in again, one by one, what the server takes after all."""
    for name in names:
        before, terms.refused = terms.refused, [n for n in terms.refused if n != name]
        result = ask(terms.fields())
        if result is None or isinstance(result, Failed):
            terms.refused = before
        else:
            terms.result = result
    return terms


def _is_hopeless(result: object) -> bool:
    """Whether no choice of parameters would help: another model, no such path, or not allowed."""
    return isinstance(result, Failed) and (result.status in (403, 404, 405) or result.error is None)


def _one_by_one(ask: Callable[[Json], object], terms: Terms, given: tuple[str, ...]) -> Terms:
    failed, ours = terms.result, [n for n in OPTIONAL if n not in given]
    terms.refused = [*given, *ours]
    for name in LENGTH_FIELDS if terms.length_field in LENGTH_FIELDS else (terms.length_field,):
        terms.length_field = name
        terms.result = ask(terms.fields())
        if terms.agreed:
            return _take_in(ask, terms, ours)
    terms.result = failed
    return terms
