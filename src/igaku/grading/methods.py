"""The table of grading methods: what each needs, where it applies, how it reads, and how gold looks to it."""

import re
import unicodedata
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from igaku.grading import gestalt as g
from igaku.grading import pairs, terms
from igaku.grading.bleu import sentence_bleu
from igaku.grading.letter import Read, denies, matches, nothing, read_letters, read_letters_only
from igaku.grading.likelihood import how_many, read_likelihood
from igaku.grading.number import NUMBER, plain, same_number
from igaku.grading.reply_text import clean, is_refusal
from igaku.grading.rubric import gold_vote, judged, to_judge
from igaku.grading.words import choice_words, exactly, loose, mentioned, without_salt
from igaku.io.rows import literal_list
from igaku.prompts.formats import opens
from igaku.prompts.template import gold_letters, gold_text, rubric_of
from igaku.question import (
    LETTERS,
    Answer,
    Choices,
    Number,
    Ordering,
    Outcome,
    Pairs,
    Point,
    Question,
    Reply,
    RequestKind,
    Rubric,
    Terms,
    Text,
    Translation,
    Verdict,
)

VERSION = "2"
"""Raised whenever a grader may judge a stored reply differently; it is written beside every verdict."""


_SENTENCE = re.compile(r"[。!?\n]+|(?<=[a-z)])\.\s+(?=[A-Z])")


class Method(Struct, frozen=True):
    """One way to grade."""

    name: str
    kind: RequestKind
    about: str
    applies: Callable[[Question], bool]
    grade: Callable[[Question, Question, Reply], Verdict]
    """(question, question as shown, reply) to verdict."""
    gold: Callable[[Question], str]
    """The gold answer as a reply's text (for ``text``); scores are made by ``gold_reply``."""
    needs_votes: bool = False
    """Whether it reads a judge's votes on the reply rather than the reply itself."""
    sound: bool = True
    """False for published algorithms that are kept for comparison: they need not pass their own gold."""


def _is_choice(q: Question) -> bool:
    return isinstance(q.key, Choices) and bool(q.choices)


def _anything(q: Question) -> bool:
    return isinstance(q.key, Choices | Ordering | Number)


def _verdict(
    q: Question, read: Read, permutation: tuple[int, ...], parts: dict[str, float] | None = None, alike: str = ""
) -> Verdict:
    """Compare what was read with the key. ``alike``: how two choices with the same words are told apart.

    Not at all by their letters (empty); by their words neither from the other (``each``: two such golds must still be
    named twice; ``once``: a reply in words names both by saying it once).
    """
    if read.outcome:
        return Verdict(outcome=read.outcome)
    if isinstance(q.key, Number):
        right = any(same_number(read.number, a) for a in q.key.accepted)
        return Verdict(outcome="right" if right else "wrong", score=float(right), read=(read.number,))
    positions = tuple(permutation[i] if permutation else i for i in read.positions)
    assert isinstance(q.key, Choices | Ordering)
    right = matches(positions, q.key) or (alike != "" and _same_words(q, positions, alike))
    letters = tuple(LETTERS[i] for i in (positions if isinstance(q.key, Ordering) else sorted(positions)))
    return Verdict(outcome="right" if right else "wrong", score=float(right), read=letters, parts=parts or {})


def _same_words(q: Question, positions: tuple[int, ...], alike: str) -> bool:
    words = choice_words(q.choices)
    if len(set(words)) == len(words) or not isinstance(q.key, Choices):
        return False
    said, golds = [words[i] for i in positions], [[words[i] for i in a] for a in q.key.accepted]
    return any(set(said) == set(gold) if alike == "once" else sorted(said) == sorted(gold) for gold in golds)


def _letter(q: Question, shown: Question, reply: Reply) -> Verdict:
    reader = read_letters_only if reply.only_letters else read_letters
    return _verdict(q, reader(reply.answer.text, shown, reply.answer.finish), reply.permutation)


def _lenient(q: Question, shown: Question, reply: Reply) -> Verdict:
    return _verdict(q, read_letters(reply.answer.text, shown, reply.answer.finish), reply.permutation)


def _exact(q: Question, shown: Question, reply: Reply) -> Verdict:
    cleaned = clean(reply.answer.text)
    if cleaned.cut:
        return Verdict(outcome="truncated")
    if isinstance(q.key, Number):
        text = cleaned.text.strip(" 。.")
        read = Read(number=plain(text)) if NUMBER.fullmatch(text) else nothing(text, reply.answer.finish)
        return _verdict(q, read, ())
    found = exactly(cleaned.text, choice_words(shown.choices))
    read = Read(positions=found) if found else nothing(cleaned.text, reply.answer.finish)
    return _verdict(q, read, reply.permutation, alike="once")


