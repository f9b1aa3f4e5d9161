"""The same exam question in three forms: with its choices, without them, or as one statement a choice.

Whether five-choice questions are the right way to ask becomes measurable: ``open`` shows no choices (an answer is right
where it names the words of the right ones, or a judge says so); ``statements`` asks of each choice whether it
belongs to the answer, so that nothing can be won by comparing choices with each other.
"""

import re
import unicodedata
from collections.abc import Sequence

from msgspec.structs import replace

from igaku.question import Choices, Question, without_count

QUESTION_FORMATS = ("choices", "open", "statements")
_NEEDS_CHOICES = re.compile(
    r"(?:正しい|誤って|誤り|適切(?!な\S{0,12}は)|あてはま|当てはま|該当|含まれ|以下|次の(?:うち|中|選択)|選択肢|図|写真|"
    r"組合せ|組み合わせ|異なる|でない|ではない|しない|除く|下線|番号)"
    r"[^。]{0,40}(?:どれか|選べ|選びなさい|何か|どれですか)|"
    r"\b(?:statements?|options?|choices?|combinations?|pairs?)\b|\bexcept\b|"
    r"\b(?:true|false|incorrect|correct|appropriate)(?! \w+ (?:is|would))\b|"
    r"下列|以下|正确|错误|除外|不属于|不是|不包括|"
    r"(?<!欠かせ)(?:ない|にくい|低い|少ない|まれな|乏しい)(?:もの|の)(?:は|を)|"
    r"\b(?:wrong|unlikely|cannot|never|rare|rarely|untrue|unnecessary|lowest|fewest)\b|"
    r"\b(?:not|shown|least|inappropriate|included|characteristic|applicable)\b",
    re.I,
)
_SENTENCES = re.compile(r"[。!?\n]|[a-zA-Z)]\.\s+[A-Z]")


def opens(q: Question) -> bool:
    """Whether a choice question can be asked without its choices: its last sentence asks for a thing, not which
    of several statements holds ("正しいのはどれか"), and its choices are words a reply can name."""
    if not q.is_choice or len(q.key.choice_sets) != 1:
        return False
    if any(len(re.sub(r"\W", "", c)) < 2 or len(c) > 60 for c in q.choices):
        return False
    if any(_SENTENCES.search(unicodedata.normalize("NFKC", c).strip(" 。.!?")) for c in q.choices):
        return False
    sentences = [s for s in re.split(r"(?<=[。．?？!])|\n", q.stem) if re.sub(r"\W|つ選べ|ただし", "", s)]
    asks = [
        s
        for s in sentences
        if not re.fullmatch(r"\s*\S{0,3}つ(?:を)?選べ[。．]?\s*|\s*(?:select|choose) \w+\W*", s, re.I)
    ]
    return bool(asks) and not _NEEDS_CHOICES.search(asks[-1])


def in_format(q: Question, question_format: str) -> list[Question]:
    """The questions that one question becomes. ``open`` keeps it as it is, since only the prompt hides its choices."""
    if question_format != "statements":
        return [q]
    if not q.is_choice:
        return [replace(q, id=f"{q.id}#", key=Choices(()), void="no-key")]
    return [_statement(q, i) for i in range(len(q.choices))]


def _statement(q: Question, i: int) -> Question:
    ask, choices = _WORDS.get(q.lang, _WORDS["en"])
    unclear = len(q.key.choice_sets) != 1
    key = Choices(()) if unclear else Choices(((0,) if i in q.right else (1,),))
    return replace(
        q,
        id=f"{q.id}#{q.letters[i]}{len(q.choices)}",
        stem=f"{without_count(q.stem)}\n{ask.format(q.choices[i].strip())}",
        choices=choices,
        key=key,
        void=q.void or ("no-key" if unclear else ""),
        group=q.group or q.id,
        points=q.points / len(q.choices),
        prohibited=(),
        human_accuracy=None,
        human_choice=(),
    )


def parent(id: str) -> str:
    """The question that a statement was made of."""
    return id.rpartition("#")[0] or id


def complete(ids: Sequence[str]) -> bool:
    """Whether these are all the statements of their question (``112A1#a5`` is one of five)."""
    return bool(ids) and ids[0].rpartition("#")[2][1:] == str(len(ids))


_WORDS = {
    "ja": ("「{}」は、この問いの答えに当てはまるか。", ("当てはまる", "当てはまらない")),
    "en": ('Is "{}" (one of) the right answer(s) to this question?', ("yes, it is", "no, it is not")),
    "zh": ("“{}”是这道题的答案吗？", ("是答案", "不是答案")),
}
