"""The docs are whole: one stem a study, links resolve, pages have twins, commands exist, Python blocks run."""

import csv
import json
import re
import unicodedata
from pathlib import Path

import pytest
from typer.main import get_command

import igaku
from igaku.benchmarks import load_benchmark
from igaku.cli import COMMANDS, app
from igaku.io.paths import find_data

from .cli import walk
from .conftest import needs
from .scripted import scripted, stand_in

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
NAMES = [name for panel in COMMANDS.values() for name in panel]
MODULES = {p.stem: p.read_text() for p in (ROOT / "src/igaku/studies").glob("*.py") if p.stem != "__init__"}
STUDIES = sorted(stem for stem in MODULES if stem.replace("_", "-") in NAMES)
PARTS = sorted(set(MODULES) - set(STUDIES))
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
WITH_PYTHON = [
    p for p in [*(DOCS / "studies").glob("*.md"), DOCS / "report.md", DOCS / "import.md"] if ".ja." not in p.name
]


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page that are marked as this language."""
    return [body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


@pytest.mark.parametrize("stem", STUDIES)
def test_a_study_has_its_command_pages_and_test(stem: str) -> None:
    name = stem.replace("_", "-")
    wanted = [f"src/igaku/cli/{stem}.py", f"tests/studies/test_{stem}.py"]
    wanted += [f"docs/studies/{name}.md", f"docs/studies/{name}.ja.md"]
    assert [w for w in wanted if not (ROOT / w).exists()] == []


@pytest.mark.parametrize("stem", PARTS)
def test_a_module_without_a_command_is_a_part_of_a_study(stem: str) -> None:
    assert any(f"igaku.studies.{stem} import" in text for other, text in MODULES.items() if other != stem)


def test_a_page_of_a_study_has_its_study() -> None:
    pages = {p.name.removesuffix(".md").removesuffix(".ja").replace("-", "_") for p in (DOCS / "studies").glob("*.md")}
    assert sorted(pages) == STUDIES


@pytest.mark.parametrize("page", sorted((DOCS / "studies").glob("*.md")), ids=short)
def test_a_page_of_a_study_has_one_shape(page: Path) -> None:
    text, name = page.read_text(encoding="utf-8"), page.name.split(".")[0]
    assert re.match(rf"# {name}[:：]", text)
    assert any(f"igaku {name}" in body for body in blocks(page, ""))
    (block,) = blocks(page, "python")
    compile(block, str(page), "exec")
    parts = ["## 表の読み方", "## 計算方法", "## この解析では言えないこと"]
    if ".ja." not in page.name:
        parts = ["## What the table", "## How it is computed", "## What it cannot say"]
    assert [p for p in parts if p not in text] == []


@pytest.mark.parametrize("page", [p for p in PAGES if ".ja." not in p.name and p.parent != ROOT], ids=short)
def test_a_page_has_its_japanese_twin(page: Path) -> None:
    twin = page.with_suffix(".ja.md")
    assert twin.exists()
    assert re.findall("<!-- table:([\\w-]+):", page.read_text(encoding="utf-8")) == re.findall(
        "<!-- table:([\\w-]+):", twin.read_text(encoding="utf-8")
    )


def named(line: str) -> None:
    """Look a command up that a sentence names, without the arguments that it leaves out.

    Raises:
        AssertionError: no such command, or it has no such option.
    """
    at, words = get_command(app), line.split()[1:]
    while hasattr(at, "commands") and words and not words[0].startswith("-"):
        name, *words = words
        if not re.fullmatch(r"[a-z][a-z-]*", name):  # COMMAND, or three dots
            return
        assert name in at.commands, f"{line}: no command {name}"
        at = at.commands[name]
    known = {o for p in at.params for o in (*p.opts, *p.secondary_opts)} | {"-h", "--help", "--version"}
    flags = {w.split("=")[0] for w in words if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", w)}
    assert flags <= known, f"{line}: no {', '.join(flags - known)}"


@pytest.mark.parametrize("page", [p for p in walk.PAGES if p.name != "CHANGELOG.md"], ids=short)
def test_every_command_that_a_sentence_names_exists_with_its_options(page: Path) -> None:
    for line in re.findall(r"`(igaku [^`\n]*)`", FENCE.sub("", page.read_text(encoding="utf-8"))):
        named(line)


@pytest.mark.parametrize(
    "line", ["igaku evl", "igaku corpus cleen", "igaku eval --modle x", "igaku show RUN --bye year"]
)
def test_a_misspelt_command_in_a_sentence_is_found(line: str) -> None:
    with pytest.raises(AssertionError):
        named(line)


@pytest.mark.parametrize("page", [p for p in walk.PAGES if p.with_suffix(".ja.md").exists()], ids=short)
def test_both_languages_of_a_page_show_the_same_commands(page: Path) -> None:
    def commands(of: Path) -> list[str]:
        plain = [re.sub(r"\s+#.*|--title \"[^\"]*\"| --lang ja\b", "", line) for line in walk.lines(of)]
        return [line.replace("ファイル...", "FILE...").strip() for line in plain]

    assert commands(page.with_suffix(".ja.md")) == commands(page)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_first_page_stays_short_and_shows_what_its_pictures_hold(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count("\n") <= 130
    pictures = re.findall(r"docs/pictures/[\w.-]+", text)
    assert len(pictures) == 2 and all(0 < (ROOT / p).stat().st_size < 200_000 for p in pictures)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md", "docs/tasks/hospital.md", "docs/tasks/hospital.ja.md"])
def test_the_questions_that_a_page_shows_as_csv_can_be_asked(page: str, tmp_path: Path) -> None:
    (shown,) = [b for b in blocks(ROOT / page, "") if re.match(r"(id|番号),", b)]
    file = tmp_path / "my.csv"
    file.write_text(shown, encoding="utf-8")
    (lang,) = load_benchmark(str(file)).languages
    questions = load_benchmark(str(file)).load(lang)
    assert lang == ("ja" if ".ja." in page else "en") and len(questions) == shown.count("\n") - 1
    assert all(2 <= len(q.choices) <= 4 for q in questions if q.choices)


def test_the_citation_names_this_version() -> None:
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "src/igaku/_version.py").read_text(encoding="utf-8"))
    assert version and f"\nversion: {version[1]}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for page in ("README.md", "README.ja.md"):
        assert f"version = {{{version[1]}}}" in (ROOT / page).read_text(encoding="utf-8")


def test_every_kept_measurement_is_on_a_page() -> None:
    shown = {n for p in PAGES for n in re.findall("<!-- table:([\\w-]+):", p.read_text(encoding="utf-8"))}
    names = {"fair": "fair_speed"}
    kept = [p.stem for p in (ROOT / "bench" / "results").glob("*.json")]
    assert sorted(n for n in kept if names.get(n, n) not in shown) == []


NAMES_OF_THINGS = {"igaku", "lm-eval"}


def test_a_kept_measurement_has_japanese_heads_on_japanese_pages() -> None:
    words = json.loads((ROOT / "scripts" / "measured_ja.json").read_text(encoding="utf-8"))
    heads = {
        head
        for path in (ROOT / "bench" / "results").glob("*.json")
        if path.stem != "fair_intervals"  # a table of its own words
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]
        for head in row
    }
    assert sorted(h for h in heads - NAMES_OF_THINGS if re.search("[a-z]{2}", h) and h not in words) == [], (
        "add them to scripts/measured_ja.json"
    )
    assert all(
        re.search("[ぁ-んァ-ヶ一-龠]", japanese) for japanese in words.values() if re.search("[a-z]{3}", japanese)
    )


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {_slug(h) for h in re.findall(r"^#+ (.*)$", text, re.M)}


def _slug(heading: str) -> str:
    letters = [c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(letters).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_relative_link_resolves(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text(encoding="utf-8")))
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in slugs(target)):
            missing.append(link)
    assert missing == []


@pytest.mark.parametrize("page", ["architecture.md", "architecture.ja.md"])
def test_the_architecture_table_holds_every_command_with_its_files(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8").split("<!-- table:commands:")[1]
    rows = {m[1]: re.findall(r"\]\(([^)]+)\)", m[2]) for m in re.finditer(r"^\| `igaku ([\w-]+)` \|(.*)$", text, re.M)}
    assert list(rows) == NAMES, "run scripts/tables.py; a new command that is no study: FILES_OF there"
    assert {name: links for name, links in rows.items() if len(links) != 4} == {}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_picture_holds_every_folder(lang: str) -> None:
    text = (DOCS / "pictures" / f"architecture.{lang}.svg").read_text(encoding="utf-8")
    folders = [p.name for p in (ROOT / "src/igaku").iterdir() if (p / "__init__.py").exists()]
    assert [f for f in folders if not re.search(rf"\b{f}\b", text)] == []


RUNS = {
    "runs/igakuqa": ("igakuqa-2018", {"lang": "ja"}),
    "runs/open": ("clinical_open", {"lang": "ja", "limit": 3}),
    "runs/other": ("clinical_open", {"lang": "ja", "limit": 3}),
    **{f"runs/{name}": ("mini", {}) for name in ("base", "tuned", "a", "b", "c")},
    **{f"runs/{name}": ("mini", {"method": "letter-logprob"}) for name in ("transformers", "vllm")},
}
"""Runs that the pages speak of as being there."""


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which any model's name stands for a scripted one, and sheets come back filled in."""
    from igaku.studies import rate

    def fill(*args: object, **settings: object) -> list[Path]:
        sheets = export(*args, **settings)  # type: ignore[arg-type]
        for n, sheet in enumerate(sheets):
            rows = list(csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines()))
            with sheet.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([rows[0], *([*r[:5], (k + n) % 2, ""] for k, r in enumerate(rows[1:]))])
        return sheets

    export = rate.export_sheets
    monkeypatch.setattr(rate, "export_sheets", fill)
    stand_in(monkeypatch, tmp_path)
    if found := find_data("igakuqa"):
        monkeypatch.setenv("IGAKU_DATA", str(found.resolve().parent))
        (tmp_path / "baseline_results").symlink_to(found.resolve() / "baseline_results")


