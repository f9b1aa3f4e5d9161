"""``igaku train``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

from typer import Argument, Option

from igaku.cli.output import emit, say

if TYPE_CHECKING:
    from igaku.training.updates import Step

Sets = Annotated[
    list[str] | None, Option("--set", help="Change a number of the recipe, e.g. --set lr=1e-4 --set method.r=32.")
]
Data = Annotated[Path | None, Option(help="What the model learns from: a mix of `igaku corpus`.")]
Model = Annotated[str | None, Option(help="Instead of the recipe's base: embedded name, folder, or hub id.")]


class Given(TypedDict):
    """What both kinds of training take."""

    data: Path | None
    model: str | None
    changes: Sequence[str]
    contaminated: bool
    say: Callable[[str], None]


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

    from igaku.plans.dev import dev_questions
    from igaku.plans.grpo import train_on_questions
    from igaku.training import load_config
    from igaku.training import train as run

    given: Given = {"data": data, "model": model, "changes": changes or (), "contaminated": contaminated, "say": say}
    config = load_config(recipe, changes or ())
    if config.method.objective == "grpo":
        trained = train_on_questions(recipe, out, **given)
    else:
        trained = run(recipe, out, **given, questions=dev_questions(config, contaminated), on_step=_progress)
    if json:
        emit(msgspec.to_builtins(trained))
        return
    if trained.first_reward is not None:
        say(f"reward {trained.first_reward:.3f} → {trained.last_reward:.3f} in {trained.updates} updates; {out}")
        return
    say(
        f"loss {trained.first_loss:.3f} → {trained.last_loss:.3f} in {trained.updates} updates, "
        f"{trained.tokens:,} tokens; {out}"
    )


def _progress(s: "Step") -> None:
    if s.step % max(1, s.steps // 50) == 0:
        say(
            f"update {s.step}/{s.steps}  loss {s.loss:.3f}  lr {s.lr:.2e}  {s.per_second:.0f} tokens/s  "
            f"{s.left / 60:.1f} min left"
        )
