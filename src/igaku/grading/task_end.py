"""Where a reply's own answer ends: base models, and models of instructions in a frame, go on with an invented task."""

import re

from igaku.io.patterns import lazy

_HEADING = r"#{1,6}[ \t]*(?:\*\*)?[ \t]*(?:入力|指示|タスク|問題|例題?|注意|解説|制約|電子カルテ|本文)"
_LABEL = r"(?:入力(?:文|例)?|本文|次の(?:症例|文書|入力)|電子カルテ文書)[ \t]*(?:\*\*)?[ \t]*[:：]"
_NEXT_TASK = lazy(rf"\[EOS\]|^[ \t>*]*(?:{_HEADING}|{_LABEL})", re.M)


def own_part(text: str) -> str:
    """A reply up to the line that begins another task (``### 入力``, ``入力文:``) or to its end sign (``[EOS]``).

    A line that begins the reply ends nothing: some repeat what they were given before they answer.
    """
    for found in _NEXT_TASK.finditer(text):
        if text[: found.start()].strip():
            return text[: found.start()]
    return text
