"""``igaku corpus``: one command a step; all steps of a plan are done by ``igaku run``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option, Typer

from igaku.cli.options import EngineSettings, engine_options, split
from igaku.cli.output import emit, say, show_table
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.corpus.manifest import Manifest
    from igaku.corpus.steps import Step
    from igaku.engines.spec import EngineSpec

app = Typer(no_args_is_help=True, help="Text that becomes training data, without the exams in it.")

Inputs = Annotated[
    list[Path], Argument(help="Files or folders: .jsonl or .parquet with a field `text`, .txt, .md.", metavar="IN...")
]
Out = Annotated[Path, Option(help="Folder for documents.jsonl, manifest.json and MANIFEST.md.")]
Workers = Annotated[str, Option(help="Processes on this machine, or ray for a Ray cluster; the output is the same.")]
Redo = Annotated[bool, Option("--redo", help="Do the step again if its inputs or settings have changed.")]
Json = Annotated[bool, Option("--json", help="The manifest as one JSON object on stdout.")]
Model = Annotated[
    str | None,
    Option(help="Any engine's model: embedded name, .gguf file, folder, hub id, or a server's with --base-url."),
]


@app.command("clean")
def clean(
    inputs: Inputs,
    out: Out,
    languages: Annotated[str, Option(help="Languages to keep, comma-separated; an empty text for all.")] = "ja,en",
    shortest: Annotated[int, Option(min=0, help="Characters below which a document is dropped.")] = 20,
    identified: Annotated[bool, Option("--identified", help="Leave names, dates and numbers of persons.")] = False,
    workers: Workers = "1",
    redo: Redo = False,
    json: Json = False,
) -> None:
    """Bring text into one form, drop other languages, and replace what identifies persons.

    The form: width, units, ruby, page numbers, references and broken lines.

    Example: igaku corpus clean journals/ --out 1-clean/
    """
    from igaku.corpus.clean import Clean

    _do(Clean(languages=split(languages), shortest=shortest, identified=identified), inputs, out, workers, redo, json)


@app.command("dedup")
def dedup(
    inputs: Inputs,
    out: Out,
    alike: Annotated[float, Option(help="Share of two texts that is common from which the later is dropped.")] = 0.75,
    exact: Annotated[
        bool, Option("--exact", help="Only exact copies (up to width, case, blanks and punctuation).")
    ] = False,
    semantic: Annotated[
        str, Option(help="Also drop what says the same in other words: an encoder's folder (SemDeDup).")
    ] = "",
    epsilon: Annotated[float, Option(help="With --semantic: a cosine above 1 - epsilon is the same.")] = 0.05,
    workers: Workers = "1",
    redo: Redo = False,
    json: Json = False,
) -> None:
    """Keep each text once: exact and near copies are dropped, the first is kept.

    Example: igaku corpus dedup 1-clean/documents.jsonl --out 2-dedup/
    """
    from igaku.corpus.dedup import Dedup

    step = Dedup(alike=alike, exact=exact, semantic=semantic, epsilon=epsilon)
    _do(step, inputs, out, workers, redo, json)


@app.command("decontaminate")
@engine_options
def decontaminate(
    inputs: Inputs,
    out: Out,
    bench: Annotated[str | None, Option(help="Benchmarks, comma-separated; if left out, all on this machine.")] = None,
    share: Annotated[float, Option(min=0.05, max=1.0, help="Drop a document with this share of a question.")] = 0.6,
    meaning: Annotated[
        str, Option(help="Also find questions reworded or translated: multilingual-e5-small, or an encoder's folder.")
    ] = "",
    judge: Annotated[
        str | None, Option(help="With --meaning: any engine's model, which reads what is near and decides.")
    ] = None,
    workers: Workers = "1",
    redo: Redo = False,
    json: Json = False,
    settings: EngineSettings | None = None,
) -> None:
    """Drop every document that holds an exam question, in whatever width, punctuation, numbering and order of choices.

    Example: igaku corpus decontaminate corpus/ --out clean/ --meaning multilingual-e5-small
    """
    from igaku.corpus.decontaminate import Decontaminate

    names = split(bench) if bench else None
    step = Decontaminate(benchmarks=names, share=share, meaning=meaning, engine=_spec(judge, settings or {}, "judge"))
    manifest = _do(step, inputs, out, workers, redo, json)
    if not json and (missing := manifest.settings["not here"]):
        say(f"not searched for, since their files are not found (igaku data get NAME): {', '.join(missing)}")


@app.command("filter")
@engine_options
def filter_(
    inputs: Inputs,
    out: Out,
    labels: Annotated[Path | None, Option(help='JSON Lines of {"id": ..., "good": true}.')] = None,
    model: Model = None,
    purpose: Annotated[
        str, Option(help="What the model is asked: quality, medical, or a criterion in words.")
    ] = "quality",
    sample: Annotated[int, Option(min=40, help="Documents that the model labels.")] = 400,
    top: Annotated[
        float | None,
        Option(min=0.1, max=0.9, help="Share of the sample that is good, for a model that finds everything good."),
    ] = None,
    precision: Annotated[
        float, Option(min=0.5, max=1.0, help="Share of good documents among those kept, on labels held out.")
    ] = 0.9,
    workers: Workers = "1",
    redo: Redo = False,
    json: Json = False,
    settings: EngineSettings | None = None,
) -> None:
    """Keep what a small classifier finds good; it learns from labels in a file, or from a model's labels of a sample.

    Example: igaku corpus filter 3-decontaminate/documents.jsonl --labels labels.jsonl --out 4-filter/
    """
    from igaku.corpus.filter import Filter

    step = Filter(
        labels=str(labels or ""),
        engine=_spec(model, settings or {}),
        purpose=purpose,
        sample=sample,
        top=top,
        precision=precision,
    )
    _do(step, inputs, out, workers, redo, json)


@app.command("instruct")
@engine_options
def instruct(
    inputs: Inputs,
    out: Out,
    model: Model = None,
    pairs: Annotated[int, Option(min=1, help="Pairs a passage.")] = 5,
    limit: Annotated[int | None, Option(min=1, help="Number of passages, drawn evenly; all if left out.")] = None,
    exams: Annotated[
        str | None, Option(help="Exam questions that may be trained on, e.g. yakugakuqa:2012-2020; several with ;.")
    ] = None,
    temperature: Annotated[float, Option(min=0.0, help="0 is greedy.")] = 0.0,
    max_tokens: Annotated[int, Option(min=1, help="Longest answer of the model in tokens.")] = 512,
    redo: Redo = False,
    json: Json = False,
    settings: EngineSettings | None = None,
) -> None:
    """Question-and-answer pairs from passages, by any model; one that is not grounded or in a benchmark is dropped.

    Example: igaku corpus instruct 4-filter/documents.jsonl --model models/my-32b --out 5-instruct/
    """
    from igaku.corpus.instruct import Instruct

    step = Instruct(
        engine=_spec(model, settings or {}),
        pairs=pairs,
        passages=limit,
        exams=[e.strip() for e in (exams or "").split(";") if e.strip()],
        temperature=temperature,
        max_tokens=max_tokens,
    )
    _do(step, inputs, out, "1", redo, json)


@app.command("mix")
def mix(
    inputs: Inputs,
    out: Out,
    tokenizer: Annotated[
        str, Option(help="Of the model that will be trained: a folder, an embedded name, or a hub id.")
    ],
    weights: Annotated[str, Option(help="Shares of the tokens by source: NAME=2,OTHER=1.")] = "",
    tokens: Annotated[int | None, Option(min=1, help="Tokens of the whole mix; all if left out.")] = None,
    block: Annotated[int, Option(min=16, help="Tokens of a training sequence, for the packing statistics.")] = 512,
    seed: Annotated[int, Option(help="Random seed of the order.")] = 0,
    redo: Redo = False,
    json: Json = False,
) -> None:
    """One shuffled file with a number of tokens of each source.

    Example: igaku corpus mix 4-filter/documents.jsonl 5-instruct/documents.jsonl --tokenizer models/my-8b --out 6-mix/
    """
    from igaku.corpus.mix import Mix

    step = Mix(tokenizer=tokenizer, weights=_weights(weights), tokens=tokens, block=block, seed=seed)
    _do(step, inputs, out, "1", redo, json)


def _weights(text: str) -> dict[str, float]:
    try:
        return {n: float(w) for n, _, w in (x.partition("=") for x in split(text))}
    except ValueError:
        raise IgakuError(f"--weights {text!r}: write NAME=NUMBER, comma-separated") from None


def _spec(model: str | None, settings: dict[str, Any], option: str = "model") -> "EngineSpec | None":
    from igaku.engines.spec import as_spec

    if model is None and settings:
        raise IgakuError(f"--{next(iter(settings)).replace('_', '-')} is a setting of a model; give --{option}")
    return as_spec(model, **settings) if model else None


def _do(step: "Step", inputs: list[Path], out: Path, workers: str, redo: bool, json: bool) -> "Manifest":
    """Do a step, and print its manifest."""
    import msgspec

    from igaku.corpus.steps import run_step

    manifest = run_step(step, inputs, out, workers=workers, say=say, redo=redo)
    if json:
        emit(msgspec.to_builtins(manifest))
        return manifest
    for table in manifest.tables():
        show_table(table)
    page = (
        f"what was dropped and why: {out / 'MANIFEST.md'}"
        if manifest.dropped
        else f"what was done: {out / 'MANIFEST.md'}"
    )
    say(f"{manifest.read:,} documents read, {manifest.retained:,} kept in {out}; {page}")
    return manifest
