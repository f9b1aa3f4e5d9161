"""Benchmark files from upstream: verified by size and SHA-256, resumed where they broke off, one line when offline.

``upstream.json`` beside this file lists, for each file, where it is and what it must be; it was written by
``scripts/upstream.py`` from verified copies. Hub sets (JMedBench) are read through the hub's row service, with
the user's token (``HF_TOKEN``) where one is set.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError, missing_extra
from igaku.io.paths import cache_dir, find_data

if TYPE_CHECKING:
    from types import ModuleType

BASE = {
    "igakuqa": "https://raw.githubusercontent.com/jungokasai/IgakuQA/HEAD",
    "medllm_qa": "https://raw.githubusercontent.com/aistairc/medLLM_QA_benchmark/HEAD/data",
    "igakuqa119": "https://raw.githubusercontent.com/docto-rin/IgakuQA119/HEAD",
    "jmmlu": "https://raw.githubusercontent.com/nlp-waseda/JMMLU/HEAD/JMMLU",
    "sogocheck": "https://raw.githubusercontent.com/EQUES-Inc/pharma-LLM-eval/HEAD/SogoBench",
    "jmed_llm": "https://raw.githubusercontent.com/sociocom/JMED-LLM/HEAD/datasets",
    "yakugakuqa": "https://raw.githubusercontent.com/EQUES-Inc/pharma-LLM-eval/HEAD/data",
}
HUB = "https://datasets-server.huggingface.co"
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
        _hub(*HUB_SETS[benchmark.name], wanted, on_file)
        return len(wanted), len(files) - len(wanted)
    listed = upstream()
    for relative in wanted:
        if relative not in listed:
            raise IgakuError(f"{name}: nothing to download ({relative} is not a file of upstream's)")
        on_file(f"downloading {relative} ({listed[relative]['bytes']:,} bytes)")
        download(target=cache_dir() / "data" / relative, **listed[relative])
    return len(wanted), len(files) - len(wanted)


def _files(benchmark: Benchmark) -> list[str]:
    """A benchmark's files over all its languages; one with a full path is embedded and needs no download."""
    return sorted({f for lang in benchmark.languages for f in benchmark.files(lang)})


def download(url: str, target: Path, bytes: int, sha256: str) -> None:
    """One file, continued from a ``.partial`` one, which gets its name only when size and SHA-256 are right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    start = partial.stat().st_size if partial.exists() else 0
    if start < bytes:
        with partial.open("ab") as file:
            for chunk in _stream(url, start):
                if chunk is None:  # the server does not continue: from the beginning
                    file.truncate(0)
                    continue
                file.write(chunk)
    with partial.open("rb") as done:
        found = hashlib.file_digest(done, "sha256").hexdigest()
    size = partial.stat().st_size
    if size != bytes or found != sha256:
        partial.unlink()
        sums = "differs" if size == bytes else "not compared"
        raise IgakuError(
            f"{url}: not the file igaku knows (expected {bytes:,} bytes, got {size:,}; SHA-256 {sums}); "
            "upstream may have changed: download it by hand into IGAKU_DATA if you trust it"
        )
    partial.replace(target)


def _stream(url: str, start: int) -> Iterator["bytes | None"]:
    """The body from a byte on; first None where the server sends it from the beginning."""
    httpx = _httpx()
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=60) as response:
            if response.status_code not in (200, 206):
                status = response.status_code
                raise IgakuError(f"{url}: the server answered {status}; try again later or download it by hand")
            if start and response.status_code == 200:
                yield None
            yield from response.iter_bytes()
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}"
        raise IgakuError(f"{url}: cannot be downloaded ({why}); are you online? the same command continues") from None


def _hub(dataset: str, config: str, files: list[str], on_file: Callable[[str], None]) -> None:
    for relative in files:
        on_file(f"downloading {relative} from {dataset}")
        target = cache_dir() / "data" / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        with partial.open("w", encoding="utf-8") as file:
            for row in _rows(dataset, config or Path(relative).stem):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        partial.replace(target)


def _rows(dataset: str, config: str) -> Iterator[dict[str, Any]]:
    httpx = _httpx()
    token = _token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    base = os.environ.get("IGAKU_HUB_ROWS", HUB).rstrip("/")
    offset, total = 0, 1
    while offset < total:
        query = {"dataset": dataset, "config": config, "split": "test", "offset": offset, "length": 100}
        try:
            response = httpx.get(f"{base}/rows", params=query, headers=headers, timeout=60)
        except httpx.HTTPError as error:
            why = f"{type(error).__name__}: {error}"
            raise IgakuError(f"{dataset}: cannot be downloaded ({why}); are you online?") from None
        if response.status_code in (401, 403):
            raise IgakuError(f"{dataset}: gated; accept its terms on its hub page and set HF_TOKEN to your token")
        if response.status_code != 200:
            raise IgakuError(f"{dataset}, {config}: the hub answered {response.status_code}; try again later")
        page = response.json()
        total = page["num_rows_total"]
        rows = [r["row"] for r in page["rows"]]
        if not rows:
            raise IgakuError(f"{dataset}, {config}: the hub gave no rows at {offset} of {total}")
        yield from rows
        offset += len(rows)


def _token() -> str:
    """The user's hub token: ``HF_TOKEN``, else the file that the hub's own login wrote."""
    if given := os.environ.get("HF_TOKEN"):
        return given
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    try:
        return (home / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _httpx() -> "ModuleType":
    try:
        import httpx
    except ImportError:
        raise missing_extra("httpx", "data") from None
    return httpx
