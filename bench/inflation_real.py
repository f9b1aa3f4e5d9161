"""`igaku inflation` on real answers: published models against each other on parts of one exam, which nobody has read
more of than of the other part; then with a share of the first part answered right for one of them.

    IGAKU_DATA=../shared/data nice python bench/inflation_real.py
"""

import random
import tempfile
from pathlib import Path

from common import keep

from igaku.io.paths import find_data
from igaku.runs.counted import by_main_method, counts
from igaku.runs.importers import import_run
from igaku.statistics.inflation import against_references, effects

SPLITS = 40
SOURCES = {
    "120th exam, 14 models": ("jmle2026", "jmle2026/results", "jmle2026"),
    "116th exam, 20 local models and prompts": ("igakuqa-evaluation", "igakuqa2022_localllm/results", "igakuqa-2022"),
}
Answers = dict[str, dict[str, float]]
"""Model -> question -> right or not."""


def answers(format: str, path: str, bench: str) -> tuple[Answers, dict[str, str]]:
    """Answers to the questions that all have, and their linked groups."""
    out: Answers = {}
    groups: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = import_run(format, find_data(path), bench=bench, out=Path(folder) / "run", lang="ja").run
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


def main() -> None:
    rows = []
    for name, source in SOURCES.items():
        found, groups = answers(*source)
        ids, rng = sorted(next(iter(found.values()))), random.Random(0)
        for share in (0.0, 0.3, 0.5):
            hits = tests = 0
            for _ in range(SPLITS):
                parts = halves(groups, ids, rng)
                for model in found if share == 0 else rng.sample(sorted(found), 4):
                    learnt = {q: 1.0 for q in parts[0] if rng.random() < share}
                    hits += p_value(found | {model: found[model] | learnt}, groups, model, parts) < 0.05
                    tests += 1
            truth = f"{share:.0%} of the first half memorised" if share else "nothing read"
            rows.append(
                {"answers": name, "questions": len(ids), "model": truth, "p < 5 %": f"{100 * hits / tests:.1f} %"}
            )
            print(rows[-1], flush=True)
        parts = [q for q in ids if q[3] in "ABC"], [q for q in ids if q[3] in "DEF"]
        hits = sum(p_value(found, groups, m, pair) < 0.05 for m in found for pair in (parts, parts[::-1]))
        truth = "blocks A to C against D to F, both ways"
        share = f"{100 * hits / 2 / len(found):.1f} %"
        rows.append({"answers": name, "questions": len(ids), "model": truth, "p < 5 %": share})
    note = f"{SPLITS} random splits; one model a test, all others its references; models of one family among them"
    keep("inflation_real", rows, note=note)


if __name__ == "__main__":
    main()