def _gestalt(q: Question, shown: Question, reply: Reply) -> Verdict:
    read = g.read_gestalt(reply.answer.text, shown, reply.answer.finish)
    return _verdict(q, read, reply.permutation, alike="once")


def _unread(reply: Reply) -> Verdict:
    """Why nothing was read: cut inside its thinking or by the limit, refused, or not to be read."""
    cleaned = clean(reply.answer.text)
    finish = "length" if cleaned.cut else reply.answer.finish
    return Verdict(outcome=nothing(cleaned.text, finish).outcome or "unparsed")


def _text(q: Question, shown: Question, reply: Reply) -> Verdict:
    """A name in words: width, case, kana, hyphens and blanks do not matter; the first line is the answer."""
    return _same_name(q, reply, loose)


def _text_salts(q: Question, shown: Question, reply: Reply) -> Verdict:
    """As ``text``, for lists of substances in which a salt and its base are one entry."""
    return _same_name(q, reply, lambda name: without_salt(loose(name)))


def _same_name(q: Question, reply: Reply, plain: Callable[[str], str]) -> Verdict:
    cleaned = clean(reply.answer.text)
    said = plain(cleaned.text.split("\n", 1)[0])
    if cleaned.cut or not said:
        return _unread(reply)
    right = isinstance(q.key, Text) and said in {plain(a) for a in q.key.accepted}
    return Verdict(outcome="right" if right else "wrong", score=float(right), read=(said,))


def _terms(q: Question, shown: Question, reply: Reply) -> Verdict:
    read = terms.read_terms(reply.answer.text)
    if read is None:
        return _unread(reply)
    assert isinstance(q.key, Terms)
    parts = terms.scores(read, q.key.items)
    outcome: Outcome = "right" if parts["f1"] == 1 else "partial" if parts["f1"] > 0 else "wrong"
    return Verdict(outcome=outcome, score=parts["f1"], read=read, parts=parts)


def _terms_published(q: Question, shown: Question, reply: Reply) -> Verdict:
    """JMED-LLM's own: the whole reply must be a Python list (read as a literal here; upstream evaluates it).

    Its partial count asks whether an expression is a member of the other set, not part of an expression, so that one
    exact hit makes every gold expression count as found: precision and F1 can exceed 1.
    """
    assert isinstance(q.key, Terms)
    said, gold = literal_list(reply.answer.text), set(q.key.items)
    exact = len(said & gold)
    parts = {"f1": terms.f1(exact, exact, len(said), len(gold))}
    hits = len(gold) if said & gold else 0
    parts["partial_f1"] = terms.f1(hits, hits, len(said), len(gold))
    right = said == gold
    return Verdict(outcome="right" if right else "wrong", score=parts["f1"], read=tuple(sorted(said)), parts=parts)


def _pairs(q: Question, shown: Question, reply: Reply) -> Verdict:
    read = pairs.read_pairs(reply.answer.text)
    if read is None:
        return _unread(reply)
    assert isinstance(q.key, Pairs)
    gold = list(dict.fromkeys(q.key.pairs))
    hit = pairs.hits(read, gold)
    f1 = terms.f1(hit, hit, len(read), len(gold))
    found = sum(min(pairs.locate(p, q.documents)) >= 0 for p in read) if len(q.documents) == 2 else 0
    parts = {"hits": hit, "said": len(read), "gold": len(gold), "located": found}
    for kind in dict.fromkeys(q.key.kinds):
        mine = list(dict.fromkeys(p for p, k in zip(q.key.pairs, q.key.kinds) if k == kind))
        parts |= {f"hits:{kind}": pairs.hits(read, mine), f"gold:{kind}": len(mine)}
    outcome: Outcome = "right" if f1 == 1 else "partial" if hit else "wrong"
    return Verdict(
        outcome=outcome,
        score=f1,
        read=tuple(f"{b} → {a}" for b, a in read),
        parts={k: float(v) for k, v in parts.items()},
    )


def _bleu(q: Question, shown: Question, reply: Reply) -> Verdict:
    cleaned = clean(reply.answer.text)
    if cleaned.cut or not cleaned.text:
        return _unread(reply)
    assert isinstance(q.key, Translation)
    score = sentence_bleu(cleaned.text.split("\n\n")[0], q.key.references)
    outcome: Outcome = "right" if score > 0.9999 else "partial" if score else "wrong"
    return Verdict(outcome=outcome, score=score)


