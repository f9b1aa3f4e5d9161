"""The fair score: the same questions in several templates, orders of choices and languages, and what each of them changes.

The default templates begin alike and differ after the stem, so an engine that shares beginnings computes a stem once for all
of them (``igaku.engines.families``). Any run that holds several renderings can be summarised, however it was made.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from igaku.benchmarks import load_benchmark
from igaku.engines.base import Engine
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Choices, Question
from igaku.runs.evaluate import evaluate
from igaku.runs.store import Run, open_run
from igaku.statistics.bias import Places, PriDe, places, pride
from igaku.statistics.items import shares
from igaku.statistics.paired import Comparison, Outcomes, compare
from igaku.statistics.sensitivity import Fair, Rendering, fair_score
from igaku.statistics.tally import Place

TEMPLATES = {
    "letters": ("standard", "closing", "bracketed", "instructed"),
    "likelihood": ("standard", "closing", "cloze", "cloze_closing"),
}
"""Templates of a fair score by letters (also written ones), and by the likelihood of the choices' texts."""
_BUDGET = re.compile(r"\s*([\d.]+)\s*([kM]?)\s*(questions?|tokens?|)\s*")


class FairReport(NamedTuple):
    """One benchmark and method of one model; bias and gap are None where the renderings do not allow them."""

    fair: Fair
    places: Places | None
    pride: list[tuple[str, PriDe]]
    gap: Comparison | None
    """Japanese against English on the same questions, each by its mean over the renderings of the language."""


def fair(
    model: str | Engine,
    bench: str,
    *,
    out: str | Path,
    budget: str = "200 questions",
    lang: str | Sequence[str] | None = None,
    prompt: str | Sequence[str] | None = None,
    order: str | Sequence[str] = "rotations",
    method: str = "letter-logprob",
    seed: int = 0,
    **more: Any,
) -> list[FairReport]:
    """Ask a sample of a benchmark in all renderings, and summarise.

    Args:
        budget: how much to ask: ``"200 questions"`` (drawn evenly from the benchmark's sections, the same ones for every model),
            ``"2M tokens"`` of prompts in all renderings together, or ``"all"``.
        prompt, order, lang: the renderings; four templates, all rotations and all languages of the benchmark if left out.
        more: as for ``evaluate``.

    Raises:
        IgakuError: as ``evaluate``; or the budget is not understood.
    """
    questions = _askable(bench, lang)
    templates = prompt or TEMPLATES["likelihood" if method.startswith("likelihood") else "letters"]
    per_question = 0.0
    if "token" in budget:
        per_question = _tokens_a_question(model, bench, out, questions, templates, order, lang, method, more)
    only = sample(questions, budget, per_question, seed)
    run = evaluate(
        model, bench, out=out, lang=lang, prompt=templates, order=order, method=method, only=only, seed=seed, **more
    )
    return summarise([run], method)


def _askable(bench: str, lang: str | Sequence[str] | None) -> list[Question]:
    """Choice questions without an image that are there in every language asked."""
    loaded = load_benchmark(bench)
    given = [lang] if isinstance(lang, str) else list(lang or [])
    wanted = [x.strip() for one in given for x in one.split(",")] or list(loaded.languages)
    sets = [
        {q.id: q for q in loaded.load(one) if q.text_only and isinstance(q.key, Choices) and q.choices and not q.void}
        for one in wanted
    ]
    if not any(sets):
        raise IgakuError(f"{bench}: no choice questions, which is what a fair score is made of")
    shared = set.intersection(*map(set, sets))
    if not shared:
        raise IgakuError(f"{bench}: its languages have no question in common by id; give one with --lang")
    return [q for i, q in sets[0].items() if i in shared]


def sample(questions: Sequence[Question], budget: str, tokens_a_question: float = 0.0, seed: int = 0) -> list[str]:
    """Ids within the budget, drawn evenly from years and sections, in the benchmark's order.

    Raises:
        IgakuError: the budget is no number of questions or tokens.
    """
    if budget.strip() == "all":
        return [q.id for q in questions]
    found = _BUDGET.fullmatch(budget)
    if not found or not re.fullmatch(r"\d+(\.\d+)?", found[1]):
        raise IgakuError(f'budget {budget!r} is not understood; give e.g. "200 questions", "2M tokens" or "all"')
    n = float(found[1]) * {"": 1, "k": 1e3, "M": 1e6}[found[2]]
    if found[3].startswith("token"):
        n = n / tokens_a_question if tokens_a_question else n
    if n < 2:
        raise IgakuError(f"budget {budget!r} is less than two questions; give more")
    groups = [(q.year, q.section) for q in questions]
    dice = random.Random(seed)
    drawn: set[str] = set()
    for group, size in shares(groups, min(len(questions), int(n))).items():
        drawn |= set(dice.sample([q.id for q, g in zip(questions, groups) if g == group], size))
    return [q.id for q in questions if q.id in drawn]


