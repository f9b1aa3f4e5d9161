"""Where benchmark files come from, and fetching them: ``upstream.json`` lists each with its size and SHA-256.

``scripts/upstream.py`` wrote the list. Data sets of the hub come as rows of its data-set server.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.by_hand import ByHand
from igaku.errors import IgakuError
from igaku.io.download import download, download_rows
from igaku.io.paths import cache_dir, find_data

BASE = {
    "igakuqa": "https://raw.githubusercontent.com/jungokasai/IgakuQA/HEAD",
    "medllm_qa": "https://raw.githubusercontent.com/aistairc/medLLM_QA_benchmark/HEAD/data",
    "igakuqa119": "https://raw.githubusercontent.com/docto-rin/IgakuQA119/HEAD",
    "jmle2026": "https://raw.githubusercontent.com/naoto-iwase/JMLE2026-Bench/76c4b29",
    "jmmlu": "https://raw.githubusercontent.com/nlp-waseda/JMMLU/HEAD/JMMLU",
    "sogocheck": "https://raw.githubusercontent.com/EQUES-Inc/pharma-LLM-eval/HEAD/SogoBench",
    "jmed_llm": "https://raw.githubusercontent.com/sociocom/JMED-LLM/HEAD/datasets",
    "jbc": "https://raw.githubusercontent.com/mk0129/Japanese_BreastCancer_Benchmark/3f526c7",
    "medsafetybench": "https://raw.githubusercontent.com/AI4LIFE-GROUP/med-safety-bench/191aa79",
    "yakugakuqa": "https://raw.githubusercontent.com/EQUES-Inc/pharma-LLM-eval/HEAD/data",
}
HUB_SETS = {
    "jmedbench": ("Coldog2333/JMedBench", ""),
    "nayose_qa": ("EQUES/Nayose-Bench-QA", "default"),
    "nayose_instruct": ("EQUES/Nayose-Bench-Instruction", "default"),
}
"""Benchmark -> data set, and its configuration (empty: the file's name)."""


class Source(TypedDict):
    """Where a file is, and what it must be."""

    url: str
    bytes: int
    sha256: str


def upstream() -> dict[str, Source]:
    """File -> its source; ``IGAKU_MIRROR`` replaces the host part of every address (a local mirror)."""
    listed = json.loads((Path(__file__).parent / "upstream.json").read_text(encoding="utf-8"))
    mirror = os.environ.get("IGAKU_MIRROR", "").rstrip("/")
    out: dict[str, Source] = {}
    for name, (path, size, sha256) in listed.items():
        top = name.split("/", 1)[0]
        base = f"{mirror}/{top}" if mirror else BASE[top]
        out[name] = {"url": f"{base}/{path}", "bytes": size, "sha256": sha256}
    return out


def status() -> list[list[str | int]]:
    """One row a benchmark: name, files, how many exist on this machine, bytes, source."""
    rows: list[list[str | int]] = []
    listed = upstream()
    for name in benchmark_names():
        b = load_benchmark(name)
        files = [f for f in _files(b) if not Path(f).is_absolute()]
        if files:
            size = sum(listed[f]["bytes"] for f in files if f in listed)
            present = sum(find_data(f) is not None for f in files)
            rows.append([name, len(files), present, f"{size:,}" if size else "", b.upstream])
    return rows


def get(name: str, *, force: bool = False, on_file: Callable[[str], None] = lambda _: None) -> tuple[int, int]:
    """Download what a benchmark needs into the cache; returns (files downloaded, files that already existed).

    Raises:
        IgakuError: offline, gone upstream, or changed there (size or SHA-256 differ from what igaku knows).
    """
    benchmark = load_benchmark(name)
    files = _files(benchmark)
    wanted = [f for f in files if not Path(f).is_absolute() and (force or find_data(f) is None)]
    if benchmark.name in HUB_SETS:
        dataset, config = HUB_SETS[benchmark.name]
        for relative in wanted:
            on_file(f"downloading {relative} from {dataset}")
            download_rows(dataset, config or Path(relative).stem, cache_dir() / "data" / relative)
        return len(wanted), len(files) - len(wanted)
    listed = upstream()
    for relative in wanted:
        if relative not in listed:
            by_hand = f"; get it by hand: {benchmark.page}" if isinstance(benchmark, ByHand) else ""
            raise IgakuError(f"{name}: nothing to download ({relative} is not a file of upstream's{by_hand})")
        on_file(f"downloading {relative} ({listed[relative]['bytes']:,} bytes)")
        download(target=cache_dir() / "data" / relative, **listed[relative])
    return len(wanted), len(files) - len(wanted)


def _files(benchmark: Benchmark) -> list[str]:
    """A benchmark's files over all its languages; one with a full path is embedded and needs no download."""
    return sorted({f for lang in benchmark.languages for f in benchmark.files(lang)})
