"""The page "which benchmark for which question": it knows every benchmark, and its counts are those of the files."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from igaku import benchmark_names

ROOT = Path(__file__).parents[2]


def _tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "scripts" / "tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["benchmarks.md", "benchmarks.ja.md"])
def test_every_benchmark_stands_in_the_guide_and_in_its_table(page: str) -> None:
    guide, _, rest = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("<!-- table:sizes")
    assert [n for n in benchmark_names() if f"`{n}`" not in guide and f"`{n}-" not in guide] == []
    assert [n for n in benchmark_names() if f"| `{n}` |" not in rest] == []


@pytest.mark.data
@pytest.mark.parametrize("name", [n for n in benchmark_names() if n != "jmedbench"])
def test_counts_are_those_of_the_files(name: str) -> None:
    kept = json.loads((ROOT / "results" / "benchmarks.json").read_text(encoding="utf-8"))
    assert kept.get(name) == _tables().count(name), "run scripts/tables.py --count, then scripts/tables.py"
