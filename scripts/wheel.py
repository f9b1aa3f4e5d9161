"""The wheel as a stranger gets it: built, installed by pip alone into a bare environment, its demo run far from here.

python scripts/wheel.py [--limit N] [--work FOLDER]    or: make wheel

The environment holds Python and pip; the extra ``embedded`` comes from the package index. The commands run in an empty
folder with a home of their own, and without any variable of this shell, so that no checkout, cache or data of this
machine helps. Prints how long each step took.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PASSED_ON = ("PATH", "LANG", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "SSL_CERT_FILE")


def step(name: str, *command: str | Path, **given: object) -> str:
    """Run a command to its end, and print its seconds; its output on stdout is returned."""
    start = time.perf_counter()
    done = subprocess.run([*map(str, command)], text=True, stdout=subprocess.PIPE, check=True, **given)  # type: ignore[call-overload]
    print(f"{name}: {time.perf_counter() - start:.1f} s", flush=True)
    return str(done.stdout)


def build(folder: Path) -> Path:
    """The wheel of this checkout."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
    step("build the wheel", *pip, "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("igaku-*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """A new environment with the wheel and its embedded model; its ``igaku``."""
    shutil.rmtree(folder, ignore_errors=True)
    step("create the environment", sys.executable, "-m", "venv", folder)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    step("install it", *pip, f"{wheel}[embedded]")
    return folder / "bin" / "igaku"


def demo(igaku: Path, home: Path, limit: int) -> None:
    """The doctor and the demo, in an empty home.

    Raises:
        SystemExit: the doctor does not find the engine, or a score is missing.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    there = {"cwd": home, "env": {**variables, "HOME": str(home), "COLUMNS": "80"}}
    found = json.loads(step("igaku doctor", igaku, "doctor", "--json", **there))
    if not found["engines"]["llamacpp"] or found["extras"]["embedded"]["missing"]:
        raise SystemExit(f"the doctor does not find the embedded model: {found['extras']['embedded']}")
    print(step("igaku demo", igaku, "demo", *(["--limit", str(limit)] if limit else []), **there))
    shown = json.loads(step("igaku show", igaku, "show", "runs/demo", "--json", **there))
    methods = {(cell["language"], cell["method"]) for cell in shown["cells"] if cell["accuracy"] is not None}
    if methods != {(lang, method) for lang in ("ja", "en") for method in ("letter-logprob", "letter")}:
        raise SystemExit(f"scores are missing: {sorted(methods)}")


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--limit", type=int, default=0, help="questions of each language; all if left out")
    parser.add_argument("--work", type=Path, default=ROOT / ".envs" / "wheel", help="folder for what is built")
    given = parser.parse_args()
    work = given.work.resolve()
    igaku = install(build(work / "dist"), work / "bare")
    demo(igaku, work / "home", given.limit)


if __name__ == "__main__":
    main()