def _named(q: Question, shown: Question, reply: Reply) -> Verdict:
    """The open form of a choice question: the reply names the right choices' words and no other choice's."""
    cleaned = clean(reply.answer.text)
    words = choice_words(q.choices)
    sentences = [] if cleaned.cut else _SENTENCE.split(cleaned.text)
    said = tuple(dict.fromkeys(i for one in sentences if not denies(one, words) for i in mentioned(one, words)))
    if cleaned.cut or not cleaned.text or (not said and is_refusal(cleaned.text)):
        return _unread(reply)
    right = bool(said) and (matches(tuple(sorted(said)), q.key) or _same_words(q, said, "once"))  # type: ignore[arg-type]
    return Verdict(
        outcome="right" if right else "wrong", score=float(right), read=tuple(LETTERS[i] for i in sorted(said))
    )


def _rubric(q: Question, shown: Question, reply: Reply) -> Verdict:
    if not to_judge(reply):
        return _unread(reply)
    return judged(q, rubric_of(q), reply)


def _pairs_published(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own: pairs found by splitting at "- " and "→"; a gold pair contained in any of them counts."""
    assert isinstance(q.key, Pairs)
    hit, n = pairs.published_recall(reply.answer.text, q.key.pairs), len(q.key.pairs)
    parts = {"hits": float(hit), "gold": float(n)}  # it counts no pairs said, so that it has no precision
    return Verdict(outcome="right" if hit == n else "wrong", score=hit / n if n else 0.0, parts=parts)


def _first_capital(q: Question, shown: Question, reply: Reply) -> Verdict:
    """JMED-LLM's own: the first of the capital letters A to F anywhere in the reply."""
    found = next((c for c in reply.answer.text if c in "ABCDEF"), "")
    position = "ABCDEF".index(found) if found else -1
    key = _shown_key(q, reply.permutation)
    return _published((position,) in key.accepted, (LETTERS[position],) if found else ())


def _pharmacist(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own for YakugakuQA: first line, before a colon, blanks dropped, at most "1,2"; numbers from 1."""
    text = reply.answer.text.split("\n", 1)[0].split(":", 1)[0].replace(" ", "")
    text = (text[:3] if text[1] == "," else text[:1]) if len(text) >= 3 else text[:1]
    said = tuple(sorted(text.rstrip(",").split(",")))
    golds = [tuple(sorted(str(i + 1) for i in a)) for a in _shown_key(q, reply.permutation).accepted]
    return _published(said in golds, said)


def _nayose(q: Question, shown: Question, reply: Reply) -> Verdict:
    """EQUES's own for NayoseQA: the reply without apostrophes is the choice's text, to the character."""
    said = reply.answer.text.replace("'", "").strip()
    golds = {q.choices[a[0]] for a in q.key.accepted} if isinstance(q.key, Choices) else set()
    golds |= set(q.key.accepted) if isinstance(q.key, Text) else set()
    return _published(said in golds, (said,))


def _scored(normalisation: str, alike: str = "each") -> Callable[[Question, Question, Reply], Verdict]:
    def grade(q: Question, shown: Question, reply: Reply) -> Verdict:
        read, parts = read_likelihood(reply.answer, shown, normalisation)
        return _verdict(q, read, reply.permutation, parts, alike)

    return grade


def _letter_published(q: Question, shown: Question, reply: Reply) -> Verdict:
    """IgakuQA's own: width and case unified, split at commas, compared as sorted lists; a blank fails it."""
    said = unicodedata.normalize("NFKC", reply.answer.text).lower()
    if isinstance(q.key, Number):
        return _published(said in q.key.accepted, (said,))
    letters = said.split(",")
    golds = [sorted(LETTERS[i] for i in a) for a in _shown_key(q, reply.permutation).accepted]
    return _published(sorted(letters) in golds, tuple(letters))


def _exact_published(q: Question, shown: Question, reply: Reply) -> Verdict:
    """med-harness's own: gold choices joined with commas, full stops deleted, equal or not."""
    gold = ",".join(q.choices[i] for i in q.key.accepted[0]) if isinstance(q.key, Choices) else ""
    said = reply.answer.text.strip().split("\n", 1)[0].replace(".", "").strip()
    return _published(said == gold.replace(".", "").strip(), (said,))


def _gestalt_published(q: Question, shown: Question, reply: Reply) -> Verdict:
    permuted = replace(q, choices=shown.choices, key=_shown_key(q, reply.permutation))
    chosen, gold = g.published_gestalt(reply.answer.text, permuted)
    return _published(chosen == gold, chosen)


def _published(right: bool, read: tuple[str, ...]) -> Verdict:
    return Verdict(outcome="right" if right else "wrong", score=float(right), read=read)


def _inverse(permutation: tuple[int, ...], position: int) -> int:
    return permutation.index(position) if permutation else position


def _shown_key(q: Question, permutation: tuple[int, ...]) -> Choices:
    assert isinstance(q.key, Choices)
    return Choices(tuple(tuple(_inverse(permutation, i) for i in a) for a in q.key.accepted))


def _applies_scored(q: Question) -> bool:
    return how_many(q) is not None


METHODS = {
    m.name: m
    for m in (
        Method(
            "letter",
            "text",
            "letters or words of choices, or the number, that the reply finally gives",
            _anything,
            _letter,
            lambda q: gold_letters(q),
        ),
        Method(
            "letter-lenient",
            "text",
            "as letter, also for protocols that ask for letters only: prose is read too",
            _anything,
            _lenient,
            lambda q: gold_letters(q),
        ),
        Method(
            "exact",
            "text",
            "the reply is the choice's words (or the number) and nothing else",
            lambda q: _is_choice(q) or isinstance(q.key, Number),
            _exact,
            gold_text,
        ),
        Method(
            "gestalt",
            "text",
            "the choice whose words are nearest (Ratcliff/Obershelp), at least half alike",
            _is_choice,
            _gestalt,
            gold_text,
        ),
        Method(
            "letter-logprob",
            "letters",
            "the letter with the highest probability as the next token",
            _applies_scored,
            _scored("sum", alike=""),
            gold_letters,
        ),
        Method(
            "likelihood",
            "likelihood",
            "the choice whose text has the highest log-likelihood",
            _applies_scored,
            _scored("sum"),
            gold_text,
        ),
        Method(
            "likelihood-token", "likelihood", "as likelihood, per token", _applies_scored, _scored("token"), gold_text
        ),
        Method(
            "likelihood-char", "likelihood", "as likelihood, per character", _applies_scored, _scored("char"), gold_text
        ),
        Method(
            "text",
            "text",
            "the name in words, width, kana and hyphens unified",
            lambda q: isinstance(q.key, Text),
            _text,
            gold_text,
        ),
        Method(
            "text-salts",
            "text",
            "as text, and a salt or hydrate named or left out makes no difference",
            lambda q: isinstance(q.key, Text),
            _text_salts,
            gold_text,
        ),
        Method(
            "terms",
            "text",
            "the list of expressions; F1 of the set, exact and partial",
            lambda q: isinstance(q.key, Terms),
            _terms,
            gold_text,
        ),
        Method(
            "pairs",
            "text",
            "discrepancies as before and after, matched one to one: precision, recall, F1",
            lambda q: isinstance(q.key, Pairs),
            _pairs,
            gold_text,
        ),
        Method(
            "bleu",
            "text",
            "a translation's likeness to its reference: sentence BLEU",
            lambda q: isinstance(q.key, Translation),
            _bleu,
            gold_text,
        ),
        Method(
            "named",
            "text",
            "open form: the words of the right choices and of no other, anywhere in the reply",
            opens,
            _named,
            gold_text,
        ),
        Method(
            "rubric",
            "text",
            "share of a rubric's points that a judge finds met (`igaku judge`)",
            lambda q: isinstance(q.key, Rubric) or opens(q),
            _rubric,
            gold_text,
            needs_votes=True,
        ),
        Method(
            "letter-as-published",
            "text",
            "IgakuQA's published grader (split at commas, a blank fails it)",
            lambda q: _is_choice(q) or isinstance(q.key, Number),
            _letter_published,
            gold_letters,
            sound=False,
        ),
        Method(
            "exact-as-published",
            "text",
            "med-harness's exact match",
            _is_choice,
            _exact_published,
            lambda q: ",".join(gold_text(q).split("\n")),
            sound=False,
        ),
        Method(
            "gestalt-as-published",
            "text",
            "med-harness's Gestalt match (told how many are right; never unparsed)",
            _is_choice,
            _gestalt_published,
            lambda q: ",".join(gold_text(q).split("\n")),
            sound=False,
        ),
        Method(
            "capital-as-published",
            "text",
            "JMED-LLM's: the first capital A to F anywhere in the reply",
            _is_choice,
            _first_capital,
            lambda q: gold_letters(q).upper(),
            sound=False,
        ),
        Method(
            "terms-as-published",
            "text",
            "JMED-LLM's: the reply is a Python list; its partial F1 has a slip",
            lambda q: isinstance(q.key, Terms),
            _terms_published,
            gold_text,
            sound=False,
        ),
        Method(
            "pairs-as-published",
            "text",
            "EQUES's for SogoCheck: recall of contained pairs, no precision",
            lambda q: isinstance(q.key, Pairs),
            _pairs_published,
            lambda q: "".join(f"- {b} → {a}\n" for b, a in q.key.pairs) if isinstance(q.key, Pairs) else "",
            sound=False,
        ),
        Method(
            "pharmacist-as-published",
            "text",
            "EQUES's for YakugakuQA: the first one or two numbers of the first line",
            _is_choice,
            _pharmacist,
            lambda q: ",".join(str(LETTERS.index(c) + 1) for c in gold_letters(q).split(", ")),
            sound=False,
        ),
        Method(
            "nayose-as-published",
            "text",
            "EQUES's for NayoseQA: the choice's text to the character",
            lambda q: _is_choice(q) or isinstance(q.key, Text),
            _nayose,
            gold_text,
            sound=False,
        ),
    )
}


def grade_one(method: Method, question: Question, reply: Reply | None) -> Verdict:
    """One verdict; what is void, not applicable or failed is settled before the method's own reading."""
    if question.void == "unless-right":
        verdict = grade_one(method, replace(question, void=""), reply) if reply is not None else Verdict(outcome="void")
        return verdict if verdict.right else Verdict(outcome="void", read=verdict.read)
    if question.void:
        return Verdict(outcome="void", score=1.0 if question.void == "everybody" else 0.0)
    if not method.applies(question):
        return Verdict(outcome="not_applicable")
    if reply is None:
        raise ValueError(f"no reply to {question.id}")
    finish = reply.answer.finish
    if finish in ("overlong", "refused"):
        return Verdict(outcome="overlong" if finish == "overlong" else "refused")
    if finish == "error":
        return Verdict(outcome="engine_error")
    return method.grade(question, shown(question, reply.permutation), reply)


def shown(question: Question, permutation: tuple[int, ...]) -> Question:
    """The question with its choices in the order in which they were shown."""
    return replace(question, choices=tuple(question.choices[i] for i in permutation)) if permutation else question


def gold_reply(method: Method, question: Question, right: bool = True) -> Reply:
    """A reply that gives the gold answer, or one that gives a wrong one; used to check that gold passes its grader."""
    q = question if right else _wronged(question)
    if method.kind == "text":
        answer = Answer(text=method.gold(q))
    else:
        golds = (q.key.accepted or ((),))[0] if isinstance(q.key, Choices) else ()
        n = len(q.choices) if golds else 0
        answer = Answer(logprobs=tuple(-1.0 if i in golds else -9e9 for i in range(n)), tokens=(1,) * n)
    votes = (gold_vote(rubric_of(question), right),) if method.needs_votes else ()
    return Reply(key="", model="gold", bench="", lang=q.lang, id=q.id, kind=method.kind, answer=answer, votes=votes)


def _wronged(q: Question) -> Question:
    if isinstance(q.key, Number):
        return replace(q, key=Number((str(float(q.key.accepted[0]) + 1),)))
    if isinstance(q.key, Text):
        return replace(q, key=Text(("これではない名前",)))
    if isinstance(q.key, Terms):
        return replace(q, key=Terms(("本文にない表現",)))
    if isinstance(q.key, Pairs):
        return replace(q, key=Pairs((("どこにもない前", "どこにもない後"),)))
    if isinstance(q.key, Translation):
        return replace(q, key=Translation(("§",)))
    if isinstance(q.key, Rubric):
        return replace(q, key=Rubric((Point("何も述べていない"),)))
    if isinstance(q.key, Ordering):
        return replace(q, key=Ordering(q.key.sequence[1:] + q.key.sequence[:1]))
    assert isinstance(q.key, Choices)
    words = choice_words(q.choices)
    accepted = [sorted(words[i] for i in a) for a in q.key.accepted]
    size = len(q.key.accepted[0])
    for at in range(len(words)):
        other = tuple(sorted((at + j) % len(words) for j in range(size)))
        if sorted(words[i] for i in other) not in accepted:
            return replace(q, key=Choices((other,)))
    return replace(q, key=Choices((tuple(range(size - 1)),)))
