"""``igaku eval``."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from igaku.cli.options import EngineSettings, Json, Limit, engine_options, split
from igaku.cli.output import emit, say, show_table
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.runs.plan import Plan
    from igaku.runs.specs import TaskSpec

MODEL = "Embedded name (gemma-3-270m), .gguf file, folder, hub id OWNER/NAME[@REVISION], or a served model's name."
BENCH = (
    "Benchmarks, comma-separated (`igaku bench list`): names, slices such as igakuqa-2018, .jsonl/.csv "
    "files, my_exam.py."
)
METHOD = (
    "Grading methods, comma-separated; the benchmark's own if left out. Read from the text: letter, letter-lenient, "
    "exact, gestalt, text, text-salts, terms, option, fields, spans, mentions, named, pairs, error, error-corrected, "
    "refusal, bleu, rouge. From probabilities: letter-logprob (of the letters), likelihood, likelihood-token, "
    "likelihood-char (of the choices' texts). By a judge: rubric."
)


def _grouped(panel: str) -> Any:
    """Options that stand under one head of the help."""

    def option(help: str, *names: str, **limits: Any) -> Any:
        return Option(*names, help=help, rich_help_panel=panel, **limits)

    return option


_what, _how = _grouped("What is asked"), _grouped("How it is asked")
_reply = _grouped("How a reply is drawn and graded")


@engine_options
def evaluate(
    model: Annotated[str, Option(help=MODEL, show_default=False)],
    out: Annotated[Path, Option(help="Folder of the run. The same command again continues it.", show_default=False)],
    settings: EngineSettings,
    bench: Annotated[str, Option(help=BENCH, show_default=False)] = "",
    suite: Annotated[
        str, Option(help="Instead of --bench: a suite (`igaku suites list`), or a YAML file of your own.")
    ] = "",
    lang: Annotated[str, _what("Languages, comma-separated; all that the benchmark has if left out.")] = "",
    limit: Limit = None,
    only: Annotated[
        Path | None, _what("A file with ids of questions, one a line (`igaku short-form` writes one).")
    ] = None,
    text_only: Annotated[bool, _what("Leave out questions that need an image.", "--text-only")] = False,
    question_format: Annotated[
        str, _what("choices; open (choices not shown); statements (each choice asked alone).")
    ] = "choices",
    prompt: Annotated[
        str, _how("Templates (`igaku prompts list`) or .jinja files, comma-separated; the benchmark's own if left out.")
    ] = "",
    shots: Annotated[int | None, _how("Examples before the question; the template's own number if left out.")] = None,
    examples: Annotated[str, _how("Set of examples, or a .jsonl file. Never from the benchmark.")] = "",
    order: Annotated[
        str, _how("Orders of the choices, comma-separated: original, rotations, rotate-K, shuffle, shuffle-SEED.")
    ] = "original",
    abstain: Annotated[
        str, _how('Offer "I don\'t know": points that a wrong answer costs, e.g. 1 or 0,1,3 (igaku abstain).')
    ] = "",
    method: Annotated[str, _reply(METHOD)] = "",
    max_tokens: Annotated[int | None, _reply("Longest reply in tokens; the template's own if left out.", min=1)] = None,
    temperature: Annotated[
        float | None,
        _reply("0 is greedy. If left out: 0, and with --samples what the model's own files recommend.", min=0.0),
    ] = None,
    samples: Annotated[int, _reply("Written replies to each question, each drawn by its own seed.", min=1)] = 1,
    seed: Annotated[int, _reply("Seed of --order shuffle and of sampling.")] = 0,
    retry_errors: Annotated[bool, Option("--retry-errors", help="Ask again where the engine failed.")] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Say what would be asked, with three prompts; ask nobody, write nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask a model the questions and print its scores.

    Every reply is kept; the same command again asks only what is missing.

    Example: igaku eval --model gemma-3-270m --bench igakuqa-2018 --lang ja --method letter-logprob --out runs/try
    Example: igaku eval --model my-8b --base-url http://localhost:8000/v1 --bench my_questions.csv --out runs/own
    Example: igaku eval --model models/my-8b --bench igakuqa --prompt chat --samples 8 --out runs/samples
    """
    from igaku.cli.glossary import explained
    from igaku.cli.hints import hints
    from igaku.cli.progress import Asking
    from igaku.runs.cut import cut_notes
    from igaku.runs.evaluate import evaluate_task
    from igaku.runs.evaluate_suite import evaluate_suite, plan_suite
    from igaku.runs.plan import plan
    from igaku.runs.sample_results import sample_results, sample_tables
    from igaku.runs.specs import task_spec

    task = task_spec(
        lang=split(lang),
        prompt=with_penalties(split(prompt), split(abstain)),
        method=split(method),
        question_format=question_format,
        shots=shots,
        examples=examples,
        order=split(order),
        seed=seed,
        limit=limit,
        only=read_ids(only),
        text_only=text_only,
        max_tokens=max_tokens,
        temperature=temperature,
        samples=samples,
    )
    check_what(bench, suite, task)
    if dry_run:
        given = {"out": out, "retry_errors": retry_errors, **settings}
        _dry(plan_suite(model, suite, **given) if suite else plan(model, split(bench), task=task, **given), json)
        return
    with Asking() as asking:
        given = {"out": out, "retry_errors": retry_errors, "on_plan": asking.plan, "on_reply": asking.reply, **settings}
        if suite:
            run = evaluate_suite(model, suite, **given)
        else:
            run = evaluate_task(model, split(bench), task, **given)
    if json:
        emit(run.as_data())
        return
    tables = [run.table(), *sample_tables(sample_results(run))]
    for table in tables:
        show_table(table)
    for line in (*(f"note: {note}" for note in cut_notes(run)), *explained(tables), *hints(run, asking.replies)):
        say(line)


