"""``igaku bench list|show|check``."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from igaku.cli.language import language
from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igaku.benchmarks.base import Benchmark
    from igaku.runs.first_questions import FirstQuestion

app = typer.Typer(no_args_is_help=True, help="Benchmarks: list, show, and check that gold passes.")


@app.command("list")
def list_(json: Json = False) -> None:
    """All benchmarks: languages, number of questions, licences, and whether their files are here.

    Example: igaku bench list
    """
    from igaku.benchmarks import benchmark_names, installed_benchmarks, load_benchmark
    from igaku.benchmarks.sizes import QUESTIONS
    from igaku.io.paths import find_data

    rows: list[list[str | int]] = []
    for name in benchmark_names() + installed_benchmarks():
        try:
            b = load_benchmark(name)
        except IgakuError as error:
            say(str(error))
            continue
        later = [part for part in b.parts() if part not in b.slices]
        slices = f"{b.name}-{b.slices[0]} … {(later or b.slices)[-1]}" if b.slices else ""
        here = "yes" if all(find_data(f) for f in b.question_files(b.languages[0])) else "no"
        n = QUESTIONS.get(b.name, "")
        title = b.title_ja if language() == "ja" and not json else b.title
        rows.append([name, title, ",".join(b.languages), n, b.licence, b.upstream, slices, here])
    columns = ["name", "what", "languages", "questions", "licence", "source", "slices", "here"]
    show_rows(columns, rows, json, "benchmarks")


@app.command()
def show(
    name: Annotated[str, Argument(help="A benchmark, a slice, or your own .jsonl, .csv, .xlsx or .py file.")],
    lang: Annotated[str | None, Option(help="One language; all if left out.")] = None,
    limit: Annotated[
        int | None,
        Option(
            min=0, help="Show the first N as a model sees them; 3 of your own file, if left out.", show_default=False
        ),
    ] = None,
    prompt: Annotated[str, Option(help="The template for them; the benchmark's own if left out.")] = "",
    json: Json = False,
) -> None:
    """One benchmark's data card, how many questions of which kind it holds, and the first ones as a model sees them.

    Example: igaku bench show my.csv
    """
    from igaku.benchmarks import load_benchmark
    from igaku.benchmarks.checks import facts
    from igaku.runs.first_questions import first_questions

    b = load_benchmark(name)
    languages = [{"lang": one, **facts(b.load(one))} for one in ([lang] if lang else b.languages)]
    wanted = (3 if b.own_file else 0) if limit is None else limit
    first = first_questions(b, wanted, lang or "", prompt) if wanted else []
    if json:
        from msgspec import to_builtins

        emit({**_about(b), "languages": languages, **({"first": to_builtins(first)} if first else {})})
        return
    heads = {"title": b.title, "in Japanese": b.title_ja, "licence": b.licence, "source": b.upstream}
    heads |= {"read as": b.read_as, "credit": b.credit, "key": b.key_version}
    print("\n".join([b.label, *(f"{name}: {text}" for name, text in heads.items() if text)]))
    print("\n{}\n".format(card.replace("``", "`")) if (card := _card(b)) else "")
    columns = list(dict.fromkeys(name for row in languages for name in row))
    show_rows(columns, [[row.get(c, 0) for c in columns] for row in languages], False, "languages")
    _show_first(first)


def _card(b: "Benchmark") -> str:
    """What its file says of it; nothing of a reader, whose words are not about the user's own questions."""
    return "" if b.own_file else (sys.modules[type(b).__module__].__doc__ or "").strip()


def _about(b: "Benchmark") -> dict[str, str]:
    extra = {"credit": b.credit, "key": b.key_version, "read_as": b.read_as}
    about = {"name": b.label, "title": b.title, "licence": b.licence, "source": b.upstream, "card": _card(b)}
    return about | {name: text for name, text in extra.items() if text}


def _show_first(first: "Sequence[FirstQuestion]") -> None:
    """Each question between a line with its name and one with its key."""
    from igaku.tables import printable

    for q in first:
        print(f"\n--- {printable(q.id)} ({q.lang}) with {q.template}, as a model sees it ---\n{printable(q.prompt)}")
        if q.images:
            print(f"--- pictures, for models that see (--vision) ---\n{printable(', '.join(q.images))}")
        print(f"--- right ---\n{printable(q.key)}")


@app.command()
def check(
    names: Annotated[
        list[str] | None,
        Argument(help="Benchmarks, or your own .jsonl, .csv, .xlsx or .py files; all that are here if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Grade each benchmark's own gold, a wrong answer and an empty reply by every sound method that applies.

    Gold must score 100 %, a wrong answer 0, an empty reply must be unparsed. Exit code 1 where one does not, with a
    line for each fault.

    Example: igaku bench check ./my_exam.py
    """
    from igaku.benchmarks import benchmark_names, load_benchmark
    from igaku.grading.golds import COLUMNS

    rows: list[list[str | int]] = []
    faults: list[str] = []
    for name in names or benchmark_names():
        try:
            found, wrong = _checked(b := load_benchmark(name))
            for note in _own_notes(b):
                say(f"{b.label}: {note}")
        except IgakuError as error:
            if names:
                raise
            say(f"{name}: left out ({error})")
            continue
        rows += found
        faults += wrong
    show_rows(["benchmark", "lang", *COLUMNS], rows, json, "checks")
    for fault in faults:
        say(fault)
    if faults:
        raise typer.Exit(1)


def _own_notes(b: "Benchmark") -> list[str]:
    """What a person should look at in a file of their own."""
    other = [
        q.id
        for q in (b if b.own_file else ())
        if q.n_stated and q.key.choice_sets and all(len(found) != q.n_stated for found in q.key.choice_sets)
    ]
    shown = ", ".join(other[:5]) + (" …" if len(other) > 5 else "")
    unlike = f"the stem asks for another number of choices than the key has in {len(other):,} of its questions: {shown}"
    return [*([b.read_as] if b.read_as else []), *([unlike] if other else [])]


def _checked(b: "Benchmark") -> tuple[list[list[str | int]], list[str]]:
    """The rows of one benchmark, and a line for each fault."""
    from igaku.grading.golds import check_golds

    rows, faults = [], []
    for lang in b.languages:
        questions = b.load(lang)
        for found in check_golds(questions):
            rows.append([b.label, lang, *found.numbers])
            faults += [f"{b.label} ({lang}), method {found.method}, {fault}" for fault in found.faults]
        faults += [f"{b.label} ({lang}): {fault}" for fault in _defaults(b, lang)]
    return rows, faults


def _defaults(b: "Benchmark", lang: str) -> list[str]:
    """What is wrong with the prompt, method and aggregator that a benchmark names."""
    from igaku.errors import UnknownNameError
    from igaku.grading import METHODS
    from igaku.prompts import load_prompt
    from igaku.statistics import AGGREGATORS

    faults = []
    try:
        load_prompt(b.prompt, lang)
        method = METHODS[b.method]
        if b.aggregate not in AGGREGATORS:
            raise UnknownNameError("aggregator", b.aggregate, AGGREGATORS)
        if not b.scored_by_slice and not any(q.void or method.applies(q) for q in b.load(lang)):
            faults.append(f"its method {b.method!r} applies to none of its questions")
    except IgakuError as error:
        faults.append(str(error))
    return faults
