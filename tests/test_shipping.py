"""What is shipped: workflows that repeat .ci/run, an image, and a package that says what it is."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import igaku

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = set(re.findall(r"^([\w.-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
IMAGE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PYTHONS = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", c)]


def jobs(file: Path) -> dict[str, Any]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(found) >= {"name", True, "jobs", "permissions"}, "YAML 1.1 reads `on` as true"
    return dict(found["jobs"])


def made(text: str) -> list[str]:
    """The targets that a script makes, with what stands behind them."""
    return [" ".join(line.split()[1:]).split(" >")[0] for line in text.splitlines() if line.startswith("make ")]


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(file).values() for step in job["steps"]]


def test_there_are_workflows() -> None:
    assert WORKFLOWS


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda f: f.name)
def test_each_step_is_a_target_that_exists_or_a_package_of_the_system(file: Path) -> None:
    commands = [step["run"] for step in steps(file) if "run" in step]
    own = [c for c in commands if not c.startswith("sudo apt-get update && sudo apt-get install")]
    assert own and all(re.fullmatch(r"make [\w.-]+( [A-Z]+=[\w./-]+)*", c) for c in own)
    waiting = set() if (ROOT / "mkdocs.yml").exists() else {"docs"}
    assert {c.split()[1] for c in own} <= TARGETS | waiting


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda f: f.name)
def test_each_job_ends_by_itself_and_may_only_read(file: Path) -> None:
    assert all(job["timeout-minutes"] <= 180 and job["runs-on"].startswith("ubuntu-") for job in jobs(file).values())
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps(file) if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)


def test_the_workflows_do_what_ci_does() -> None:
    here = {c for file in WORKFLOWS for step in steps(file) if "run" in step for c in made(step["run"])}
    assert set(made((ROOT / ".ci" / "run").read_text(encoding="utf-8"))) <= here


def test_every_python_that_the_package_names_is_tried() -> None:
    tried = [job["strategy"]["matrix"]["python"] for job in jobs(WORKFLOWS[0]).values() if "strategy" in job]
    assert PYTHONS == ["3.11", "3.12", "3.13"] and tried and all(one == PYTHONS for one in tried)
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def instructions(word: str) -> list[str]:
    joined = re.sub(r"\\\n(#.*\n)*", " ", IMAGE)
    return [line.split(" ", 1)[1] for line in joined.splitlines() if line.startswith(f"{word} ")]


def test_the_image_stands_on_pythons_alone_and_runs_as_no_root() -> None:
    assert {line.split()[0] for line in instructions("FROM")} == {"python:3.11-slim"}
    assert instructions("USER") == ["igaku"] and IMAGE.index("USER igaku") > IMAGE.rindex("FROM ")
    assert instructions("ENTRYPOINT") == ['["igaku"]'] and not instructions("ADD")
    assert not re.search(r"https?://(?!HOST)|curl|wget|sudo|:latest", IMAGE)


def test_the_image_installs_extras_that_exist_and_leaves_no_cache() -> None:
    installs = re.findall(r"pip (?:install|wheel) ([^;\n]+)", IMAGE)
    assert len(installs) == 3 and all("--no-cache-dir" in line for line in installs)
    extras = {name for line in installs for part in re.findall(r"\[([\w,]+)\]", line) for name in part.split(",")}
    assert "embedded" in extras and extras <= set(PROJECT["optional-dependencies"])


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    names = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    assert names and all((ROOT / name).exists() and f"!{name}" in ignored for name in names)


def test_the_package_is_typed_and_says_so() -> None:
    assert (Path(igaku.__file__).parent / "py.typed").is_file() and "Typing :: Typed" in PROJECT["classifiers"]
    assert PROJECT["classifiers"] == sorted(PROJECT["classifiers"])
