"""``igaku merge``."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from igaku.cli.output import emit, say


def merge(
    base: Annotated[str, Argument(help="The model that all members started from: embedded name, or folder.")],
    members: Annotated[
        list[str],
        Argument(help="Models or adapters: FOLDER, FOLDER:WEIGHT or FOLDER:WEIGHT:DENSITY.", metavar="MEMBER..."),
    ],
    out: Annotated[Path, Option(help="Folder for the merged model.")],
    method: Annotated[str, Option(help="linear, ties, dare-ties.")] = "ties",
    seed: Annotated[int, Option(help="Random seed of dare-ties.")] = 0,
    evolve: Annotated[
        str | None,
        Option(help="Search weights and densities on this benchmark (letter-logprob); never the one you will report."),
    ] = None,
    generations: Annotated[int, Option(min=1, help="Generations of the search.")] = 3,
    limit: Annotated[int, Option(min=10, help="Number of questions of the search.")] = 100,
    redo: Annotated[bool, Option("--redo", help="Merge again if the inputs have changed.")] = False,
    json: Annotated[bool, Option("--json", help="merge.json on stdout.")] = False,
) -> None:
    """Merge models of one base into one.

    What is kept: the changes that are large and agree in sign.

    The same command again does nothing; with other inputs it is refused, unless --redo.

    Example: igaku merge models/base models/mine:1:0.5 models/instruct:1:0.5 --method ties --out models/merged
    """
    import msgspec

    from igaku.engines.hf import model_folder
    from igaku.plans.evolve import evolved
    from igaku.training.merging import merge as run
    from igaku.training.merging import read_members

    start, found = model_folder(base), read_members(members)
    if evolve:
        found = evolved(start, found, evolve, method=method, seed=seed, generations=generations, limit=limit, say=say)
    folder = run(start, found, out, method, seed, say=say, redo=redo)
    if json:
        emit(msgspec.json.decode((folder / "merge.json").read_bytes()))
        return
    say(f"merged {len(found)} models by {method}: {out}")
