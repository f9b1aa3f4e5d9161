"""``igaku recipes``: list, show and preview what ``igaku train`` takes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option, Typer

from igaku.cli.options import Json
from igaku.cli.output import say, show_rows
from igaku.cli.train import Data, Model, Sets
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.training.config import Config

app = Typer(no_args_is_help=True, help="Recipes of `igaku train`: papers' and today's.")
Recipe = Annotated[str, Argument(help="A recipe (`igaku recipes list`), or a .yaml file.", metavar="NAME")]


@app.command("list")
def list_(json: Json = False) -> None:
    """List the recipes: base model, what is trained, and what each is about.

    Example: igaku recipes list
    """
    from igaku.training import config_names, load_config

    recipes = {name: load_config(name) for name in config_names()}
    rows = [[name, c.model.base, c.method.kind, c.about] for name, c in recipes.items()]
    show_rows(["recipe", "base", "trains", "about"], rows, json, "recipes")


@app.command("show")
def show(name: Recipe) -> None:
    """Print a recipe as it is written; every number says where it comes from. A copy of it is a recipe of your own.

    A file of your own is checked first.

    Example: igaku recipes show jmedlora-llama2-70b > my.yaml
    """
    from igaku.training.config import config_text, load_config

    load_config(name)
    print(config_text(name), end="")


@app.command("cost")
def cost(
    name: Recipe,
    changes: Sets = None,
    tokens: Annotated[float, Option(help="Tokens to read, over all epochs.")] = 1e7,
    json: Json = False,
) -> None:
    """Say how much memory a recipe needs on one GPU, and how long it takes: by arithmetic, without its weights.

    Example: igaku recipes cost qwen3-8b --tokens 2e7
    """
    from igaku.training import load_config
    from igaku.training.memory import GIB, PEAKS, hours, needed
    from igaku.training.networks import on_meta

    config = load_config(name, changes or ())
    network = on_meta(config)
    memory = needed(network, config)
    rows = [[part, f"{size / GIB:.1f} GB"] for part, size in zip(memory._fields, memory)]
    rows += [["memory", f"{memory.total / GIB:.1f} GB"]]
    rows += [[f"hours on one {gpu}", f"{hours(network, tokens, peak):.1f}"] for gpu, peak in PEAKS.items()]
    show_rows(["of one GPU", "needed"], rows, json, "cost")


@app.command("preview")
def preview(
    name: Recipe,
    data: Data = None,
    model: Model = None,
    changes: Sets = None,
    limit: Annotated[int, Option(min=1, help="Number of rows.")] = 3,
) -> None:
    """Show the tokens that would be read; those that are learnt are in 【】.

    Example: igaku recipes preview tiny --data runs/corpus/6-mix
    """
    from igaku.training import load_config

    _preview(load_config(name, changes or (), data=str(data or ""), base=model or ""), limit)


def _preview(config: "Config", limit: int) -> None:
    from igaku.corpus.mix import load_tokenizer
    from igaku.training.examples import Reader, preview

    if not config.data.path:
        raise IgakuError("--data FOLDER is needed: what would be learnt")
    if config.data.form == "questions":
        raise IgakuError("a recipe of grpo learns from answers that the model writes itself: nothing to show")
    tokenizer = load_tokenizer(config.model.base)
    reader = Reader(config.data, tokenizer)
    if config.data.form == "preference":
        found = [e for pair in reader.pairs(Path(config.data.path))[:limit] for e in pair]
    else:
        found = reader.examples(Path(config.data.path))[:limit]
    for example in found:
        print(preview(example, tokenizer) + "\n" + "-" * 60)
    for line in reader.lines:
        say(line)
