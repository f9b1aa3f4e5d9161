"""``igaku short-form``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from igaku.cli.options import Methods, report_options, split
from igaku.cli.output import say

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def short_form(
    bench: Annotated[str, Option(help="A benchmark, e.g. igakuqa.", show_default=False)],
    runs: Annotated[
        list[Path] | None,
        Argument(help="Runs whose models try the short form, or answered it alone.", metavar="[RUN...]"),
    ] = None,
    limit: Annotated[int, Option(min=10, help="Questions of the short form.")] = 100,
    lang: Annotated[str, Option(help="Language; the benchmark's first if left out.")] = "",
    method: Methods = "",
    by: Annotated[
        str, Option(help="Difficulty from people's accuracy (people) or from the runs (runs); auto.")
    ] = "auto",
    seed: Annotated[int, Option(help="Seed of the draw.")] = 0,
    error: Annotated[
        float | None, Option(help="Stop at this standard error, in points; all of the form if left out.")
    ] = None,
    out: Annotated[Path | None, Option(help="Write the ids here, for `igaku eval --only FILE`.")] = None,
) -> "Report":
    """Draw a short form of a benchmark.

    And how far to trust it: what it says of models that were not used to draw it. A run on the short form alone gets
    the estimate of its full score.

    Example: igaku short-form --bench igakuqa runs/* --limit 100 --out ids.txt
    """
    from igaku.io.files import write_whole
    from igaku.studies.short_form import short_form as study

    form = study(bench, runs or [], limit=limit, lang=lang or None, method=split(method), by=by, seed=seed, error=error)
    if out:
        write_whole(out, "".join(f"{i}\n" for i in form.ids))
        say(f"ids written to {out}; use them: igaku eval --bench {bench} --only {out} ...")
    return form
