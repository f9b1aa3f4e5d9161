"""Names of columns in tables of own questions, as people write them, and the fields that they mean.

Case, width, blanks and underscores do not count: ``ID``, ``Question No.``, ``問題文``, ``選択肢１``, ``Ａ``. A column
without a name must be empty; one whose name begins with ``#`` or ``_``, and a few names such as ``note`` and 備考,
are notes, which nobody is shown.
"""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from igaku.errors import IgakuError, UnknownNameError
from igaku.keys import LETTERS

KANA = "アイウエオカキクケコ"
NOTES = [
    *("note", "notes", "memo", "comment", "comments", "remark", "remarks", "explanation"),
    *("メモ", "備考", "注", "注記", "補足", "コメント", "解説"),
]
NAMES: dict[str, str] = {
    "id": "id no number qid questionid questionno questionnumber 番号 問題番号 設問番号 問番号 通し番号 通番 連番 "
    "問題id 設問id 問題no 問no id番号",
    "stem": "stem question questiontext 問題 問題文 設問 設問文 質問 質問文 問い",
    "answer": "answer answers correct correctanswer correctanswers key gold 正答 正解 答え 答 解答 正答番号 正解番号 "
    "正答肢 正解肢",
    "accepted": "accepted 許容 許容解 複数正解",
    "images": "images picture pictures imagefile imagefiles 画像 画像ファイル 図 写真",
    "image": "image 画像あり 要画像",
    "context": "context 共通文 症例 症例文 状況設定 文脈",
    "points": "points 配点 点数",
    "void": "void 採点除外",
    "lang": "lang language 言語",
    "year": "year 年 年度 実施年",
    "section": "section 区分",
    "category": "category subject 分野 科目 領域 出題分野 カテゴリ カテゴリー",
    "group": "group 連問 グループ",
    "source": "source 出典",
    "prohibited": "prohibited 禁忌 禁忌肢",
    "human_accuracy": "humanaccuracy 正答率",
    "reference": "reference 模範解答 解答例",
    "rubric": "rubric",
    "harmful": "harmful",
    "after": "after",
    "conversation": "conversation",
}
"""Field -> the names that mean it, squeezed (``squeezed``)."""
FIELD = {name: field for field, names in NAMES.items() for name in names.split()}
_CHOICE = re.compile(rf"(?:choice|option|選択肢|選択枝|肢)?([a-z]|\d{{1,2}}|[{KANA}])")


def squeezed(name: str) -> str:
    """A column's name without what does not count."""
    return re.sub(r"[\s_.()\[\]\-・:]", "", unicodedata.normalize("NFKC", name)).lower()


def field_of(name: str) -> str | int | None:
    """The field that a column means, the position of a choice, ``""`` for a note, None where it is not known."""
    wide = unicodedata.normalize("NFKC", name)
    short = squeezed(name)
    if wide.startswith(("#", "_")) or short in NOTES:
        return ""
    if short in FIELD:
        return FIELD[short]
    return _choice(found[1]) if (found := _CHOICE.fullmatch(short)) else None


def _choice(label: str) -> int | None:
    """The position of ``b``, ``2`` or イ; -1 for a number 0, which shows that choices are counted from 0."""
    if label in KANA:
        return KANA.index(label)
    at = LETTERS.find(label) if label.isalpha() else int(label) - 1
    return at if at < len(LETTERS) else None


def header_score(row: Sequence[str]) -> int:
    """How many cells of a row name a column; 0 where none is a question or its name, so that it is no header."""
    fields = [field_of(name) for name in row if name]
    return sum(f is not None for f in fields) if "stem" in fields or "id" in fields else 0


class Columns:
    """What the columns of one table mean."""

    def __init__(self, header: Sequence[str], where: str) -> None:
        found = {i: _known(name, where) for i, name in enumerate(header) if name}
        self.width = len(header)
        self.nameless = [i for i, name in enumerate(header) if not name]
        self.fields: dict[int, str] = {i: f for i, f in found.items() if isinstance(f, str) and f}
        self.choices: dict[int, int] = {i: f for i, f in found.items() if isinstance(f, int)}
        self.kana = any(squeezed(header[i])[-1:] in KANA for i in self.choices)
        self._check(header, where)

    def _check(self, header: Sequence[str], where: str) -> None:
        seen: dict[str | int, str] = {}
        every: list[tuple[int, str | int]] = [*self.fields.items(), *self.choices.items()]
        for i, means in every:
            what = "the same choice" if isinstance(means, int) else f"field {means!r}"
            if means in seen:
                raise IgakuError(
                    f"{where}: columns {seen[means]!r} and {header[i]!r} both mean {what}; rename one "
                    "(a column of notes begins with # or _)"
                    if seen[means] != header[i]
                    else f"{where}: column {header[i]!r} is there twice; rename or remove one"
                )
            seen[means] = header[i]
        positions = sorted(self.choices.values())
        if -1 in positions:
            raise IgakuError(f"{where}: choices are counted from 1: rename the columns (a, b, c … or 選択肢1 …)")
        if gap := next((k for k, at in enumerate(positions) if k != at), None):
            raise IgakuError(f"{where}: no column for choice {LETTERS[gap]} before {LETTERS[positions[gap]]}")
        if positions[:1] not in ([], [0]):
            raise IgakuError(f"{where}: no column for choice a before {LETTERS[positions[0]]}")


def _known(name: str, where: str) -> str | int:
    if (means := field_of(name)) is not None:
        return means
    near = get_close_matches(name.lower(), [*NAMES, *NOTES, *FIELD], n=1, cutoff=0.5)
    hint = "(choices: a to z, or 選択肢1 …; a column of notes begins with # or _)"
    raise IgakuError(f"{where}: {UnknownNameError('field', name, [*FIELD, *NOTES] if near else NAMES, hint)}")
