"""Every table that a command prints fits the terminal; in Japanese it is in Japanese."""

import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from igaku.benchmarks import benchmark_names
from igaku.cli import japanese
from igaku.grading import METHODS
from igaku.prompts import prompt_names
from igaku.tables import Table, laid_out

from ..conftest import needs
from .conftest import command_line
from .screens import COMMANDS, MAIN, Screen, all_screens

pytestmark = needs("stats")
WIDTHS = (100, 80, 60, 50)
NAMES = {
    *(*METHODS, *prompt_names(), *benchmark_names(), "own", "standard", "closing", "original", "rotate-1", "ja", "en"),
    *("anchor", "letter", "alone", "published"),
}
"""Of benchmarks, prompts, orders, languages, methods and of the rules by which a reply is read."""
ENGLISH = {
    *("A", "B", "p", "k", "n", "n.s", "SD", "CI", "avg", "pass", "maj", "few", "shot", "Holm", "BH", "mid", "fair"),
    *(
        "McNemar",
        "Tango",
        "Chen",
        "RStd",
        "PriDe",
        "vs",
        "groups",
        "igaku",
        "docs",
        "MB",
        "RMSE",
        "Kendall",
        "Brier",
        "ECE",
        "AUROC",
        "AURC",
        "nat",
        "SHA",
    ),
}
"""Words that stay as they are in Japanese: names of tests and of people, of statistics, and of options."""
QUOTED = r"the author's, from before the official key|合格基準は引用によります（.*）"
"""What others wrote, shown as it is: sources and versions of keys."""


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Screen]]:
    patch = pytest.MonkeyPatch()
    patch.setenv("COLUMNS", "100")
    yield all_screens(command_line(patch), patch, tmp_path_factory.mktemp("runs"))
    patch.undo()


@pytest.fixture(params=COMMANDS)
def screen(request: pytest.FixtureRequest, screens: dict[str, Screen]) -> Screen:
    if request.param not in screens:
        pytest.skip("its data are not here")
    return screens[request.param]


def numbers(table: Table) -> set[str]:
    """What is a number: cells of numbers, and texts without a word, such as ``17/96``."""
    kinds = list(table.columns.values())
    cells = {value for row in table.shown() for value, kind in zip(row, kinds) if kind != "text"}
    texts = {value for row in table.shown() for value in row if re.fullmatch(r"[\d.,/–−+%<> -]{2,20}", value)}
    return {value for value in cells | texts if value}


def test_each_command_prints_a_table(screen: Screen) -> None:
    assert screen.tables


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_and_no_number_is_broken(screen: Screen, width: int) -> None:
    for table in screen.tables:
        lines = str(laid_out(table, width)).splitlines()
        assert [line for line in lines if cell_len(line) > width] == []
        text = "\n".join(lines)
        assert {value for value in numbers(table) if value not in text} == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_same_holds_in_japanese(screen: Screen, width: int) -> None:
    for table in screen.tables:
        lines = str(japanese.laid_out(table, width)).splitlines()
        assert [line for line in lines if cell_len(line) > width] == []
        text = "\n".join(lines)
        wanted = {value.replace(" %", "%").replace(" to ", "〜") for value in numbers(table)}
        assert {value for value in wanted if value not in text} == set()


def test_every_head_has_a_japanese_one_and_no_two_in_a_table_are_the_same(screen: Screen) -> None:
    for table in screen.tables:
        if table.name in ("models", "data") and "licence" in table.columns:
            continue  # the catalog has Japanese tables of its own
        heads = [japanese.head(name) for name in table.columns]
        assert len(set(heads)) == len(heads)
        assert {word for head in heads for word in english(head, NAMES)} == set()


def english(text: str, names: set[str]) -> set[str]:
    """The English words of a text, without names, options and files."""
    text = re.sub(QUOTED, " ", text)
    text = re.sub(
        r"igaku [a-z]+|--[a-z-]+|[\w./-]*/[\w./-]+|[\w-]+_(ja|en)\b|(?<!\w)[0-9a-f]{12,}", " ", text, flags=re.ASCII
    )
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", " ", text, flags=re.ASCII)
    return set(re.findall(r"[A-Za-z]{2,}", text)) - ENGLISH


def test_the_catalog_takes_its_own_japanese_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = command_line(monkeypatch)("catalog", "models", "--ui", "ja").stdout
    assert "元のモデル" in shown and "base model" not in shown


@pytest.mark.parametrize("name", MAIN)
def test_the_main_tables_hold_no_english_but_names(name: str, screens: dict[str, Screen]) -> None:
    if name not in screens:
        pytest.skip("its data are not here")
    tables, lines = screens[name]
    names = NAMES | {f"a-model-{letter}" for letter in "abce"} | {"Qwen3-32B", "no-think"}
    found = {word for line in lines for word in english(japanese.line(line), names)}
    for table in tables:
        words = [*map(japanese.head, table.columns), japanese.line(table.title), *map(japanese.line, table.notes)]
        heads = list(table.columns.items())
        cells = [japanese.cell(v, k, name) for row in table.shown() for v, (name, k) in zip(row, heads)]
        found |= {word for text in [*words, *cells] for word in english(text, names)}
    assert found == set()
