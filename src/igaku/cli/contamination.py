"""``igaku contamination``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.output import emit, say, show_rows


def contamination(
    model: Annotated[
        str, Option(help="As for `igaku eval`; probes need --engine transformers, which is the default here.")
    ],
    bench: Annotated[str, Option(help="One benchmark or slice.")],
    out: Annotated[Path, Option(help="Folder for the answers. The same command again continues.")],
    lang: Annotated[str | None, Option(help="One language; the benchmark's first if left out.")] = None,
    reference: Annotated[
        str | None, Option(help="A model that has not seen it (the base of an adapted one): makes `numbers` a test.")
    ] = None,
    questions: Annotated[int, Option(min=10, help="Questions a probe.")] = 100,
    seed: Annotated[int, Option(help="Seed of the sample, the copies and the orders.")] = 0,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Has the model seen the benchmark? Probes with a p-value where there is a null hypothesis, and without one where not.

    Example: igaku contamination --model gemma-3-270m --bench igakuqa-2018 --out runs/seen
    """
    import msgspec

    from igaku.studies.contamination import probe
    from igaku.tables import interval, p_value, percent

    rows = probe(model, bench, out=out, lang=lang, reference=reference, questions=questions, seed=seed,
                 on_plan=lambda n, done: say(f"{n:,} texts, {done:,} answered already"))  # fmt: skip
    if json:
        emit({"probes": msgspec.to_builtins(rows)})
        return
    show_rows(["probe", "what", "units", "found", "95 %", "expected", "reference", "p"], [
        [r.probe, r.what, r.units, percent(r.value), interval(r.ci95), "" if r.expected is None else percent(r.expected), "" if r.reference is None else percent(r.reference),
         "" if r.p is None else p_value(r.p)]
        for r in rows
    ], False, "probes")  # fmt: skip
    say(
        "a small p says that the model prefers the exam's own version; a large one does not say that it has never seen it"
    )
