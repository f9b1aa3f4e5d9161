"""Templates compiled and rendered: Jinja's sandbox without globals, where what does not exist stays an error.

This module imports little, so that a worker process starts quickly (``igaku.io.jinja.worker``).

Jinja forgets what is undefined in several filters and tests (``map`` gives a list of it, ``items`` nothing, ``is none``
says no), and a text then holds "[Undefined]" for every question. Here each filter and test refuses it; ``default`` and
``is defined`` may be asked only of slots that a template may lack.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, UndefinedError, meta
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.nodes import Name
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROLES = ("system", "user", "assistant")
SOMETIMES = frozenset(("count", "penalty", "points", "reference", "reply"))
"""Slots that only some cards fill."""
SLOTS = SOMETIMES | {"stem", "context", "documents", "letters", "wanted", "stated", "boxes", "choices", "shots", *ROLES}
MAY_LACK = ("default", "d", "defined", "undefined")
Slots = Mapping[str, object]
FAULTS = (
    *(TemplateError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError),
    *(MemoryError, SyntaxError, AssertionError),
)
"""What a template can raise, in Jinja and in Python."""


class Missing(StrictUndefined):
    """What does not exist: an error in whatever is done with it, its text in a list included."""

    __slots__ = ()
    __repr__ = StrictUndefined._fail_with_undefined_error


class Row(dict[str, object]):
    """A slot that has slots of its own: a choice, an example."""


Row.__module__, Row.__name__ = "builtins", "slot"  # so does an error name it


def compile_template(source: str) -> Template:
    """A template.

    Raises:
        TemplateSyntaxError: it is none, or asks for a slot that does not exist.
    """
    env = ImmutableSandboxedEnvironment(
        undefined=Missing, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    env.globals.clear()
    env.filters = {name: _strict(name, f) for name, f in env.filters.items()}
    env.tests = {name: _strict(name, f) for name, f in env.tests.items()}
    tree = env.parse(source)
    _check_names(tree)
    return env.from_string(tree)


def _check_names(tree: Any) -> None:
    """Refuse a template that asks for what no template has, also where it would not come to it."""
    if unknown := sorted(meta.find_undeclared_variables(tree) - SLOTS):
        line = next((n.lineno for n in tree.find_all(Name) if n.name == unknown[0]), 1)
        raise TemplateSyntaxError(f"{unknown[0]!r} is no slot; there are {', '.join(sorted(SLOTS))}", line)


def render(template: Template, slots: Slots, nonce: str) -> str:
    """Its text, in which chat turns begin with the nonce."""
    turns = {role: _turn(nonce, role) for role in ROLES}
    rows = {k: _rows(v) if isinstance(v, list | dict) else v for k, v in slots.items()}
    return template.render({**rows, **turns})


def _turn(nonce: str, role: str) -> Callable[[], str]:
    return lambda: f"\x00{nonce}:{role}\x00"


def _rows(value: object) -> object:
    """A slot with ``Row`` for each object in it."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_rows(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return Row({k: _rows(v) if isinstance(v, list | dict) else v for k, v in value.items()})


def _strict(name: str, function: Any) -> Callable[..., Any]:
    """A filter or test that refuses what is undefined, before and behind it."""
    skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

    def run(*args: Any, **named: Any) -> Any:
        for value in args[skipped:]:
            if name in MAY_LACK:
                _may_lack(value)
            else:
                _exists(value)
        return _checked(function(*args, **named))

    for attribute in ("jinja_pass_arg", "jinja_async_variant"):
        if hasattr(function, attribute):
            setattr(run, attribute, getattr(function, attribute))
    return run


def _checked(value: Any) -> Any:
    if isinstance(value, Iterator):
        return _each(value)
    return [_exists(v) for v in value] if type(value) is list else value


def _each(values: Iterator[Any]) -> Iterator[Any]:
    for value in values:
        yield _exists(value)


def _exists(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            if isinstance(inner, Undefined):
                str(inner)
    return value


def _may_lack(value: Any) -> None:
    """Refuse a question whether something exists that no template could have."""
    if isinstance(value, Undefined) and isinstance(value._undefined_obj, Row):
        name = str(value._undefined_name)
        if name not in SOMETIMES:
            raise UndefinedError(f"{name!r} is no slot of a choice or an example")


def fault_of(error: Exception) -> dict[str, object]:
    """What is wrong with a template, by the kind of its error: ``kind``, ``message``, ``line``."""
    if isinstance(error, TemplateSyntaxError):
        return {"kind": "syntax", "message": str(error.message), "line": error.lineno}
    if isinstance(error, UndefinedError):
        return {"kind": "undefined", "message": str(error)}
    if isinstance(error, SecurityError):
        return {"kind": "sandbox", "message": str(error)}
    return {"kind": "other", "message": f"{type(error).__name__}: {error}"[:300]}


class Generation(Extension):
    """The block with which chat templates say which words are the model's: for its text it does nothing."""

    tags = {"generation"}  # noqa: RUF012 - so it is declared there

    def parse(self, parser: Any) -> Any:
        """Its body alone."""
        from jinja2.nodes import Scope

        line = next(parser.stream).lineno
        return Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


def compile_chat(source: str) -> Template:
    """A model's chat template, in an environment like that of transformers."""
    import json
    from datetime import datetime

    def fail(message: str) -> None:
        raise TemplateError(message)

    def to_json(value: object, ensure_ascii: bool = False, **more: Any) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, **more)

    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    env.filters["tojson"] = to_json
    env.globals |= {"raise_exception": fail, "strftime_now": lambda form: datetime.now().strftime(form)}
    return env.from_string(source)
