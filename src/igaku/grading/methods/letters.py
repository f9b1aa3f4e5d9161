"""Choices that a written reply names: by letter, by their words, or by the nearest words."""

from msgspec.structs import replace

from igaku.grading.gestalt import read_gestalt
from igaku.grading.letter import Read, nothing, read_letters, read_letters_only
from igaku.grading.methods.method import Method, binary, has_letters, is_choice
from igaku.grading.number import NUMBER, unsigned
from igaku.grading.reply_text import clean
from igaku.grading.words import choice_words, exactly
from igaku.keys import LETTERS, Number, Ordering, gold_letters, gold_text
from igaku.question import Question, Reply, Verdict


def compare(
    q: Question, read: Read, permutation: tuple[int, ...], parts: dict[str, float] | None = None, alike: str = ""
) -> Verdict:
    """Compare what was read with the key.

    Args:
        q: the question, its choices in its own order.
        read: positions in the order shown, or a number.
        permutation: the order shown; empty for the question's own.
        parts: numbers to report in the verdict.
        alike: how two choices with the same words are kept apart. Empty: by their letters. ``each``: they stand for
            each other, and two such golds must be named twice. ``once``: a reply in words names both by saying it once.
    """
    if read.outcome:
        return Verdict(outcome=read.outcome)
    if isinstance(q.key, Number):
        return replace(binary(q.key.matches(read.number), (read.number,)), rule=read.rule)
    positions = tuple(permutation[i] if permutation else i for i in read.positions)
    right = q.key.accepts(positions) or (alike != "" and same_words(q, positions, alike))
    in_order = positions if isinstance(q.key, Ordering) else sorted(positions)
    return replace(binary(right, tuple(LETTERS[i] for i in in_order), parts), rule=read.rule)


def same_words(q: Question, positions: tuple[int, ...], alike: str) -> bool:
    """Whether other choices were read, with the very words of an accepted answer."""
    words = choice_words(q.choices)
    if len(set(words)) == len(words):
        return False
    read, golds = [words[i] for i in positions], [[words[i] for i in a] for a in q.key.choice_sets]
    return any(set(read) == set(gold) if alike == "once" else sorted(read) == sorted(gold) for gold in golds)


def _letter(q: Question, shown: Question, reply: Reply) -> Verdict:
    reader = read_letters_only if reply.only_letters else read_letters
    return compare(q, reader(reply.answer.text, shown, reply.answer.finish), reply.permutation)


def _lenient(q: Question, shown: Question, reply: Reply) -> Verdict:
    return compare(q, read_letters(reply.answer.text, shown, reply.answer.finish), reply.permutation)


def _exact(q: Question, shown: Question, reply: Reply) -> Verdict:
    cleaned = clean(reply.answer.text)
    if cleaned.cut:
        return Verdict(outcome="truncated")
    if isinstance(q.key, Number):
        text = cleaned.text.strip(" 。.")
        read = Read(number=unsigned(text)) if NUMBER.fullmatch(text) else nothing(text, reply.answer.finish)
        return compare(q, read, ())
    found = exactly(cleaned.text, choice_words(shown.choices))
    read = Read(positions=found) if found else nothing(cleaned.text, reply.answer.finish)
    return compare(q, read, reply.permutation, alike="once")


def _gestalt(q: Question, shown: Question, reply: Reply) -> Verdict:
    read = read_gestalt(reply.answer.text, shown, reply.answer.finish)
    return compare(q, read, reply.permutation, alike="once")


def choice_or_number(q: Question) -> bool:
    """Whether a set of its choices, or a number, answers it."""
    return q.is_choice or isinstance(q.key, Number)


METHODS = (
    Method(
        name="letter",
        kind="text",
        about="letters or words of choices, or the number, that the reply finally gives",
        title_ja="回答が最終的に挙げた選択肢の記号・文、または数値",
        applies=has_letters,
        grade=_letter,
        gold=gold_letters,
    ),
    Method(
        name="letter-lenient",
        kind="text",
        about="as letter, also for protocols that ask for letters only: prose is read too",
        title_ja="letter と同じ。記号だけを求めた回答でも文章まで読む",
        applies=has_letters,
        grade=_lenient,
        gold=gold_letters,
    ),
    Method(
        name="exact",
        kind="text",
        about="the reply is the choice's words (or the number) and nothing else",
        title_ja="回答が選択肢の文（または数値）そのもの",
        applies=choice_or_number,
        grade=_exact,
        gold=gold_text,
    ),
    Method(
        name="gestalt",
        kind="text",
        about="the choice whose words are nearest (Ratcliff/Obershelp), at least half alike",
        title_ja="文が最も近い選択肢（Ratcliff/Obershelp、類似度 0.5 以上）",
        applies=is_choice,
        grade=_gestalt,
        gold=gold_text,
    ),
)
