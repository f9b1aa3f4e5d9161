"""Write src/igaku/benchmarks/upstream.json from verified local copies of the benchmark files (maintainers only).

python scripts/upstream.py DATA_FOLDER

A file that is not in the folder keeps the row it has (pictures of which a copy holds only a part).
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

from igaku.benchmarks import TABLE, load_benchmark
from igaku.benchmarks.upstream import BASE

TARGET = Path(__file__).parents[1] / "src" / "igaku" / "benchmarks" / "upstream.json"


def _igakuqa119(path: str) -> str:
    return path.replace("correct_answers", "results/correct_answers")


def _medrect(path: str) -> str:
    return f"data/{'jmle' if path.startswith('jmle') else 'medrect'}/{path}"


PATHS: dict[str, Callable[[str], str]] = {"igakuqa119": _igakuqa119, "medrect": _medrect}
"""Benchmarks whose repository has other paths than our data folder."""


WALKED = ("keepha_ja/MedTxt-CR-Ja-ADE-202211r", "keepha_ja/medner-sc-sm-ja-train-split")
"""Folders whose every file belongs to a benchmark that takes its list of files from the list written here."""


def benchmark_files() -> set[str]:
    """Every file, relative to the data folder, of the benchmarks that are fetched from a repository."""
    benches = [load_benchmark(name) for name in TABLE]
    files = {file for b in benches for lang in b.languages for file in b.files(lang)}
    files |= {f"jmmlu/{name}.csv" for name in load_benchmark("jmmlu").slices}
    return {file for file in files if file.split("/", 1)[0] in BASE}


def entry(folder: Path, file: str) -> tuple[str, int, str]:
    """Path in the repository, size in bytes, SHA-256."""
    top, rest = file.split("/", 1)
    path = PATHS[top](rest) if top in PATHS else rest
    return path, (folder / file).stat().st_size, hashlib.sha256((folder / file).read_bytes()).hexdigest()


def main(folder: Path) -> None:
    known = json.loads(TARGET.read_text(encoding="utf-8"))
    walked = {str(f.relative_to(folder)) for top in WALKED for f in (folder / top).iterdir()}
    wanted = sorted(benchmark_files() | walked)
    out = {f: entry(folder, f) if (folder / f).exists() or f not in known else known[f] for f in wanted}
    TARGET.write_text(json.dumps(out, indent=0) + "\n", encoding="utf-8")
    print(f"{len(out)} files written to {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
