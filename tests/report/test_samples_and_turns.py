"""Samples side by side and conversations turn by turn, in a real browser, with hostile text in both."""

import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.question import Answer, Question, Request
from igaku.report.site import build_site
from igaku.report.site.viewer_talk import LONGEST, earlier_turns, threads
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>\u202e"
ANSWERS = ["b", "b", "a", "b", "c", "b", "", "b"]
"""What the eight samples of a question answer; the seventh says nothing that can be read. The key is b."""


def exam(folder: Path, n: int = 6, name: str = "harbour") -> str:
    rows = [
        {"id": f"q{i}", "stem": f"港{i}の旗はどれか。", "choices": ["赤い旗", "青い旗", "白い旗"], "answer": "b"}
        for i in range(n)
    ]
    file = folder / f"{name}.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


def drawn(name: str, answers: list[str], thought: str = HOSTILE) -> Replay:
    """Its k-th request about a question gets the k-th answer."""
    seen: dict[str, int] = {}

    def reply(request: Request) -> Answer:
        k = seen[request.prompt] = seen.get(request.prompt, -1) + 1
        letter = answers[k % len(answers)]
        text = f"答え: {letter}" if letter else f"{HOSTILE} わかりかねる。"
        return Answer(text=text, thinking=f"{thought} 考え{k + 1}")

    return Replay(reply, name=name)


def sampled(folder: Path, name: str, answers: list[str], **given: Any) -> Path:
    out = folder / name
    more = {"samples": len(answers), "temperature": 0.7, "method": "letter"} | given
    igaku.evaluate(drawn(name, answers), exam(folder), out=out, **more)
    return out


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("sampled")
    tied = ["b", "b", "a", "a"]
    return [sampled(root, "eight", ANSWERS), sampled(root, "tied", tied), sampled(root, "steady", ["b", "b"])]


@pytest.fixture(scope="module")
def site(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(runs, tmp_path_factory.mktemp("site") / "pages").path


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    """A page that fails the test on any script error, policy violation or dialog."""
    context = chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    bad: list[str] = []
    opened.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: bad.append(str(e)))
    opened.on("dialog", lambda d: bad.append(d.message))
    yield opened
    context.close()
    assert bad == []


def open_question(page: "Page", site: Path, state: str, lang: str = "en") -> None:
    page.goto(next(site.glob("q-*.html")).as_uri() + "#" + state)
    page.wait_for_selector("[data-ready]")
    if page.locator("html").get_attribute("lang") != lang:
        page.click("#switch")
    page.wait_for_selector(".detail .one")


@browser
def test_a_questions_samples_stand_side_by_side_with_how_many_agree(page: "Page", site: Path, runs: list[Path]) -> None:
    open_question(page, site, "q=q2")
    eight, tied, steady = page.locator(".detail .one").all()
    assert "5 of 8 samples right · commonest answer: b (5 of 8 agree)" in eight.inner_text()
    assert "2 of 4 samples right · commonest answers: b, a (tied, 2 of 4 each)" in tied.inner_text()
    assert "2 of 2 samples right · commonest answer: b (2 of 2 agree)" in steady.inner_text()
    replies = [r for r in igaku.open_run(runs[0]).replies.values() if r.id == "q2"]
    letters = [r.answer.text[-1] for r in sorted(replies, key=lambda r: r.sample)]
    assert sorted(letters) == sorted(a or "。" for a in ANSWERS)
    given = eight.locator("ol.given li").all()
    assert [li.locator(".given").inner_text() for li in given] == [a.replace("。", "–") for a in letters]
    outcomes = {"b": "right", "a": "wrong", "c": "wrong", "。": "unparsed"}
    assert [li.locator(".off").text_content() for li in given] == [outcomes[a] for a in letters]
    cards = eight.locator(".samples > li")
    assert [f"read as: {a}" in c.inner_text() for a, c in zip(letters, cards.all())] == [a != "。" for a in letters]
    assert cards.count() == 8
    first, second = (cards.nth(k).bounding_box() for k in (0, 1))
    assert first and second and first["y"] == second["y"] and first["x"] < second["x"]


@browser
def test_each_samples_thinking_is_folded_and_opened_by_the_keyboard(page: "Page", site: Path) -> None:
    open_question(page, site, "q=q2")
    card = page.locator(".detail .one").first.locator(".samples > li").nth(4)
    assert card.locator(".said:visible").count() == 1 and "考え5" not in card.inner_text()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.locator("details .said").wait_for()
    text = card.locator("details .said").inner_text()
    assert text.endswith("考え5") and text.startswith("<img src=x") and "⟦U+202E⟧" in text
    assert page.locator(".detail script, .detail img").count() == 0 and "taken" not in page.title()