def runs_with_and_without_pictures() -> None:
    """``runs/on`` and ``runs/off``: one model, two own questions, one of which has a picture."""
    Path("p.png").write_bytes(b"\x89PNG")
    shared = {"choices": ["one", "two"], "answer": "a"}
    rows = [
        {"id": "1", "stem": "What is seen?", "images": ["p.png"], **shared},
        {"id": "2", "stem": "Which?", **shared},
    ]
    Path("seen.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for name, sees in (("on", True), ("off", False)):
        engine = scripted("m")
        engine.supports_images = sees
        igaku.evaluate(engine, "seen.jsonl", out=f"runs/{name}")


@needs("stats", "site", "ecg")
@pytest.mark.parametrize("page", sorted(WITH_PYTHON), ids=short)
def test_every_python_block_runs(page: Path, sandbox: None, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(page, "python"):
        if "igakuqa" in block and find_data("igakuqa") is None:
            pytest.skip("the real data folder is not here (set IGAKU_DATA)")
        for path, (bench, settings) in RUNS.items():
            if f'"{path}"' in block and f'out="{path}"' not in block:
                bench = "igakuqa" if 'short_form("igakuqa"' in block else bench
                igaku.evaluate(scripted(path), bench, out=path, **settings)  # type: ignore[arg-type]
        if '"runs/on"' in block:
            runs_with_and_without_pictures()
        exec(compile(block, str(page), "exec"), {})
        assert capsys.readouterr().out.strip()
