"""What must not get lost from medical text: negations, numbers with their units, sides, directions, names.

A step that changes the form of texts counts these before and after, and stops where too many texts lose some.
"""

import re
from collections import Counter

from igaku.errors import IgakuError

NEGATION = re.compile(
    r"な[しいくか](?![がお])|ませ[んず]|[せさわかまらためべれきげけえ]ず(?=[、。,.\s）)に]|$)|否定|陰性|\([-−]\)|（[-−]）"
    r"|\b(?:no|not|without|den(?:y|ies|ied)|negative|never|absent|none|cannot)\b|n't\b",
    re.I,
)
NUMBER = re.compile(
    r"[<>≤≥≦≧±]?\d+(?:[.,/:^]\d+)*(?: ?[-–〜~] ?\d+(?:\.\d+)?)?"
    r" ?(?:%|℃|°C?|[munpkdMGμ]?(?:g|L|l|m|mol|Eq|U|IU|Pa|Hg|s|Gy|Sv|Bq|V|A|Hz|cal)\b(?:/[A-Za-zμ]+)?"
    r"|[錠回日週月年歳時分秒単滴枚包本個人例mM]?)"
)
SIDE = re.compile(r"[左右]|両側|\b(?:left|right|bilateral)\b", re.I)
DIRECTION = re.compile(r"[高低]|上昇|低下|増加|減少|亢進|\b(?:hyper|hypo)\w+|\b(?:high|low|increas|decreas)\w*", re.I)
NAME = re.compile(r"[ァ-ヶー]{3,}|[A-Za-z][A-Za-z0-9αβγ+-]{2,}")
KINDS = {"negations": NEGATION, "numbers": NUMBER, "sides": SIDE, "directions": DIRECTION, "names": NAME}
MOST_LOST, FEWEST_LOST = 0.01, 3
"""Share of documents that may lose something clinical before a step stops, and how many it takes at least."""
Tokens = Counter[tuple[str, str]]


def clinical(text: str) -> Tokens:
    """(kind, text) of everything that carries clinical meaning, in the form of ``characters``."""
    return Counter(
        (kind, "".join(m[0].split())) for kind, pattern in KINDS.items() for m in pattern.finditer(text) if m[0].strip()
    )


def negated_or_measured(line: str) -> bool:
    """Whether a line says that something is not so, or gives a number with a unit or a side."""
    units = (m[0] for m in NUMBER.finditer(line) if not m[0].strip().isdigit())
    return bool(NEGATION.search(line) or SIDE.search(line) or next(units, ""))


def stop_where_lost(read: int, lost: int, examples: list[str]) -> None:
    """Stop a step that changed what its texts say.

    Raises:
        IgakuError: negations, numbers, sides or names are gone from too many documents.
    """
    if lost >= FEWEST_LOST and lost > MOST_LOST * read:
        shown = "; ".join(examples[:3])
        raise IgakuError(
            f"{lost:,} of {read:,} documents would lose negations, numbers, sides or names, more than {MOST_LOST:.0%} "
            f"({shown}); nothing was published; report these texts, or leave the step out"
        )
