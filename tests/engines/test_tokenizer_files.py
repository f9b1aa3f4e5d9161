"""A tokenizer from damaged files: one line for engines, corpora, encoders and comparisons, whenever the fault shows."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from igaku.corpus import encoders, mix
from igaku.engines.tokenizer_files import load_tokenizer
from igaku.errors import IgakuError
from igaku.studies import consistency

pytestmark = pytest.mark.torch
READERS: list[Callable[[Path], object]] = [load_tokenizer, mix.load_tokenizer, encoders._load, consistency._splitter]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("length", ["x", [], {"a": 1}])
def test_a_wrong_type_that_shows_only_in_encoding_is_one_line(
    read: Callable[[Path], object], length: object, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_folder, tmp_path / "m"))
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model_max_length": length}))
    with pytest.raises(IgakuError, match="cannot load its tokenizer") as found:
        read(folder)
    assert "\n" not in str(found.value)


def test_a_sound_tokenizer_is_read(tiny_folder: Path) -> None:
    assert load_tokenizer(tiny_folder)("a")["input_ids"]
