"""``igaku doctor`` and ``igaku demo``."""

import json
import os
import stat
from pathlib import Path

import pytest

from igaku.cli import doctor
from igaku.engines.embedded import EMBEDDED

from .conftest import Cli


def test_it_names_each_extra_and_the_engines(cli: Cli) -> None:
    done = cli("doctor")
    assert done.returncode == 0, done.stderr
    assert "Python" in done.stdout and "transformers: safetensors" in done.stdout
    assert done.stderr.splitlines()[-1] in ("next: igaku demo", "next: igaku eval -h")


def test_as_json_each_extra_has_what_is_missing(cli: Cli) -> None:
    found = json.loads(cli("doctor", "--json").stdout)
    assert {"embedded", "hf", "vllm", "openai"} <= found["extras"].keys()
    assert all(isinstance(e["missing"], list) for e in found["extras"].values())


def test_an_extra_that_stands_on_another_lacks_what_that_one_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_installed", lambda package: package != "xllamacpp")
    missing = doctor.extras()
    assert missing["llamacpp"] == missing["embedded"] == ["xllamacpp"]
    assert missing["openai"] == [] and "dev" not in missing
    assert doctor.engines(missing)["llamacpp"] is False and doctor.engines(missing)["openai"] is True


def test_each_missing_extra_has_one_command_and_engines_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_installed", lambda package: package not in ("vllm", "altair"))
    lines = list(doctor.advice(doctor.extras()))
    commands = [line.split(": ")[0] for line in lines if " install " in line and line.startswith("for ")]
    assert commands == ["for vllm", "for site"]
    assert all(line.count("install") == 1 for line in lines[:2])


@pytest.mark.parametrize(
    ("prefix", "checkout", "command"),
    [
        ("/usr", True, "pip install -e '.[hf]'"),
        ("/usr", False, "pip install 'igaku[hf]'"),
        ("/home/x/.local/share/pipx/venvs/igaku", False, "pipx install --force 'igaku[hf]'"),
    ],
)
def test_the_command_suits_how_igaku_was_installed(
    prefix: str, checkout: bool, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.sys, "prefix", prefix)
    monkeypatch.setattr(doctor.igaku, "__file__", str(tmp_path / "src" / "igaku" / "__init__.py"))
    if checkout:
        (tmp_path / "pyproject.toml").touch()
    assert doctor.installs("hf") == command


def test_without_a_browser_it_says_what_that_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert any("no browser" in line for line in doctor.advice({}))
    assert doctor.machine()["browser"] == "none found"


def test_cards_are_those_that_the_driver_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'A Card, 81559 MiB'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert doctor.gpus() == ["A Card, 81559 MiB"]
    program.write_text("#!/bin/sh\nexit 9\n")
    assert doctor.gpus() == []


@pytest.mark.model
@pytest.mark.slow
def test_the_demo_asks_the_embedded_model_and_says_what_is_next(cli: Cli, tmp_path: Path) -> None:
    assert "gemma-3-270m" in EMBEDDED
    done = cli("demo", "--out", str(tmp_path / "demo"))
    assert done.returncode == 0 and "letter-logprob" in done.stdout and "igaku view" in done.stderr
