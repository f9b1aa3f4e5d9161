"""A translation, by its likeness to reference translations."""

from igaku.grading.bleu import sentence_bleu
from igaku.grading.methods.method import Method, unread
from igaku.grading.reply_text import clean
from igaku.keys import Translation, gold_text
from igaku.question import Outcome, Question, Reply, Verdict


def _bleu(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Translation)
    cleaned = clean(reply.answer.text)
    if cleaned.cut or not cleaned.text:
        return unread(reply)
    score = sentence_bleu(cleaned.text.split("\n\n")[0], q.key.references)
    outcome: Outcome = "right" if score > 0.9999 else "partial" if score else "wrong"
    return Verdict(outcome=outcome, score=score)


METHODS = (
    Method(
        name="bleu",
        kind="text",
        about="a translation's likeness to its reference: sentence BLEU",
        title_ja="翻訳。参照訳との文単位の BLEU",
        applies=lambda q: isinstance(q.key, Translation),
        grade=_bleu,
        gold=gold_text,
    ),
)
