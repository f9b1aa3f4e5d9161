"""The marks around a model's thinking, its answer and its turns, as models write them when special tokens are kept.

One pattern finds all of them. Every repetition in it is bounded, so a reply is read in time linear in its length.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from igaku.io.patterns import lazy

Kind = Literal["open", "close", "channel", "header", "final", "end", "nothing"]

_WORD = (
    r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|scratch_?pad|cot|chain[_-]of[_-]thoughts?|"
    r"(?:inner[_-]?)?monologue)"
)
_NAME = rf"(?:[a-z]{{1,12}}[:_-]|ant|hy)?{_WORD}(?:[:_-][a-z]{{1,16}}){{0,3}}|思考(?:過程|プロセス)?|推論(?:過程)?|考え"
_L, _R = "(?:<|＜|&lt;)", "(?:>|＞|&gt;)"
_ENDS = (
    "im_end",
    "eot_id",
    "eom_id",
    "eot",
    "end",
    "call",
    "endoftext",
    "end_of_text",
    "return",
    "end_of_turn",
    "endofturn",
    "END_OF_TURN_TOKEN",
    "END_RESPONSE",
    "END_TEXT",
    "end_of_solution",
    "assistant_end",
    "end_of_answer",
    "end_of_response",
    "end_of_sentence",
)
_PATTERNS: dict[str, str] = {
    "tag_close": rf"{_L}\s{{0,3}}/\s{{0,3}}(?:{_NAME})\s{{0,3}}{_R}|◁\s?/\s?think(?:ing)?\s?▷|\[\s?/\s?{_WORD}\s?\]",
    "tag_open": rf"{_L}\s{{0,3}}(?:{_NAME})(?:\s[^<>]{{0,80}})?{_R}|◁\s?think(?:ing)?\s?▷|\[\s?{_WORD}\s?\]",
    "analysis_close": rf"{_L}\s{{0,3}}/\s{{0,3}}analysis\s{{0,3}}{_R}",
    "analysis_open": rf"{_L}\s{{0,3}}analysis\s{{0,3}}{_R}",
    "token_close": rf"<\|(?:/\s?{_WORD}|end(?:_of)?_{_WORD}|{_WORD}_end|inner_suffix)\|>|<channel\|>|\[unused17\]",
    "token_open": (
        rf"<\|(?:(?:start|begin)(?:_of)?_{_WORD}|{_WORD}(?:_start)?|inner_prefix)\|>|\[unused16\]|"
        r"<\|channel>\s?(?:thoughts?|analysis|thinking)\b\s?|<unused94>\s?thought\b"
    ),
    "unused_open": r"<unused94>",
    "unused_close": r"<unused95>",
    "final": (
        r"<\|(?:START_RESPONSE|START_TEXT|begin_of_(?:solution|answer|response)|content)\|>|<\|channel>\s?\w{0,20}\n?"
    ),
    "channel": r"<\|channel\|>(?P<name>[^<]{0,200}(?:<\|constrain\|>[^<]{0,100})?)<\|message\|>",
    "unfinished": r"<\|channel\|>",
    "message": r"<\|message\|>",
    "header": (
        r"(?:<\|start\|>|<\|im_start\|>|<\|begin\|>|<\|start_header_id\|>|<start_of_turn>|<\|turn>|<\|header_start\|>|"
        r"<\|start_of_role\|>)[ ]?(?P<role>[\w.]{0,60})(?P<aside>[^<\n]{0,60})"
        r"(?:<\|(?:end_header_id|header_end|end_of_role)\|>)?\n{0,2}"
    ),
    "user": r"<\|(?:user|system|question|observation)\|>|<｜User｜>",
    "end": (
        rf"<\|(?:{'|'.join(_ENDS)})\|>|<[|｜]end[_▁]of[_▁]sentence[|｜]>|</s>|<end_of_turn>|<turn\|>|<eos>|"
        r"\[\|endofturn\|\]|\[EOS\]|<\[end\]>"
    ),
    "nothing": r"<pad>|<s>|<bos>|<unk>|<\|(?:begin|end)_of_box\|>|<\|constrain\|>",
}
_FIRST = r"(?=[<＜&◁\[])"
"""No mark begins with another sign: nearly all positions of a text are passed over by one look."""
MARKS = lazy(_FIRST + "(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()) + ")", re.I)
ANSWER_TAG = lazy(rf"{_L}\s{{0,3}}(?:final_?|the_)?(?:answer|output|response|final|solution|result)\s{{0,3}}{_R}", re.I)
PARTIAL = lazy(r"<\|[\w/]{0,24}\|?\Z|</?(?:th?|thi|thin|think|thinki|thinkin|thinking)\Z", re.I)
WRAPPED = lazy(r"\s*<(response|output|solution|final)>(.*)</\1>\s*\Z", re.I | re.S)

PLAIN = (
    (lazy(r"\s*#{1,3} Thinking\s*\n"), lazy(r"\n#{1,3} Final (?:Response|Answer)\s*(?:\n|\Z)")),
    (lazy(r"\s*Here is my thought process:"), lazy(r"Here is my response:\s*")),
)
"""Headings that models write instead of marks (HuatuoGPT-o1, Granite 3.2): where thinking begins, and where it ends."""
HARMONY = lazy(r"\s*(?:assistant\s?)?(?:analysis|commentary)(?P<next>.?)", re.S)
"""How a Harmony reply begins whose special tokens were decoded away."""
TURNED = lazy(r"assistant\s?(?P<name>analysis|commentary|final)(?:[ ]?json(?=\s*[{\[]))?")

_OF: dict[str, Kind] = {
    "tag_close": "close",
    "tag_open": "open",
    "analysis_close": "close",
    "analysis_open": "open",
    "token_close": "close",
    "token_open": "open",
    "unused_open": "open",
    "unused_close": "close",
    "unfinished": "channel",
    "message": "nothing",
    "user": "header",
}


class Mark(NamedTuple):
    """One mark in a text: what it does, the text's positions, and its rule; ``name`` is a channel's or a role's."""

    kind: Kind
    start: int
    end: int
    rule: str
    name: str = ""


def marks(text: str) -> Iterator[Mark]:
    """All marks of a text, in order."""
    for found in MARKS.finditer(text):
        rule = str(found.lastgroup)  # the outermost one: it closes last
        kind: Kind = _OF.get(rule, rule)  # type: ignore[arg-type]
        name = found["name"] if rule == "channel" else ""
        if rule == "header":
            name = f"{found['role']}{found['aside']}"
        yield Mark(kind, found.start(), found.end(), rule, (name or "").strip().lower())
