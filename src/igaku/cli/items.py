"""``igaku items``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def items(
    runs: Runs,
    bench: Annotated[str, Option(help="A benchmark, e.g. jmle2026.", show_default=False)],
    lang: Annotated[str, Option(help="Language; the benchmark's first if left out.")] = "",
    method: Methods = "",
    between: Annotated[
        str, Option(help="Questions that differ between languages, or between models with and without pictures.")
    ] = "",
) -> "Report":
    """Which questions are hard, which tell models apart, and which keys to check.

    Example: igaku items --bench jmle2026 runs/*
    """
    from igaku.studies.items import items as study

    return study(bench, runs, lang=lang or None, method=split(method), between=between)
