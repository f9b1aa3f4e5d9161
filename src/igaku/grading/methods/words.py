"""An answer that is a name: compared in words, not by letter."""

from collections.abc import Callable

from igaku.grading.methods.method import Method, binary, unread
from igaku.grading.reply_text import clean
from igaku.grading.words import loose, without_salt
from igaku.keys import Text, gold_text
from igaku.question import Question, Reply, Verdict


def _text(q: Question, shown: Question, reply: Reply) -> Verdict:
    """A name in words: width, case, kana, hyphens and blanks do not matter; the first line is the answer."""
    return _same_name(q, reply, loose)


def _text_salts(q: Question, shown: Question, reply: Reply) -> Verdict:
    """As ``text``, for lists of substances in which a salt and its base are one entry."""
    return _same_name(q, reply, lambda name: without_salt(loose(name)))


def _same_name(q: Question, reply: Reply, plain: Callable[[str], str]) -> Verdict:
    cleaned = clean(reply.answer.text)
    name = plain(cleaned.text.split("\n", 1)[0])
    if cleaned.cut or not name:
        return unread(reply)
    return binary(isinstance(q.key, Text) and name in {plain(a) for a in q.key.accepted}, (name,))


def _applies(q: Question) -> bool:
    return isinstance(q.key, Text)


METHODS = (
    Method(
        name="text",
        kind="text",
        about="the name in words, width, kana and hyphens unified",
        title_ja="名称。全角・半角、かな、ハイフンの違いは問わない",
        applies=_applies,
        grade=_text,
        gold=gold_text,
    ),
    Method(
        name="text-salts",
        kind="text",
        about="as text, and a salt or hydrate named or left out makes no difference",
        title_ja="text と同じ。塩・水和物の有無は問わない",
        applies=_applies,
        grade=_text_salts,
        gold=gold_text,
    ),
)
