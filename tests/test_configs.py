"""One reader for every YAML file: what is wrong is one line that names the file and the field."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from igaku import configs
from igaku.errors import IgakuError, UnknownNameError


class Model(Struct, forbid_unknown_fields=True):
    base: str
    revision: str = ""


class Train(Struct, forbid_unknown_fields=True):
    lr: float = 1e-3
    steps: int = 10
    seed: int = 0


class Lora(Struct, tag="lora", tag_field="kind", forbid_unknown_fields=True):
    rank: int = 8


class Full(Struct, tag="full", tag_field="kind", forbid_unknown_fields=True):
    freeze: bool = False


class Config(Struct, forbid_unknown_fields=True):
    model: Model
    train: Train = field(default_factory=Train)
    evaluate: Train | None = None
    method: Lora | Full = field(default_factory=Lora)
    stages: list[Lora] = []
    options: dict[str, Any] = field(default_factory=dict)
    title: str = ""


YAML = "model: {base: tiny}\ntrain:\n  lr: 1e-4\n"


def read(tmp_path: Path, text: str = YAML, *changes: str) -> Config:
    file = tmp_path / "my.yaml"
    file.write_text(text, encoding="utf-8")
    return configs.read("config", file, Config, changes)


def refused(tmp_path: Path, text: str = YAML, *changes: str) -> str:
    with pytest.raises(IgakuError) as error:
        read(tmp_path, text, *changes)
    message = str(error.value)
    assert "\n" not in message and len(message) < 500
    return message


def test_built_in_files_by_name_and_own_files_by_path(tmp_path: Path) -> None:
    from igaku.training.config import Config as Recipe

    package = "igaku.training", "configs"
    names = configs.builtin_names(*package)
    recipe = configs.load("recipe", names[0], Recipe, *package)
    (tmp_path / "own.yaml").write_text(configs.config_text("recipe", names[0], *package), encoding="utf-8")
    assert configs.load("recipe", str(tmp_path / "own.yaml"), Recipe, *package) == recipe
    with pytest.raises(UnknownNameError, match=rf"did you mean .*{names[0]}.*\(or a \.yaml file\)"):
        configs.load("recipe", names[0][:-1], Recipe, *package)


def test_numbers_are_read_as_people_write_them(tmp_path: Path) -> None:
    for text, value in (("1e-4", 1e-4), ("-1e-4", -1e-4), (".5E3", 500.0), ("2.5e+1", 25.0), ("3", 3.0)):
        assert read(tmp_path, f"model: {{base: x}}\ntrain: {{lr: {text}}}").train.lr == value
        assert read(tmp_path, YAML, f"train.lr={text}").train.lr == value
    quoted = read(tmp_path, 'model: {base: x, revision: "12e4567"}\ntitle: 3e8 cells')
    assert (quoted.model.revision, quoted.title) == ("12e4567", "3e8 cells")


def test_set_at_the_top_nested_and_by_a_bare_name(tmp_path: Path) -> None:
    changes = ["title=mine", "train.steps=20", "base=other", "kind=lora", "rank=4", "options.any.thing=[1, 2]"]
    config = read(tmp_path, YAML, *changes)
    assert (config.title, config.train.steps, config.model.base) == ("mine", 20, "other")
    assert config.method == Lora(4) and config.options == {"any": {"thing": [1, 2]}}
    assert config.train.lr == 1e-4  # what stands beside a changed field stays
    assert read(tmp_path, YAML, "evaluate.seed=3").evaluate == Train(seed=3)
    assert read(tmp_path, YAML, "method.kind=full", "method.freeze=true").method == Full(True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("lr=1", "--set lr: several parts have it; write train.lr or evaluate.lr"),
        ("trian.lr=1", "unknown setting 'trian.lr': did you mean train"),
        ("train.stepps=1", "unknown setting 'train.stepps': did you mean train.steps"),
        ("ranc=1", "unknown setting 'ranc': did you mean rank"),
        ("steps", "--set steps: write NAME=VALUE"),
        ("title=[", "--set title=[: not valid YAML"),
        ("train.steps=many", "Expected `int`, got `str` - at `$.train.steps`"),
        ("title.x=1", "Expected `str`, got `object` - at `$.title`"),
        ("stages.rank=1", "Expected `array`, got `object` - at `$.stages`"),
        ("=1", "unknown setting ''"),
    ],
)
def test_a_change_that_does_not_fit(tmp_path: Path, change: str, message: str) -> None:
    assert message in refused(tmp_path, YAML, change)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: {base: x}\ntrian: {}", "my.yaml: Object contains unknown field `trian`; did you mean train"),
        ("model: {base: x}\ntrain: {stps: 1}", "unknown field `stps` - at `$.train`; did you mean steps?"),
        ("train: {}", "missing required field `model`"),
        ("model: {base: 3}", "Expected `str`, got `int` - at `$.model.base`"),
        ("", "no config in it; expected fields such as model, train, evaluate"),
        ("- a", "no config in it"),
        ("model: [", "not valid YAML"),
        ("title: 2024-13-45", "not valid YAML (month must be in 1..12)"),
        ("title: !!python/object/apply:os.system [ls]", "not valid YAML"),
        ("a: " + "[" * 20_000, "my.yaml: nested too deeply"),
        ("options: &a {self: *a}\nmodel: {base: x}\ntrain: *a", "my.yaml: nested too deeply, or a value inside itself"),
        ("title: \x00", "not valid YAML"),
    ],
)
def test_a_file_that_does_not_fit(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(tmp_path, text)


def test_a_structure_that_holds_itself_is_one_line(tmp_path: Path) -> None:
    class Tree(Struct):
        inner: "list[Any]"

    (tmp_path / "a.yaml").write_text("inner: &a [*a]")
    with pytest.raises(IgakuError, match=r"a\.yaml: nested too deeply, or a value inside itself"):
        configs.read("tree", tmp_path / "a.yaml", Tree)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cp932.yaml").write_bytes("題: 値".encode("cp932"))
    with pytest.raises(IgakuError, match=r"cp932\.yaml, line 1: not UTF-8 \(byte 1\); it seems to be CP932"):
        configs.read("config", tmp_path / "cp932.yaml", Config)
    with pytest.raises(IgakuError, match=r"gone\.yaml: cannot be read \(No such file"):
        configs.read("config", tmp_path / "gone.yaml", Config)
    with pytest.raises(IgakuError, match="is a folder; give a file"):
        configs.read("config", tmp_path, Config)
