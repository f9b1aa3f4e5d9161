"""The docs site's pages, before MkDocs reads them: all links lead somewhere, nothing of the code is missing."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import igaku

from .cli.walk import commands

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def site() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "scripts"))
    yield import_module("docs_site")
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def pages(site: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    site.assemble(folder)
    return folder


def prose(page: Path) -> str:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def test_every_link_of_the_site_leads_to_a_page_or_a_file_of_it(pages: Path) -> None:
    missing = []
    for page in pages.rglob("*.md"):
        for link in LINK.findall(prose(page)):
            file = link.partition("#")[0]
            if not file or re.match(r"[a-z]+:", link):
                continue
            found = (page.parent / file).resolve()
            if not found.exists() or not found.is_relative_to(pages.resolve()):
                missing.append(f"{page.relative_to(pages)}: {link}")
    assert missing == []


def test_no_page_of_the_site_links_to_its_twin(pages: Path) -> None:
    """The switch at the top does; a Japanese page that led to an English one would leave the Japanese site."""
    twins = [p for p in pages.rglob("*.md") if re.search(r"^\[(日本語|English)\]", p.read_text(encoding="utf-8"), re.M)]
    crossing = [p for p in pages.rglob("*.md") for link in LINK.findall(prose(p)) if ".ja.md" in link]
    assert twins == crossing == []


def test_the_navigation_holds_every_page_once_in_both_languages(pages: Path) -> None:
    nav = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M)
    found = [str(p.relative_to(pages)) for p in pages.rglob("*.md")]
    assert sorted(nav) == sorted(p for p in found if ".ja." not in p)
    assert sorted(p.replace(".md", ".ja.md") for p in nav) == sorted(p for p in found if ".ja." in p)


@pytest.mark.parametrize("suffix", ["", ".ja"])
def test_the_reference_holds_every_command_with_its_options(pages: Path, suffix: str) -> None:
    text = (pages / f"reference/commands{suffix}.md").read_text(encoding="utf-8")
    for path, command in commands():
        section = re.search(rf"^#+ igaku {re.escape(' '.join(path))}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
        assert section, path
        options = [o for p in command.params for o in p.opts if o.startswith("--") and not getattr(p, "hidden", False)]
        assert [o for o in options if f"`{o}`" not in section[1] and o != "--help"] == []


def test_the_reference_holds_every_public_name_by_where_it_is_defined(pages: Path) -> None:
    text = (pages / "reference/python.md").read_text(encoding="utf-8")
    names = {name for name in igaku.__all__ if not name.startswith("_")}
    found = dict(re.findall(r"^::: ([\w.]+)\n    options: \{heading: igaku\.(\w+),", text, re.M))
    assert set(found.values()) == names
    for where, name in found.items():
        module, _, attribute = where.rpartition(".")
        assert getattr(import_module(module), attribute) is getattr(igaku, name)


def test_a_line_break_inside_a_japanese_sentence_is_no_space(site: ModuleType, tmp_path: Path) -> None:
    text = "これは文です。\n続きです。\n\n- 項目\n- 次の\n  項目\n\n| 表 |\n"
    assert (
        site.translated(text, "docs/index.ja.md", tmp_path)
        == "これは文です。続きです。\n\n- 項目\n- 次の項目\n\n| 表 |\n"
    )


def test_pages_opened_from_their_folder_have_the_search_index_as_a_script(site: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "search").mkdir()
    (tmp_path / "search/search_index.json").write_text('{"docs": ["心電図"]}', encoding="utf-8")
    site.on_post_build(SimpleNamespace(site_dir=str(tmp_path)))
    assert (tmp_path / "search/search_index.js").read_text(encoding="utf-8") == 'var __index = {"docs": ["心電図"]}'


def test_nothing_of_the_site_comes_from_elsewhere() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in settings and not re.search(r"https?://", settings)
    assert all(not re.search(r"https?://|@import", (ROOT / "docs" / n).read_text()) for n in ("docs.css", "offline.js"))


def test_a_file_outside_the_docs_is_copied_as_text(site: ModuleType, tmp_path: Path) -> None:
    text = site.translated("[code](../src/igaku/errors.py), [x](gone.md)", "docs/index.md", tmp_path)
    assert text == "[code](source/src/igaku/errors-py.txt), [x](gone.md)"
    assert "class IgakuError" in (tmp_path / "source/src/igaku/errors-py.txt").read_text(encoding="utf-8")
