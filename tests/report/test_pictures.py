"""Pictures of questions in the viewer: beside the page, by what they hold, only where a model was sent them."""

import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import igaku
from igaku.engines.base import Identity
from igaku.engines.replay import Replay
from igaku.report.site import build_site

from .conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def png(colour: bytes) -> bytes:
    """A picture of four pixels a side."""
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress((b"\0" + colour * 4) * 4)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts
    )


def run(folder: Path, name: str, sees: bool) -> igaku.Run:
    engine = Replay(lambda r: "答え：b", name=name)
    engine.supports_images = sees
    engine.identity = Identity(model=name, engine="replay", version="1", settings=" vision" if sees else "")
    return igaku.evaluate(engine, str(folder / "exam.jsonl"), out=folder / name)


@pytest.fixture
def runs(tmp_path: Path) -> list[igaku.Run]:
    for name, colour in (("2<b>.png", b"\xff\0\0"), ("1.png", b"\0\0\xff"), ("same.png", b"\xff\0\0")):
        (tmp_path / name).write_bytes(png(colour))
    shared: dict[str, Any] = {"choices": ["甲", "乙"], "answer": "b"}
    rows = [
        {"id": "two", "stem": "二枚の図を示す。どれか。", "images": ["2<b>.png", "1.png"], **shared},
        {"id": "one", "stem": "図を示す。どれか。", "images": ["same.png"], **shared},
        {"id": "none", "stem": "正しいのはどれか。", **shared},
    ]
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return [run(tmp_path, "blind", False), run(tmp_path, "seeing", True)]


def shown(site: Path) -> dict[str, list[str]]:
    text = next((site / "data").glob("*-0.js")).read_text()
    chunk = json.loads(text[text.index(",") + 1 : text.rindex(")")])
    return {name: q["pictures"] for name, q in chunk["questions"].items()}


def test_pictures_lie_beside_the_page_once_each_under_the_hash_of_what_they_hold(
    runs: list[igaku.Run], tmp_path: Path
) -> None:
    site = build_site(runs, tmp_path / "site").path
    found = shown(site)
    assert [len(found[name]) for name in ("two", "one", "none")] == [2, 1, 0]
    assert found["one"] == found["two"][:1]  # one file of that content
    assert (site / found["two"][0]).read_bytes() == png(b"\xff\0\0")
    assert sorted(p.name for p in (site / "pictures").iterdir()) == sorted(a.split("/")[1] for a in found["two"])
    assert "<b>" not in str(found) and "img-src 'self';" in (site / "index.html").read_text()


def test_no_pictures_where_none_was_sent_or_none_are_wanted(runs: list[igaku.Run], tmp_path: Path) -> None:
    for name, given, more in (("blind", runs[:1], {}), ("unwanted", runs, {"pictures": False})):
        site = build_site(given, tmp_path / f"{name}-site", **more).path
        assert not any(shown(site).values()) and not (site / "pictures").exists()


def test_what_is_gone_or_no_picture_is_not_copied_and_the_page_says_so(runs: list[igaku.Run], tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "same.png").unlink()
    found = shown(build_site(runs, tmp_path / "site").path)
    assert [[bool(address) for address in v] for v in found.values()] == [[True, False], [False], []]


@browser
def test_a_reader_sees_them_in_their_order_above_the_choices(
    runs: list[igaku.Run], tmp_path: Path, chromium: "Browser"
) -> None:
    site = build_site(runs, tmp_path / "site").path
    page = chromium.new_page()
    page.goto(next(site.glob("q-*.html")).as_uri() + "#q=two")
    page.wait_for_function("document.querySelectorAll('.detail img').length === 2")
    page.wait_for_function("[...document.querySelectorAll('.detail img')].every(i => i.complete)")
    sizes = page.eval_on_selector_all(".detail img", "all => all.map(i => [i.naturalWidth, i.alt])")
    assert [size[0] for size in sizes] == [4, 4] and "1" in sizes[0][1]
    page.close()
