"""``igaku train``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say

Sets = Annotated[
    list[str] | None, Option("--set", help="Change a number of the recipe, e.g. --set lr=1e-4 --set method.r=32.")
]
Data = Annotated[Path | None, Option(help="What the model learns from: a mix of `igaku corpus`.")]
Model = Annotated[str | None, Option(help="Instead of the recipe's base: embedded name, folder, or hub id.")]


def train(
    recipe: Annotated[str, Argument(help="A recipe (`igaku recipes list`), or a .yaml file.")],
    out: Annotated[
        Path, Option(help="Folder for the adapter or weights, card, log and checkpoint. The same command goes on.")
    ],
    data: Data = None,
    model: Model = None,
    changes: Sets = None,
    contaminated: Annotated[
        bool,
        Option("--contaminated", help="Train on data that did not go through decontamination; stamped on every score."),
    ] = False,
    json: Annotated[bool, Option("--json", help="train.json on stdout.")] = False,
) -> None:
    """Adapt a model by a recipe.

    LoRA, QLoRA or all weights; next token, DPO, RPO, or GRPO with the graders as reward.

    Example: igaku train tiny --data runs/corpus/6-mix --out runs/tiny --set lr=1e-4
    """
    import msgspec

    from igaku.plans.training import Given, learnt, train_by
    from igaku.training.config import load_config

    given = Given(data=data, model=model, changes=changes or (), contaminated=contaminated, say=say)
    trained = train_by(recipe, out, load_config(recipe, changes or ()), given)
    if json:
        emit(msgspec.to_builtins(trained))
        return
    tokens = "" if trained.first_reward is not None else f", {trained.tokens:,} tokens"
    say(f"{learnt(trained)} in {trained.updates} updates{tokens}; {out}")
