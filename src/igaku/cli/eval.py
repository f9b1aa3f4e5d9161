"""``igaku eval``."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

from typer import Exit, Option

from igaku.cli.output import emit, say, show_table
from igaku.errors import IgakuError


def evaluate(
    model: Annotated[str, Option(help="Embedded name (gemma-3-270m, smollm2-135m-instruct), .gguf file, folder, or hub id OWNER/NAME[@REVISION].")],
    bench: Annotated[str, Option(help="Benchmarks, comma-separated (`igaku bench list`), slices such as igakuqa-2018, or your own .jsonl/.csv.")],
    out: Annotated[Path, Option(help="Folder of the run. The same command again continues it.")],
    lang: Annotated[str | None, Option(help="Languages, comma-separated; all that the benchmark has if left out.")] = None,
    prompt: Annotated[str | None, Option(help="Templates (`igaku prompts list`) or .jinja files, comma-separated; `standard` stands for standard_ja or standard_en. "
                                              "The benchmark's own (standard for exams) if left out.")] = None,
    method: Annotated[str | None, Option(help="The benchmark's own (letter for exams) if left out. letter, gestalt, exact (from written replies); letter-logprob (any engine); likelihood, likelihood-token, "
                                       "likelihood-char (transformers only: llama.cpp cannot score texts soundly).")] = None,
    form: Annotated[str, Option(help="choices; open (choices not shown; graded by their words, or by a judge); statements (each choice asked alone).")] = "choices",
    shots: Annotated[int | None, Option(help="Examples before the question; the template's own number if left out.")] = None,
    examples: Annotated[str | None, Option(help="Set of examples, or a .jsonl file; the template's own if left out. Never from the benchmark.")] = None,
    order: Annotated[str, Option(help="Orders of the choices, comma-separated: original, rotations (each choice in each place), rotate-K, shuffle, shuffle-SEED.")] = "original",
    seed: Annotated[int, Option(help="Seed of --order shuffle and of sampling.")] = 0,
    limit: Annotated[int | None, Option(min=1, help="Only the first N questions of each benchmark and language.")] = None,
    only: Annotated[Path | None, Option(help="A file with ids of questions, one a line (`igaku mini` writes one).")] = None,
    text_only: Annotated[bool, Option("--text-only", help="Leave out questions that need an image (they are counted apart anyway).")] = False,
    engine: Annotated[str, Option(help="auto, llamacpp, transformers, vllm, ray-vllm, openai (docs/engines.md).")] = "auto",
    adapter: Annotated[str, Option(help="PEFT adapter: folder or hub id (transformers).")] = "",
    dtype: Annotated[str, Option(help="auto, float32, bfloat16, float16 (transformers).")] = "auto",
    quantize: Annotated[str, Option(help="4bit: by bitsandbytes (transformers, vllm); fp8 (vllm).")] = "",
    thinking: Annotated[bool | None, Option("--thinking/--no-thinking", help="Tell the chat template to think, or not to; its own default if left out.")] = None,
    tensor_parallel: Annotated[int | None, Option(min=1, help="GPUs a model is split over (vllm).")] = None,
    pipeline_parallel: Annotated[int | None, Option(min=1, help="Stages a model is split into (vllm).")] = None,
    replicas: Annotated[int | None, Option(min=1, help="Copies of the model, on one or many machines (ray-vllm).")] = None,
    base_url: Annotated[str, Option(help="Address of an OpenAI-compatible server, e.g. http://localhost:8000/v1; several, comma-separated, share the work. "
                                         "The key: keys.toml, or IGAKU_API_KEY.")] = "",
    api: Annotated[str, Option(help="auto, chat, completions (openai).")] = "auto",
    concurrency: Annotated[int | None, Option(min=1, help="Most requests under way at one server (openai); 32 if left out.")] = None,
    prices: Annotated[Path | None, Option(help='TOML table of prices: ["MODEL"] with input and output, a million tokens each (openai).')] = None,
    max_cost: Annotated[float | None, Option(min=0.0, help="Stop this session before more than this is spent; the same command goes on (openai).")] = None,
    vision: Annotated[bool, Option("--vision", help="The model sees: send the questions' images (openai).")] = False,
    context: Annotated[int | None, Option(min=64, help="Longest prompt plus reply in tokens; longer ones count as overlong.")] = None,
    max_tokens: Annotated[int | None, Option(min=1, help="Longest reply in tokens; the template's own if left out.")] = None,
    temperature: Annotated[float, Option(min=0.0, help="0 is greedy.")] = 0.0,
    retry_errors: Annotated[bool, Option("--retry-errors", help="Ask again where the engine failed.")] = False,
    trust_remote_code: Annotated[bool, Option("--trust-remote-code", help="Let the hub's code of this model run here.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Say what would be asked, how long it would take, show three prompts; write nothing.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout instead of the table.")] = False,
) -> None:  # fmt: skip
    """Ask a model the questions, keep every reply, and print the scores.

    Example: igaku eval --model gemma-3-270m --bench igakuqa-2018 --lang ja --method letter-logprob --out runs/try
    """
    from igaku.runs.evaluate import Plan
    from igaku.runs.evaluate import evaluate as run_it

    settings: dict[str, Any] = {"adapter": adapter}
    if context:
        settings["context"] = context
    given = {
        "quantize": quantize, "trust_remote_code": trust_remote_code, "tensor_parallel": tensor_parallel, "pipeline_parallel": pipeline_parallel,
        "replicas": replicas, "base_url": base_url, "concurrency": concurrency, "prices": str(prices or ""), "vision": vision,
        "api": "" if api == "auto" else api,
    }  # fmt: skip
    settings |= {k: v for k, v in given.items() if v}
    if max_cost is not None:
        settings["max_cost"] = max_cost
    if thinking is not None:
        settings["thinking"] = thinking
    if dtype != "auto":
        settings["dtype"] = dtype
    plans: list[Plan] = []

    def on_plan(plan: Plan) -> None:
        plans.append(plan)
        _tell(plan)

    try:
        with _progress(plans) if not dry_run else nullcontext() as on_reply:
            run = run_it(
                model, bench, out=out, lang=lang, prompt=prompt, method=method, form=form, shots=shots, examples=examples, order=order,
                seed=seed, limit=limit, only=read_ids(only), text_only=text_only, max_tokens=max_tokens, temperature=temperature,
                retry_errors=retry_errors, dry_run=dry_run, engine=engine, on_plan=on_plan, on_reply=on_reply, **settings,
            )  # fmt: skip
    except KeyboardInterrupt:
        say(f"igaku: stopped; what was answered so far is kept in {out}, and the same command goes on from there")
        raise Exit(130) from None
    if dry_run:
        _dry(plans[0], json)
        return
    if json:
        emit(run.as_data())
        return
    from igaku.runs.results import results_table

    show_table(results_table(run, run.cells))
    if unjudged := sum(c.unanswered for c in run.cells if c.method == "rubric"):
        say(
            f"{unjudged} answers wait for a judge: igaku judge {out} --judge MODEL, or for physicians: igaku rate export {out}"
        )
    say(f"kept in {out}; more: igaku show {out}, igaku grade {out} --method METHOD")


def read_ids(path: Path | None) -> list[str] | None:
    """Ids from a file, one a line; None where no file is given."""
    if path is None:
        return None
    try:
        ids = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError:
        raise IgakuError(f"{path}: not UTF-8; give a text file with one id a line") from None
    return [i for i in ids if i and not i.startswith("#")]


def _tell(plan: Any) -> None:
    for note in plan.notes:
        say(f"note: {note}")
    todo = plan.prompts - plan.done
    kept = f" ({plan.done:,} of {plan.prompts:,} are answered already)" if plan.done else ""
    new = f" and up to {plan.new_tokens:,} new ones" if plan.new_tokens else ""
    say(
        f"{todo:,} prompts{kept}, {plan.tokens:,} tokens{new}; about {_clock(plan.seconds or 0)} to go, {plan.memory_mb:,} MB so far"
    )


def _clock(seconds: float) -> str:
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours} h {m:02d} min" if hours else f"{m} min {s:02d} s" if m else f"{s} s"


def _dry(plan: Any, as_json: bool) -> None:
    if as_json:
        import msgspec

        emit(msgspec.to_builtins(plan))
        return
    from igaku.tables import printable

    for i, example in enumerate(plan.examples, 1):
        print(f"--- prompt {i} of {len(plan.examples)} shown ---\n{printable(example)}")


class _progress:
    """A progress bar on stderr: questions, tokens a second, time left; its value is the ``on_reply`` callback."""

    def __init__(self, plans: list[Any]) -> None:
        self._plans = plans
        self._bar: Any = None

    def __enter__(self) -> Any:
        return self._one

    def __exit__(self, *_: Any) -> None:
        if self._bar:
            self._bar.stop()

    def _one(self, reply: Any, tokens: int) -> None:
        if self._bar is None:
            self._start()
        self._tokens += tokens
        elapsed = self._bar.tasks[0].elapsed or 0
        self._bar.update(self._task, advance=1, rate=f"{self._tokens / elapsed:,.0f} tokens/s" if elapsed > 1 else "")

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("asking"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._bar.start()
        plan = self._plans[0]
        self._task = self._bar.add_task("asking", total=plan.prompts - plan.done, rate="")
        self._tokens = 0