def _tokens_a_question(
    model: Any,
    bench: str,
    out: Any,
    questions: Sequence[Question],
    templates: Any,
    order: Any,
    lang: Any,
    method: str,
    more: Any,
) -> float:
    """Prompt tokens of one question in all renderings, from ten of them (nothing is asked)."""
    few = [q.id for q in questions[:: max(1, len(questions) // 10)][:10]]
    plans: list[Any] = []
    quiet = {k: v for k, v in more.items() if k not in ("on_plan", "on_reply", "dry_run")}
    evaluate(model, bench, out=Path(out) / "nothing", lang=lang, prompt=templates, order=order, method=method, only=few,
             dry_run=True, on_plan=plans.append, **quiet)  # fmt: skip
    return max(1.0, plans[0].tokens / len(few))


def summarise(runs: Iterable[Run | str | Path], method: str | None = None) -> list[FairReport]:
    """The fair score of each model, benchmark and method in runs; several runs of one model (engines, quantizations) are put together.

    Raises:
        IgakuError: nowhere are there two renderings of the same questions.
    """
    opened = [open_run(r) for r in runs]
    systems = {_system(r) for r in opened}
    groups: dict[tuple[str, str, str], dict[Rendering, list[Graded]]] = defaultdict(dict)
    for run in opened:
        system = _system(run) if len(systems) > 1 else ""
        for place, item in run.grade(method):
            if place.form == "choices" and item.verdict.scored:
                mine = groups[place.model, place.benchmark, place.method]
                mine.setdefault(_rendering(place, system), []).append(item)
    reports = [_report(*names, renderings) for names, renderings in groups.items() if len(renderings) > 1]
    if not reports:
        raise IgakuError(
            "no two renderings of the same questions here; ask more: igaku fair --model M --bench B --out RUN"
        )
    return reports


def _system(run: Run) -> str:
    """Engine, quantization and whatever else can change an answer, as far as it is not the model's name."""
    i = run.manifest.identity
    if i is None:
        return "imported"
    return " ".join(x for x in (i.engine, i.quantization, i.dtype, i.adapter[:8], i.revision[:8], i.weights[:8]) if x)


def _rendering(place: Place, system: str) -> Rendering:
    """The template's name without its language, so that languages compare."""
    template = place.prompt.removesuffix(f"_{place.language}") + (f"+{place.shots}" if place.shots else "")
    return Rendering(template, place.order, place.language, system)


def _report(model: str, bench: str, method: str, found: dict[Rendering, list[Graded]]) -> FairReport:
    questions = {i.question.id: i.question for items in found.values() for i in items}
    table = {r: {i.question.id: i.verdict.score for i in items} for r, items in found.items()}
    if not set.intersection(*(set(t) for t in table.values())):
        raise IgakuError(f"{bench}: its renderings have no question in common; ask the same ones in each")
    if any(len(items) != len(table[r]) for r, items in found.items()):
        raise IgakuError(f"{bench}: the same rendering is in two of these runs; give each once")
    read = {r: {i.question.id: i.verdict.read for i in items} for r, items in found.items()}
    golds = {n: _accepted(q) for n, q in questions.items()}
    groups = {n: q.group or n for n, q in questions.items()}
    return FairReport(
        fair_score(table, groups, read, golds, model=model, benchmark=bench, method=method),
        _places([i for items in found.values() for i in items]),
        [(template, p) for template, mine in _rotated(found).items() if (p := pride(mine))],
        _gap(table, groups),
    )


def _accepted(q: Question) -> set[tuple[str, ...]]:
    return {tuple(q.letters[i] for i in a) for a in q.key.accepted} if isinstance(q.key, Choices) else set()


def _single(item: Graded) -> bool:
    key = item.question.key
    return isinstance(key, Choices) and len(key.accepted) == 1 and len(key.accepted[0]) == 1 and item.reply is not None


def _key(item: Graded) -> int:
    """The place in which the (single) right choice was shown."""
    assert isinstance(item.question.key, Choices)
    return _place(item, item.question.key.accepted[0][0])


def _place(item: Graded, position: int) -> int:
    order = item.reply.permutation if item.reply else ()
    return order.index(position) if order else position


def _places(items: Sequence[Graded]) -> Places | None:
    single = [i for i in items if _single(i)]
    n = max((len(i.question.choices) for i in single), default=0)
    pairs: list[tuple[int, int | None]] = []
    for i in single:
        if len(i.question.choices) == n:
            letters, said = i.question.letters, i.verdict.read
            chosen = _place(i, letters.index(said[0])) if len(said) == 1 and said[0] in letters else None
            pairs.append((_key(i), chosen))
    return places(pairs, n) if pairs else None


def _rotated(found: dict[Rendering, list[Graded]]) -> dict[str, dict[str, list[tuple[Sequence[float], int]]]]:
    """Template and language -> question -> its rotations' log-probabilities and key places, the original first."""
    out: dict[str, dict[str, list[tuple[Sequence[float], int]]]] = defaultdict(lambda: defaultdict(list))
    for rendering in sorted(found, key=lambda r: r.order):
        if rendering.order == "original" or rendering.order.startswith("rotate-"):
            for i in found[rendering]:
                if _single(i) and i.reply and i.reply.ask == "letters" and i.reply.answer.logprobs:
                    row = i.reply.answer.logprobs, _key(i)
                    out[" ".join(x for x in (rendering.template, rendering.language, rendering.system) if x)][
                        i.question.id
                    ].append(row)
    return out


def _gap(table: dict[Rendering, dict[str, float]], groups: dict[str, str]) -> Comparison | None:
    if not {"ja", "en"} <= {r.language for r in table}:
        return None
    sides = [_mean(lang, table, groups) for lang in ("ja", "en")]
    return compare(sides[0], sides[1], "ja - en")


def _mean(lang: str, table: dict[Rendering, dict[str, float]], groups: dict[str, str]) -> Outcomes:
    """Each question's share of right answers over the renderings of one language."""
    mine = [t for r, t in table.items() if r.language == lang]
    shared = [q for q in mine[0] if all(q in t for t in mine)]
    return Outcomes(lang, {q: fmean(t[q] for t in mine) for q in shared}, groups)
