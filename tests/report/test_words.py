"""The pages' words: Japanese pages are Japanese, by one list of terms."""

import re
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.report.site import build_site
from igaku.report.site.pages.names import exam_name, spoken_name
from igaku.report.site.render import FOLDER
from igaku.report.site.words import _phrases, firm

AVOIDED = {
    "誰か": "すべてのモデル",
    "当て推量": "偶然正答率",
    "確かに": "有意に",
    "聞き方": "出題条件",
    "前置き": "症例文",
    "未回答と": "未出題と",
    "他所": "外部",
    "訓練済み": "学習済み",
    "95 %": "95%",
    "例題": "few-shot 例",
}
"""Words that mean something else in this field, and what the pages say."""
ENDING = re.compile(r"(です|ます|ません|ました|ません|ください|でした)(（[^）]*）)?。$")
FOREIGN = {
    *("igaku", "JavaScript", "p", "n", "k", "SD", "pass", "maj", "avg", "ECE", "Brier", "AUROC", "Holm", "API"),
    *(
        "high",
        "medium",
        "low",
        "BLEU",
        "F1",
        "CI",
        "JSON",
        "SHA",
        "gestalt",
        "few",
        "shot",
        "Enter",
        "r",
        "A",
        "B",
        "English",
    ),
}
"""Latin words that stand in Japanese texts of the field, names and symbols."""


def sentences(text: str) -> list[str]:
    return re.findall(r"[^。]*。", text)


@pytest.mark.parametrize("key", sorted(_phrases()))
def test_a_japanese_phrase_is_japanese_and_polite_and_uses_the_terms(key: str) -> None:
    ja, _ = _phrases()[key]
    for bad, better in AVOIDED.items():
        assert bad not in ja, f"{key}: {bad}, better {better}"
    for sentence in sentences(ja):
        assert ENDING.search(sentence) or key == "board.numbers", sentence
    latin = set(re.findall(r"[A-Za-z]+[A-Za-z0-9]*", re.sub(r"\{\w*\}", "", ja)))
    assert latin <= FOREIGN, f"{key}: {latin - FOREIGN}"


def test_the_page_on_reading_uses_the_terms_too() -> None:
    ja = (FOLDER / "templates" / "how.html").read_text(encoding="utf-8").split('<div class="w" lang="en">')[0]
    assert [bad for bad in AVOIDED if bad in ja] == []
    texts = [re.sub("<.*?>", "", p) for p in re.findall(r"<p[^>]*>(.*?)</p>", ja)]
    assert all(ENDING.search(s) for text in texts for s in sentences(text))


@pytest.mark.parametrize("key", sorted(_phrases()))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    ja, en = (set(re.findall(r"\{(\w+)\}", text)) for text in _phrases()[key])
    assert en <= ja or ja <= en


def test_exams_sections_and_settings_have_the_names_that_examinees_use() -> None:
    assert "第120回医師国家試験" in exam_name("医師 第 120 回", "physicians 120")
    assert "第117回歯科医師国家試験" in exam_name("歯科医師 第117回", "dentists 117")
    assert "春の模擬試験" in exam_name("春の模擬試験", "spring mock")
    for term in ("必修問題", "一般問題", "臨床実地問題"):
        assert term in [ja for ja, _ in _phrases().values()]
    assert any("禁忌肢" in ja for ja, _ in _phrases().values())
    assert "思考なし" in spoken_name("Qwen3-32B (no-think)")
    assert spoken_name("model (x<y>)") == "model (x&lt;y&gt;)"


def test_a_number_is_not_parted_from_its_unit() -> None:
    assert firm("全 {n} 問、上位 7 モデル") == "全 {n}\u00a0問、上位 7\u00a0モデル"
    assert firm("p {p}") == "p\u00a0{p}" and firm("of {n} questions") == "of {n} questions"


def test_a_page_of_mini_says_nothing_in_english_where_it_speaks_japanese(tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: "答え: a", name="one"), "mini", method="letter", out=tmp_path / "a", limit=30)
    igaku.evaluate(Replay(lambda _: "答え: b", name="two"), "mini", method="letter", out=tmp_path / "b", limit=30)
    site = build_site([tmp_path / "a", tmp_path / "b"], tmp_path / "site").path
    for page in site.glob("[bmi]*.html"):
        text = re.sub(r'<span class="w" lang="en">.*?</span>', "", page.read_text())
        for bad in ("cardiology", "standard_ja", "unparsed", ">required<", ">original<", "truncated"):
            assert bad not in text, (page.name, bad)