def check_what(bench: str, suite: str, task: "TaskSpec") -> None:
    """A suite says itself what is asked, and how.

    Raises:
        IgakuError: neither a benchmark nor a suite, or a suite and something that would change it.
    """
    from igaku.runs.specs import FIELDS, TaskSpec

    if not suite and not bench:
        raise IgakuError("say what to ask: --bench NAME (igaku bench list) or --suite NAME (igaku suites list)")
    changed = [name for name in FIELDS if getattr(task, name) != getattr(TaskSpec(), name)]
    if suite and (given := ["bench"] * bool(bench) + changed):
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise IgakuError(f"--suite {suite} says itself what is asked: leave out {flags}, or write a suite of your own")


def with_penalties(prompts: Sequence[str], penalties: Sequence[str]) -> list[str]:
    """Templates with each penalty in their names (``abstain-3``); ``abstain`` where none is named.

    Raises:
        IgakuError: a penalty outside 0 to 999, or not a plain number.
    """
    if wrong := next((p for p in penalties if not re.fullmatch(r"\d{1,3}(?:\.\d{1,3})?", p)), ""):
        raise IgakuError(f"--abstain {wrong}: give the points that a wrong answer costs, e.g. 0, 1, 3 or 0.25")
    if not penalties:
        return list(prompts)
    return [f"{name}-{float(points):g}" for name in prompts or ["abstain"] for points in penalties]


def read_ids(path: Path | None) -> list[str] | None:
    """Ids from a file, one a line; None where no file is given."""
    from igaku.io.read import read_lines

    if path is None:
        return None
    ids = [line.strip() for _, line in read_lines(path)]
    return [i for i in ids if i and not i.startswith("#")]


def _dry(plan: "Plan", as_json: bool) -> None:
    if as_json:
        import msgspec

        emit(msgspec.to_builtins(plan))
        return
    from igaku.cli.progress import describe
    from igaku.tables import printable

    describe(plan)
    if plan.first:
        say(f"nobody was asked; the first question would be {plan.first}")
    for i, example in enumerate(plan.examples, 1):
        print(f"--- prompt {i} of {len(plan.examples)} shown ---\n{printable(example)}")
