"""``igaku train``, ``igaku merge``, ``igaku chain``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say, show_rows

Sets = Annotated[
    list[str] | None, Option("--set", help="Change a number of the recipe, e.g. --set lr=1e-4 --set method.r=32.")
]
Contaminated = Annotated[
    bool,
    Option(
        "--contaminated",
        help="Train on data that did not go through decontamination; stamped on the model and every later score.",
    ),
]


def train(
    recipe: Annotated[str, Argument(help="A recipe (`igaku train list`), a .yaml file; or list, show, preview.")],
    name: Annotated[str | None, Argument(help="With show and preview: the recipe.")] = None,
    out: Annotated[
        Path | None,
        Option(help="Folder for the adapter or weights, card, log and checkpoint. The same command again goes on."),
    ] = None,
    data: Annotated[Path | None, Option(help="What it learns from: a mix of `igaku corpus`.")] = None,
    model: Annotated[str | None, Option(help="Instead of the recipe's base: embedded name, folder, or hub id.")] = None,
    changes: Sets = None,
    contaminated: Contaminated = False,
    json: Annotated[bool, Option("--json", help="train.json on stdout.")] = False,
) -> None:
    """Adapt a model by a recipe. `list` names the recipes, `show NAME` prints one, `preview NAME --data D` shows tokens, the learnt ones in 【】.

    Example: igaku train tiny --data runs/corpus/6-mix --out runs/tiny --set lr=1e-4
    """
    import msgspec

    from igaku.errors import IgakuError
    from igaku.training import config_names, load_config
    from igaku.training import train as run
    from igaku.training.config import config_text

    if recipe == "list":
        rows = [
            [n, load_config(n).model.base, load_config(n).method.kind, load_config(n).about] for n in config_names()
        ]
        show_rows(["recipe", "base", "trains", "about"], rows, json, "recipes")
    elif recipe in ("show", "preview") and name is None:
        raise IgakuError(f"igaku train {recipe} needs a recipe's name; igaku train list")
    elif recipe == "show":
        print(config_text(str(name)), end="")
    elif recipe == "preview":
        given = {k: str(v) for k, v in (("path", data), ("base", model)) if v}
        _preview(load_config(str(name), changes, **given))
    elif out is None:
        raise IgakuError("--out FOLDER is needed: where the adapter or weights go")
    else:
        made = run(
            recipe,
            out,
            data=data,
            model=model,
            changes=changes,
            contaminated=contaminated,
            on_step=lambda s: (
                say(
                    f"update {s.step}/{s.steps}  loss {s.loss:.3f}  lr {s.lr:.2e}  {s.per_second:.0f} tokens/s  {s.left / 60:.1f} min left"
                )
                if s.step % max(1, s.steps // 50) == 0
                else None
            ),
        )
        if json:
            emit(msgspec.to_builtins(made))
        else:
            say(
                f"loss {made.first_loss:.3f} → {made.last_loss:.3f} in {made.updates} updates, {made.tokens:,} tokens; {out}"
            )


def _preview(config: "object") -> None:
    from igaku.corpus.mix import load_tokenizer
    from igaku.errors import IgakuError
    from igaku.training.config import Config
    from igaku.training.examples import examples, preview

    assert isinstance(config, Config)
    if not config.data.path:
        raise IgakuError("--data FOLDER is needed: what would be learnt")
    tokenizer = load_tokenizer(config.model.base)
    for example in examples(config.data.path, config.data, tokenizer)[:3]:
        print(preview(example, tokenizer) + "\n" + "-" * 60)


def merge(
    base: Annotated[str, Argument(help="The model all members started from: embedded name, or folder.")],
    members: Annotated[
        list[str],
        Argument(help="Models or adapters: FOLDER, FOLDER:WEIGHT or FOLDER:WEIGHT:DENSITY.", metavar="MEMBER..."),
    ],
    out: Annotated[Path, Option(help="Folder for the merged model.")],
    method: Annotated[str, Option(help="linear, ties, dare-ties.")] = "ties",
    seed: Annotated[int, Option(help="Of dare-ties.")] = 0,
    evolve: Annotated[
        str | None,
        Option(
            help="Search weights and densities for the best score on this benchmark (letter-logprob); never the one you will report."
        ),
    ] = None,
    generations: Annotated[int, Option(min=1, help="Of the search.")] = 3,
    limit: Annotated[int, Option(min=10, help="Questions of the search.")] = 100,
) -> None:
    """Merge models of one base into one: the changes that are large and agree in sign.

    Example: igaku merge models/base models/mine:1:0.5 models/instruct:1:0.5 --method ties --out models/merged
    """
    import shutil
    import tempfile

    import igaku
    from igaku.engines.hf import model_folder
    from igaku.training.merging import Member, read_members
    from igaku.training.merging import evolve as search
    from igaku.training.merging import merge as run

    start, found = model_folder(base), read_members(members)
    if evolve:
        with tempfile.TemporaryDirectory() as work:
            trials = iter(range(10**6))

            def score(trial: list[Member]) -> float:
                folder = Path(work, str(next(trials)))
                run(start, trial, folder / "model", method, seed)
                told = igaku.evaluate(
                    str(folder / "model"),
                    evolve,
                    out=folder / "run",
                    method="letter-logprob",
                    limit=limit,
                    engine="transformers",
                )
                scores = [c.accuracy or 0.0 for c in told.cells if c.text_only is None]
                reached = sum(scores) / len(scores)
                shutil.rmtree(folder)
                say(
                    f"{100 * reached:.1f} % with "
                    + ", ".join(f"{m.folder.name} {m.weight:.2f} at {m.density:.2f}" for m in trial)
                )
                return reached

            _, found = search(score, found, generations=generations)
    run(start, found, out, method, seed)
    say(f"merged {len(found)} models by {method}: {out}")


def chain(
    name: Annotated[str, Argument(help="A shipped chain (tiny), or a .yaml file.")],
    out: Annotated[Path, Option(help="Folder for every step. The same command again goes on.")],
    contaminated: Contaminated = False,
    workers: Annotated[str, Option(help="Processes for the corpus's steps, or ray.")] = "1",
) -> None:
    """From raw text to a report: corpus, training, merging, evaluation before and after.

    Example: igaku chain tiny --out runs/tiny
    """
    from igaku.plans.chain import run_chain

    run_chain(name, out, contaminated=contaminated, workers=workers, say=say)
