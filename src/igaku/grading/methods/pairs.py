"""Discrepancies between two documents, as before and after."""

from igaku.grading import pairs, terms
from igaku.grading.methods.method import Method, unread
from igaku.keys import Pairs, gold_text
from igaku.question import Outcome, Question, Reply, Verdict


def _pairs(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Pairs)
    read = pairs.read_pairs(reply.answer.text)
    if read is None:
        return unread(reply)
    gold = list(dict.fromkeys(q.key.pairs))
    hit = pairs.hits(read, gold)
    f1 = terms.f1(hit, hit, len(read), len(gold))
    outcome: Outcome = "right" if f1 == 1 else "partial" if hit else "wrong"
    return Verdict(
        outcome=outcome,
        score=f1,
        read=tuple(f"{b} → {a}" for b, a in read),
        parts={k: float(v) for k, v in _counts(q, q.key, read, hit).items()},
    )


def _counts(q: Question, key: Pairs, read: list[pairs.Pair], hit: int) -> dict[str, int]:
    """Hits, pairs listed, gold pairs and passages found in the documents; hits and gold for each kind of change.

    ``said`` (pairs listed) is a name in stored verdicts.
    """
    located = sum(min(pairs.locate(p, q.documents)) >= 0 for p in read) if len(q.documents) == 2 else 0
    out = {"hits": hit, "said": len(read), "gold": len(dict.fromkeys(key.pairs)), "located": located}
    for kind in dict.fromkeys(key.kinds):
        mine = list(dict.fromkeys(p for p, k in zip(key.pairs, key.kinds) if k == kind))
        out |= {f"hits:{kind}": pairs.hits(read, mine), f"gold:{kind}": len(mine)}
    return out


def is_comparison(q: Question) -> bool:
    """Whether discrepancies of two documents answer it."""
    return isinstance(q.key, Pairs)


METHODS = (
    Method(
        name="pairs",
        kind="text",
        about="discrepancies as before and after, matched one to one: precision, recall, F1",
        title_ja="齟齬の箇所（変更前・変更後）を 1 対 1 で照合。適合率・再現率・F1",
        applies=is_comparison,
        grade=_pairs,
        gold=gold_text,
    ),
)
