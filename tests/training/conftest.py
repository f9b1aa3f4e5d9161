"""A checked mix of instructions and texts, as ``igaku corpus`` leaves it."""

import json
from pathlib import Path

import pytest

from igaku.corpus import decontaminate

from ..engines.conftest import tiny_folder

__all__ = ["mix", "tiny_folder"]


@pytest.fixture(scope="session")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents.jsonl and the manifest that says it was decontaminated."""
    pytest.importorskip("numpy")
    folder = tmp_path_factory.mktemp("mix")
    rows = [
        {
            "id": f"i{n}",
            "text": f"q{n}\na{n}",
            "instruction": f"Question: which one is number {n}?",
            "output": f"Answer: {'ABCDE'[n % 5]}",
        }
        for n in range(24)
    ]
    rows += [{"id": f"t{n}", "text": f"Answer: {'ABCDE'[n % 5]} is which one? {n}"} for n in range(12)]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    decontaminate([folder / "in.jsonl"], folder / "out")
    return folder / "out"
