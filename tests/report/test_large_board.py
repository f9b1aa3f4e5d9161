"""A board of more models than one table can hold: pairs are data, loaded once, and the script says what Python says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import igaku
from igaku.report.site import build_site
from igaku.report.site.collect import SiteData, collect
from igaku.report.site.pages.differences import MOST, differences
from igaku.report.site.pages.pairwise import pairs_of, sentence
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

MODELS, QUESTIONS = MOST + 8, 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that get one more question wrong than the one before, each some others."""
    root = tmp_path_factory.mktemp("many")
    rows = [
        {"id": f"q{i}", "stem": f"灯台{i}の光はどれか。", "choices": ["赤", "青", "白"], "answer": "a"}
        for i in range(QUESTIONS)
    ]
    (root / "lamp.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    replies = [
        {"id": f"q{i}", "model": f"model-{m:02}", "reply": f"答え: {'b' if (i * 7 + m * 3) % QUESTIONS < m else 'a'}"}
        for m in range(MODELS)
        for i in range(QUESTIONS)
    ]
    (root / "replies.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in replies))
    bench = str(root / "lamp.jsonl")
    return igaku.import_run("jsonl", root / "replies.jsonl", bench=bench, out=root / "run").run.path


@pytest.fixture(scope="module")
def data(run: Path) -> SiteData:
    return collect([run])


@pytest.fixture(scope="module")
def site(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site([run], tmp_path_factory.mktemp("site") / "pages").path


@pytest.fixture
def page(chromium: "object", site: Path) -> Iterator["Page"]:
    context = chromium.new_context(locale="en-US")  # type: ignore[attr-defined]
    opened: Page = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def test_the_table_of_all_pairs_is_left_out_and_each_pair_is_written_once(data: SiteData) -> None:
    found = differences("text", data.boards[0])
    assert found and found.rows == [] and len(found.choices) == MODELS
    pairs = pairs_of(data.boards[0])
    assert len(pairs.rows) == MODELS * (MODELS - 1) // 2
    assert len({frozenset((r.better, r.other)) for r in pairs.rows}) == len(pairs.rows)
    assert all(r.difference >= 0 and r.low <= r.difference <= r.high for r in pairs.rows)


def test_a_page_does_not_grow_with_the_number_of_pairs(site: Path) -> None:
    page = next(site.glob("b-*.html"))
    assert page.stat().st_size < 5_000 * MODELS


@browser
def test_the_script_says_of_a_pair_what_the_page_says(page: "Page", site: Path, data: SiteData) -> None:
    page.goto((site / "index.html").as_uri())
    assert page.locator("#duel-answer").is_hidden()
    board = data.boards[0]
    page.locator("#compare").scroll_into_view_if_needed()
    page.wait_for_selector(f"#duel select[name=b] option[value='model-{MODELS - 1}']", state="attached")
    shown = 0
    for c in (board.comparisons[0], board.comparisons[MODELS - 2], board.comparisons[-1], board.comparisons[500]):
        page.select_option("#duel select[name=a]", c.b)
        page.select_option("#duel select[name=b]", c.a)
        assert page.locator("#duel-answer").inner_text() == sentence(c, "en", board.pairs)
        page.click("#switch")
        assert page.locator("#duel-answer").inner_text() == sentence(c, "ja", board.pairs)
        page.click("#switch")
        shown += c.p_adjusted < 0.05
    assert 0 < shown < 4
    page.reload()
    page.locator("#compare").scroll_into_view_if_needed()
    page.wait_for_selector("#duel-answer:visible")
    assert page.locator("#duel-answer").inner_text() == sentence(board.comparisons[500], "en", board.pairs)


@browser
def test_one_model_stands_against_all_others_and_a_link_remembers_it(page: "Page", site: Path, data: SiteData) -> None:
    page.goto(next(site.glob("b-*.html")).as_uri())
    table = page.locator("table.against")
    assert table.is_hidden()
    first, last = (data.boards[0].standings[k].respondent for k in (0, -1))
    page.select_option("form.against select", first)
    table.locator("tbody tr").first.wait_for()
    assert table.locator("tbody tr").count() == MODELS - 1
    worst = table.locator("tbody tr", has_text=last).inner_text()
    assert worst.startswith(last) and "+" in worst and "<\u00a00.001" in worst and "not shown" not in worst
    page.reload()
    table.locator("tbody tr").first.wait_for()
    assert page.locator("form.against select").input_value() == first
