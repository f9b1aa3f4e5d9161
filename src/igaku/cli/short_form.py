"""``igaku mini``, ``igaku graders``, ``igaku agree-benchmarks``: how good are the yardsticks themselves?"""

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.options import split
from igaku.cli.output import emit, say, show_rows

Runs = Annotated[list[Path], Argument(help="Runs.", metavar="RUN...")]
AsJson = Annotated[bool, Option("--json", help="One JSON object on stdout.")]


def mini(
    bench: Annotated[str, Option(help="A benchmark, e.g. igakuqa.")],
    runs: Annotated[
        list[Path] | None,
        Argument(help="Runs whose models try the short form (and calibrate it, with --by runs).", metavar="[RUN...]"),
    ] = None,
    items: Annotated[int, Option(min=10, help="Questions of the short form.")] = 100,
    lang: Annotated[str | None, Option(help="Language; the benchmark's first if left out.")] = None,
    method: Annotated[str | None, Option(help="One grading method for all runs.")] = None,
    by: Annotated[
        str, Option(help="Difficulty from people's accuracy (people) or from the runs (runs); auto.")
    ] = "auto",
    out: Annotated[Path | None, Option(help="Write the ids here, for `igaku eval --only FILE`.")] = None,
    json: AsJson = False,
) -> None:
    """A short form of a benchmark, and how far to trust it: what it says of models that were not used to choose it."""
    import msgspec

    from igaku.io.files import write_whole
    from igaku.studies.short_form import shorten
    from igaku.tables import percent

    short = shorten(bench, items, runs or [], lang=lang, method=method, by=by)
    if out:
        write_whole(out, "".join(f"{i}\n" for i in short.ids))
    if json:
        emit(msgspec.to_builtins(short))
        return
    print(f"{len(short.ids)} of {short.of} questions, difficulty from {short.bank.source}")
    if short.tried:
        show_rows(
            ["respondent", "full score", "short form says", "standard error", "its own share right"],
            [
                [t.name, percent(t.full), percent(t.estimated), f"{100 * t.error:.1f}", percent(t.plain)]
                for t in short.tried
            ],
            False,
            "tried",
        )
        print(f"root mean square error {short.rmse:.1f} points over {len(short.tried)} respondents")
    if out:
        say(f"ids written to {out}; use them: igaku eval --bench {bench} --only {out} ...")


def graders(
    runs: Runs,
    method: Annotated[str, Option(help="Methods, comma-separated.")] = "letter,gestalt,exact,likelihood,letter-logprob",
    json: AsJson = False,
) -> None:
    """When does the choice of grader change the ranking? The same replies by several methods, over questions all could grade."""
    import msgspec

    from igaku.statistics.rank_correlation import switches
    from igaku.tables import percent

    scores, unread, counts = _by_grader(runs, split(method))
    found = {where: switches(by) for where, by in scores.items()}
    if json:
        emit(
            {"accuracy": scores, "unparsed": unread, "switches": {w: msgspec.to_builtins(s) for w, s in found.items()}}
        )
        return
    for where, by in scores.items():
        names = list(dict.fromkeys(r for one in by.values() for r in one))
        show_rows(
            [f"{where}: respondent", "questions", *(c for m in by for c in (m, "unparsed"))],
            [
                [
                    r,
                    counts[where][r],
                    *(c for m in by for c in (percent(by[m].get(r)), percent(unread[where][m].get(r)))),
                ]
                for r in names
            ],
            False,
            "graders",
        )
        show_rows(
            ["the order of", "and", "depends on the grader:", "", "but by", ""],
            [
                [
                    s.a,
                    s.b,
                    s.grader,
                    " / ".join(map(percent, s.accuracies)),
                    s.other_grader,
                    " / ".join(map(percent, s.other_accuracies)),
                ]
                for s in found[where]
            ],
            False,
            "switches",
        )


def _by_grader(runs: list[Path], methods: list[str]) -> tuple[Any, Any, Any]:
    """Accuracy and share unparsed: where -> method -> respondent; only questions that all the methods at hand could grade."""
    from igaku.errors import IgakuError
    from igaku.grading import methods_for
    from igaku.runs.store import open_run

    items: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for k, path in enumerate(runs):
        run = open_run(path)
        for one in methods_for(methods):
            try:
                graded = run.grade([one])
            except IgakuError:
                continue
            for p, g in graded:
                if g.verdict.scored and p.question_format == "choices":
                    name = " ".join(
                        x
                        for x in (
                            p.model,
                            p.prompt,
                            p.order if p.order != "original" else "",
                            f"run {k + 1}" if len(runs) > 1 else "",
                        )
                        if x
                    )
                    items[f"{p.benchmark} {p.language}", name][one][g.question.id] = g.verdict
    if not items:
        raise IgakuError("nothing here can be graded by these methods")
    scores: Any = defaultdict(lambda: defaultdict(dict))
    unread: Any = defaultdict(lambda: defaultdict(dict))
    counts: Any = defaultdict(dict)
    for (where, name), by in items.items():
        shared = set.intersection(*(set(v) for v in by.values()))
        counts[where][name] = len(shared)
        for m, verdicts in by.items():
            if shared:
                scores[where][m][name] = sum(verdicts[q].right for q in shared) / len(shared)
                unread[where][m][name] = sum(verdicts[q].outcome == "unparsed" for q in shared) / len(shared)
    return scores, unread, counts


def agree_benchmarks(
    runs: Runs,
    method: Annotated[str | None, Option(help="One grading method for all; each run's own if left out.")] = None,
    json: AsJson = False,
) -> None:
    """Is the exam the right yardstick? Kendall's tau between benchmarks (and forms of the same questions) over the models run."""
    import msgspec

    from igaku.runs.store import open_run
    from igaku.statistics.rank_correlation import rank_agreement

    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    methods: dict[tuple[str, str], str] = {}
    for path in runs:
        for c in open_run(path).results(split(method) or None):
            if c.score is not None and c.text_only and c.order == "original":
                yardstick = f"{c.benchmark} {c.language}" + (
                    "" if c.question_format == "choices" else f" {c.question_format}"
                )
                if methods.setdefault((yardstick, c.model), c.method) == c.method:
                    scores[yardstick][c.model].append(c.score)
    rows = rank_agreement({y: {m: sum(v) / len(v) for m, v in by.items()} for y, by in scores.items()})
    if json:
        emit({"scores": scores, "agreement": msgspec.to_builtins(rows)})
        return
    show_rows(
        ["yardstick", "and", "models", "Kendall's tau", "95 %", "p", "says"],
        [
            [
                r.a,
                r.b,
                r.models,
                "–" if r.tau is None else f"{r.tau:.2f}",
                f"{r.ci95[0]:.2f} to {r.ci95[1]:.2f}" if r.ci95 else "",
                "" if r.p is None else f"{r.p:.3f}",
                r.remark,
            ]
            for r in rows
        ],
        False,
        "agreement",
    )
    say("a model's score on a yardstick is the mean over its prompts there, by its first method; more models say more")
