"""``igaku show`` and ``igaku grade``."""

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.options import split
from igaku.cli.output import emit, say, show_rows, show_table
from igaku.errors import IgakuError, UnknownNameError

RunFolder = Annotated[Path, Argument(help="A run's folder.", metavar="RUN")]
BY = ("year", "section", "kind", "form")
AsJson = Annotated[bool, Option("--json", help="One JSON object on stdout.")]


def show(
    run: RunFolder,
    method: Annotated[
        str | None, Option(help="Methods, comma-separated; those the run was made for if left out.")
    ] = None,
    by: Annotated[
        str | None,
        Option(
            help="Split each row by year or section (with its own score), or by kind of discrepancy; or put the forms of the same questions side by side: year, section, kind, form."
        ),
    ] = None,
    question: Annotated[
        str | None, Option(help="Show one question: stem, key, prompt, replies and what was read from them.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Print a run's scores, with intervals, failures and baselines. Grades afresh; no model is called."""
    from igaku.runs.results import results_table
    from igaku.runs.store import open_run

    opened = open_run(run)
    if question is not None:
        _question(opened, question, method, json)
        return
    if by is not None and by not in BY:
        raise UnknownNameError("--by", by, BY)
    if by == "form":
        _forms(opened, method, json)
        return
    rows = opened.results(split(method)) if method else opened.cells
    if json:
        emit(opened.as_data(rows))
    elif by == "kind":
        _kinds(rows)
    elif by:
        _parts(rows, by)
    else:
        show_table(results_table(opened, rows))


def _parts(rows: list[Any], by: str) -> None:
    """One row a year or section."""
    from igaku.runs.results import score
    from igaku.statistics import totals
    from igaku.tables import interval, percent, points

    rows = totals(rows)
    other = [] if all(c.aggregate == "accuracy" for c in rows) else ["score"]
    columns = [
        "model",
        "benchmark",
        "lang",
        "prompt",
        "order",
        "method",
        by,
        "asked",
        "scored",
        *other,
        "accuracy",
        "95 %",
        "points",
    ]
    show_rows(
        columns,
        [
            [
                c.model,
                c.benchmark,
                c.language,
                c.prompt,
                c.order,
                c.method,
                part,
                p.n_asked,
                p.n_scored,
                *([score(p)] if other else []),
                percent(p.accuracy),
                interval(p.ci95),
                points(p.points, p.max_points),
            ]
            for c in rows
            for part, p in (c.years if by == "year" else c.sections).items()
        ],
        False,
        "rows",
    )


def _kinds(rows: list[Any]) -> None:
    """Recall of each kind of discrepancy."""
    found = [
        [
            c.model,
            c.benchmark,
            c.method,
            name.removeprefix("recall:") or "(not named)",
            f"{c.metrics[name.replace('recall:', 'gold:', 1)]:g}",
            f"{value:.3f}",
        ]
        for c in rows
        for name, value in c.metrics.items()
        if name.startswith("recall:")
    ]
    if not found:
        raise IgakuError("--by kind is for comparisons of documents (sogocheck); nothing here has kinds")
    show_rows(["model", "benchmark", "method", "kind", "discrepancies", "recall"], found, False, "rows")


def _forms(run: Any, method: str | None, json: bool) -> None:
    import msgspec

    from igaku.studies.formats import by_form
    from igaku.tables import interval, percent

    rows = by_form(run.grade(split(method) or None))
    if not rows:
        raise IgakuError(
            f"{run.path}: only one form of each benchmark was asked; add others: igaku eval ... --form open (or statements)"
        )
    if json:
        emit({"forms": msgspec.to_builtins(rows)})
        return
    columns = [
        "model",
        "benchmark",
        "lang",
        "form",
        "prompt",
        "method",
        "same questions",
        "right",
        "accuracy",
        "95 %",
        "chance",
        "ranked",
    ]
    show_rows(
        columns,
        [
            [
                r.model,
                r.benchmark,
                r.language,
                r.question_format,
                r.prompt,
                r.method,
                r.n,
                r.right,
                percent(r.accuracy),
                interval(r.ci95),
                percent(r.chance),
                "" if r.ranked is None else percent(r.ranked),
            ]
            for r in rows
        ],
        False,
        "forms",
    )


def grade(
    run: RunFolder,
    method: Annotated[
        str | None,
        Option(
            help="Methods, comma-separated (letter, letter-lenient, exact, gestalt, letter-logprob, "
            "likelihood, likelihood-token, likelihood-char)."
        ),
    ] = None,
    as_published: Annotated[
        bool,
        Option(
            "--as-published",
            help="The published algorithm to the letter (letter: IgakuQA; exact, gestalt: "
            "med-harness). It need not pass its own gold.",
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Grade a run's stored replies again, by other methods if you like, and keep the verdicts. No model is called."""
    from igaku.runs.results import results_table
    from igaku.runs.store import open_run
    from igaku.statistics import cells

    opened = open_run(run)
    if as_published and method is None:
        method = "letter,exact,gestalt"
    graded, waiting = opened.graded(split(method) or None, as_published=as_published)
    rows = cells(graded, waiting)
    kept = opened.write_verdicts(graded)
    say(f"verdicts kept in {kept}")
    if json:
        emit(opened.as_data(rows))
    else:
        show_table(results_table(opened, rows))


def _question(run: Any, name: str, method: str | None, as_json: bool) -> None:
    found = [(p, g) for p, g in run.grade(split(method) or None) if g.question.id == name]
    if not found:
        raise UnknownNameError("question", name, {q for _, _, q in run.questions}, hint=f"in {run.path}")
    places = dict.fromkeys((p.benchmark, p.language) for p, _ in found)
    data = [_one_question(run, [(p, g) for p, g in found if (p.benchmark, p.language) == at], as_json) for at in places]
    if as_json:
        emit(data[0] if len(data) == 1 else {"questions": data})


def _one_question(run: Any, graded: list[Any], as_json: bool) -> dict[str, Any]:
    """Print one question of one language with its replies, or give it as data."""
    import msgspec

    q = graded[0][1].question
    rows = [
        {
            **msgspec.to_builtins(p),
            **msgspec.to_builtins(g.verdict),
            "reply": msgspec.to_builtins(g.reply.answer) if g.reply else None,
        }
        for p, g in graded
    ]
    if as_json:
        return {"question": msgspec.to_builtins(q), "verdicts": rows}
    from msgspec.structs import replace

    from igaku.keys import gold_letters
    from igaku.tables import printable

    print(printable(f"{q.id} ({q.lang}) {q.stem}"))
    for letter, choice in zip(q.letters, q.choices):
        print(printable(f"  {letter}. {choice}"))
    for point in getattr(q.key, "points", ()):
        print(printable(f"  {point.weight:+g} {point.text}"))
    print(f"key: {' or '.join(gold_letters(replace(q, key=k)) for k in _keys(q)) if not q.void else q.void}\n")
    hashes = dict.fromkeys(g.reply.prompt_hash for _, g in graded if g.reply)
    for text in (run.prompts[h] for h in hashes if h in run.prompts):
        print(printable(f"--- prompt ---\n{text}\n"))
    columns = ["model", "prompt", "order", "method", "outcome", "read", "reply"]
    show_rows(
        columns,
        [
            [
                r["model"],
                r["prompt"],
                r["order"],
                r["method"],
                r["outcome"],
                ", ".join(r.get("read", [])),
                _said(r["reply"]),
            ]
            for r in rows
        ],
        False,
        "verdicts",
    )
    return {}


def _keys(q: Any) -> list[Any]:
    """One key an accepted answer."""
    accepted = getattr(q.key, "accepted", None)
    return [type(q.key)((one,)) for one in accepted] if accepted else [q.key]


def _said(reply: dict[str, Any] | None) -> str:
    if reply is None:
        return ""
    return str(reply.get("text") or "  ".join(f"{x:.2f}" for x in reply.get("logprobs", [])) or reply.get("error", ""))
