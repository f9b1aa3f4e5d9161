"""`igaku inflation` on real answers: the published models of the 120th exam against each other on two parts of it, of
which nobody has read one more than the other; then with a share of the first part answered right for one of them.

    IGAKU_DATA=../shared/data nice python bench/inflation_real.py
"""

import random
import tempfile
from pathlib import Path

from common import keep, needed

from igaku.runs.counted import by_main_method, counts
from igaku.runs.importers import import_run
from igaku.statistics.inflation import against_references, effects

SPLITS = 40
Answers = dict[str, dict[str, float]]
"""Model -> question -> right or not."""


def answers() -> tuple[Answers, dict[str, str]]:
    """Answers to the questions that all have, and their linked groups."""
    out: Answers = {}
    groups: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = import_run("jmle2026", needed("jmle2026/results"), bench="jmle2026", out=Path(folder) / "run").run
        for c in by_main_method({"0": run}):
            if counts(c.graded):
                q = c.graded.question
                out.setdefault(f"{c.key.model} {c.key.prompt}", {})[q.id] = c.graded.verdict.score
                groups[q.id] = q.group or q.id
    common = set.intersection(*(set(x) for x in out.values()))
    return {m: {q: s for q, s in x.items() if q in common} for m, x in out.items()}, groups


def p_value(found: Answers, groups: dict[str, str], model: str, parts: tuple[list[str], list[str]]) -> float:
    each = {m: ([x[q] for q in parts[0]], [x[q] for q in parts[1]]) for m, x in found.items()}
    linked = [f"{k} {groups[q]}" for k, part in enumerate(parts) for q in part]
    suspect, references = effects(each.pop(model), list(each.values()), linked)
    return against_references(suspect, references).p


def halves(groups: dict[str, str], ids: list[str], rng: random.Random) -> tuple[list[str], list[str]]:
    """Two random halves; linked questions stay together."""
    order = sorted({groups[q] for q in ids})
    rng.shuffle(order)
    first = set(order[: len(order) // 2])
    return [q for q in ids if groups[q] in first], [q for q in ids if groups[q] not in first]


def memorised(found: Answers, groups: dict[str, str], ids: list[str], share: float) -> dict[str, object]:
    """How often a model is accused that has memorised this share of one of two random halves."""
    rng, accused = random.Random(0), []
    for _ in range(SPLITS):
        parts = halves(groups, ids, rng)
        for model in found if share == 0 else rng.sample(sorted(found), 4):
            learnt = {q: 1.0 for q in parts[0] if rng.random() < share}
            accused.append(p_value(found | {model: found[model] | learnt}, groups, model, parts) < 0.05)
    truth = f"{100 * share:.0f} % of the first half memorised" if share else "nothing read"
    return row(truth, ids, accused)


def blocks(found: Answers, groups: dict[str, str], ids: list[str]) -> dict[str, object]:
    """The exam's own halves, both ways."""
    parts = [q for q in ids if q[3] in "ABC"], [q for q in ids if q[3] in "DEF"]
    accused = [p_value(found, groups, m, pair) < 0.05 for m in found for pair in (parts, parts[::-1])]
    return row("nothing read; blocks A to C against D to F, both ways", ids, accused)


def row(truth: str, ids: list[str], accused: list[bool]) -> dict[str, object]:
    share = f"{100 * sum(accused) / len(accused):.1f} %"
    return {"model": truth, "questions": len(ids), "tests": len(accused), "p < 5 %": share}


def main() -> None:
    found, groups = answers()
    ids = sorted(next(iter(found.values())))
    rows = [memorised(found, groups, ids, share) for share in (0.0, 0.3, 0.5)]
    note = f"{SPLITS} random halves; one of {len(found)} models a test, the others its references"
    keep("inflation_real", [*rows, blocks(found, groups, ids)], note=note)


if __name__ == "__main__":
    main()
