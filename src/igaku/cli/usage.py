"""``igaku usage``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from igaku.tables import Report

PRICES = 'TOML table of your prices: ["MODEL"] with input and output, per million tokens.'
BUDGETS = "Limits of the curve, comma-separated, e.g. 1000,4000 (tokens; characters where tokens are not known)."
PICTURE = "Also draw score against tokens and cost: NAME.svg gives NAME.en.svg and NAME.ja.svg (igaku[site])."
RANKED = "Share of truncated replies, 0 to 1, above which a model is not to be ranked."


@report_options
def usage(
    runs: Runs,
    prices: Annotated[Path | None, Option(help=PRICES)] = None,
    budgets: Annotated[str, Option(help=BUDGETS)] = "",
    max_truncated: Annotated[float, Option(help=RANKED, min=0.0, max=1.0)] = 0.05,
    method: Methods = "",
    picture: Annotated[Path | None, Option(help=PICTURE)] = None,
) -> "Report":
    """What did the replies take: tokens, time and money beside the score?

    Medians and 95th percentiles, accuracy if replies were cut at shorter limits, who scores at least as much for no
    more, loops, and models with too many truncated replies.

    Example: igaku usage runs/* --prices prices.toml
    """
    from igaku.studies.usage import usage as study

    limits = [_limit(text) for text in split(budgets)]
    report = study(*runs, prices=prices, budgets=limits or None, max_truncated=max_truncated, method=split(method))
    if picture:
        from igaku.report.usage import draw

        draw(report, picture)
    return report


def _limit(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,11}", text):
        raise IgakuError(f"--budgets: {text[:40]!r} is no whole number from 1 on; give e.g. 1000,4000")
    return int(text)
