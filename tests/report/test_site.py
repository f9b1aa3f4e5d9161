"""The site in a real browser: what a reader does, and what a hostile reply tries."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Choices, Request
from igaku.report.site import build_site
from igaku.report.site.build import MARKER
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

HOSTILE = [
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">答え: a",
    "{{ 7 * 7 }} {% include 'base.html' %} ${7*7} </script><script>document.title='taken'</script>",
    "\u202e左から右へ\u2066\x00\x1b]0;x\x07" + "e" + "\u0301" * 9_000,
    "あ" * 1_000_000 + " 答え: b",
    "\udfff\ud800 答え: c",
    "</div></main><style>*{display:none}</style><meta http-equiv=refresh content='0;url=https://example.invalid/'>",
]
EVIL = "<b onmouseover=alert(1)>evil\"'</b>"


def scripted(name: str, right: float, hostile: bool = False) -> Replay:
    """Right on the first questions of mini, as many as its share; the rest is wrong, or hostile."""
    known: dict[str, str] = {}
    for lang in ("ja", "en"):
        questions = [q for q in igaku.load_benchmark("mini").load(lang) if q.n_right == 1]
        for q in questions[: round(right * len(questions))]:
            assert isinstance(q.key, Choices)
            known[q.stem] = q.letters[q.key.accepted[0][0]]
    count = iter(range(10**9))

    def say(request: Request) -> str:
        letter = next((letter for stem, letter in known.items() if stem in request.prompt), "")
        return letter or (HOSTILE[next(count) % len(HOSTILE)] if hostile else "わからない")

    return Replay(say, name=name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    runs: list[Path] = []
    for name, share, hostile in (
        ("strong", 0.92, False),
        ("stronger", 0.96, False),
        ("weak", 0.3, False),
        (EVIL, 0.5, True),
    ):
        run = root / f"run{len(runs)}"
        prompts = ["standard", "closing"] if name == "strong" else "standard"
        igaku.evaluate(scripted(name, share, hostile), "mini", out=run, prompt=prompts, method="letter")
        runs.append(run)
    return build_site(runs, root / "pages", title="A trial").path


@pytest.fixture
def page(chromium: "Browser", site: Path) -> Iterator["Page"]:
    """A page that fails the test on any script error, policy violation, dialog or request that leaves the disk."""
    context = chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    bad: list[str] = []

    def dismiss(dialog: "Dialog") -> None:
        bad.append(dialog.message)
        dialog.dismiss()

    opened.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: bad.append(str(e)))
    opened.on("dialog", dismiss)
    opened.on("request", lambda r: bad.append(r.url) if not r.url.startswith("file:") else None)
    yield opened
    context.close()
    assert bad == []


def go(page: "Page", site: Path, name: str) -> None:
    page.goto((site / name.split("#")[0]).as_uri() + (f"#{name.split('#')[1]}" if "#" in name else ""))
    if name.startswith("q-"):
        page.wait_for_selector("[data-ready]")


def column(page: "Page", table: str, title: str) -> list[str]:
    heads = [h.inner_text().strip() for h in page.locator(f"{table} thead th").all()]
    at = next(i for i, h in enumerate(heads) if h.startswith(title))
    return [r.locator("td, th").nth(at).inner_text().strip() for r in page.locator(f"{table} tbody tr:visible").all()]


def accuracies(page: "Page") -> list[float]:
    """The large numbers, without the intervals below them."""
    return [float(v.split("%")[0]) for v in column(page, "#leaderboard section:visible", "accuracy")]


@browser
def test_the_first_page_says_which_model_is_better_and_whether_the_test_shows_it(page: "Page", site: Path) -> None:
    go(page, site, "index.html")
    assert page.locator("h1").inner_text() == "A trial"
    answer = page.locator(".answer").first.inner_text()
    assert "Not shown whether stronger or strong is better" in answer
    page.locator("#compare").scroll_into_view_if_needed()
    page.wait_for_selector("#duel select[name=a] option[value=strong]", state="attached")
    page.select_option("#duel select[name=a]", "strong")
    page.select_option("#duel select[name=b]", "weak")
    assert (
        "strong is better than weak, and the difference is shown (5%, Holm over"
        in page.locator("#duel-answer").inner_text()
    )
    page.select_option("#duel select[name=b]", "strong")
    assert page.locator("#duel-answer").inner_text() == "That is the same model twice."


@browser
def test_sort_and_filter(page: "Page", site: Path) -> None:
    go(page, site, "index.html")
    assert page.locator("#rows-shown").inner_text() == "8 rows"
    japanese = page.locator('#filters [data-filter="lang"] button[value="ja"]')
    japanese.click()
    assert japanese.get_attribute("aria-pressed") == "true"
    assert page.locator("#rows-shown").inner_text() == "4 rows"
    assert page.url.endswith("#lang=ja")
    page.reload()
    assert page.locator("#rows-shown").inner_text() == "4 rows"
    head = page.locator("#leaderboard section:visible th", has_text="accuracy")
    shares = accuracies(page)
    assert shares == sorted(shares, reverse=True)
    head.locator("button").click()
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert accuracies(page) == sorted(shares)
    assert "1–2" in column(page, "#leaderboard", "rank")
    japanese.click()
    assert page.locator("#rows-shown").inner_text() == "8 rows"


@browser
def test_the_language_switch_holds_on_the_next_page(page: "Page", site: Path) -> None:
    go(page, site, "index.html")
    assert page.locator("html").get_attribute("lang") == "en"
    page.click("#switch")
    assert page.locator("html").get_attribute("lang") == "ja"
    assert "読み方" in page.locator("nav").inner_text()
    assert page.title() == "A trial"
    page.click("nav a:last-child")
    page.wait_for_selector("h1:visible")
    assert page.locator("h1:visible").inner_text() == page.title() == "読み方"


@browser
def test_search_filter_and_open_a_question(page: "Page", site: Path) -> None:
    from playwright.sync_api import expect

    question = igaku.load_benchmark("mini").load("ja")[3]
    go(page, site, "q-mini-ja.html")
    assert page.locator("#found").inner_text() == "104 questions"
    page.fill("input[name=search]", question.stem[:12])
    expect(page.locator("#found")).not_to_have_text("104 questions")
    page.locator(".list li").first.click()
    page.wait_for_selector(".detail .one")
    assert question.stem in page.locator(".detail").inner_text()
    assert page.locator(".detail li.key").count() == 1
    assert page.locator(".detail .one").count() == 5
    page.locator(".detail summary", has_text="prompt").first.click()
    page.locator(".detail .one .said:visible", has_text=question.choices[0]).first.wait_for()
    page.fill("input[name=search]", "")
    page.select_option("select[name=who]", label="weak")
    page.select_option("select[name=show]", "right")
    expect(page.locator("#found")).not_to_have_text("104 questions")
    right = int(page.locator("#found").inner_text().split()[0])
    page.select_option("select[name=show]", "failed")
    page.wait_for_timeout(50)
    assert right + int(page.locator("#found").inner_text().split()[0]) == 104
    page.select_option("select[name=who]", "")
    page.select_option("select[name=show]", "disagree")
    assert 0 < int(page.locator("#found").inner_text().split()[0]) < 104
    page.reload()
    page.wait_for_selector("[data-ready]")
    assert page.locator("select[name=show]").input_value() == "disagree"


@browser
def test_by_keyboard_alone(page: "Page", site: Path) -> None:
    go(page, site, "q-mini-en.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    page.keyboard.type("a")
    page.wait_for_timeout(150)
    page.focus(".list")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "j", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector(".detail .one")
    chosen = page.locator('.list li[aria-selected="true"]')
    assert chosen.count() == 1
    assert page.evaluate("document.activeElement.className") == "detail"


@browser
def test_a_number_opens_to_the_replies_behind_it(page: "Page", site: Path) -> None:
    go(page, site, "index.html")
    page.locator("#leaderboard tbody tr", has_text="weak").first.locator("td.acc a").click()
    page.wait_for_selector("[data-ready]")
    assert page.locator("select[name=who] option:checked").inner_text() == "weak"
    assert page.locator("select[name=show]").input_value() == "wrong"


@browser
def test_hostile_replies_are_text(page: "Page", site: Path) -> None:
    from playwright.sync_api import expect

    go(page, site, "q-mini-ja.html")
    name = next(o for o in page.locator("select[name=who] option").all_inner_texts() if "evil" in o)
    assert name == EVIL
    page.select_option("select[name=who]", label=name)
    texts: set[str] = set()
    ids = page.locator(".list li").count()
    for at in range(ids - 20, ids):
        page.locator(".list li").nth(at).click()
        expect(page.locator(".list li").nth(at)).to_have_attribute("aria-selected", "true")
        page.wait_for_selector(".detail .one")
        texts.add(page.locator(".detail .one", has_text="evil").locator(".said").first.inner_text())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = "\n".join(texts)
    for part in ("<script>document.title", "{{ 7 * 7 }}", "⟦U+202E⟧", "␀", "⟦… 99", "\ufffd\ufffd 答え"):
        assert part in text
    assert page.locator(".detail script, .detail img, .detail style").count() == 0
    assert "taken" not in page.title()
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert policy and "default-src 'none'" in policy and "unsafe" not in policy


THOUGHT = "<think>まず既往を見る。" + "迷う。" * 9_000 + "だから a ではない。</think>\n答え: b"


@browser
def test_a_long_thought_is_folded_away_beside_the_reply(chromium: "Browser", tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: THOUGHT), "mini", lang="ja", method="letter", out=tmp_path / "r", limit=2)
    page = chromium.new_page()
    go(page, build_site([tmp_path / "r"], tmp_path / "pages", title="t").path, "q-mini-ja.html")
    page.locator(".list li").first.click()
    page.wait_for_selector(".detail .one")
    assert page.locator(".detail .one > .said").inner_text() == "答え: b"
    fold = page.locator(".detail .one details").first
    assert fold.locator(".said").is_hidden() and "b (" in page.locator(".detail .one").inner_text()
    fold.locator("summary").click()
    text = fold.locator(".said").inner_text()
    assert text.startswith("まず既往を見る。") and text.endswith("だから a ではない。") and len(text) < 8_000
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


@browser
def test_the_policy_stops_a_script_that_got_in(chromium: "Browser", site: Path) -> None:
    page = chromium.new_page()
    page.goto((site / "index.html").as_uri())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
    page.wait_for_timeout(100)
    assert page.title() != "1"
    page.close()


@browser
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_accessible_and_fit_for_a_narrow_screen(chromium: "Browser", site: Path, lang: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    names = sorted(p.name for p in site.glob("*.html") if p.name[:2] != "m-" or "strong" in p.name)
    assert {"index.html", "how.html", "b-mini-ja.html", "q-mini-en.html", "m-strong.html"} <= set(names)
    page = chromium.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    for name in names:
        go(page, site, name)
        if page.locator("html").get_attribute("lang") != lang:
            page.click("#switch")
        if name.startswith("q-"):
            page.locator(".list li").first.click()
            page.wait_for_selector(".detail .one")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        found = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], name
    page.close()


def test_pages_hold_nothing_from_elsewhere_and_are_the_same_when_built_again(site: Path, tmp_path: Path) -> None:
    for file in site.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert 'src="http' not in text and "@import" not in text and "<script>" not in text
        assert EVIL not in text
    runs = sorted(site.parent.glob("run?"))
    again = build_site(runs, tmp_path / "again", title="A trial").path
    names = sorted(str(p.relative_to(site)) for p in site.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(again)) for p in again.rglob("*") if p.is_file())
    assert all((site / n).read_bytes() == (again / n).read_bytes() for n in names)


def test_a_folder_with_something_else_is_left_alone(site: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(IgakuError, match="holds something else"):
        build_site([site.parent / "run0"], tmp_path)
    assert (site / MARKER).exists()


def test_view_report_and_their_formats(site: Path, tmp_path: Path) -> None:
    runs = [str(site.parent / f"run{k}") for k in range(3)]
    done = CliRunner().invoke(app, ["view", runs[0], "--no-open", "--out", str(tmp_path / "v")])
    assert done.exit_code == 0 and (tmp_path / "v" / "index.html").exists()
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- igaku:leaderboard -->\nearlier\n<!-- /igaku:leaderboard -->\nb\n")
    assert CliRunner().invoke(app, ["leaderboard", *runs, "--into", str(readme)]).exit_code == 0
    assert (
        "earlier" not in readme.read_text()
        and "| stronger |" in readme.read_text()
        and readme.read_text().endswith("b\n")
    )
    rows = json.loads(CliRunner().invoke(app, ["leaderboard", *runs, "--format", "json"]).stdout)["standings"]
    strong = next(r for r in rows if r["respondent"] == "strong")
    assert strong["ways"] == 2 and strong["lowest"] <= strong["accuracy"] <= strong["highest"]
    table = pytest.importorskip("pyarrow.parquet")
    assert CliRunner().invoke(app, ["leaderboard", *runs, "--parquet", str(tmp_path / "t.parquet")]).exit_code == 0
    assert table.read_table(tmp_path / "t.parquet").num_rows == len(rows)


def test_two_runs_of_one_name_stay_two(tmp_path: Path) -> None:
    from msgspec.structs import replace

    from igaku.report.site.collect import collect
    from igaku.report.site.pages import iter_pages
    from igaku.report.site.slugs import Slugs

    runs = []
    for quantization, share in (("", 0.9), ("4bit", 0.2)):
        engine = scripted("same", share)
        engine.identity = replace(engine.identity, quantization=quantization)
        runs.append(igaku.evaluate(engine, "mini", lang="ja", method="letter", out=tmp_path / f"r{quantization}"))
    data = collect(runs)
    pages: dict[str, Any] = {page.file: page.content for page in iter_pages(data, Slugs(data.items, data.models))}
    sections = next(b for b in pages["b-mini-ja.html"].breakdowns if b.key == "bench.sections")
    assert sections.columns == ["same", "same (4bit)"]
    for row in sections.rows:
        first, second = row.cells
        assert first.accuracy > second.accuracy and all(c.ci95[0] <= c.accuracy <= c.ci95[1] for c in row.cells)
    links = [row.query for row in pages["index.html"].benches[0].boards[0].rows]
    assert "run+1" in links[0] and "run+2" in links[1]


def test_an_interrupted_run_can_be_looked_at(tmp_path: Path) -> None:
    class Stops(Exception):
        pass

    def stop(reply: object, size: int) -> None:
        if getattr(reply, "lang", "") == "en":
            raise Stops

    with pytest.raises(Stops):
        igaku.evaluate(scripted("half", 0.5), "mini", method="letter", out=tmp_path / "run", on_reply=stop)
    lines = [x for x in (tmp_path / "run" / "replies.jsonl").read_text().splitlines() if '"lang":"ja"' in x]
    (tmp_path / "run" / "replies.jsonl").write_text("\n".join(lines) + "\n")
    assert build_site([tmp_path / "run"], tmp_path / "pages").replies == len(lines) > 0


@pytest.mark.data
def test_two_runs_of_one_exam_are_two_candidates(tmp_path: Path) -> None:
    from igaku.report.site.collect import collect

    runs = [
        igaku.evaluate(
            Replay(lambda _: "答え: a", name="same"), "igakuqa-2018", lang="ja", method="letter", out=tmp_path / n
        )
        for n in "ab"
    ]
    one, two = ([p.result for p in collect(of).points] for of in (runs, runs[:1]))
    assert len(one) == 2 and one[0] == one[1] == two[0] and two[0].verdict == "fail"
