"""The fair score: the same questions in several templates, orders of choices and languages, and what each of them
changes.

The default templates begin alike and differ after the stem, so an engine that shares beginnings computes a stem once
for all of them (``igaku.engines.families``). Any run that holds several renderings can be summarised, however it was
made.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean

from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.engines import Engine, EngineSpec
from igaku.engines.build import using_rows
from igaku.engines.spec import takes_settings
from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded, methods_for
from igaku.io.locks import writes
from igaku.question import Question
from igaku.runs.ask import OnReply
from igaku.runs.evaluate import evaluate_task
from igaku.runs.plan import Plan, blocks_of, plan
from igaku.runs.specs import Names, TaskSpec, names, task_spec
from igaku.runs.store import Run, open_runs
from igaku.statistics.bias import PositionBias, position_bias
from igaku.statistics.crossed import Sampled, crossed_difference
from igaku.statistics.items import shares
from igaku.statistics.paired import Comparison, Outcomes, compare
from igaku.statistics.pride import pride
from igaku.statistics.sensitivity import fair_score
from igaku.statistics.tally import CellKey
from igaku.statistics.variance import Rendering
from igaku.studies.fair_report import FairReport, FairResult

TEMPLATES = {
    "letters": ("standard", "closing", "bracketed", "instructed"),
    "likelihood": ("standard", "closing", "cloze", "cloze_closing"),
}
"""Templates of a fair score by letters (also written ones), and by the likelihood of the choices' texts."""
_BUDGET = re.compile(r"\s*([\d.]+)\s*([kM]?)\s*(questions?|tokens?|)\s*")


@takes_settings()
@writes("out")
def fair(
    model: str | EngineSpec | Engine,
    bench: str | Benchmark,
    *,
    out: str | Path,
    budget: str = "200 questions",
    lang: Names = None,
    prompt: Names = None,
    order: Names = "rotations",
    method: str = "letter-logprob",
    seed: int = 0,
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: OnReply | None = None,
    **settings: object,
) -> FairReport:
    """Ask a sample of a benchmark in all renderings, and summarise.

    Args:
        budget: how much to ask: ``"200 questions"`` (drawn evenly from the benchmark's sections, the same ones for
            every model), ``"2M tokens"`` of prompts in all renderings together, or ``"all"``.
        prompt: templates; four if left out.
        order: orders of the choices; all rotations if left out.
        lang: languages; all of the benchmark if left out.
        settings: fields of ``EngineSpec``, where the model is given by name.

    Raises:
        IgakuError: as ``evaluate``; or the budget is not understood. Both are said before a model is loaded.
    """
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    questions = _askable(loaded, names(lang))
    templates = names(prompt) or TEMPLATES["likelihood" if method.startswith("likelihood") else "letters"]
    task = task_spec(lang=lang, prompt=templates, order=order, method=method, seed=seed)
    kind = METHODS[methods_for(method)[0]].kind
    blocks_of(loaded, task)
    sample(questions, budget)
    with using_rows(model, needs=frozenset([kind]), **settings) as engine:
        size = _tokens_per_question(engine, loaded, questions, task) if "token" in budget else 0.0
        task = replace(task, only=sample(questions, budget, size, seed))
        run = evaluate_task(engine, loaded, task, out=out, on_plan=on_plan, on_reply=on_reply)
    return summarise(run, method=method)


def _askable(bench: Benchmark, languages: Sequence[str]) -> list[Question]:
    """Choice questions without an image that are there in every language asked."""
    sets = [
        {q.id: q for q in bench.load(one) if q.text_only and q.is_choice and not q.void}
        for one in languages or bench.languages
    ]
    if not any(sets):
        raise IgakuError(f"{bench.label}: no choice questions, which is what a fair score is made of")
    shared = set.intersection(*map(set, sets))
    if not shared:
        raise IgakuError(f"{bench.label}: its languages have no question in common by id; give one with --lang")
    return [q for i, q in sets[0].items() if i in shared]


