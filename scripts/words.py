"""Words that are not the field's, kept out of identifiers and of what users read (docs/architecture.md says which to
use).

python scripts/words.py    exit 1 and each place, where there are any

Identifiers are whole names, or parts between underscores: ``told``, ``is_told``. User-facing text is every string that
is no
name of a file format: errors, help, docstrings, and the English pages.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
IDENTIFIERS = {
    "told": "label, message, predictions",
    "said": "reply, answer_text",
    "asked": "tasks, requests, jobs",
    "made": "name it by its type",
    "place": "position, cell_key, where",
    "places": "positions",
    "mark": "fingerprint, key",
    "dice": "rng",
    "kept": "retained, stored",
    "sane": "sanitize",
    "shipped": "builtin",
    "mend": "fix",
    "begun": "started",
    "apart": "separate",
    "thinks": "thinking",
    "sees": "supports",
    "cannot": "unsupported",
    "whereabouts": "position",
}
ALLOWED = {"n_asked"}
"""Names that `--json` promises."""
CLASSES = {"Asked", "Said", "Kept", "Place", "Told", "How", "Who", "Way", "Tried", "Short", "Fair", "Where", "Own"}
PHRASES = {
    r"\bparted by\b": "comma-separated, separated by",
    r"\bmend(s|ed|ing)?\b": "fix, correct",
    r"\btold\b": "shown, reported",
    r"\bis no number\b": "is NaN or inf",
    r"\bis there already\b": "already exists",
    r"\bso many\b": "N",
    r"\bforetells?\b": "predicts",
    r"\bis not here\b": "not found",
    r"\bdice\b": "random numbers",
    r"\bwhat it hangs on\b": "what it depends on",
}


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that a module binds or uses as an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def faults(file: Path) -> Iterator[str]:
    """Each place in one Python file."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    where = file.relative_to(ROOT)
    for line, name in identifiers(tree):
        if name in ALLOWED or name.startswith("mark_"):  # altair's
            continue
        parts = {name, *name.strip("_").split("_")}
        for word in sorted(parts & IDENTIFIERS.keys()):
            yield f"{where}:{line}: {name}: say {IDENTIFIERS[word]}"
        if name.lstrip("_") in CLASSES:
            yield f"{where}:{line}: class {name}: use the field's word"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from (f"{where}:{node.lineno}: {fault}" for fault in phrases(node.value))


def phrases(text: str) -> Iterator[str]:
    """Odd English in a text."""
    for pattern, better in PHRASES.items():
        for found in re.finditer(pattern, text, re.I):
            yield f"{found[0]!r}: say {better}"


def pages() -> list[Path]:
    """The English pages; experiments are records of their time."""
    return [
        p
        for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        if ".ja." not in p.name and p.name != "CHANGELOG.md"
    ]


def main() -> int:
    """Print every fault; 1 where there is one."""
    found = [fault for file in sorted((ROOT / "src").rglob("*.py")) for fault in faults(file)]
    for page in pages():
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            found += [f"{page.relative_to(ROOT)}:{number}: {fault}" for fault in phrases(line)]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