@browser
def test_the_list_finds_questions_whose_samples_differ(page: "Page", site: Path) -> None:
    open_question(page, site, "q=q1&show=unsteady")
    assert page.locator("#found").inner_text() == "6 questions"
    page.select_option("select[name=who]", label="steady")
    assert page.locator("#found").inner_text() == "0 questions" and page.locator("#empty").is_visible()
    page.select_option("select[name=show]", "")
    page.wait_for_selector(".detail .one")
    assert page.locator(".detail .one").first.locator(".who").first.inner_text() == "steady"


@browser
def test_samples_in_japanese_on_a_phone_in_the_dark(chromium: "Browser", site: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = chromium.new_page(
        viewport={"width": 390, "height": 800}, color_scheme="dark", locale="ja-JP", reduced_motion="reduce"
    )
    open_question(page, site, "q=q0", "ja")
    text = page.locator(".detail .one").first.inner_text().replace("\u00a0", " ")
    assert "8 サンプル中 5 個が正解" in text and "最も多い答えは b（8 個中 5 個が一致）" in text
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
    page.close()


@browser
def test_a_site_of_letters_has_the_answers_of_all_samples_and_no_text(
    page: "Page", runs: list[Path], tmp_path: Path
) -> None:
    site = build_site(runs, tmp_path / "letters", letters_only=True).path
    everything = "\n".join(p.read_text() for p in site.rglob("*") if p.is_file())
    assert not any(text in everything for text in ("考え", "わかりかねる", "青い旗", "答え: b", "港2の"))
    open_question(page, site, "q=q2")
    one = page.locator(".detail .one").first
    assert "5 of 8 agree" in one.inner_text() and one.locator("ol.given li").count() == 8
    assert one.locator("details").count() == 0


def test_without_samples_nothing_of_them_is_written(tmp_path: Path) -> None:
    run = sampled(tmp_path, "once", ["b"], samples=1)
    site = build_site([run], tmp_path / "site").path
    data = "".join(p.read_text() for p in (site / "data").glob("harbour*.js"))
    assert data and not any(f'"{name}"' in data for name in ("samples", "unsteady", "thread", "script", "talks"))


@browser
@pytest.mark.slow
def test_fourteen_models_with_eight_samples_of_400_questions_open_at_once(page: "Page", tmp_path: Path) -> None:
    rng, paths = random.Random(1), []
    bench = exam(tmp_path, 400)
    for m in range(14):
        engine = drawn(f"m{m}", [rng.choice("abc") for _ in range(8)], "長く考える。" * 40)
        paths.append(tmp_path / f"m{m}")
        igaku.evaluate(engine, bench, out=paths[-1], samples=8, temperature=0.7, method="letter")
    started = time.perf_counter()
    built = build_site(paths, tmp_path / "site")
    took = time.perf_counter() - started
    assert built.replies == 14 * 400 * 8
    started = time.perf_counter()
    page.goto(next(built.path.glob("q-*.html")).as_uri())
    page.wait_for_selector("[data-ready]")
    ready = time.perf_counter() - started
    opening = []
    for at in (3, 77):
        started = time.perf_counter()
        page.locator(".list li").nth(at).click()
        page.locator(".detail h2").filter(has_text=re.compile(f"^q{at}")).wait_for()
        opening.append(time.perf_counter() - started)
    assert page.locator(".detail .one").count() == 14
    assert page.locator(".detail .samples").count() == 0
    assert took < 200 and ready < 10 and max(opening) < 5
    page.locator(".detail .one summary").first.click()
    page.locator(".detail .one .samples > li").nth(7).wait_for()


def test_turns_in_a_circle_or_without_end_are_cut() -> None:
    def asked(name: str, after: str) -> Question:
        return Question(id=name, lang="ja", stem=name, key=igaku.question.Choices(((0,),)), after=after)

    circle = {name: asked(name, after) for name, after in (("a", "c"), ("b", "a"), ("c", "b"))}
    assert [q.id for q in earlier_turns(circle["a"], circle)] == ["b", "c"]
    assert all(len(ids) <= 2 * LONGEST for ids in threads(circle).values())
    alone = {"a": asked("a", "a"), "b": asked("b", "gone")}
    assert [q.id for q in earlier_turns(alone["a"], alone)] == [] == earlier_turns(alone["b"], alone)
    long = {f"{i}": asked(f"{i}", f"{i - 1}") for i in range(1000)}
    assert len(earlier_turns(long["999"], long)) < LONGEST + 1 and len(threads(long)["500"]) <= 2 * LONGEST + 1


def talk(folder: Path) -> str:
    """A conversation of three turns, and one whose earlier turns are scripted on both sides."""
    choices = {"choices": ["休む", "受診する", "走る"], "answer": "b"}
    rows: list[dict[str, Any]] = [
        {"id": "t1", "stem": f"頭が痛い{HOSTILE}", "group": "t", **choices},
        {"id": "t2", "stem": "熱もある", "group": "t", "after": "t1", **choices},
        {"id": "t3", "stem": "薬はどうするか", "group": "t", "after": "t2", **choices},
        {
            "id": "s1",
            "stem": "では何をするか",
            "conversation": [
                {"role": "user", "content": "咳が出る"},
                {"role": "assistant", "content": "いつからですか"},
            ],
            **choices,
        },
    ]
    file = folder / "talk.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


class Chatty(Replay):
    """Takes turns, and answers its second one wrong."""

    sends_messages = True

    def __init__(self, name: str) -> None:
        super().__init__(self._say, name=name)

    def _say(self, request: Request) -> str:
        n = sum(m.role == "assistant" for m in request.messages) + 1
        return f"{self.identity.model}の返事{n}{HOSTILE}\n答え: {'a' if n == 2 else 'b'}"


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("talk")
    runs = [root / name for name in ("fir", "elm")]
    for run in runs:
        igaku.evaluate(Chatty(run.name), talk(root), prompt="conversation", method="letter", out=run)
    return build_site(runs, root / "pages").path


def spoken(page: "Page", list: str) -> list[tuple[str, str]]:
    turns = page.locator(f"{list} .turn").all()
    return [(t.locator(".speaker").inner_text(), t.locator(".said").inner_text().split("\n")[0]) for t in turns]


@browser
def test_a_later_turn_shows_the_whole_conversation_with_the_graded_reply_marked(page: "Page", talks: Path) -> None:
    open_question(page, talks, "q=t3")
    assert page.locator(".thread").inner_text().startswith("Turn 3 of 3")
    shown = spoken(page, ".detail .one:first-child")
    assert [who for who, _ in shown] == ["User", "Model right", "User", "Model wrong", "User", "Model graded right"]
    assert shown[0][1].startswith("頭が痛い<img") and shown[3][1].startswith("firの返事2")
    assert shown[4][1] == "薬はどうするか" and shown[5][1].startswith("firの返事3")
    assert page.locator(".one .graded").count() == 2
    assert "elmの返事1" in page.locator(".one").nth(1).inner_text()
    assert page.locator(".detail script, .detail img").count() == 0 and "taken" not in page.title()


@browser
def test_turns_are_walked_with_the_keyboard(page: "Page", talks: Path) -> None:
    open_question(page, talks, "q=t1")
    assert spoken(page, ".asked")[0][0] == "User" and page.locator(".one .graded").count() == 2
    page.locator(".thread button").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.thread [aria-current]').textContent === '2'")
    assert page.evaluate("document.activeElement.textContent") == "2"
    assert "q=t2" in page.url


@browser
def test_a_script_for_all_stands_once_beside_the_replies(page: "Page", talks: Path) -> None:
    open_question(page, talks, "q=s1", "ja")
    assert spoken(page, ".asked") == [
        ("ユーザー", "咳が出る"),
        ("モデル", "いつからですか"),
        ("ユーザー", "では何をするか"),
    ]
    assert page.locator(".thread").count() == 0
    assert [t.locator(".speaker").inner_text() for t in page.locator(".one .graded").all()] == [
        "モデル 採点対象 不正解"
    ] * 2


@browser
def test_conversations_fit_a_phone_and_are_accessible(chromium: "Browser", talks: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for scheme, lang in (("dark", "ja"), ("light", "en")):
        size, where = {"width": 390, "height": 800}, {"ja": "ja-JP", "en": "en-US"}[lang]
        page = chromium.new_page(viewport=size, color_scheme=scheme, locale=where, reduced_motion="reduce")  # type: ignore[arg-type]
        open_question(page, talks, "q=t3", lang)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
        page.close()


def test_a_site_of_letters_has_no_turn_of_a_conversation(talks: Path, tmp_path: Path) -> None:
    runs = [talks.parent / name for name in ("fir", "elm")]
    site = build_site(runs, tmp_path / "letters", letters_only=True).path
    everything = "\n".join(p.read_text() for p in site.rglob("*") if p.is_file())
    assert not any(text in everything for text in ("頭が痛い", "返事", "咳が出る", "いつから"))
    assert '"thread":["t1","t2","t3"]' in everything
