"""``igaku corpus``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option, Typer

from igaku.cli.output import emit, say, show_rows

app = Typer(no_args_is_help=True, help="Text that becomes training data, without the exams in it.")


@app.command("decontaminate")
def decontaminate(
    inputs: Annotated[
        list[Path],
        Argument(help="Files or folders: .jsonl or .parquet with a field `text`, .txt, .md.", metavar="IN..."),
    ],
    out: Annotated[Path, Option(help="Folder for documents.jsonl and manifest.json.")],
    bench: Annotated[
        str | None, Option(help="Benchmarks, comma-separated; every one that is here if left out.")
    ] = None,
    share: Annotated[
        float, Option(min=0.05, max=1.0, help="Drop a document that holds this share of a question.")
    ] = 0.6,
    json: Annotated[bool, Option("--json", help="The manifest as one JSON object on stdout.")] = False,
) -> None:
    """Take out every document that holds an exam question: whatever its width, punctuation, numbering, and order of choices.

    Example: igaku corpus decontaminate corpus/ --out clean/
    """
    import msgspec

    from igaku.corpus import decontaminate as run

    made = run(inputs, out, [b.strip() for b in bench.split(",")] if bench else None, share)
    if json:
        emit(msgspec.to_builtins(made))
        return
    show_rows(["reason", "dropped"], [[r, n] for r, n in sorted(made.dropped.items())], False, "dropped")
    if missing := made.settings["not here"]:
        say(f"not looked for, since their files are not here (igaku data get NAME): {', '.join(missing)}")
    say(f"{made.read:,} documents read, {made.kept:,} kept in {out}; what was dropped and why: {out / 'manifest.json'}")
