"""Real PDFs in the layout of the official ones, printed by a browser from our own questions."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import igaku
from igaku.benchmarks.official import read_official
from igaku.errors import IgakuError

pytest.importorskip("pdfplumber")
CHROMIUM = next((w for n in ("chromium", "chromium-browser", "google-chrome") if (w := shutil.which(n))), "")
browser = pytest.mark.skipif(not CHROMIUM, reason="Chromium not found; on Debian: apt-get install chromium")
STYLE = """<style>@page{size:A4;margin:20mm 18mm} body{font:10.5pt/1.8 "Noto Serif CJK JP",serif} sup,sub{font-size:60%}
.cover{page-break-after:always} .two{display:grid;grid-template-columns:1fr 1fr}
td,th{border:1px solid;padding:2px 8px} svg{display:block}</style>"""
FIVE = "".join(f"<br>{c}　選択肢{n}" for c, n in zip("ａｂｃｄｅ", "一二三四五"))
PAPER = f"""<div class=cover><h1>Ａ</h1><p>１　試験時間は２時間である。<p>２　机の上に出してよいもの</div>
<p>　１　赤血球 400×10<sup>4</sup>/μL、CO<sub>2</sub> 40 Torr、<i>Helicobacter pylori</i> 陽性の患者に
誤っているのはどれか。{FIVE}
<p>　２　正しいのはどれか。２つ選べ。
<div class=two><span>ａ　甲</span><span>ｄ　丁</span><span>ｂ　乙</span><span>ｅ　戊</span><span>ｃ　丙</span></div>
<p>　３　胸部X線写真（別冊 No. 1 A）とCT（別冊 No. 1 B）とを別に示す。考えられるのはどれか。{FIVE}
<p>　次の文を読み、４、５の問いに答えよ。<br>　60 歳の男性。胸痛を主訴に来院した。
<p>　４　検査はどれか。{FIVE}<p>　５　治療はどれか。{FIVE}
<p>　６　BMI を求めよ。<br>解答：① ②<table><tr><td>①<td>②<tr><td>0<td>0</table>"""
BOOK = """<div class=cover><h1>Ａ</h1><p>別　冊</div>
<p>No. 1 A　（Ａ 問題 3）<svg width=300 height=200><rect width=300 height=200 fill=gray /></svg>
<p>No. 1 B　（Ａ 問題 3）<svg width=300 height=150><rect width=300 height=150 fill=silver /></svg>"""
SHEET = """<h2>第999回試験　正答値表</h2><table><tr><th colspan=2>Ａ問題<th colspan=2>Ａ問題
<tr><th>問題番号<th>正答<th>問題番号<th>正答
<tr><td>1<td>c<td>4<td>a又はb<tr><td>2<td>a, d<td>5<td>採点対象外<tr><td>3<td>b<td>6<td>23</table>"""


def pdf(path: Path, body: str) -> None:
    page = path.with_suffix(".html")
    page.write_text(f"<html lang=ja><meta charset=utf-8>{STYLE}{body}", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri()]
    subprocess.run([CHROMIUM, *flags], check=True, capture_output=True, timeout=120)
    page.unlink()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("papers")
    for name, body in (("a_01", PAPER), ("a_02", BOOK), ("seitou", SHEET)):
        pdf(folder / f"{name}.pdf", body)
    return folder


@browser
def test_an_exam_is_read_with_its_pictures_and_keys(papers: Path, tmp_path: Path) -> None:
    report = read_official(papers, tmp_path / "out", exam="999", year="2030")
    assert report.blocks == {"A": (6, 6, 2)}
    assert report.files == {"a_01.pdf": "paper A", "a_02.pdf": "picture book A", "seitou.pdf": "key sheet"}
    assert [d.where for d in report.doubts] == ["999A5"]
    rows = [
        json.loads(line) for line in (tmp_path / "out" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert rows[0]["stem"] == ("赤血球 400×10⁴/μL、CO₂ 40 Torr、Helicobacter pylori 陽性の患者に誤っているのはどれか。")
    assert [rows[i].get("answer") for i in range(4)] == ["c", "ad", "b", None]
    assert rows[1]["choices"] == ["甲", "乙", "丙", "丁", "戊"]
    assert rows[2]["images"] == ["images/A_1A.png", "images/A_1B.png"]
    assert rows[3]["accepted"] == ["a", "b"]
    assert rows[4]["void"] == "excluded"
    assert rows[3]["context"] == rows[4]["context"] == "60 歳の男性。胸痛を主訴に来院した。"
    assert rows[3]["group"] == rows[4]["group"] == "A4-5"
    loaded = igaku.load_benchmark(str(tmp_path / "out" / "questions.jsonl")).load("ja")
    assert [bool(q.void) for q in loaded] == [False, False, False, False, True, False]
    assert not loaded[2].text_only


@browser
def test_pictures_are_what_is_drawn_without_the_caption(papers: Path, tmp_path: Path) -> None:
    from PIL import Image

    read_official(papers, tmp_path / "out")
    one, two = (Image.open(tmp_path / "out" / "images" / f"A_1{x}.png") for x in "AB")
    assert one.height > two.height > 200
    assert one.getpixel((one.width // 2, one.height // 2))[:3] == (128, 128, 128)


@browser
def test_a_missing_picture_and_a_missing_key_are_listed(papers: Path, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    shutil.copy(papers / "a_01.pdf", folder)
    report = read_official(folder, tmp_path / "out", exam="999")
    what = {(d.where, d.what) for d in report.doubts}
    assert ("999A3", "picture No. 1A, 1B not found") in what
    assert sum(w == "no key" for _, w in what) == 6
    assert len((tmp_path / "out" / "without_key.jsonl").read_text(encoding="utf-8").splitlines()) == 6


@browser
def test_nothing_is_overwritten(papers: Path, tmp_path: Path) -> None:
    read_official(papers, tmp_path / "out")
    with pytest.raises(IgakuError, match="already exists"):
        read_official(papers, tmp_path / "out")


def test_no_pdf_and_broken_ones_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="no PDF files found"):
        read_official(tmp_path, tmp_path / "out")
    for content in (b"", b"%PDF-1.7\n%broken", b"\x00" * 400):
        (tmp_path / "a.pdf").write_bytes(content)
        with pytest.raises(IgakuError, match=r"a\.pdf: cannot be read as a PDF|no exam paper"):
            read_official(tmp_path, tmp_path / "out")


@browser
def test_a_cut_file_is_one_line(papers: Path, tmp_path: Path) -> None:
    whole = (papers / "a_01.pdf").read_bytes()
    (tmp_path / "a.pdf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IgakuError):
        read_official(tmp_path, tmp_path / "out")
