"""Boards as pages show them: intervals on one axis, points and margins, what is shown, and what may be published."""

import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import igaku
from igaku.keys import Choices, Number, Text
from igaku.question import Question
from igaku.report.site import build_site
from igaku.report.site.axes import axis_of
from igaku.report.site.collect import SiteData, collect
from igaku.report.site.letters import letters, letters_row
from igaku.report.site.pages import iter_pages
from igaku.report.site.pages.pairwise import is_shown
from igaku.report.site.slugs import Slugs
from igaku.statistics.interval import wilson
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RULES = """
title = "Lighthouse exam"
title_ja = "灯台の試験"
questions = 40
[[part]]
name = "required"
name_ja = "必修"
sections = ["required"]
needed = 12
[[part]]
name = "rest"
name_ja = "その他"
without = ["required"]
needed = 15
"""
WRONG = {"aries": 1, "taurus": 2, "gemini": 3, "cancer": 4, "leo": 20, "virgo": 38}
"""Model -> of questions 0 to 39 it gets this many wrong, from the end; the last two did not see the pictures."""
BLIND = ("leo", "virgo")
MISTAKEN = 5
"""The question to which every model gives one answer that is not the key."""


def png() -> bytes:
    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    size = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size) + part(b"IDAT", zlib.compress(bytes(6))) + part(b"IEND", b"")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty questions, eight with a picture, half of them required; question 5 has a doubtful key."""
    root = tmp_path_factory.mktemp("lighthouse")
    (root / "seen.png").write_bytes(png())
    (root / "script.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    rows, replies = [], []
    for i in range(40):
        row: dict[str, object] = {
            "id": f"q{i}",
            "stem": f"灯台{i}の光はどれか。",
            "choices": ["赤い光", "青い光", "白い光"],
            "answer": "a",
            "section": "required" if i % 2 else "rest",
        }
        row |= {"images": ["seen.png", "script.png"]} if i % 5 == 4 else {}
        rows.append(json.dumps(row, ensure_ascii=False))
        for model, n_wrong in WRONG.items():
            letter = "b" if i == MISTAKEN else "c" if i >= 40 - n_wrong else "a"
            reply = {"id": f"q{i}", "model": model, "reply": f"港の霧を思う。答え: {letter}"}
            replies.append(json.dumps(reply | {"saw_images": model not in BLIND}, ensure_ascii=False))
    (root / "lighthouse.jsonl").write_text("\n".join(rows))
    (root / "exam.toml").write_text(RULES)
    (root / "replies.jsonl").write_text("\n".join(replies))
    bench = str(root / "lighthouse.jsonl")
    return igaku.import_run("jsonl", root / "replies.jsonl", bench=bench, out=root / "run").run.path


@pytest.fixture(scope="module")
def data(run: Path) -> SiteData:
    return collect([run])


@pytest.fixture(scope="module")
def pages(data: SiteData) -> dict[str, Any]:
    """Content by kind of page: ``index``, ``b`` (benchmark), ``d`` (doubtful), ``exam``, ``m-aries`` …"""
    found = {page.file.removesuffix(".html"): page.content for page in iter_pages(data, Slugs(data.items, data.models))}
    return {name[:1] if name[:2] in ("b-", "d-", "q-") else name: content for name, content in found.items()}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_axis_holds_every_value_between_its_first_and_last_tick(values: list[float]) -> None:
    axis = axis_of(values)
    assert 0 <= axis.low <= min(values) + 1e-9 and max(values) - 1e-9 <= axis.high <= 1 + 1e-9
    assert axis.ticks[0].at == "0.00%" and axis.ticks[-1].at == "100.00%"
    assert float(axis.ticks[-1].text) > float(axis.ticks[0].text)
    for v in values:
        assert 0 <= float(axis.at(v).rstrip("%")) <= 100


def test_a_narrow_field_of_models_gets_a_narrow_axis() -> None:
    axis = axis_of([0.724, 0.998])
    assert [t.text for t in axis.ticks] == ["70", "75", "80", "85", "90", "95", "100"]
    assert axis.band(0.85, (0.8, 0.9)).left == "33.33%" and axis.band(0.85, (0.8, 0.9)).dot == "50.00%"


def test_one_board_is_of_all_models_and_one_of_those_that_saw_the_pictures(pages: dict[str, Any]) -> None:
    (bench,) = pages["index"].benches
    text, whole = bench.boards
    assert (text.scope, len(text.rows), text.n_questions) == ("text", 6, 32)
    assert (whole.scope, [r.name for r in whole.rows], whole.n_questions) == ("all", list(WRONG)[:4], 40)
    assert [r.pictures for r in text.rows] == ["yes"] * 4 + ["no"] * 2


def test_points_are_of_the_whole_exam_with_the_margin_to_each_mark(pages: dict[str, Any]) -> None:
    rows = {r.name: r for r in pages["index"].benches[0].boards[0].rows}
    assert rows["aries"].got == "38" and rows["aries"].points[0].of == 40
    assert [(m.text, m.css) for m in rows["virgo"].margins] == [("−11", "ng"), ("−14", "ng")]
    (exam,) = pages["exam"].exams
    assert [r.points.got for r in exam.rows] == sorted((r.points.got for r in exam.rows), reverse=True)
    assert exam.own_open and len(exam.variants) == 1
    assert [bool(set(r.left_open) - set(exam.shared)) for r in exam.rows] == [r.name in BLIND for r in exam.rows]


def test_a_difference_is_bold_where_the_test_shows_it_and_the_other_half_mirrors_it(
    data: SiteData, pages: dict[str, Any]
) -> None:
    rows = next(d.rows for d in pages["b"].differences if d.scope == "text")
    names = [r.name for r in rows]
    cells = {(a.name, names[k]): c for a in rows for k, c in enumerate(a.cells)}
    for c in data.boards[0].comparisons:
        assert cells[c.a, c.b].shown == cells[c.b, c.a].shown == is_shown(c)
        assert cells[c.a, c.b].text == f"{100 * c.difference:+.1f}".replace("+0.0", "0.0").replace("-", "−")
        assert cells[c.a, c.b].text.translate(str.maketrans("+−", "−+")) == cells[c.b, c.a].text
    assert all(cells[n, n] is None for n in names)
    assert cells["aries", "virgo"].shown and not cells["aries", "taurus"].shown


def test_the_first_sentence_counts_the_models_that_nothing_separates(pages: dict[str, Any]) -> None:
    text = pages["index"].benches[0].boards[0].headline
    assert text.css == "unsure" and "the first 4." in text.text and "上位 4\u00a0モデル" in text.text


def test_every_section_has_its_interval_on_the_exams_page_and_on_the_models(pages: dict[str, Any]) -> None:
    (sections,) = (b for b in pages["b"].breakdowns if b.key == "bench.sections")
    required = next(r for r in sections.rows if r.part == "required")
    leo = required.cells[sections.columns.index("leo")]
    right = sum(i % 2 == 1 and i % 5 != 4 and i != MISTAKEN and i < 20 for i in range(40))
    assert leo.n == 16 and leo.accuracy == right / 16
    assert leo.ci95 == pytest.approx(wilson(right, 16))
    (bars,) = pages["m-leo"].sections
    assert [row.share.n for row in bars.rows] == [32, 16, 16, 8]
    assert leo in [row.share for row in bars.rows]
    assert "見ていない" in bars.rows[-1].name and "見ていない" not in pages["m-aries"].sections[0].rows[-1].name


def test_keys_that_most_models_contradict_are_listed_with_the_answers(pages: dict[str, Any]) -> None:
    found = {r.doubt.item.id: r for r in pages["d"].rows}
    assert set(found) == {f"q{MISTAKEN}", "q37", "q38", "q39"}
    row = found[f"q{MISTAKEN}"]
    assert row.doubt.key == "a" and row.answers == "b 6" and len(row.reasons) == 1
    assert found["q37"].answers == "c 4 · a 2" and not found["q37"].doubt.pictured and found["q39"].doubt.saw == 4


def test_only_words_that_leave_out_some_rows_are_offered(pages: dict[str, Any]) -> None:
    assert [(f.name, [c.value for c in f.choices]) for f in pages["index"].filters] == [("pictures", ["yes", "no"])]


def test_pictures_are_copied_by_what_they_are_and_not_by_their_name(run: Path, tmp_path: Path) -> None:
    site = build_site([run], tmp_path / "site").path
    (copy,) = (site / "pictures").iterdir()
    assert copy.read_bytes() == png() and copy.suffix == ".png"
    chunk = next(iter((site / "data").glob("*-0.js"))).read_text()
    assert f'"pictures":["pictures/{copy.name}",""]' in chunk


def test_a_site_of_letters_holds_verdicts_and_no_text_of_questions_or_replies(run: Path, tmp_path: Path) -> None:
    site = build_site([run], tmp_path / "site", letters_only=True).path
    everything = "\n".join(p.read_text() for p in site.rglob("*") if p.is_file())
    assert "灯台" not in everything.replace("灯台の試験", "")
    assert not any(text in everything for text in ("赤い光", "港の霧", "答え: "))
    assert not (site / "pictures").exists()
    index = next(p for p in (site / "data").glob("*.js") if '"index"' in p.read_text()[:40]).read_text()
    assert '"b ×6"' in index and '"a ×6"' in index and "wwwwww" in index


def test_an_answer_in_words_is_not_shown_among_letters(tmp_path: Path) -> None:
    assert letters(["b", "12.5", "aspirin", "銅", "a\n"]) == ["b", "12.5", "…", "…", "…"]
    keys = (Choices(((0, 2),)), Choices(((0,), (3,))), Number(("12.5",)), Text(("アスピリン",)))
    shown = [letters_row(Question(id="1", lang="ja", stem="薬は。", key=k), []) for k in keys]
    assert [row.key for row in shown] == ["a c", "a / d", "12.5", "…"] and {row.stem for row in shown} == {""}
    (tmp_path / "q.jsonl").write_text(json.dumps({"id": "1", "stem": "薬は。", "choices": ["鉄", "銅"], "answer": "a"}))
    rows = [{"id": "1", "model": "m", "reply": "銅"}]
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    run = igaku.import_run("jsonl", tmp_path / "r.jsonl", bench=str(tmp_path / "q.jsonl"), out=tmp_path / "run").run
    site = build_site([run], tmp_path / "site", letters_only=True).path
    assert all("銅" not in p.read_text() for p in site.rglob("*") if p.is_file())


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_no_page_scrolls_sideways_and_a_question_shows_its_picture(
    chromium: "Browser", run: Path, tmp_path: Path, scheme: Any
) -> None:
    site = build_site([run], tmp_path / "site").path
    page = chromium.new_page(
        viewport={"width": 390, "height": 800}, color_scheme=scheme, locale="ja-JP", reduced_motion="reduce"
    )
    bad: list[str] = []
    page.on("console", lambda m: bad.append(m.text) if m.type in ("error", "warning") else None)
    for file in sorted(site.glob("*.html")):
        page.goto(file.as_uri() + ("#q=q4" if file.name.startswith("q-") else ""))
        if file.name.startswith("q-"):
            page.wait_for_selector(".detail .one")
            page.wait_for_function("document.querySelector('.detail img').naturalWidth === 2")
            assert page.locator(".detail img").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), file.name
    assert bad == []
    page.goto((site / "index.html").as_uri())
    page.locator('.scope:visible [data-to="all"]').click()
    assert page.locator("#leaderboard tbody tr:visible").count() == 4
    page.close()
