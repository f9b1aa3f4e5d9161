"""What replies took beside what they scored: tokens, time, money, and what a shorter limit would have cut.

Nothing is asked: all of it stands in the replies. A row is a model asked in one way, over the questions that a board
counts (no picture needed, not void), so that models stand on the same questions wherever they answered the same ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from igaku.engines.cost import MILLION, Price, read_prices
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Answer
from igaku.runs.counted import Counted, by_main_method, counts
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_runs
from igaku.runs.times import read_times
from igaku.statistics.respondents import PromptVariant, variant_names
from igaku.statistics.tally import accuracy_interval
from igaku.statistics.usage import has_loop, quantile
from igaku.studies.truncation import MOST_TRUNCATED, Truncated, truncated
from igaku.studies.usage_limits import curves, fronts
from igaku.studies.usage_replies import Size, Unit, is_written, size, unit_of
from igaku.studies.usage_report import UsageReport
from igaku.studies.usage_rows import Cost, Lengths, Spread, UsageRow, Without
from igaku.studies.usage_sessions import sitting


def usage(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    prices: str | Path | Mapping[str, Price] | None = None,
    budgets: Sequence[int] | None = None,
    max_truncated: float = MOST_TRUNCATED,
    method: Names = None,
) -> UsageReport:
    """Tokens, time and money of each model's replies beside its accuracy, and its accuracy under shorter limits.

    Args:
        runs: runs or their folders.
        prices: a TOML file of prices a million tokens, or the prices; no model has one of igaku's own.
        budgets: limits of the curve, in tokens (characters where tokens are not known); powers of two if left out.
        max_truncated: share of truncated replies, 0 to 1, above which a model is not ranked.
        method: one grading method for all runs; each model's main one if left out.

    Raises:
        IgakuError: no reply to count, a budget below 1, a share outside 0 to 1, or a fault in the file of prices.
    """
    if not 0 <= max_truncated <= 1 or any(b < 1 for b in budgets or ()):
        raise IgakuError("a share of truncated replies is 0 to 1, and a budget is 1 or more")
    known = read_prices(Path(prices)) if isinstance(prices, str | Path) else prices
    opened = {f"{k}": run for k, run in enumerate(open_runs(*runs))}
    return usage_of(by_main_method(opened, method), opened, prices=known, budgets=budgets, max_truncated=max_truncated)


def usage_of(
    verdicts: Iterable[Counted],
    runs: Mapping[str, Run],
    *,
    prices: Mapping[str, Price] | None = None,
    budgets: Sequence[int] | None = None,
    max_truncated: float = MOST_TRUNCATED,
) -> UsageReport:
    """The same of verdicts that are graded already; ``runs`` by the labels in them, ``budgets`` () for no curve.

    Raises:
        IgakuError: no reply to count.
    """
    ways: dict[PromptVariant, list[Graded]] = defaultdict(list)
    out = 0
    for c in verdicts:
        if counts(c.graded) and c.graded.answered:
            ways[c.run, c.key].append(c.graded)
        out += not counts(c.graded)
    if not ways:
        raise IgakuError("no reply in these runs to a question that counts (no picture needed, not void)")
    labels = variant_names(list(ways))
    rows = [_row(way, labels[way], items, runs[way[0]], prices) for way, items in ways.items()]
    return UsageReport(
        rows=rows,
        max_truncated=max_truncated,
        without=[
            _without(r.respondent, found)
            for r, items in zip(rows, ways.values())
            if (found := truncated(items, max_truncated))
        ],
        fronts=[*fronts(rows, ways, "written"), *(fronts(rows, ways, "cost") if prices else [])],
        curves=curves(rows, ways, budgets) if budgets is None or budgets else [],
        sittings=[s for run in runs.values() if (s := sitting(run.path))],
        left_out=out,
        priced=prices is not None,
    )


def _row(
    way: PromptVariant, name: str, items: Sequence[Graded], run: Run, prices: Mapping[str, Price] | None
) -> UsageRow:
    replies = [g.reply for g in items if g.reply]
    written = [r for r in replies if is_written(r.answer)]
    unit = unit_of(r.answer for r in written)
    sizes = [size(r.answer, unit) for r in written]
    prompts = [_prompt(r.answer.prompt_tokens, run.prompts.get(r.prompt_hash, ""), unit) for r in written]
    times = read_times(run.path)
    took = [times[r.key] for r in replies if r.key in times]
    outcomes = [g.verdict.outcome for g in items]
    return UsageRow(
        respondent=name,
        model=way[1].model,
        benchmark=way[1].benchmark,
        language=way[1].language,
        imported=run.manifest.identity is None,
        n=len(items),
        accuracy=fmean(g.verdict.share_right for g in items),
        ci95=accuracy_interval(items) or (0.0, 1.0),
        unit=unit,
        split=_split(sizes),
        prompt=_spread(prompts) if all(prompts) else None,
        thinking=_spread([s.thinking for s in sizes]),
        answer=_spread([s.answer for s in sizes]),
        written=fmean(s.written for s in sizes) if sizes else None,
        lengths=_lengths(items, unit),
        first=_spread([t.first for t in took if t.first is not None]),
        last=_spread([t.last for t in took]),
        timed=len(took),
        cut=sum(r.answer.finish == "length" for r in replies),
        truncated=outcomes.count("truncated"),
        failed=outcomes.count("engine_error") + outcomes.count("overlong"),
        loops=sum(has_loop(r.answer.shown) for r in written),
        thought=sum(s.thinking > 0 for s in sizes),
        cost=_cost(unit, [r.answer for r in written], (prices or {}).get(way[1].model)),
    )


def _prompt(tokens: int, text: str, unit: Unit) -> float:
    return tokens if unit == "tokens" else len(text)


def _split(sizes: Sequence[Size]) -> str:
    guessed = any(s.split == "by characters" for s in sizes)
    return "by characters" if guessed else "counted" if any(s.thinking for s in sizes) else ""


def _lengths(items: Sequence[Graded], unit: Unit) -> Lengths | None:
    """Over replies that a model wrote; right or wrong as the verdict on each reply is."""
    each = [
        (size(g.reply.answer, unit).written, g.verdict.right) for g in items if g.reply and is_written(g.reply.answer)
    ]
    whole = _spread([n for n, _ in each])
    right, wrong = (_spread([n for n, is_right in each if is_right is side]) for side in (True, False))
    return Lengths(whole=whole, right=right, wrong=wrong) if whole else None


def _spread(values: Sequence[float]) -> Spread | None:
    median, high = quantile(values, 0.5), quantile(values, 0.95)
    return None if median is None or high is None else Spread(median, high)


def _cost(unit: Unit, answers: Sequence[Answer], price: Price | None) -> Cost | None:
    """Known where both kinds of tokens are, of every reply."""
    if price is None or unit != "tokens" or not answers or not all(a.prompt_tokens for a in answers):
        return None
    input, output = sum(a.prompt_tokens for a in answers), sum(a.new_tokens for a in answers)
    return Cost(input=input, output=output, total=(input * price.input + output * price.output) / MILLION)


def _without(name: str, found: Truncated) -> Without:
    return Without(
        respondent=name,
        truncated=found.count,
        n=found.n,
        accuracy=found.accuracy,
        rest=found.rest,
        rest_ci95=found.rest_ci95,
        most=found.accuracy + found.share,
    )
