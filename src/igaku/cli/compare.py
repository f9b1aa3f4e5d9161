"""``igaku compare`` and ``igaku agree``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.options import split
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

    from igaku.studies.compare import compare_runs
    from igaku.tables import p_value

    rows = compare_runs(runs, method=split(method) or None, by=by, adjust=adjust)
    if json:
        emit({"comparisons": msgspec.to_builtins(rows)})
        return
    show_rows(
        [
            "A",
            "B",
            "on",
            "questions",
            "only A right",
            "only B right",
            "A - B, points",
            "95 %",
            "p",
            f"p ({adjust})",
            "verdict",
            "questions needed",
        ],
        [
            [
                c.a,
                c.b,
                c.part,
                c.n,
                c.only_a,
                c.only_b,
                f"{100 * c.difference:+.1f}",
                f"{100 * c.ci95[0]:+.1f} to {100 * c.ci95[1]:+.1f}" + (" *" if c.clustered else ""),
                p_value(c.p),
                p_value(c.p_adjusted),
                ("A better" if c.difference > 0 else "B better") if c.p_adjusted < 0.05 else "not certain",
                f"{c.needed:,}" if c.needed and c.p >= 0.05 else "",
            ]
            for c in rows
        ],
        False,
        "comparisons",
    )
    if any(c.clustered for c in rows):
        say(
            "* cluster-robust interval and p, since some questions are linked; else a paired bootstrap and McNemar's mid-p"
        )
    say("questions needed: to show this difference with 80 % power, at this rate of disagreement")


def agree(
    a: Annotated[Path, Argument(help="A run.", metavar="RUN_A")],
    b: Annotated[
        Path, Argument(help="A run of the same model by another engine, precision or machine.", metavar="RUN_B")
    ],
    tokenizer: Annotated[
        Path | None, Option(help="A model's folder: say in tokens, not characters, where texts part.")
    ] = None,
    flips: Annotated[bool, Option("--flips", help="Also each question on which the choice differs.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Does another engine give the same answers? Choices that flip, differences of log-probabilities, where texts part."""
    import msgspec

    from igaku.studies.consistency import agree as compare_replies
    from igaku.tables import percent

    found = compare_replies(a, b, tokenizer)
    if json:
        emit({"agreement": msgspec.to_builtins(found)})
        return
    unit = "token" if tokenizer else "character"
    show_rows(
        [
            "benchmark",
            "lang",
            "prompt",
            "order",
            "asked",
            "both answered",
            "same choice",
            "mean gap, nat",
            "largest",
            "texts equal",
            f"part at {unit}",
        ],
        [
            [
                f.benchmark,
                f.language,
                f.prompt,
                f.order,
                f.kind,
                f.n,
                percent(f.same),
                *(None if v is None else f"{v:.2g}" for v in (f.mean_gap, f.largest_gap)),
                None if f.identical is None else percent(f.identical),
                f.parts_at,
            ]
            for f in found
        ],
        False,
        "agreement",
    )
    if flips:
        rows = [
            [f.benchmark, f.language, f.kind, x.id, x.a, x.b, None if x.margin is None else f"{x.margin:.2g}"]
            for f in found
            for x in f.flips
        ]
        show_rows(["benchmark", "lang", "asked", "question", "A", "B", "margin, nat"], rows, False, "flips")
