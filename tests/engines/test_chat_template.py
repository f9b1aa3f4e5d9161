"""What a chat template drops, how it wants its turns, and the date that it writes are noticed."""

from datetime import datetime

import pytest

from igaku.engines.chat_template import ChatTemplate, Turns, dated, with_fixed_date
from igaku.errors import IgakuError
from igaku.question import Message

TURNS = [
    Message("system", "Be brief."),
    Message("user", "Which one?"),
    Message("assistant", "b"),
    Message("user", "Now?"),
]


def drops_system(turns: Turns) -> str:
    return "".join(f"[{t['role']}] {t['content']}\n" for t in turns if t["role"] != "system")


def refuses_system(turns: Turns) -> str:
    if turns[0]["role"] == "system":
        raise ValueError("no system turn")
    return drops_system(turns)


def wants_lists(turns: Turns) -> str:
    contents = [t["content"] if isinstance(t["content"], list) else [] for t in turns]
    return "".join(f"[{t['role']}] {''.join(part['text'] for part in c)}\n" for t, c in zip(turns, contents))


def trims_and_strips(turns: Turns) -> str:
    return "".join(f"<{t['role']}>{str(t['content']).strip()}" for t in turns)


@pytest.mark.parametrize("render", [drops_system, refuses_system])
def test_a_lost_system_turn_is_put_into_the_users_and_noted(render: object) -> None:
    template = ChatTemplate(render)  # type: ignore[arg-type]
    text = template.text(TURNS)
    assert text.startswith("[user] Be brief.\n\nWhich one?\n")
    assert ["no system turn" in note for note in template.notes] == [True]


def test_contents_that_have_to_be_lists_are_given_so() -> None:
    template = ChatTemplate(wants_lists)
    assert template.text(TURNS) == "[system] Be brief.\n[user] Which one?\n[assistant] b\n[user] Now?\n"
    assert ["lists" in note for note in template.notes] == [True]


def test_an_ordinary_template_has_nothing_to_note() -> None:
    template = ChatTemplate(trims_and_strips)
    assert template.text([Message("user", " x \n")]) == "<user>x"
    assert template.notes == []


def test_words_that_a_template_writes_in_its_own_way_are_no_loss() -> None:
    template = ChatTemplate(
        lambda turns: "".join(f"<{t['role']}>{str(t['content']).replace('&', '&amp;')}" for t in turns)
    )
    assert template.text([Message("user", "x & y")]) == "<user>x &amp; y"


def test_a_template_that_loses_a_turn_in_every_form_is_refused() -> None:
    template = ChatTemplate(lambda turns: "always the same")
    with pytest.raises(IgakuError, match="leaves out the words of a turn; use a plain prompt"):
        template.text(TURNS)


def test_the_date_is_that_of_no_day() -> None:
    formats = dated("x {{ strftime_now('%d %b %Y') }} y {{ strftime_now(\"%Y-%m-%d\") }}")
    assert formats == ("%d %b %Y", "%Y-%m-%d")
    texts = []
    for day in (datetime(2027, 3, 4), datetime(2029, 12, 31)):
        text = f"Today: {day.strftime('%d %b %Y')} ({day.strftime('%Y-%m-%d')})"
        texts.append(with_fixed_date(text, formats, [day]))
    assert texts[0] == texts[1] == "Today: 01 Jan 2026 (2026-01-01)"
