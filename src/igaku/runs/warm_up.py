"""Which requests are asked first: a few of each kind, of middle lengths, to say how long the rest will take."""

from igaku.runs.ask import Job

WARM_UP = 4
"""Requests of each kind that are answered first. They count like all others."""


def warm_up(todo: list[Job]) -> tuple[list[Job], list[Job]]:
    """The first ones, and the rest."""
    picked: set[int] = set()
    for kind in sorted({j.request.kind for j in todo}):
        mine = sorted(
            (i for i, j in enumerate(todo) if j.request.kind == kind), key=lambda i: len(todo[i].request.prompt)
        )
        picked |= {mine[len(mine) * (2 * k + 1) // (2 * WARM_UP)] for k in range(WARM_UP)}
    return [todo[i] for i in sorted(picked)], [j for i, j in enumerate(todo) if i not in picked]


def first_call(todo: list[Job]) -> str:
    """The first of them in words; empty where nothing is left to ask."""
    first, _ = warm_up(todo)
    if not first:
        return ""
    one, request = first[0].reply, first[0].request
    asks = f"text, at most {request.sampling.max_tokens:,} tokens" if request.kind == "text" else request.kind
    return f"{one.bench} ({one.lang}) {one.id} with {one.prompt}: {asks}"
