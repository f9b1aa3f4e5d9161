"""The choice to which the model gives the highest log-probability, by its letter or by its text."""

from igaku.grading.likelihood import Normalisation, how_many, read_likelihood
from igaku.grading.methods.letters import compare
from igaku.grading.methods.method import Grade, Method
from igaku.keys import gold_letters, gold_text
from igaku.question import Question, Reply, Verdict


def _by(normalisation: Normalisation, alike: str = "each") -> Grade:
    def grade(q: Question, shown: Question, reply: Reply) -> Verdict:
        read, parts = read_likelihood(reply.answer, shown, normalisation)
        return compare(q, read, reply.permutation, parts, alike)

    return grade


def _applies(q: Question) -> bool:
    return how_many(q) is not None


METHODS = (
    Method(
        name="letter-logprob",
        kind="letters",
        about="the letter with the highest probability as the next token",
        title_ja="次の 1 トークンとして最も確率の高い記号",
        applies=_applies,
        grade=_by("sum", alike=""),
        gold=gold_letters,
    ),
    Method(
        name="likelihood",
        kind="likelihood",
        about="the choice whose text has the highest log-likelihood",
        title_ja="文の対数尤度が最も高い選択肢",
        applies=_applies,
        grade=_by("sum"),
        gold=gold_text,
    ),
    Method(
        name="likelihood-token",
        kind="likelihood",
        about="as likelihood, per token",
        title_ja="likelihood をトークン数で割ったもの",
        applies=_applies,
        grade=_by("token"),
        gold=gold_text,
    ),
    Method(
        name="likelihood-char",
        kind="likelihood",
        about="as likelihood, per character",
        title_ja="likelihood を文字数で割ったもの",
        applies=_applies,
        grade=_by("char"),
        gold=gold_text,
    ),
)
