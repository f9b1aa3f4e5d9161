"""``igaku contamination``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.eval import MODEL
from igaku.cli.options import EngineSettings, engine_options, report_options
from igaku.cli.output import say

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
@engine_options
def contamination(
    model: Annotated[
        str, Option(help=f"{MODEL} Probes need --engine transformers, the default here.", show_default=False)
    ],
    bench: Annotated[str, Option(help="One benchmark or slice.", show_default=False)],
    out: Annotated[Path, Option(help="Folder for the answers. The same command again continues.", show_default=False)],
    settings: EngineSettings,
    lang: Annotated[str, Option(help="One language; the benchmark's first if left out.")] = "",
    reference: Annotated[
        str, Option(help="A model that has not seen it; for --adapter, its base (loaded alike, without the adapter).")
    ] = "",
    control: Annotated[
        str, Option(help="A benchmark of the same kind that the model cannot have seen; needed for a p of `numbers`.")
    ] = "",
    limit: Annotated[int, Option(min=10, help="Questions for each probe.")] = 100,
    seed: Annotated[int, Option(help="Seed of the sample, the copies and the orders.")] = 0,
) -> "Report":
    """What traces of a benchmark are in a model?

    Probes with a p value where there is a null hypothesis, and without one where not. None of them says that the model
    has seen the exam, or that it has not.

    Example: igaku contamination --model gemma-3-270m --bench igakuqa-2018 --out runs/seen
    """
    from igaku.cli.progress import Asking
    from igaku.studies.contamination import contamination as probe

    with Asking():
        return probe(
            model,
            bench,
            out=out,
            lang=lang or None,
            reference=reference or None,
            control=control or None,
            limit=limit,
            seed=seed,
            on_plan=lambda n, done: say(f"{n:,} texts, {done:,} answered already"),
            **settings,
        )
