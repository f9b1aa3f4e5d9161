"""``igaku bench list|show|check``."""

from typing import Annotated, Any

import typer
from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError

app = typer.Typer(
    no_args_is_help=True, help="Benchmarks: what there is, what is in one, whether its gold passes the graders."
)
AsJson = Annotated[bool, Option("--json", help="One JSON object on stdout.")]


@app.command("list")
def list_(json: AsJson = False) -> None:
    """All benchmarks, their languages, licences, and whether their files are here."""
    from igaku.benchmarks import benchmark_names, load_benchmark

    rows = []
    for name in benchmark_names():
        b = load_benchmark(name)
        rows.append([name, b.title, ",".join(b.languages), b.licence, b.upstream, _slices(b), _here(b)])
    show_rows(["name", "what", "languages", "licence", "source", "slices", "here"], rows, json, "benchmarks")


@app.command()
def show(
    name: Annotated[str, Argument(help="A benchmark, a slice, or a .jsonl/.csv file of your own.")],
    lang: Annotated[str | None, Option(help="One language; all if left out.")] = None,
    json: AsJson = False,
) -> None:
    """One benchmark's data card and what is in it."""
    import sys

    from igaku.benchmarks import load_benchmark

    b = load_benchmark(name)
    facts = [{"lang": one, **_facts(b.load(one))} for one in ([lang] if lang else b.languages)]
    card = (sys.modules[type(b).__module__].__doc__ or "").strip()
    if json:
        emit(
            {
                "name": b.label,
                "title": b.title,
                "licence": b.licence,
                "source": b.upstream,
                "card": card,
                "languages": facts,
            }
        )
        return
    print(f"{b.label}\n\n{card}\n")
    show_rows(list(facts[0]), [list(f.values()) for f in facts], False, "languages")


@app.command()
def check(
    names: Annotated[list[str] | None, Argument(help="Benchmarks; all that are here if left out.")] = None,
    json: AsJson = False,
) -> None:
    """Grade each benchmark's own gold, a wrong answer and an empty reply by every sound method that applies.

    Gold must score 100 %, a wrong answer 0, an empty reply must be unparsed. Exit code 1 where one does not.
    """
    from igaku.benchmarks import benchmark_names, load_benchmark
    from igaku.grading.golds import check_golds

    rows: list[list[Any]] = []
    for name in names or benchmark_names():
        b = load_benchmark(name)
        for lang in b.languages:
            try:
                questions = b.load(lang)
            except IgakuError as error:
                if names:
                    raise
                say(f"{name}: left out ({error})")
                break
            rows += [[b.label, lang, *row] for row in check_golds(questions)]
    columns = [
        "benchmark",
        "lang",
        "method",
        "applies",
        "gold right",
        "wrong passed",
        "empty passed",
        "void",
        "first failure",
    ]
    show_rows(columns, rows, json, "checks")
    if any(r[-1] for r in rows):
        raise typer.Exit(1)


def _slices(b: Any) -> str:
    return f"{b.name}-{b.slices[0]} … {b.slices[-1]}" if b.slices else ""


def _here(b: Any) -> str:
    from igaku.io.paths import find_data

    return "yes" if all(find_data(f) for f in b.files(b.languages[0])) else "no"


def _facts(questions: list[Any]) -> dict[str, Any]:
    from igaku.question import Choices, Number

    return {
        "questions": len(questions),
        "text only": sum(q.text_only for q in questions),
        "single": sum(q.n_right == 1 for q in questions),
        "several": sum(q.n_right > 1 for q in questions),
        "alternatives": sum(isinstance(q.key, Choices) and len(q.key.accepted) > 1 for q in questions),
        "numeric": sum(isinstance(q.key, Number) for q in questions),
        "void": sum(bool(q.void) for q in questions),
        "choices": "–".join(str(f(len(q.choices) for q in questions if q.choices)) for f in (min, max)),
        "points": f"{sum(q.points for q in questions):g}",
        "prohibited": sum(bool(q.prohibited) for q in questions),
        "linked": sum(bool(q.group) for q in questions),
    }
