"""What is pinned and what is hashed are the same releases."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pins(name: str) -> set[str]:
    """``NAME==VERSION`` lines of a file, names as PyPI writes them."""
    found = re.findall(r"(?m)^([\w.-]+)==([^\s\\;]+)", (ROOT / name).read_text(encoding="utf-8"))
    return {f"{re.sub(r'[-_.]+', '-', project).lower()}=={version}" for project, version in found}


def test_every_pinned_release_but_torch_has_its_hashes() -> None:
    assert pins("hashes.txt") == {p for p in pins("constraints.txt") if not p.startswith("torch==")}
    blocks = re.split(r"(?m)^(?=[\w.-]+==)", (ROOT / "hashes.txt").read_text(encoding="utf-8"))[1:]
    assert [b.split()[0] for b in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", b)] == []
