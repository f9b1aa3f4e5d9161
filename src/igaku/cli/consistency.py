"""``igaku consistency``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from igaku.cli.options import report_options

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def consistency(
    a: Annotated[Path, Argument(help="A run.", metavar="RUN_A", show_default=False)],
    b: Annotated[
        Path,
        Argument(
            help="A run of the same model by another engine, precision or machine.", metavar="RUN_B", show_default=False
        ),
    ],
    tokenizer: Annotated[Path | None, Option(help="A model's folder: count in tokens where texts differ.")] = None,
    flips: Annotated[bool, Option("--flips", help="Also each question on which the choice differs.")] = False,
) -> "Report":
    """Does another engine give the same answers?

    Choices that flip, differences of log-probabilities, and where texts differ.

    Example: igaku consistency runs/transformers runs/vllm --flips
    """
    from igaku.studies.consistency import consistency as study

    return study(a, b, tokenizer, flips=flips)
