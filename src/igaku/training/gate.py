"""No training on data that hold an exam.

Data must have been through ``igaku corpus decontaminate``, against every benchmark on this machine, unless the user
says otherwise, which is then stamped on the model and every later score.
"""

from pathlib import Path

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.corpus.documents import files_of, short_names
from igaku.corpus.licences import may_mix
from igaku.corpus.manifest import Past, history, written_by
from igaku.corpus.sources import Part, may_take
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.io.paths import find_data
from igaku.provenance import Origin, joined


def checked(path: str | Path, contaminated: bool = False) -> Origin:
    """The origin of training data, or a refusal.

    Raises:
        IgakuError: the data did not go through decontamination, or not against all benchmarks on this machine, or draw
            on evaluation data; or, whatever ``contaminated`` says, their licences allow no such use.
    """
    files = files_of([Path(path)])
    names = short_names(files)
    origin = Origin({names[f]: file_sha256(f) for f in files})
    reasons = [_fault(f, names[f], origin) for f in files]
    reason = next(filter(None, reasons), "")
    if reason and not contaminated:
        raise IgakuError(
            f"{reason}; run igaku corpus decontaminate on it first "
            "(or --contaminated, which is stamped on the model and its scores)"
        )
    may_mix(origin.licences)
    origin.contaminated = reason
    return origin


def _fault(file: Path, name: str, origin: Origin) -> str:
    """Why a file may hold an exam; empty where it cannot. Its steps are added to the origin."""
    manifest = written_by(file)
    if manifest is None:
        return f"{file}: has not been through decontamination (no manifest beside it says so)"
    past = history(manifest)
    origin.licences = joined(origin.licences, manifest.licences, name)
    origin.steps += [p.step for p in past if p.step not in origin.steps]
    if unseen := [n for n in benchmark_names() if n not in manifest.clear and is_available(n)]:
        some = ", ".join(unseen[:5]) + (f" and {len(unseen) - 5} more" if len(unseen) > 5 else "")
        return f"{file}: it, or part of it, has not been through decontamination against {some}"
    return next((f"{file}: {closed}" for p in past if p.step == "sources" and (closed := _closed(p))), "")


def is_available(benchmark: str) -> bool:
    """Whether a benchmark's questions can be searched for on this machine."""
    bench = load_benchmark(benchmark)
    return all(find_data(f) is not None for lang in bench.languages for f in bench.question_files(lang))


def _closed(past: Past) -> str:
    for name, source in past.settings.items():
        if source.get("take"):
            try:
                may_take(source["take"], Part.read(source["of"]))
            except IgakuError as error:
                return f"source {name} draws on {error}"
    return ""
