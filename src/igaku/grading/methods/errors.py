"""An error in a text with numbered sentences: found, placed, and corrected."""

from igaku.grading.corrections import plain, read_correction
from igaku.grading.methods.method import Grade, Method, binary, unread
from igaku.keys import Correction, gold_text
from igaku.keys.correction import numbered
from igaku.question import Question, Reply, Verdict


def _by(corrected: bool) -> Grade:
    def grade(q: Question, shown: Question, reply: Reply) -> Verdict:
        assert isinstance(q.key, Correction)
        found = read_correction(reply.answer.text, dict(numbered(q.stem)))
        if found is None:
            return unread(reply)
        parts = {"error": float(q.key.has_error), "found": float(found.error)}
        right = found.error == q.key.has_error
        if q.key.has_error:
            parts["sentence"] = float(found.error and found.sentence == q.key.sentence)
            parts["corrected"] = float(plain(found.correction) in map(plain, q.key.corrections))
            right = bool(parts["sentence"] and (parts["corrected"] or not corrected))
        sentence = "?" if found.sentence is None else str(found.sentence)
        return binary(right, (sentence, found.correction) if found.error else ("no error",), parts)

    return grade


def is_correction(q: Question) -> bool:
    """Whether finding an error, or that there is none, answers it."""
    return isinstance(q.key, Correction)


METHODS = (
    Method(
        name="error",
        kind="text",
        about="an error is found where there is one, in the right sentence, and none where there is none",
        title_ja="誤りの有無と、誤りのある文の番号",
        applies=is_correction,
        grade=_by(corrected=False),
        gold=gold_text,
    ),
    Method(
        name="error-corrected",
        kind="text",
        about="as error, and the corrected sentence word for word (a lower bound: other words may be right too)",
        title_ja="error に加え、訂正文が正解の文と一致すること（下限。言い換えは正しくても一致しない）",
        applies=is_correction,
        grade=_by(corrected=True),
        gold=gold_text,
    ),
)
