"""Every environment variable that the source reads is on both pages, and the pages name no other."""

import re
from pathlib import Path

import pytest

from igaku.io.limits import LIMITS

ROOT = Path(__file__).parents[2]
SOURCE = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "src").rglob("*.py")))
MAXIMA = {f"IGAKU_MAX_{name}" for name in LIMITS}
VARIABLES = {v for v in re.findall(r"\bIGAKU_[A-Z_]+\b", SOURCE) if not v.startswith("IGAKU_MAX_")} | MAXIMA
HUB = {"HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT"}
OTHERS = {"OPENAI_API_KEY", *HUB, "COLUMNS", "RANK", "LOCAL_RANK", "WORLD_SIZE"}


@pytest.mark.parametrize("page", ["environment.md", "environment.ja.md"])
def test_every_variable_is_on_the_page(page: str) -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|(.*)\|$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.M)
    assert {name for name, _ in rows} == VARIABLES | OTHERS
    assert all(cell.strip() for _, row in rows for cell in row.split("|")), "what it is, default, example"
    assert all(f"`export {name}=" in row for name, row in rows if name in VARIABLES)


def test_each_read_of_the_environment_is_one_of_them() -> None:
    read = set(re.findall(r"environ(?:\.get\(|\[)[\"']([A-Z_]+)[\"']", SOURCE))
    assert read | MAXIMA == VARIABLES | OTHERS