def sample(questions: Sequence[Question], budget: str, tokens_per_question: float = 0.0, seed: int = 0) -> list[str]:
    """Ids within the budget, drawn evenly from years and sections, in the benchmark's order.

    Raises:
        IgakuError: the budget is not a number of questions or tokens.
    """
    if budget.strip() == "all":
        return [q.id for q in questions]
    found = _BUDGET.fullmatch(budget)
    if not found or not re.fullmatch(r"\d+(\.\d+)?", found[1]):
        raise IgakuError(f'budget {budget!r} is not understood; give e.g. "200 questions", "2M tokens" or "all"')
    n = float(found[1]) * {"": 1, "k": 1e3, "M": 1e6}[found[2]]
    if found[3].startswith("token"):
        n = n / tokens_per_question if tokens_per_question else n
    if n < 2:
        raise IgakuError(f"budget {budget!r} is less than two questions; give more")
    groups = [(q.year, q.section) for q in questions]
    rng = random.Random(seed)
    drawn: set[str] = set()
    for group, size in shares(groups, min(len(questions), int(n))).items():
        drawn |= set(rng.sample([q.id for q, g in zip(questions, groups) if g == group], size))
    return [q.id for q in questions if q.id in drawn]


def _tokens_per_question(engine: Engine, bench: Benchmark, questions: Sequence[Question], task: TaskSpec) -> float:
    """Prompt tokens of one question in all renderings, from ten of them (nothing is asked)."""
    few = [q.id for q in questions[:: max(1, len(questions) // 10)][:10]]
    return max(1.0, plan(engine, bench, task=replace(task, only=few)).tokens / len(few))


def summarise(*runs: Run | str | Path | Sequence[Run | str | Path], method: Names = None) -> FairReport:
    """The fair score of each model, benchmark and method in runs; several runs of one model (engines, quantizations)
    are put together.

    Raises:
        IgakuError: nowhere are there two renderings of the same questions.
    """
    opened = open_runs(*runs)
    systems = {_system(r) for r in opened}
    groups: dict[tuple[str, str, str], dict[Rendering, list[Graded]]] = defaultdict(dict)
    for run in opened:
        system = _system(run) if len(systems) > 1 else ""
        for cell_key, item in run.grade(names(method) or None):
            if cell_key.question_format == "choices" and item.verdict.scored:
                mine = groups[cell_key.model, cell_key.benchmark, cell_key.method]
                mine.setdefault(_rendering(cell_key, system), []).append(item)
    reports = [_report(*names, renderings) for names, renderings in groups.items() if len(renderings) > 1]
    if not reports:
        raise IgakuError(
            "no two renderings of the same questions here; ask more: igaku fair --model M --bench B --out RUN"
        )
    return FairReport(fair=reports)


def _system(run: Run) -> str:
    """Engine, quantization and whatever else can change an answer, as far as it is not the model's name."""
    i = run.manifest.identity
    if i is None:
        return "imported"
    return " ".join(x for x in (i.engine, i.quantization, i.dtype, i.adapter[:8], i.revision[:8], i.weights[:8]) if x)


def _rendering(cell_key: CellKey, system: str) -> Rendering:
    """The template's name without its language, so that languages compare."""
    template = cell_key.prompt.removesuffix(f"_{cell_key.language}") + (f"+{cell_key.shots}" if cell_key.shots else "")
    return Rendering(template, cell_key.order, cell_key.language, system)


def _report(model: str, bench: str, method: str, found: dict[Rendering, list[Graded]]) -> FairResult:
    questions = {i.question.id: i.question for items in found.values() for i in items}
    table = {r: {i.question.id: i.verdict.score for i in items} for r, items in found.items()}
    if not set.intersection(*(set(t) for t in table.values())):
        raise IgakuError(f"{bench}: its renderings have no question in common; ask the same ones in each")
    if any(len(items) != len(table[r]) for r, items in found.items()):
        raise IgakuError(f"{bench}: the same rendering is in two of these runs; give each once")
    read = {r: {i.question.id: i.verdict.read for i in items} for r, items in found.items()}
    golds = {n: _accepted(q) for n, q in questions.items()}
    groups = {n: q.group or n for n, q in questions.items()}
    gap = _gap(table, groups)
    return FairResult(
        fair=fair_score(
            table, groups, read, golds, _choices(questions.values()), model=model, benchmark=bench, method=method
        ),
        position_bias=_position_bias([i for items in found.values() for i in items]),
        pride=[(template, p) for template, mine in _rotated(found).items() if (p := pride(mine, groups=groups))],
        gap=gap,
        gap_other_templates=_gap_other_templates(gap, table, groups),
    )


def _choices(questions: Iterable[Question]) -> int:
    return max(len(q.choices) for q in questions)


def _accepted(q: Question) -> set[tuple[str, ...]]:
    return {tuple(q.letters[i] for i in a) for a in q.key.choice_sets}


def _single(item: Graded) -> bool:
    return item.question.single is not None and item.reply is not None


def _key(item: Graded) -> int:
    """The position at which the (single) right choice was shown."""
    assert item.question.single is not None
    return _position(item, item.question.single)


def _position(item: Graded, position: int) -> int:
    order = item.reply.permutation if item.reply else ()
    return order.index(position) if order else position


def _position_bias(items: Sequence[Graded]) -> PositionBias | None:
    """Over the questions with the commonest number of choices, since recall by position needs one number of them."""
    single = [i for i in items if _single(i)]
    if not single:
        return None
    n = Counter(len(i.question.choices) for i in single).most_common(1)[0][0]
    same = [i for i in single if len(i.question.choices) == n]
    pairs = [(_key(i), _chosen(i)) for i in same]
    return position_bias(pairs, n, [i.question.id for i in same], left_out=len(single) - len(same))


def _chosen(item: Graded) -> int | None:
    letters, predicted = item.question.letters, item.verdict.read
    return _position(item, letters.index(predicted[0])) if len(predicted) == 1 and predicted[0] in letters else None


def _rotated(found: dict[Rendering, list[Graded]]) -> dict[str, dict[str, list[tuple[Sequence[float], int]]]]:
    """Template and language -> question -> its rotations' log-probabilities and positions of the key, the original
    first."""
    out: dict[str, dict[str, list[tuple[Sequence[float], int]]]] = defaultdict(lambda: defaultdict(list))
    for rendering in sorted(found, key=lambda r: r.order):
        if rendering.order == "original" or rendering.order.startswith("rotate-"):
            for i in found[rendering]:
                if _single(i) and i.reply and i.reply.kind == "letters" and i.reply.answer.logprobs:
                    row = i.reply.answer.logprobs, _key(i)
                    out[" ".join(x for x in (rendering.template, rendering.language, rendering.system) if x)][
                        i.question.id
                    ].append(row)
    return out


def _gap(table: dict[Rendering, dict[str, float]], groups: dict[str, str]) -> Comparison | None:
    if not {"ja", "en"} <= {r.language for r in table}:
        return None
    sides = [_mean([t for r, t in table.items() if r.language == lang], lang, groups) for lang in ("ja", "en")]
    return compare(sides[0], sides[1], "ja - en")


def _gap_other_templates(
    gap: Comparison | None, table: dict[Rendering, dict[str, float]], groups: dict[str, str]
) -> tuple[float, float] | None:
    """Widened to contain the interval for these templates, which another method may make the longer one."""
    templates = [t for t in dict.fromkeys(r.template for r in table) if _both(t, table)]
    if gap is None or len(templates) < 2:
        return None
    gaps = [_by_question(t, table, groups) for t in templates]
    shared = [q for q in gaps[0] if all(q in one for one in gaps)]
    low, high = crossed_difference(Sampled([[one[q] for one in gaps] for q in shared]), [groups[q] for q in shared])
    return min(low, gap.ci95[0]), max(high, gap.ci95[1])


def _both(template: str, table: dict[Rendering, dict[str, float]]) -> bool:
    return {"ja", "en"} <= {r.language for r in table if r.template == template}


def _by_question(template: str, table: dict[Rendering, dict[str, float]], groups: dict[str, str]) -> dict[str, float]:
    """Japanese minus English of each question in one template."""
    ja, en = (
        _mean([t for r, t in table.items() if (r.template, r.language) == (template, lang)], lang, groups).scores
        for lang in ("ja", "en")
    )
    return {q: score - en[q] for q, score in ja.items() if q in en}


def _mean(tables: Sequence[dict[str, float]], name: str, groups: dict[str, str]) -> Outcomes:
    """Each question's share of right answers over several renderings."""
    shared = [q for q in tables[0] if all(q in t for t in tables)]
    return Outcomes(name, {q: fmean(t[q] for t in tables) for q in shared}, groups)
