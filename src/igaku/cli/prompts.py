"""``igaku prompts list|show|add``."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument

from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_rows

app = typer.Typer(no_args_is_help=True, help="Prompt templates: list, show, add your own.")
NAME = (
    "A name of your own; or med-harness, igakuqa, yakugakuqa, j-clinicalbench to read the published words out of "
    "upstream's own file."
)
FILE = "Your .jinja file; upstream's template.py (read as text, never run); upstream's prompt .jsonl; or a folder."


@app.command("list")
def list_(json: Json = False) -> None:
    """All templates, embedded and registered.

    Example: igaku prompts list
    """
    from igaku.prompts import load_prompt, prompt_names

    rows = []
    for name in prompt_names():
        card = load_prompt(name).card
        rows.append([name, card.lang, card.reply, "yes" if card.tells_count else "", card.title])
    show_rows(["name", "lang", "asks for", "tells count", "title"], rows, json, "prompts")


@app.command()
def show(name: Annotated[str, Argument(help="A template's name, or a .jinja file.")], json: Json = False) -> None:
    """One template: its card, its text, and how it looks with a question of mini.

    Example: igaku prompts show standard
    """
    import msgspec
    from msgspec.structs import replace

    from igaku.benchmarks import load_benchmark
    from igaku.prompts import load_examples, load_prompt
    from igaku.tables import printable

    prompt = load_prompt(name, "ja")
    lang = prompt.card.lang if prompt.card.lang in ("ja", "en") else "ja"
    question = replace(load_benchmark("mini").load(lang)[0], documents=("規格は 5 ％以下．", "規格は 3 ％以下．"))
    rendered = prompt.render(question, load_examples(prompt.card.shots or "igaku", lang)[: prompt.card.default_shots])
    if json:
        emit(
            {
                "name": name,
                "card": msgspec.to_builtins(prompt.card),
                "source": prompt.source,
                "rendered": msgspec.to_builtins(rendered),
            }
        )
        return
    print(printable(prompt.source))
    print("--- rendered ---")
    print(printable(rendered.text or "\n".join(f"[{m.role}]\n{m.content}" for m in rendered.messages)))


@app.command()
def add(
    name: Annotated[str, Argument(help=NAME)], file: Annotated[Path, Argument(help=FILE)], json: Json = False
) -> None:
    """Register a template: your own file, or the published originals from upstream's own files.

    Example: igaku prompts add my-prompt my-prompt.jinja
    """
    from igaku.prompts.published import add as register

    added = register(name, file)
    if json:
        emit({"prompts": [{"name": p.name, "title": p.card.title} for p in added]})
        return
    for prompt in added:
        say(f"added {prompt.name}: {prompt.card.title}")
