"""The pages as a reader meets them: one run, a phone, a keyboard, a link that carries the state, three widths, two
schemes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.question import Answer
from igaku.report.site import build_site
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUESTIONS = 24
PHONE = {"width": 390, "height": 780}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models on questions of our own, in two sections; the second one is wrong on the last six."""
    root = tmp_path_factory.mktemp("pages")
    rows = [
        {
            "id": f"q{i:02}",
            "stem": f"灯台{i:02}の光はどれか。",
            "choices": ["赤い光", "青い光", "白い光"],
            "answer": "a",
            "section": "required" if i % 3 else "general",
            "category": "cardiology" if i < 16 else "surgery",
        }
        for i in range(QUESTIONS)
    ]
    (root / "lamp.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    made = []
    for name, right in (("first", QUESTIONS - 2), ("second", QUESTIONS - 6)):

        def say(request: Any, right: int = right) -> str:
            k = int(request.prompt.split("灯台")[1][:2])
            return "答え: a" if k < right else "答え: b"

        made.append(igaku.evaluate(Replay(say, name=name), str(root / "lamp.jsonl"), method="letter", out=root / name))
    return [root / "first", root / "second"]


@pytest.fixture(scope="module")
def site(runs: list[Path]) -> Path:
    return build_site(runs, runs[0].parent / "site").path


@pytest.fixture(scope="module")
def single(runs: list[Path]) -> Path:
    return build_site(runs[1:], runs[0].parent / "single").path


@pytest.fixture
def phone(chromium: "Browser") -> Iterator["Page"]:
    context = chromium.new_context(locale="ja-JP", viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def questions(site: Path) -> Path:
    return next(site.glob("q-*.html"))


def test_one_run_is_no_leaderboard_of_one(single: Path) -> None:
    text = (single / "index.html").read_text()
    assert "順位はありません" in text and 'class="board"' not in text and 'id="filters"' not in text
    assert "間違えた問題" in text and text.count('class="stem"') == 6
    assert "75.0<span" in text and "18<span" in text
    assert text.count("<title") == 1 and "リーダーボード</title>" not in text


def test_a_run_with_samples_counts_replies_and_not_questions(tmp_path: Path, runs: list[Path]) -> None:
    pytest.importorskip("altair")
    replies = iter(["答え: a", "答え: b"] * QUESTIONS)
    given = {"method": "letter", "samples": 2, "temperature": 0.7, "out": tmp_path / "drawn"}
    igaku.evaluate(Replay(lambda _: next(replies), name="drawn"), str(runs[0].parent / "lamp.jsonl"), **given)
    text = (build_site([tmp_path / "drawn"], tmp_path / "site").path / "index.html").read_text()
    assert f'{QUESTIONS}<span class="unit">/{2 * QUESTIONS}' in text and "正解した回答" in text
    assert "一度でも間違えた問題" in text and "正解した問題" not in text


def test_where_all_replies_are_cut_off_nobody_is_ranked_and_it_says_so(tmp_path: Path, runs: list[Path]) -> None:
    bench, cut = str(runs[0].parent / "lamp.jsonl"), {"method": "letter"}
    for name in ("one", "two"):
        engine = Replay(lambda _: Answer(text="まず考えます", finish="length"), name=name)
        igaku.evaluate(engine, bench, out=tmp_path / name, **cut)
    text = (build_site([tmp_path / "one", tmp_path / "two"], tmp_path / "site").path / "index.html").read_text()
    assert "順位を付けられるモデルがありません" in text and "共通の問題はありません" not in text


@browser
def test_the_open_page_stays_in_sight_in_the_navigation(phone: "Page", site: Path) -> None:
    phone.goto((site / "how.html").as_uri())
    here = phone.locator("nav [aria-current]").bounding_box()
    nav = phone.locator("nav").bounding_box()
    assert here and nav and nav["x"] <= here["x"] and here["x"] + 30 < nav["x"] + nav["width"]


@browser
@pytest.mark.parametrize("width", [390, 820])
def test_the_catalog_is_read_without_scrolling_sideways(chromium: "Browser", site: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800}, locale="en-GB")
    page.goto((site / "catalog.html").as_uri())
    for table in page.locator(".scroll").all():
        assert table.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.locator("table .lbl").first.is_visible()
    page.close()


def test_every_page_has_its_own_title_a_description_and_an_icon(site: Path) -> None:
    titles = {}
    for page in site.glob("*.html"):
        text = page.read_text()
        titles[page.name] = text.split("<title")[1].split("</title>")[0]
        assert '<meta name="description" content="' in text and 'href="icon.svg"' in text
    assert (site / "icon.svg").is_file() and len(set(titles.values())) == len(titles) - 1  # index and exam: one exam


@browser
def test_the_first_question_is_open_and_an_empty_search_says_so(chromium: "Browser", site: Path) -> None:
    page = chromium.new_page(viewport={"width": 1320, "height": 900}, locale="ja-JP")
    page.goto(questions(site).as_uri())
    page.wait_for_selector(".detail .one")
    assert "灯台00" in page.locator(".detail").inner_text()
    page.fill("input[name=search]", "どこにもない語")
    page.locator("#empty").wait_for()
    assert "条件に合う問題がありません" in page.locator("#empty").inner_text()
    assert "灯台" not in page.locator(".detail").inner_text() and page.locator(".list").is_hidden()
    page.click("#clear")
    page.locator(".list li").first.wait_for()
    assert page.locator(".list li").count() == QUESTIONS
    page.close()


@browser
def test_on_a_phone_a_question_is_a_sheet_that_back_closes(phone: "Page", site: Path) -> None:
    phone.goto(questions(site).as_uri())
    phone.wait_for_selector("[data-ready]")
    sheet = phone.locator(".sheet")
    assert sheet.is_hidden()
    phone.locator(".list li").nth(4).click()
    phone.wait_for_selector(".sheet.up .detail .one")
    box = sheet.bounding_box()
    assert box and (box["x"], box["y"], box["width"]) == (0, 0, PHONE["width"])
    assert "灯台04" in sheet.inner_text() and phone.evaluate("document.activeElement.id") == "back"
    phone.go_back()
    sheet.wait_for(state="hidden")
    assert phone.locator(".list").is_visible() and phone.evaluate("document.activeElement.className") == "list"
    phone.locator(".list li").nth(5).click()
    phone.wait_for_selector(".sheet.up")
    phone.click("#back")
    sheet.wait_for(state="hidden")


@browser
def test_escape_closes_the_sheet_and_nothing_behind_it_takes_the_focus(phone: "Page", site: Path) -> None:
    phone.goto(questions(site).as_uri())
    phone.wait_for_selector("[data-ready]")
    phone.focus(".list")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Enter")
    phone.wait_for_selector(".sheet.up .detail .one")
    for _ in range(12):
        phone.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('.sheet')"
        assert phone.evaluate(inside)
    phone.keyboard.press("Escape")
    phone.locator(".sheet").wait_for(state="hidden")
    assert phone.evaluate("document.activeElement.className") == "list"


@browser
def test_a_link_to_a_question_opens_it_on_a_phone_too(phone: "Page", site: Path) -> None:
    phone.goto(questions(site).as_uri() + "#q=q07&show=")
    phone.wait_for_selector(".sheet.up .detail .one")
    assert "灯台07" in phone.locator(".sheet").inner_text()


@browser
def test_the_compared_pair_stands_in_the_link(chromium: "Browser", site: Path) -> None:
    page = chromium.new_page(locale="ja-JP")
    page.goto((site / "index.html").as_uri())
    page.locator("#compare").scroll_into_view_if_needed()
    page.wait_for_selector("#duel select[name=b] option[value=second]", state="attached")
    page.select_option("#duel select[name=a]", "first")
    page.select_option("#duel select[name=b]", "second")
    said = page.locator("#duel-answer").inner_text()
    assert "first" in said and "second" in said
    chosen = page.locator("#filters button[aria-pressed]")
    assert chosen.count() == 0  # two models alike: nothing to choose
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.locator("#duel-answer").wait_for()
    assert page.locator("#duel-answer").inner_text() == said
    page.close()


@browser
def test_the_focus_is_seen_wherever_the_tab_key_leads(chromium: "Browser", site: Path) -> None:
    page = chromium.new_page(viewport={"width": 820, "height": 900}, locale="ja-JP")
    for name in ("index.html", next(site.glob("b-*.html")).name, questions(site).name):
        page.goto((site / name).as_uri())
        met = set()
        for _ in range(30):
            page.keyboard.press("Tab")
            found = page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.tagName, e.textContent.slice(0, 20), s.outlineStyle, parseFloat(s.outlineWidth)]; }"
            )
            if found[0] != "BODY":
                assert found[2] != "none" and found[3] >= 2, (name, found)
            met.add(tuple(found[:2]))
        assert len(met) > 8, name
    page.close()


@browser
@pytest.mark.parametrize("width", [390, 820, 1320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    chromium: "Browser", site: Path, single: Path, width: int, scheme: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="ja-JP", reduced_motion="reduce"
    )
    seen = [p for p in sorted(site.glob("*.html")) if p.name != "m-second.html"]
    for file in [*seen, single / "index.html"]:
        page.goto(file.as_uri() + ("#q=q03" if file.name.startswith("q-") else ""))
        if file.name.startswith("q-"):
            page.wait_for_selector(".detail .one")
            page.wait_for_timeout(250)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), file.name
        found = axe.run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == [], file.name
    page.close()
