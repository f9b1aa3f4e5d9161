"""The exam's own order of questions, where several lists of them come together."""

from collections.abc import Iterable, Sequence


def merged_order(orders: Iterable[Sequence[str]]) -> list[str]:
    """All names, in the order of the longest list; one that it lacks stands behind the name that it follows elsewhere.

    ``[["1", "2", "10"], ["2", "9", "10"]]`` gives ``1 2 9 10``.
    """
    longest, *others = sorted(orders, key=len, reverse=True) or [[]]
    out = list(dict.fromkeys(longest))
    for order in others:
        out = _inserted(out, order)
    return out


def _inserted(known: list[str], order: Sequence[str]) -> list[str]:
    there, following, last = set(known), dict[str, list[str]](), ""
    for name in dict.fromkeys(order):
        if name in there:
            last = name
        else:
            following.setdefault(last, []).append(name)
    return [*following.get("", []), *(name for one in known for name in (one, *following.get(one, [])))]
