from collections.abc import Callable

import pytest

from igaku.grading.letter import Read, read_letters
from igaku.question import LETTERS, Choices, Number, Question

CHEST = ("急性心筋梗塞", "肺塞栓症", "大動脈解離", "急性心膜炎", "気胸")
Reader = Callable[..., str]


@pytest.fixture
def answer() -> Reader:
    """The letters (or the number) that a reply is read to give; "" where nothing is read."""

    def read(
        reply: str, stem: str = "最も考えられるのはどれか。", choices: tuple[str, ...] = CHEST, finish: str = "stop"
    ) -> str:
        key = Choices.letters("a") if choices else Number(("1",))
        found: Read = read_letters(reply, Question(id="1", lang="ja", stem=stem, choices=choices, key=key), finish)
        return "".join(sorted(LETTERS[i] for i in found.positions)) or found.number

    return read
