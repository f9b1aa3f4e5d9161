"""Graders as others published them, to the letter: kept for comparison, they need not pass their own gold."""

import unicodedata
from collections.abc import Callable

from msgspec.structs import replace

from igaku.grading import pairs, terms
from igaku.grading.gestalt import published_gestalt
from igaku.grading.methods.letters import choice_or_number
from igaku.grading.methods.lists import is_extraction
from igaku.grading.methods.method import Grade, Method, binary, is_choice
from igaku.grading.methods.pairs import is_comparison
from igaku.io.rows import literal_list
from igaku.keys import LETTERS, Choices, Number, Pairs, Terms, Text, gold_letters, gold_text
from igaku.question import Question, Reply, Verdict


def _letter(q: Question, shown: Question, reply: Reply) -> Verdict:
    """IgakuQA's own: width and case unified, split at commas, compared as sorted lists; a blank fails it."""
    text = unicodedata.normalize("NFKC", reply.answer.text).lower()
    if isinstance(q.key, Number):
        return binary(text in q.key.accepted, (text,))
    letters = text.split(",")
    golds = [sorted(LETTERS[i] for i in a) for a in _shown_key(q, reply.permutation).accepted]
    return binary(sorted(letters) in golds, tuple(letters))


def _exact(q: Question, shown: Question, reply: Reply) -> Verdict:
    """med-harness's own: gold choices joined with commas, full stops deleted, equal or not."""
    gold = ",".join(q.choices[i] for i in q.right)
    line = reply.answer.text.strip().split("\n", 1)[0].replace(".", "").strip()
    return binary(line == gold.replace(".", "").strip(), (line,))


def _gestalt(q: Question, shown: Question, reply: Reply) -> Verdict:
    permuted = replace(q, choices=shown.choices, key=_shown_key(q, reply.permutation))
    chosen, gold = published_gestalt(reply.answer.text, permuted)
    return binary(chosen == gold, chosen)


def _first_capital(q: Question, shown: Question, reply: Reply) -> Verdict:
    """JMED-LLM's own: the first of the capital letters A to F anywhere in the reply."""
    found = next((c for c in reply.answer.text if c in "ABCDEF"), "")
    position = "ABCDEF".index(found) if found else -1
    right = (position,) in _shown_key(q, reply.permutation).accepted
    return binary(right, (LETTERS[position],) if found else ())


def _terms(q: Question, shown: Question, reply: Reply) -> Verdict:
    """JMED-LLM's own: the whole reply must be a Python list (read as a literal here; upstream evaluates it).

    Its partial count asks whether an expression is a member of the other set, not part of an expression, so that one
    exact hit makes every gold expression count as found: precision and F1 can exceed 1.
    """
    assert isinstance(q.key, Terms)
    read, gold = literal_list(reply.answer.text), set(q.key.items)
    exact = len(read & gold)
    parts = {"f1": terms.f1(exact, exact, len(read), len(gold))}
    hits = len(gold) if read & gold else 0
    parts["partial_f1"] = terms.f1(hits, hits, len(read), len(gold))
    outcome = binary(read == gold).outcome
    return Verdict(outcome=outcome, score=parts["f1"], read=tuple(sorted(read)), parts=parts)


def _pairs(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own: pairs found by splitting at "- " and "→"; a gold pair contained in any of them counts."""
    assert isinstance(q.key, Pairs)
    hit, n = pairs.published_recall(reply.answer.text, q.key.pairs), len(q.key.pairs)
    parts = {"hits": float(hit), "gold": float(n)}  # it does not count the pairs listed, so that it has no precision
    return Verdict(outcome=binary(hit == n).outcome, score=hit / n if n else 0.0, parts=parts)


def _pharmacist(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own for YakugakuQA: first line, before a colon, blanks dropped, at most "1,2"; numbers from 1."""
    text = reply.answer.text.split("\n", 1)[0].split(":", 1)[0].replace(" ", "")
    text = (text[:3] if text[1] == "," else text[:1]) if len(text) >= 3 else text[:1]
    numbers = tuple(sorted(text.rstrip(",").split(",")))
    golds = [tuple(sorted(str(i + 1) for i in a)) for a in _shown_key(q, reply.permutation).accepted]
    return binary(numbers in golds, numbers)


def _nayose(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own for NayoseQA: the reply without apostrophes is the choice's text, to the character."""
    text = reply.answer.text.replace("'", "").strip()
    golds = {q.choices[a[0]] for a in q.key.choice_sets}
    golds |= set(q.key.accepted) if isinstance(q.key, Text) else set()
    return binary(text in golds, (text,))


def _shown_key(q: Question, permutation: tuple[int, ...]) -> Choices:
    """The key, in positions of the order shown."""
    return Choices(tuple(tuple(permutation.index(i) if permutation else i for i in a) for a in q.key.choice_sets))


def _gold_joined(q: Question) -> str:
    return ",".join(gold_text(q).split("\n"))


def _gold_bullets(q: Question) -> str:
    return "".join(f"- {b} → {a}\n" for b, a in q.key.pairs) if isinstance(q.key, Pairs) else ""


def _gold_numbers(q: Question) -> str:
    return ",".join(str(LETTERS.index(c) + 1) for c in gold_letters(q).split(", "))


def _published(
    name: str,
    about: str,
    title_ja: str,
    applies: Callable[[Question], bool],
    grade: Grade,
    gold: Callable[[Question], str],
) -> Method:
    return Method(
        name=f"{name}-as-published",
        kind="text",
        about=about,
        title_ja=title_ja,
        applies=applies,
        grade=grade,
        gold=gold,
        sound=False,
    )


METHODS = (
    _published(
        "letter",
        "IgakuQA's published grader (split at commas, a blank fails it)",
        "IgakuQA の公開採点（コンマで分割。空白があると誤答）",
        choice_or_number,
        _letter,
        gold_letters,
    ),
    _published("exact", "med-harness's exact match", "med-harness の完全一致", is_choice, _exact, _gold_joined),
    _published(
        "gestalt",
        "med-harness's Gestalt match (given the number of right choices; never unparsed)",
        "med-harness の Gestalt（正答数を教えられ、必ず何かを選ぶ）",
        is_choice,
        _gestalt,
        _gold_joined,
    ),
    _published(
        "capital",
        "JMED-LLM's: the first capital A to F anywhere in the reply",
        "JMED-LLM の公開採点（回答中の最初の大文字 A〜F）",
        is_choice,
        _first_capital,
        lambda q: gold_letters(q).upper(),
    ),
    _published(
        "terms",
        "JMED-LLM's: the reply is a Python list; its partial F1 has a slip",
        "JMED-LLM の公開採点（Python のリスト。部分一致 F1 に誤りがある）",
        is_extraction,
        _terms,
        gold_text,
    ),
    _published(
        "pairs",
        "EQUES's for SogoCheck: recall of contained pairs, no precision",
        "SogoCheck の公開採点（含まれていれば正解とする再現率のみ）",
        is_comparison,
        _pairs,
        _gold_bullets,
    ),
    _published(
        "pharmacist",
        "EQUES's for YakugakuQA: the first one or two numbers of the first line",
        "YakugakuQA の公開採点（1 行目の先頭の 1〜2 個の数字）",
        is_choice,
        _pharmacist,
        _gold_numbers,
    ),
    _published(
        "nayose",
        "EQUES's for NayoseQA: the choice's text to the character",
        "NayoseQA の公開採点（選択肢の文と 1 文字も違わないこと）",
        lambda q: q.is_choice or isinstance(q.key, Text),
        _nayose,
        gold_text,
    ),
)
