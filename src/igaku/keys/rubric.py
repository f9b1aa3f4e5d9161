"""The key of an open question: points that a judge looks for."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.io.rows import need
from igaku.keys.base import KeyBase, QuestionLike

_SAME = {"ja": "模範解答と同じ内容を述べている", "zh": "与参考答案的内容一致"}
_ONLY = {
    "ja": "答えとして「{}」（同じ意味の言葉でもよい）だけを挙げている",
    "zh": "只给出「{}」（或同义表述）作为答案",
    "en": "Gives 「{}」 (or words of the same meaning), and nothing else, as its answer",
}


class Point(Struct, frozen=True):
    """One thing that a judge looks for in an answer; a negative weight marks a harmful or false statement."""

    text: str
    weight: float = 1.0


class Rubric(KeyBase, frozen=True, tag="rubric"):
    """The key of an open question: what a good answer says, and an answer to compare with where there is one."""

    needs_judge = True

    points: tuple[Point, ...]
    reference: str = ""

    def text(self) -> str:
        """The points with their weights, one a line."""
        return "\n".join(f"{p.weight:+g} {p.text}" for p in self.points)

    def gold_text(self, question: QuestionLike) -> str:
        """The reference answer, else the points that a good answer meets."""
        return self.reference or "\n".join(p.text for p in self.points if p.weight > 0)

    def wrong(self, words: Sequence[str]) -> "Rubric":
        """A point that no gold answer meets."""
        return Rubric((Point("何も述べていない"),))

    def as_rubric(self, question: QuestionLike) -> "Rubric":
        """Itself."""
        return self

    def problem(self, question: QuestionLike) -> str:
        """No point that a good answer could meet."""
        return "" if any(p.weight > 0 for p in self.points) else "a rubric needs a point with a weight above 0"

    @classmethod
    def from_row(cls, row: Mapping[str, object], choices: Sequence[str], where: str) -> "Rubric | None":
        """From ``rubric`` (points as texts or with weights) and ``reference``; without points, the reference is one."""
        if "rubric" not in row and "reference" not in row:
            return None
        if choices or "answer" in row or "accepted" in row:
            raise IgakuError(f"{where}: a question with a rubric or reference has no choices and no 'answer'")
        reference = need(row, "reference", str, where) if "reference" in row else ""
        given = need(row, "rubric", list, where) if "rubric" in row else []
        points = tuple(_point(p, f"{where}: field 'rubric', point {n}") for n, p in enumerate(given, 1))
        if not points and not reference.strip():
            raise IgakuError(f"{where}: field 'rubric' is empty and there is no 'reference'")
        same = _SAME.get(str(row.get("lang", "ja")), "Says the same as the reference answer")
        return cls(points or (Point(same),), reference)


def _point(given: object, where: str) -> Point:
    row = given if isinstance(given, dict) else {"point": given}
    text, weight = need(row, "point", str, where), need({"weight": 1, **row}, "weight", (int, float), where)
    if not text.strip() or not weight or not math.isfinite(weight):
        raise IgakuError(f"{where} needs a text and a weight other than 0")
    return Point(text, float(weight))


def rubric_of(question: QuestionLike) -> Rubric:
    """What a judge looks for: the key's own points, or that the answer names each right choice and no other."""
    own = question.key.as_rubric(question)
    if isinstance(own, Rubric):
        return own
    answer = "」「".join(question.key.gold_text(question).split("\n"))
    return Rubric((Point(_ONLY.get(question.lang, _ONLY["en"]).format(answer)),))
