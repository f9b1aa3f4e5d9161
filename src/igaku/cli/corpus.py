"""``igaku corpus``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option, Typer

from igaku.cli.output import emit, say, show_rows

if TYPE_CHECKING:
    from igaku.corpus import Manifest

app = Typer(no_args_is_help=True, help="Text that becomes training data, without the exams in it.")

Inputs = Annotated[
    list[Path], Argument(help="Files or folders: .jsonl or .parquet with a field `text`, .txt, .md.", metavar="IN...")
]
Out = Annotated[Path, Option(help="Folder for documents.jsonl, manifest.json and MANIFEST.md.")]
Workers = Annotated[str, Option(help="Processes on this machine, or ray for a Ray cluster; the output is the same.")]
Json = Annotated[bool, Option("--json", help="The manifest as one JSON object on stdout.")]
Model = Annotated[
    str | None,
    Option(help="Any engine's model: embedded name, .gguf file, folder, hub id, or a server's with --base-url."),
]
BaseUrl = Annotated[str, Option(help="Address of an OpenAI-compatible server.")]


@app.command("run")
def run(
    plan: Annotated[Path, Argument(help="YAML: sources and the settings of each step (docs/corpus.md).")],
    out: Annotated[Path, Option(help="Folder for the steps' folders and MANIFEST.md.")],
    workers: Workers = "1",
) -> None:
    """All steps: sources, clean, dedup, decontaminate, filter, instruct, mix. What is done is not done again.

    Example: igaku corpus run corpus.yaml --out corpus/
    """
    from igaku.corpus.pipeline import build

    build(plan, out, workers, lambda m: say(f"{m.step}: {m.read:,} read, {m.kept:,} kept"))
    say(f"what each step did, and some of what it dropped: {out / 'MANIFEST.md'}")


@app.command("clean")
def clean(
    inputs: Inputs,
    out: Out,
    languages: Annotated[str, Option(help="Languages that stay, comma-separated; an empty text for all.")] = "ja,en",
    shortest: Annotated[int, Option(min=0, help="Characters below which a document is dropped.")] = 20,
    identified: Annotated[
        bool, Option("--identified", help="Leave names, dates and numbers of persons where they are.")
    ] = False,
    workers: Workers = "1",
    json: Json = False,
) -> None:
    """Bring text into one form (width, units, ruby, page numbers, references, broken lines), drop other languages, replace what identifies persons.

    Example: igaku corpus clean journals/ --out 1-clean/
    """
    from igaku.corpus import clean as step

    told(
        step(
            inputs,
            out,
            languages=[x.strip() for x in languages.split(",") if x.strip()],
            shortest=shortest,
            identified=identified,
            workers=workers,
        ),
        out,
        json,
    )


@app.command("dedup")
def dedup(
    inputs: Inputs,
    out: Out,
    alike: Annotated[
        float, Option(help="Share of two texts that is common from which the later one is dropped.")
    ] = 0.75,
    exact: Annotated[
        bool, Option("--exact", help="Only exact copies (but for width, case, blanks and punctuation).")
    ] = False,
    semantic: Annotated[
        str | None, Option(help="Also what says the same in other words: an encoder's folder (SemDeDup).")
    ] = None,
    epsilon: Annotated[float, Option(help="With --semantic: a cosine above 1 - epsilon is the same.")] = 0.05,
    workers: Workers = "1",
    json: Json = False,
) -> None:
    """Keep each text once: exact and near copies are dropped, the first stays.

    Example: igaku corpus dedup 1-clean/documents.jsonl --out 2-dedup/
    """
    from igaku.corpus import dedup as step

    told(step(inputs, out, alike=alike, exact=exact, semantic=semantic, epsilon=epsilon, workers=workers), out, json)


@app.command("decontaminate")
def decontaminate(
    inputs: Inputs,
    out: Out,
    bench: Annotated[
        str | None, Option(help="Benchmarks, comma-separated; every one that is here if left out.")
    ] = None,
    share: Annotated[
        float, Option(min=0.05, max=1.0, help="Drop a document that holds this share of a question.")
    ] = 0.6,
    workers: Workers = "1",
    json: Json = False,
) -> None:
    """Take out every document that holds an exam question: whatever its width, punctuation, numbering, and order of choices.

    Example: igaku corpus decontaminate corpus/ --out clean/
    """
    from igaku.corpus import decontaminate as step

    made = step(inputs, out, [b.strip() for b in bench.split(",")] if bench else None, share, workers)
    told(made, out, json)
    if not json and (missing := made.settings["not here"]):
        say(f"not looked for, since their files are not here (igaku data get NAME): {', '.join(missing)}")


@app.command("filter")
def filter_(
    inputs: Inputs,
    out: Out,
    labels: Annotated[Path | None, Option(help='JSON Lines of {"id": ..., "good": true}.')] = None,
    model: Model = None,
    base_url: BaseUrl = "",
    purpose: Annotated[
        str, Option(help="What the model is asked: quality, medical, or a criterion in words.")
    ] = "quality",
    sample: Annotated[int, Option(min=40, help="Documents that the model labels.")] = 400,
    top: Annotated[
        float | None,
        Option(
            min=0.1,
            max=0.9,
            help="The best share of the labelled sample is good, for a model that finds everything good.",
        ),
    ] = None,
    precision: Annotated[float, Option(min=0.5, max=1.0, help="Of what is kept, on labels held out.")] = 0.9,
    workers: Workers = "1",
    json: Json = False,
) -> None:
    """Keep what a small classifier finds good; it learns from labels in a file, or from those that a model gives a sample.

    Example: igaku corpus filter 3-decontaminate/documents.jsonl --labels labels.jsonl --out 4-filter/
    """
    from igaku.corpus.filter import filter_documents
    from igaku.corpus.pipeline import with_engine

    given = {
        "labels": labels,
        "purpose": purpose,
        "sample": sample,
        "top": top,
        "precision": precision,
        "workers": workers,
    }
    told(with_engine(filter_documents, inputs, out, given | _asked(model, base_url), ("letters",)), out, json)


@app.command("instruct")
def instruct(
    inputs: Inputs,
    out: Out,
    model: Model = None,
    base_url: BaseUrl = "",
    pairs: Annotated[int, Option(min=1, help="Pairs a passage.")] = 5,
    passages: Annotated[int | None, Option(min=1, help="Passages, drawn evenly; all if left out.")] = None,
    exams: Annotated[
        str | None, Option(help="Exam questions that may be trained on, e.g. yakugakuqa:2012-2020; several with ;.")
    ] = None,
    temperature: Annotated[float, Option(min=0.0, help="0 is greedy.")] = 0.0,
    json: Json = False,
) -> None:
    """Question-and-answer pairs from passages, by any model; each is checked, and dropped where it is not grounded or in a benchmark.

    Example: igaku corpus instruct 4-filter/documents.jsonl --model models/my-32b --out 5-instruct/
    """
    from igaku.corpus.instruct import instruct as step
    from igaku.corpus.pipeline import with_engine

    given = {
        "pairs": pairs,
        "passages": passages,
        "temperature": temperature,
        "exams": [e.strip() for e in (exams or "").split(";") if e.strip()],
    }
    told(with_engine(step, inputs, out, given | _asked(model, base_url), ("text",)), out, json)


@app.command("mix")
def mix(
    inputs: Inputs,
    out: Out,
    tokenizer: Annotated[
        str, Option(help="Of the model that will be trained: a folder, an embedded name, or a hub id.")
    ],
    weights: Annotated[str, Option(help="Shares of the tokens by source: NAME=2,OTHER=1.")] = "",
    tokens: Annotated[int | None, Option(min=1, help="Tokens of the whole; as many as there are if left out.")] = None,
    block: Annotated[int, Option(min=16, help="Tokens of a training sequence, for the packing statistics.")] = 512,
    seed: Annotated[int, Option(help="Of the order.")] = 0,
    json: Json = False,
) -> None:
    """One shuffled file with so many tokens of each source.

    Example: igaku corpus mix 4-filter/documents.jsonl 5-instruct/documents.jsonl --tokenizer models/my-8b --weights journals=2,exams=1 --out 6-mix/
    """
    from igaku.corpus.mix import mix as step
    from igaku.errors import IgakuError

    try:
        read = {n.strip(): float(w) for n, _, w in (x.partition("=") for x in weights.split(",") if x.strip())}
    except ValueError:
        raise IgakuError(f"--weights {weights!r}: write NAME=NUMBER, comma-separated") from None
    told(step(inputs, out, tokenizer=tokenizer, weights=read, tokens=tokens, block=block, seed=seed), out, json)


def _asked(model: str | None, base_url: str) -> dict[str, str]:
    return {k: v for k, v in (("model", model or ""), ("base_url", base_url)) if v}


def told(made: "Manifest", out: Path, json: bool) -> None:
    """What a step did: a table of reasons, and a line."""
    import msgspec

    if json:
        emit(msgspec.to_builtins(made))
        return
    if made.dropped:
        show_rows(["reason", "dropped"], [[r, n] for r, n in sorted(made.dropped.items())], False, "dropped")
    if made.counts:
        show_rows(["counted", "n"], [[k, f"{v:,g}"] for k, v in made.counts.items()], False, "counted")
    say(f"{made.read:,} documents read, {made.kept:,} kept in {out}; what was dropped and why: {out / 'MANIFEST.md'}")
