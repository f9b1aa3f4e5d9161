"""An engine of the user's own, by file or by module, without editing igaku."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.errors import IgakuError

ENGINE = """
from igaku import EngineBase
from igaku.engines.base import Identity
from igaku.question import Answer


class Mine(EngineBase):
    def __init__(self):
        super().__init__()
        self.identity = Identity(model="mine", engine="mine", version="1")

    def answer(self, requests):
        for i, _ in enumerate(requests):
            yield i, Answer(text="a")
"""
LOADED = ENGINE.replace(
    "    def answer",
    """    @classmethod
    def load(cls, spec):
        made = cls()
        made.identity = Identity(model=spec.model, engine="mine", version="1", settings=f"context={spec.context}")
        return made

    def answer""",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_engine.py"
    path.write_text(ENGINE, encoding="utf-8")
    return path


def test_by_file_by_file_and_class_and_by_module(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert igaku.build_engine("any", engine=str(file)).identity.model == "mine"
    assert igaku.build_engine("any", engine=f"{file}:Mine").identity.model == "mine"
    package = file.parent / "their_engines"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "mine.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(str(file.parent))
    assert igaku.build_engine("any", engine="their_engines.mine:Mine").identity.model == "mine"


def test_it_runs_a_whole_evaluation(file: Path, tmp_path: Path) -> None:
    arguments = ["eval", "--model", "any", "--engine", str(file), "--bench", "mini", "--lang", "ja", "--limit", "3"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    run = igaku.open_run(tmp_path / "run")
    assert run.manifest.identity and run.manifest.identity.engine == "mine"
    assert len(run.replies) == 3


def test_a_load_of_its_own_reads_the_spec(tmp_path: Path) -> None:
    file = tmp_path / "loaded.py"
    file.write_text(LOADED)
    engine = igaku.build_engine("my-model", engine=str(file), context=512)
    assert (engine.identity.model, engine.identity.settings) == ("my-model", "context=512")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "def __init__(self):",
            "def __init__(self, path):",
            r"missing a required argument: 'path'; give it a class.*load",
        ),
        ("        super().__init__()\n", "", r"has no supported, unsupported, notes; set identity, and call super"),
        ("        self.identity", "        self.name", r"has no identity; set identity"),
        ("class Mine(EngineBase)", "class Mine", "no EngineBase found in it"),
        ("from igaku import EngineBase", "import igaku_nowhere", "fails when it runs: ModuleNotFoundError"),
    ],
)
def test_what_is_missing_is_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "broken.py"
    file.write_text(ENGINE.replace(old, new, 1))
    with pytest.raises(IgakuError, match=message) as error:
        igaku.build_engine("any", engine=str(file))
    assert "\n" not in str(error.value)


def test_a_class_that_is_no_engine(tmp_path: Path) -> None:
    file = tmp_path / "other.py"
    file.write_text("class Mine:\n    pass\n")
    with pytest.raises(IgakuError, match=r"no classmethod load\(spec\) in it; derive it from igaku\.EngineBase"):
        igaku.build_engine("any", engine=f"{file}:Mine")


def test_a_setting_it_does_not_have(file: Path) -> None:
    with pytest.raises(IgakuError, match=r"--batch-tokens is not a setting of --engine .*, which has none"):
        igaku.build_engine("any", engine=str(file), batch_tokens=512)


def test_a_file_that_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"gone\.py: file not found"):
        igaku.build_engine("any", engine=str(tmp_path / "gone.py"))
    with pytest.raises(IgakuError, match=r"module no_such_package\.engine not found"):
        igaku.build_engine("any", engine="no_such_package.engine:Mine")
