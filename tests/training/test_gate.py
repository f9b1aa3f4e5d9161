import json
from pathlib import Path

import pytest

from igaku.corpus.decontaminate import decontaminate
from igaku.corpus.manifest import DOCUMENTS
from igaku.corpus.sources import Source, gather
from igaku.errors import IgakuError
from igaku.training.card import data_licences
from igaku.training.gate import checked


def sources(tmp_path: Path, folder: str, licence: str) -> Path:
    """A corpus with one source, which is called texts everywhere."""
    (tmp_path / f"{folder}.jsonl").write_text(json.dumps({"id": folder, "text": f"The {folder} of the heart swell."}))
    gather({"texts": Source(files=(f"{folder}.jsonl",), licence=licence)}, tmp_path / "data" / folder, base=tmp_path)
    return tmp_path / "data" / folder


def test_two_files_with_a_source_of_one_name_have_both_licences(tmp_path: Path) -> None:
    sources(tmp_path, "a", "CC-BY-NC-4.0")
    sources(tmp_path, "b", "CC0-1.0")
    origin = checked(tmp_path / "data", contaminated=True)
    assert sorted(origin.licences.values()) == ["CC-BY-NC-4.0", "CC0-1.0"] and len(origin.data) == 2
    assert "not for commercial use" in data_licences(origin.licences)


def test_a_licence_that_forbids_training_is_not_hidden_by_a_namesake(tmp_path: Path) -> None:
    sources(tmp_path, "a", "CC0-1.0")
    sources(tmp_path, "b", "CC-BY-ND-4.0")
    with pytest.raises(IgakuError, match="allows no changed copies"):
        checked(tmp_path / "data", contaminated=True)


def test_a_step_over_both_files_has_both_licences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path / "none"))
    folders = [sources(tmp_path, "a", "CC-BY-NC-4.0"), sources(tmp_path, "b", "CC0-1.0")]
    manifest = decontaminate([f / DOCUMENTS for f in folders], tmp_path / "out")
    assert sorted(manifest.licences.values()) == ["CC-BY-NC-4.0", "CC0-1.0"]
