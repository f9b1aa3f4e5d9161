"""Rows in the forms of igaku, trl, Alpaca and ShareGPT are read as turns."""

import pytest

from igaku.corpus.documents import Document
from igaku.errors import IgakuError
from igaku.training.rows import Turn, conversation, preference

USER, REPLY = Turn("user", "q"), Turn("assistant", "a")


@pytest.mark.parametrize(
    ("extra", "turns"),
    [
        ({"instruction": "q", "output": "a"}, [USER, REPLY]),
        (
            {"instruction": "q", "input": "more", "output": "a", "system": "s"},
            [Turn("system", "s"), Turn("user", "q\n\nmore"), REPLY],
        ),
        ({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}, [USER, REPLY]),
        (
            {
                "messages": [
                    {"role": "developer", "content": "s"},
                    {"role": "user", "content": [{"type": "text", "text": "q"}]},
                ]
            },
            [Turn("system", "s"), USER],
        ),
        ({"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}, [USER, REPLY]),
        ({"messages": [{"role": "assistant", "content": "a", "thinking": "t"}]}, [Turn("assistant", "a", "t")]),
        ({"instruction": "q", "output": "<think>\nt\n</think>\n\na"}, [USER, Turn("assistant", "a", "t")]),
        ({"source": "x"}, []),
    ],
)
def test_turns_are_read(extra: dict[str, object], turns: list[Turn]) -> None:
    assert conversation(Document("r", "x", extra)) == turns


@pytest.mark.parametrize(
    "extra",
    [
        {"prompt": "q", "chosen": "a", "rejected": "b"},
        {
            "prompt": [{"role": "user", "content": "q"}],
            "chosen": [{"role": "assistant", "content": "a"}],
            "rejected": "b",
        },
        {
            k: [{"role": "user", "content": "q"}, {"role": "assistant", "content": v}]
            for k, v in (("chosen", "a"), ("rejected", "b"))
        },
    ],
)
def test_preferences_are_read(extra: dict[str, object]) -> None:
    assert preference(Document("r", "x", extra)) == ([USER], REPLY, Turn("assistant", "b"))


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"messages": "q"}, "r, messages: not a list of turns"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "turn 1: role 'tool' cannot be learnt"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image"}]}]},
            "pictures and calls of tools cannot be learnt",
        ),
        ({"messages": [{"role": "assistant", "content": None}]}, "its content is not text"),
    ],
)
def test_what_cannot_be_learnt_is_one_line(extra: dict[str, object], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        conversation(Document("r", "x", extra))


def test_a_preference_needs_all_three() -> None:
    for extra in (
        {"prompt": "q", "chosen": "a"},
        {"chosen": "a", "rejected": "b"},
        {"prompt": "q", "chosen": [], "rejected": "b"},
    ):
        with pytest.raises(IgakuError, match="r: a preference needs prompt, chosen and rejected"):
            preference(Document("r", "x", extra))
