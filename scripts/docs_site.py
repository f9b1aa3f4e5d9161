"""The docs site's pages, put together from docs/ before MkDocs reads them (``hooks`` in mkdocs.yml; ``make docs``).

Pages are written for GitHub, where a link may lead to any file of the repository and twins name each other. On the site
the switch at the top changes the language, and a link to a file outside docs/ leads to a copy of it as plain text, so
that all links work without a network.
"""

import re
import shutil
import sys
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from docs_reference import commands_page, python_page

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "build" / "pages"
ALSO = {"CHANGELOG.md": "changelog", "SECURITY.md": "security", "CONTRIBUTING.md": "contributing"}
"""Pages of the repository's root -> their name on the site; in one language, which both sites show."""
HOME = {"README.md": "index.md", "README.ja.md": "index.md"}
FENCE = re.compile(r"(^```.*?^```\s*?$)", re.M | re.S)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
BREAK = re.compile(r"(?<=[、。，：；）」』ぁ-んァ-ヶー一-龠])\n *(?=[ぁ-んァ-ヶ一-龠々「『（\[`]|\*\*[^ ])")
"""A line break inside a Japanese sentence, which a browser would show as a space."""
TWIN = re.compile(r"^\[(?:日本語|English)\]\([^)]*\)\n", re.M)


def on_config(config: Any) -> Any:
    """MkDocs reads the pages put together here, not docs/ itself."""
    if Path(config.docs_dir) != PAGES:
        assemble(PAGES)
        config.docs_dir = str(PAGES)
    return config


def on_post_build(config: Any) -> None:
    """The search index as a script as well, which a page that was opened from its folder may read."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    if index.exists():
        _write(index.with_suffix(".js"), f"var __index = {index.read_text(encoding='utf-8')}")


on_post_build.mkdocs_priority = -200  # type: ignore[attr-defined]  # after the languages' indexes are one


def assemble(target: Path) -> None:
    """Write all pages, and what they link to, into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "docs", target)
    for lang, suffix in (("en", ""), ("ja", ".ja")):
        _write(target / f"reference/commands{suffix}.md", commands_page(lang))
        _write(target / f"reference/python{suffix}.md", python_page(lang))
        for source, name in ALSO.items():
            _write(
                target / f"{name}{suffix}.md", translated((ROOT / source).read_text(encoding="utf-8"), source, target)
            )
    for page in sorted((ROOT / "docs").rglob("*.md")):
        path = page.relative_to(ROOT).as_posix()
        _write(target / page.relative_to(ROOT / "docs"), translated(page.read_text(encoding="utf-8"), path, target))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def translated(text: str, path: str, target: Path) -> str:
    """A page as the site needs it.

    Args:
        path: of the page in the repository.
        target: the folder of the site's pages; files outside docs/ that the page links to are copied into it.
    """
    parts = FENCE.split(TWIN.sub("", text))
    return "".join(_titled(p) if p.startswith("```") else _relinked(p, path, target) for p in parts)


def _titled(fence: str) -> str:
    """A block's file name as its title."""
    return re.sub(r"\A```(\w+) ([^\s{]+)\n", r'```\1 title="\2"\n', fence)


def _relinked(text: str, path: str, target: Path) -> str:
    return BREAK.sub("", LINK.sub(lambda m: _link(m, path, target), text))


def _link(found: re.Match[str], path: str, target: Path) -> str:
    """One link as it is on the site; the bare words where it leads to a folder without a page."""
    image, words, link = found.groups()
    file, hash_, anchor = link.partition("#")
    if re.match(r"[a-z]+:", link) or not file:
        return found[0]
    here, there = _on_site(path), normpath(f"{path.rpartition('/')[0]}/{file}".lstrip("/"))
    if not (ROOT / there).exists():
        return found[0]
    name = _on_site(there)
    if name.startswith("../") or (name == there and not there.startswith("docs/")):
        name = _copied(there, target)
    if not name:
        return words
    return f"{image}[{words}]({relpath(name, here.rpartition('/')[0] or '.')}{hash_}{anchor})"


def _on_site(path: str) -> str:
    """Where a file of the repository stands on the site; the path itself where it is no page of it."""
    if path in HOME:
        return HOME[path]
    if path in ALSO:
        return f"{ALSO[path]}.md"
    return re.sub(r"\.ja\.md$", ".md", path.removeprefix("docs/")) if path.startswith("docs/") else path


def _copied(path: str, target: Path) -> str:
    """Copy a file of the repository as plain text; of a folder what introduces it. Empty where there is nothing."""
    source = ROOT / path
    if source.is_dir():
        source = next(
            (f for f in (source / "README.md", source / "__init__.py") if f.exists() and f.stat().st_size), source
        )
    if not source.is_file():
        return ""
    file = source.relative_to(ROOT)
    name = f"source/{file.parent.as_posix()}/{file.name.replace('.', '-')}.txt"  # NAME.py.txt would be in language "py"
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target / name)
    return name
