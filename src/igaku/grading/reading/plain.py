"""One spelling for every sign that replies write in many: widths, circled letters, ticks, LaTeX, Markdown, HTML."""

import re
import unicodedata
from functools import lru_cache

from igaku.io.patterns import lazy

_INVISIBLE = lazy(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ue000-\uf8ff]"
)
_MARKS = {
    **dict.fromkeys("○◯〇⭕✓✔✅☑◎⚪🙆👍", "○"),
    **dict.fromkeys("×✗✘❌☓✕✖❎⛔🙅👎🚫", "×"),
    **dict.fromkeys("⇒➡➔→⟹⟶➜▶►👉☞", "→"),
    **{chr(0x1F150 + i): chr(65 + i) for i in range(26)},
    **{chr(0x1F170 + i): chr(65 + i) for i in range(26)},
    **{chr(0x1F130 + i): chr(65 + i) for i in range(26)},
    **dict.fromkeys("“”„‟＂", '"'),
    **dict.fromkeys("‘’‚‛＇", "'"),
    **dict.fromkeys("‐‑‒−", "-"),
    **dict.fromkeys("〜～∼", "~"),
    **dict(zip("剝囊頰塡顚繫嚙攪鹼屛瘦蟬瘙禱搔", "剥嚢頬填顛繋噛撹鹸屏痩蝉掻祷掻")),
}
LABEL, WORDS, ROOM = 0xE000, 0xE040, 0x40
"""Private characters: a choice's label from LABEL on, its words from WORDS on, with room for 64 of each."""
MENTION = "\ue000-\ue07f"
CIRCLED = {
    **{chr(0x2460 + i): i + 1 for i in range(20)},
    **{chr(0x2776 + i): i + 1 for i in range(10)},
    **{chr(0x2780 + i): i + 1 for i in range(10)},
    **{chr(0x278A + i): i + 1 for i in range(10)},
    **{chr(0x24F5 + i): i + 1 for i in range(10)},
    "⓪": 0,
    "⓿": 0,
}
"""Numbers in a circle: the label of a choice or of a box to fill in, never a digit of the number beside it."""
_FROM_CIRCLED = {ord(c): chr(0xE0C0 + n) for c, n in CIRCLED.items()}
_SIGNS = {**_MARKS, **{chr(k): v for k, v in _FROM_CIRCLED.items()}}
_SIGN = lazy("[" + "".join(map(re.escape, _SIGNS)) + "]")

_STRUCK = lazy(r"~~[^~\n]{1,200}~~|<(?:s|del|strike)>[^<\n]{1,200}</(?:s|del|strike)>", re.I)
_FRACTION = lazy(r"\\[dt]?frac\s*\{([^{}\n]{1,40})\}\s*\{([^{}\n]{1,40})\}")
_COMMAND = lazy(
    r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mathtt|bf|rm|emph|underline|left|right|displaystyle|"
    r"large|Large|bm|boldsymbol|operatorname|color\{[a-z]{1,12}\})(?![A-Za-z])\s*"
)
_SPACE = lazy(r"\\[,;:! ]|\\q?quad\b|\\\\|\\[()\[\]]")
_OPERATORS = {
    "\\times": "×",
    "\\div": "÷",
    "\\cdot": "×",
    "\\approx": "≒",
    "\\fallingdotseq": "≒",
    "\\simeq": "≒",
    "\\rightarrow": "→",
    "\\Rightarrow": "→",
    "\\to": "→",
    "\\therefore": "∴",
    "\\%": "%",
    "\\{": "{",
    "\\}": "}",
    "\\degree": "°",
    "\\circ": "°",
    "\\checkmark": "○",
}
_OPERATOR = lazy("|".join(sorted((re.escape(k) for k in _OPERATORS), key=len, reverse=True)))
_TAG = lazy(
    r"</?(?:b|i|u|em|strong|span|p|div|code|mark|sub|sup|ul|ol|li|h[1-6]|font|center|small)(?:\s[^<>\n]{0,80})?/?>",
    re.I,
)
_BOX = lazy(r"(?m)^([ \t]{0,12}(?:[-*+]|\d{1,2}\.)?[ \t]{0,4})\[([ xX○])\](?= )")
_ROOT_TICK = lazy(r"√(?=\s*(?:\n|$|[,、;；|]))")
_NEXT_ANSWER = lazy(r"</answer>\s*<answer>", re.I)
_BREAK = lazy(r"<br\s*/?>", re.I)
_EMPHASIS = lazy(r"(?<![0-9)])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![0-9(])|_{2,3}|`+|\$+")
LONGEST_RUN = 12
"""Signs of one kind that are read of a run of them (a ruler of dashes, a page of line breaks)."""
_RUN = lazy(r"([^\w])\1{12,}|[0-9]{40,}|\s{12,}")
_BLANKS = lazy(r"[ \t\u00a0\u3000]+")
_KEYCAP = lazy("([0-9])\u20e3")


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """A reply in one spelling: NFKC, ticks as ○ and ×, no invisible characters, no LaTeX, Markdown emphasis or HTML."""
    text = _RUN.sub(lambda m: m[0][:LONGEST_RUN], _INVISIBLE.sub("", text))
    text = _SIGN.sub(lambda m: _SIGNS[m[0]], _KEYCAP.sub(lambda m: chr(0xE0C0 + int(m[1])), text))
    text = unicodedata.normalize("NFKC", _halves(text)).replace("\r\n", "\n").replace("\r", "\n")
    if "\\" in text:
        text = _unlatex(text)
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    text = _BOX.sub(lambda m: m[1] + ("×" if m[2] == " " else "○"), text)
    text = _ROOT_TICK.sub("○", text)
    text = _NEXT_ANSWER.sub("、", text.replace("{,}", ","))
    text = _EMPHASIS.sub("", _STRUCK.sub(" ", text))
    return _BLANKS.sub(" ", text)


def _halves(text: str) -> str:
    """``2½`` as ``2.5`` before NFKC makes 21/2 of it."""
    for sign, decimal in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        if sign in text:
            text = re.sub(rf"(?<![0-9]){sign}", "0" + decimal, re.sub(rf"(?<=[0-9]) ?{sign}", decimal, text))
    return text


def _unlatex(text: str) -> str:
    text = _FRACTION.sub(r"\1/\2", text)
    text = _OPERATOR.sub(lambda m: _OPERATORS[m[0]], text)
    return _SPACE.sub(" ", _COMMAND.sub("", text.replace("\\!", "")))


_EDGES = " 。.、,「」『』\"'`*_:"


@lru_cache(maxsize=16384)
def choice_plain(choice: str) -> str:
    """The words of a choice in the spelling of ``plain``, without signs around them."""
    return " ".join(plain(choice).split()).strip(_EDGES)
