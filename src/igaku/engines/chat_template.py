"""A chat template as it is: what it drops, how it wants its turns, and whether it writes today's date.

Both are noticed at load, by turns of known words: a system turn that is left out in silence is folded into the user's,
contents that have to be lists are given as lists, and the date is fixed, so that a run goes on the next day with the
same prompts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from igaku.engines.base import folded
from igaku.errors import IgakuError
from igaku.question import Message
from igaku.thinking import split

DATE = datetime(2026, 1, 1, 9, 0)
"""What a chat template is given as today."""
OTHER = datetime(2031, 10, 23, 21, 0)
_FORMATS = re.compile(r"strftime_now\(\s*([\"'])(.{1,60}?)\1\s*\)")

Turns = list[dict[str, object]]
Render = Callable[[Turns], str]
PROBE = (
    Message("system", "Qsystemq"),
    Message("user", "Qfirstq"),
    Message("assistant", "Qreplyq"),
    Message("user", "Qlastq"),
)
"""Turns of words that no template writes by itself."""


class Form(NamedTuple):
    """How turns are given to a template."""

    fold: bool = False
    as_list: bool = False
    note: str = ""

    def turns(self, messages: Sequence[Message], images: int = 0) -> Turns:
        """The messages in this form, with ``images`` pictures before the text of the last one."""
        given = folded(messages) if self.fold else messages
        rows: Turns = [{"role": m.role, "content": self._content(m.content)} for m in given]
        if images:
            shown: list[object] = [{"type": "image"}] * images
            rows[-1]["content"] = [*shown, {"type": "text", "text": given[-1].content}]
        return rows

    def _content(self, text: str) -> object:
        return [{"type": "text", "text": text}] if self.as_list else text


_FOLDED = "the chat template has no system turn: it is put at the beginning of the user's first turn"
_LISTED = "the chat template takes contents as lists, and is given them so"
FORMS = (
    Form(),
    Form(fold=True, note=_FOLDED),
    Form(as_list=True, note=_LISTED),
    Form(fold=True, as_list=True, note=f"{_LISTED}; {_FOLDED}"),
)


class ChatTemplate:
    """A model's template behind ``render``, which may raise for turns that it does not take; an ``IgakuError`` of it is
    handed on.

    Attributes:
        notes: what was noticed, a line each.
    """

    def __init__(self, render: Render) -> None:
        self._render = render
        self.notes: list[str] = []
        self._form = self._found()

    def text(self, messages: Sequence[Message], images: int = 0, shows: Callable[[str], bool] = lambda _: True) -> str:
        """Messages as the model's chat text.

        Args:
            images: pictures that stand before the last turn's text.
            shows: whether a text has a placeholder for each of them.

        Raises:
            IgakuError: the template refuses these turns, or leaves the words of one, or a picture, out.
        """
        failure, altered = "", ""
        for form in dict.fromkeys((self._form, *FORMS)):
            try:
                text = self._render(form.turns(messages, images))
            except IgakuError:
                raise
            except Exception as error:
                failure = failure or str(error)[:200]
                continue
            if not shows(text):
                failure = failure or "it writes no place for each picture"
                continue
            if holds(text, messages):
                return text
            altered = altered or text
            failure = failure or "it leaves out the words of a turn"
        if altered and holds(self._render(self._form.turns(_named(messages))), _named(messages)):
            return altered  # every turn is in it: the template writes some of the words in its own way
        raise IgakuError(f"the model's chat template failed: {failure}; use a plain prompt")

    def _found(self) -> Form:
        """The first form in which no word of a system, user or assistant turn is lost."""
        for probe in (PROBE, PROBE[:2]):
            for form in FORMS:
                try:
                    complete = holds(self._render(form.turns(probe)), probe)
                except IgakuError:
                    raise
                except Exception:
                    continue
                if complete:
                    self.notes += [form.note] if form.note else []
                    return form
        return FORMS[0]


def holds(text: str, messages: Sequence[Message]) -> bool:
    """Whether a text has the words of all messages, whatever a template does to blanks and to earlier thinking."""
    squeezed = "".join(text.split())
    return all(_words(m) in squeezed for m in messages)


def _words(message: Message) -> str:
    content = split(message.content).answer if message.role == "assistant" else message.content
    return "".join(content.split())


def _named(messages: Sequence[Message]) -> list[Message]:
    """The same turns with words that no template changes."""
    return [Message(m.role, f"Q{'abcdefghij'[i % 10]}{i}q") for i, m in enumerate(messages)]


def starts(template: "ChatTemplate") -> tuple[str, ...]:
    """What the template's texts begin with, before any word of a turn: with a system turn, and without."""
    found = []
    for probe in (PROBE[:2], PROBE[1:2]):
        try:
            text = template.text(probe)
        except IgakuError:
            continue
        found.append(text[: min((at for m in probe if (at := text.find(m.content)) >= 0), default=0)])
    return tuple(dict.fromkeys(f for f in found if f.strip()))


@contextmanager
def today_is(at: datetime) -> Iterator[None]:
    """Within it, what transformers gives chat templates as today is another instant."""
    from transformers.utils import chat_template_utils as module

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Fixed":
            return cls(*at.timetuple()[:6])

    names: Any = module
    own = names.datetime
    names.datetime = Fixed
    try:
        yield
    finally:
        names.datetime = own


def dated(template: object) -> tuple[str, ...]:
    """The formats in which a template's source writes today's date."""
    return tuple(dict.fromkeys(found[2] for found in _FORMATS.finditer(str(template))))


def with_fixed_date(text: str, formats: Sequence[str], today: Sequence[datetime]) -> str:
    """A text that was rendered today, with ``DATE`` instead."""
    for form in formats:
        for day in today:
            text = text.replace(day.strftime(form), DATE.strftime(form))
    return text


def date_note(is_dated: bool) -> list[str]:
    """What the user is shown of a template that writes the date."""
    shown = f"{DATE.day} {DATE:%B %Y}"
    return [f"the chat template writes today's date: it is fixed to {shown}, so that every day's prompts are equal"] * (
        is_dated
    )


def date_setting(is_dated: bool) -> str:
    """For the identity: the date that the template writes."""
    return f" date={DATE:%Y-%m-%d}" if is_dated else ""
