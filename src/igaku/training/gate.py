"""No training on what an exam is in: data must have been through ``igaku corpus decontaminate``, against every benchmark that is here, unless the user says otherwise,
which is then stamped on the model and every later score."""

from pathlib import Path

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.corpus.documents import files_of, short_names
from igaku.corpus.manifest import Past, history, made_by
from igaku.corpus.sources import Part, may_train
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.io.paths import find_data
from igaku.provenance import Origin


def checked(path: str | Path, contaminated: bool = False) -> Origin:
    """The origin of training data, or a refusal.

    Raises:
        IgakuError: the data did not go through decontamination, or not against all benchmarks that are here, or draw on evaluation data.
    """
    files = files_of([Path(path)])
    names = short_names(files)
    origin = Origin({names[f]: file_sha256(f) for f in files})
    why = next((w for f in files if (w := _fault(f, origin))), "")
    if why and not contaminated:
        raise IgakuError(
            f"{why}; run igaku corpus decontaminate on it first (or --contaminated, which is stamped on the model and its scores)"
        )
    origin.contaminated = why
    return origin


def _fault(file: Path, origin: Origin) -> str:
    made = made_by(file)
    if made is None:
        return f"{file}: has not been through decontamination (no manifest beside it says so)"
    past = history(made)
    origin.steps += [p.step for p in past if p.step not in origin.steps]
    if unseen := [n for n in benchmark_names() if n not in made.clear and is_here(n)]:
        some = ", ".join(unseen[:5]) + (f" and {len(unseen) - 5} more" if len(unseen) > 5 else "")
        return f"{file}: it, or part of it, has not been through decontamination against {some}"
    return next((f"{file}: {closed}" for p in past if p.step == "sources" and (closed := _closed(p))), "")


def is_here(benchmark: str) -> bool:
    """Whether a benchmark's questions can be looked for on this machine."""
    bench = load_benchmark(benchmark)
    return all(find_data(f) is not None for lang in bench.languages for f in bench.files(lang))


def _closed(past: Past) -> str:
    for name, source in past.settings.items():
        if source.get("take") == "explanations":
            try:
                may_train(Part.read(source["of"]))
            except IgakuError as error:
                return f"source {name} draws on {error}"
    return ""
