"""The label of a document, chosen from numbered ones, in the words of whatever prompt asked for it.

``letter`` knows the choices as they were shown. A published reply answers another prompt, whose words for a choice
nobody has here, and often goes on with an invented next task: so the number counts, and what stands behind the reply's
own end does not.
"""

import re

from igaku.grading.letter import Read, read_letters
from igaku.grading.methods.letters import compare
from igaku.grading.methods.method import Method, unread
from igaku.grading.reply_text import clean
from igaku.grading.task_end import own_part
from igaku.grading.words import choice_words, exactly
from igaku.io.patterns import lazy
from igaku.question import Question, Reply, Verdict

_ANSWER = (
    r"(?:最終)?(?:解答|回答|答え?|正解|出力|選択肢?|番号|結論|判定|ラベル|answer|output|label)"
    r"[ \t】\])）*_]*+(?:は|[:：=]){0,2}[ \t*_]*+(?:\n[ \t]*+){0,2}"
)
_NUMBER = lazy(
    rf"^[ \t#>*_\-【\[(（「『]*+(?:{_ANSWER}[*_「『]*+)?"
    r"([1-9])(?![\d%％])[ \t*_」』)）\]】]*+(?:$|[.．。、,:：番]|[(（「『])",
    re.I | re.M,
)
_LABEL_END = lazy(r"[:：。]")
_OTHER = lazy(r"\s*(?:/|／|,|、|or\b|または|又は|か|と|・)\s*[1-9](?![\d.．])", re.I)


def _option(q: Question, shown: Question, reply: Reply) -> Verdict:
    cleaned = clean(reply.answer.text)
    text = own_part(cleaned.text).strip()
    if cleaned.cut or not text:
        return unread(reply)
    number = _number(text, len(shown.choices))
    found = (number - 1,) if number else () if _NUMBER.search(text) else _words(text, choice_words(shown.choices))
    read = Read(positions=found) if found else read_letters(text, shown, reply.answer.finish)
    return compare(q, read, reply.permutation)


def _words(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    """The choice whose words the first line begins with before a colon or full stop, or that stands behind an answer
    word: labels of one character (有, 無) are no words that ``letter`` looks for in a text."""
    head = exactly(_LABEL_END.split(text.split("\n", 1)[0])[0], words)
    if len(head) == 1:
        return head
    stated = {m[1] for m in re.finditer(rf"{_ANSWER}[*_「『\"]*+({'|'.join(map(re.escape, words))})(?!\w)", text, re.I)}
    return (words.index(stated.pop()),) if len(stated) == 1 else ()


def _number(text: str, n: int) -> int | None:
    """The number that begins a line or stands behind an answer word, where no other number does; of several the one
    that begins the reply, unless they count up from 1 (a list of the choices, or of reasons)."""
    found = [m for m in _NUMBER.finditer(text) if int(m[1]) <= n and not _OTHER.match(text, m.end(1))]
    if not found:
        return None
    numbers = {m[1] for m in found}
    listed = [int(m[1]) for m in found] == list(range(1, len(found) + 1))
    return int(found[0][1]) if len(numbers) == 1 or (found[0].start() == 0 and not listed) else None


def is_label(q: Question) -> bool:
    """Whether one of at most nine choices is a document's label."""
    return q.single is not None and bool(q.documents) and len(q.choices) <= 9


METHODS = (
    Method(
        name="option",
        kind="text",
        about="a document's label by its number, also of a reply that goes on with a task of its own making",
        title_ja="文書の分類の番号。続けて次の課題を作り出した回答も読む",
        applies=is_label,
        grade=_option,
        gold=lambda q: ", ".join(str(i + 1) for i in q.right),
    ),
)
