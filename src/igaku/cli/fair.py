"""``igaku fair``."""

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError


def fair(
    runs: Annotated[list[Path] | None, Argument(help="Runs with several renderings, to be summarised together.", metavar="[RUN...]")] = None,
    model: Annotated[str | None, Option(help="Ask this model first (as for `igaku eval`).")] = None,
    bench: Annotated[str | None, Option(help="One benchmark or slice.")] = None,
    out: Annotated[Path | None, Option(help="Folder of the run. The same command again continues it.")] = None,
    budget: Annotated[str, Option(help='"200 questions", "2M tokens" (prompts of all renderings), or "all".')] = "200 questions",
    lang: Annotated[str | None, Option(help="Languages, comma-separated; all that the benchmark has if left out.")] = None,
    prompt: Annotated[str | None, Option(help="Templates, comma-separated; four that suit the method if left out.")] = None,
    order: Annotated[str, Option(help="Orders of the choices, comma-separated.")] = "rotations",
    method: Annotated[str | None, Option(help="letter-logprob, likelihood, letter, ...; letter-logprob when asking, each run's own when only reading.")] = None,
    engine: Annotated[str, Option(help="auto, llamacpp, transformers.")] = "auto",
    seed: Annotated[int, Option(help="Seed of the sample of questions.")] = 0,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:  # fmt: skip
    """One score over templates, orders and languages, with its interval, and what each of these changes.

    Example: igaku fair --model gemma-3-270m --bench igakuqa --out runs/fair
    """
    from igaku.studies.fair import fair as ask
    from igaku.studies.fair import summarise

    if model is None:
        if not runs:
            raise IgakuError("give runs to summarise, or --model, --bench and --out to ask a model")
        reports = summarise(runs, method)
    else:
        if bench is None or out is None:
            raise IgakuError("--model also needs --bench and --out")
        reports = ask(model, bench, out=out, budget=budget, lang=lang, prompt=prompt, order=order, engine=engine,
                      method=method or "letter-logprob", seed=seed, on_plan=_tell)  # fmt: skip
        if runs:
            reports = summarise([out, *runs], method)
    if json:
        import msgspec

        emit({"fair": [msgspec.to_builtins(r._asdict()) for r in reports]})
        return
    for report in reports:
        _show(report)


def _tell(plan: Any) -> None:
    say(f"{plan.prompts:,} prompts, {plan.done:,} answered already, {plan.tokens:,} tokens before sharing")


def _show(report: Any) -> None:
    from igaku.question import LETTERS
    from igaku.tables import interval, percent

    f = report.fair
    print(f"{f.model} on {f.benchmark}, {f.method}: {f.questions} questions x {f.renderings} renderings")
    rows = [
        ["fair score", percent(f.score), ""],
        ["95 %, other questions", interval(f.ci95), "these renderings"],
        *([["95 %, other prompts too", interval(f.ci95_prompts), "templates and orders taken for a sample"]] if f.ci95_prompts else []),
        ["lowest", percent(f.lowest[1]), f.lowest[0]],
        ["highest", percent(f.highest[1]), f.highest[0]],
        ["standard deviation of renderings", percent(f.deviation), ""],
    ]  # fmt: skip
    if f.consistency is not None:
        rows += [
            ["same choice in all orders", percent(f.consistency), ""],
            ["majority over orders", percent(f.vote), ""],
        ]
    if report.gap:
        g = report.gap
        rows.append(
            [
                "ja - en, points",
                f"{100 * g.difference:+.1f}",
                f"{100 * g.ci95[0]:+.1f} to {100 * g.ci95[1]:+.1f}, p {g.p:.3f}",
            ]
        )
    if f.left_out:
        rows.append(["questions left out", str(f.left_out), "not asked in every rendering"])
    show_rows(["what", "value", "of"], rows, False, "fair")
    show_rows(
        ["variance of one answer from", "share", "variance"],
        [[c.source, percent(c.share), f"{c.variance:.4f}"] for c in f.components],
        False,
        "components",
    )
    show_rows(
        ["factor", "level", "mean accuracy"],
        [[n, level, percent(a)] for n, levels in f.means.items() for level, a in levels.items()],
        False,
        "means",
    )
    if report.places:
        p = report.places
        show_rows(
            ["place", "keys", "recall", "chosen"],
            [[LETTERS[i].upper(), p.keys[i], percent(p.recall[i]), percent(p.chosen[i])] for i in range(len(p.keys))],
            False,
            "places",
        )
        print(f"RStd of recall {100 * p.rstd:.1f} points (0: no preferred place)\n")
    if report.pride:
        show_rows(["PriDe on", "prior from", "questions", "accuracy before", "after", "RStd before", "after", "prior of places"], [
            [name, d.estimated_from, d.questions, percent(d.before), percent(d.after), f"{100 * d.rstd_before:.1f}", f"{100 * d.rstd_after:.1f}",
             " ".join(f"{x:.2f}" for x in d.prior)]
            for name, d in report.pride
        ], False, "pride")  # fmt: skip
