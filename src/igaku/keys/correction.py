"""The key of a text with numbered sentences, one of which may hold an error: which one, and what is right."""

import re
from collections.abc import Sequence

from igaku.keys.base import KeyBase, QuestionLike
from igaku.keys.rubric import Point, Rubric

_NUMBERED = re.compile(r"^(\d+)\. (.*)$", re.M)
_NONE = {"ja": "誤りなし", "zh": "没有错误"}
_FOUND = {"ja": "文{}: {}", "zh": "第{}句: {}"}


class Correction(KeyBase, frozen=True, tag="correction", omit_defaults=True):
    """Which sentence of a text is wrong and how it is put right; without corrections, the text is right.

    The stem holds the sentences as lines ``3. ...``; their numbers begin where the source begins (0 or 1).
    """

    sentence: int = -1
    """Number of the faulty sentence; -1 where there is none."""
    corrections: tuple[str, ...] = ()
    """Corrected sentences, the source's own first."""

    @property
    def has_error(self) -> bool:
        """Whether the text holds an error."""
        return bool(self.corrections)

    def text(self) -> str:
        """``3: corrected sentence``, or that there is no error."""
        return f"{self.sentence}: {self.corrections[0]}" if self.corrections else "no error"

    def gold_text(self, question: QuestionLike) -> str:
        """The sentence's number and its correction on one line, in the question's language."""
        if not self.corrections:
            return _NONE.get(question.lang, "No error")
        return _FOUND.get(question.lang, "Sentence {}: {}").format(self.sentence, self.corrections[0])

    def wrong(self, words: Sequence[str]) -> "Correction":
        """No error where there is one, and one in the first sentence where there is none."""
        return Correction() if self.corrections else Correction(1, ("§",))

    def problem(self, question: QuestionLike) -> str:
        """No sentences, a faulty one that is not among them, or a correction that changes nothing."""
        sentences = dict(numbered(question.stem))
        if not sentences:
            return "its stem has no numbered sentences"
        if not self.corrections:
            return "" if self.sentence == -1 else "a faulty sentence needs its correction"
        if self.sentence not in sentences:
            return f"its faulty sentence {self.sentence} is not in the text"
        if any(not a.strip() or a.strip() == sentences[self.sentence].strip() for a in self.corrections):
            return "a correction must differ from its sentence"
        return ""

    def facts(self) -> tuple[str, ...]:
        """``with an error``."""
        return ("with an error",) if self.corrections else ()

    def as_rubric(self, question: QuestionLike) -> Rubric:
        """For a judge: that the error is found, and that the correction says the same as the source's."""
        ja = question.lang == "ja"
        if not self.corrections:
            return Rubric((Point("本文に誤りがないと述べている" if ja else "Says that the text holds no error"),))
        found = "文{}を誤りのある文として挙げている" if ja else "Names sentence {} as the one with the error"
        right = (
            "訂正の内容が「{}」と医学的に同じである"
            if ja
            else 'Its correction means medically the same as "{}" (other words are fine)'
        )
        return Rubric((Point(found.format(self.sentence)), Point(right.format(self.corrections[0]))))


def numbered(text: str) -> list[tuple[int, str]]:
    """The lines ``3. ...`` of a text as (number, sentence)."""
    return [(int(n), sentence) for n, sentence in _NUMBERED.findall(text)]


def sentences(text: str) -> list[tuple[int, str]]:
    """Numbered lines of a source (``3. ...``, ``3 ...``) as sentences; a line without the next number goes on."""
    out: list[tuple[int, str]] = []
    for line in text.splitlines():
        found = re.match(r"\s*(\d{1,4})(?:[.．]\s*|\s+)(?=\S)", line)
        if found and (not out or int(found[1]) == out[-1][0] + 1):
            out.append((int(found[1]), line[found.end() :].strip()))
        elif line.strip() and out:
            out[-1] = (out[-1][0], f"{out[-1][1]} {line.strip()}")
    return out
