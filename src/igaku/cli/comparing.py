"""``igaku compare``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows


def compare(
    runs: Annotated[
        list[Path], Argument(help="Two or more runs, or one with several models or prompts in it.", metavar="RUN...")
    ],
    method: Annotated[str | None, Option(help="One grading method for all; each run's own if left out.")] = None,
    by: Annotated[str, Option(help="One row a benchmark, section, category or year.")] = "benchmark",
    adjust: Annotated[str, Option(help="For many comparisons: holm (strict) or bh (false discovery rate).")] = "holm",
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Is the difference real? Paired tests on the questions that both were asked.

    Example: igaku compare runs/base runs/tuned --by section
    """
    import msgspec

    from igaku.comparing import compare_runs
    from igaku.report.table import p_value

    rows = compare_runs(runs, method=method, by=by, adjust=adjust)
    if json:
        emit({"comparisons": msgspec.to_builtins(rows)})
        return
    show_rows(["A", "B", "on", "questions", "only A right", "only B right", "A - B, points", "95 %", "p", f"p ({adjust})", "verdict", "questions needed"], [
        [c.a, c.b, c.part, c.n, c.only_a, c.only_b, f"{100 * c.difference:+.1f}",
         f"{100 * c.ci95[0]:+.1f} to {100 * c.ci95[1]:+.1f}" + (" *" if c.clustered else ""), p_value(c.p), p_value(c.p_adjusted),
         ("A better" if c.difference > 0 else "B better") if c.p_adjusted < 0.05 else "not certain",
         f"{c.needed:,}" if c.needed and c.p >= 0.05 else ""]
        for c in rows
    ], False, "comparisons")  # fmt: skip
    if any(c.clustered for c in rows):
        say(
            "* cluster-robust interval and p, since some questions are linked; else a paired bootstrap and McNemar's mid-p"
        )
    say("questions needed: to show this difference with 80 % power, at this rate of disagreement")
