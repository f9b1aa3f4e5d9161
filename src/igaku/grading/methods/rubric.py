"""Open questions: the words of the right choices anywhere in the reply, or a rubric that a judge applies."""

from igaku.grading.methods.conduct import withheld
from igaku.grading.methods.letters import same_words
from igaku.grading.methods.method import Method, binary, unread
from igaku.grading.reply_text import clean, is_refusal
from igaku.grading.rubric import to_judge, verdict_of_votes
from igaku.grading.words import choice_words, denies, mentioned
from igaku.io.patterns import lazy
from igaku.keys import LETTERS, Correction, gold_text, rubric_of
from igaku.prompts.formats import opens
from igaku.question import Question, Reply, Verdict

_SENTENCE = lazy(r"[。!?\n]+|(?<=[a-z)])\.\s+(?=[A-Z])")


def _named(q: Question, shown: Question, reply: Reply) -> Verdict:
    """The open form of a choice question: the reply names the right choices' words and no other choice's."""
    cleaned = clean(reply.answer.text)
    words = choice_words(q.choices)
    sentences = [] if cleaned.cut else _SENTENCE.split(cleaned.text)
    named = sorted({i for one in sentences if not denies(one, words) for i in mentioned(one, words)})
    if cleaned.cut or not cleaned.text or (not named and is_refusal(cleaned.text)):
        return unread(reply)
    positions = tuple(named)
    right = bool(named) and (q.key.accepts(positions) or same_words(q, positions, "once"))
    return binary(right, tuple(LETTERS[i] for i in named))


def _rubric(q: Question, shown: Question, reply: Reply) -> Verdict:
    if reply.answer.finish == "refused":
        return withheld(q)
    return verdict_of_votes(rubric_of(q), reply) if to_judge(reply) else unread(reply)


METHODS = (
    Method(
        name="named",
        kind="text",
        about="open form: the words of the right choices and of no other, anywhere in the reply",
        title_ja="選択肢を見せない形。正しい選択肢の言葉だけを挙げていること",
        applies=opens,
        grade=_named,
        gold=gold_text,
    ),
    Method(
        name="rubric",
        kind="text",
        about="share of a rubric's points that a judge finds met (`igaku judge`)",
        title_ja="採点モデルが満たしたとした採点項目の割合（`igaku judge`）",
        applies=lambda q: q.key.needs_judge or opens(q) or isinstance(q.key, Correction),
        grade=_rubric,
        gold=gold_text,
        needs_votes=True,
        reads_refusals=True,
    ),
)
