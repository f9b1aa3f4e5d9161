import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.corpus import Overlap, decontaminate
from igaku.corpus.decontaminate import exam_questions
from igaku.corpus.overlap import bare
from igaku.errors import IgakuError
from igaku.question import Choices, Question

pytest.importorskip("numpy")
STEM = (
    "68歳の男性。3時間前からの前胸部痛を主訴に救急車で搬入された。"
    "心電図でII、III、aVFのST上昇を認める。まず行う検査はどれか。"
)
LONG = Question(
    id="1",
    lang="ja",
    stem=STEM,
    choices=("胸部CT", "心エコー検査", "血液ガス分析", "脳波検査", "腹部超音波検査"),
    key=Choices.letters("b"),
)
SHORT = Question(
    id="2",
    lang="ja",
    stem="カテコラミンはどれか。",
    choices=("アドレナリン", "アセチルコリン", "ヒスタミン", "セロトニン"),
    key=Choices.letters("a"),
)
TINY = Question(id="3", lang="ja", stem="正しいのは。", choices=("甲", "乙"), key=Choices.letters("a"))


@pytest.fixture(scope="module")
def overlap() -> Overlap:
    return Overlap([("exam", q) for q in (LONG, SHORT, TINY)])


@pytest.mark.parametrize(
    "text",
    [
        STEM,
        f"問12　{STEM}",
        STEM.replace("、", ",").replace("。", "．"),
        " ".join(STEM),
        "\n".join(STEM[i : i + 9] for i in range(0, len(STEM), 9)),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in STEM),
        STEM[: len(STEM) * 3 // 4],
        f"症例を挙げる。「{STEM}」と問われた。",
        STEM.lower(),
        STEM.replace("68", "71").replace("3時間", "5時間"),
        STEM.replace("男性", "男").replace("主訴に", "主な訴えとして").replace("認める", "みられる"),
        STEM.replace("。", "。</p><p class='a'>").replace("の", "<b>の</b>"),
        "".join("口" if i % 16 == 5 else c for i, c in enumerate(STEM)),
        STEM[: len(STEM) // 2 + 2],
    ],
)
def test_a_question_is_found_in_every_disguise(overlap: Overlap, text: str) -> None:
    assert [h.id for h in overlap.find(f"前置きの文章がある。{text}後の文章が続く。")] == ["1"]


def test_a_short_question_needs_its_stem_and_its_choices(overlap: Overlap) -> None:
    shuffled = "\n".join(SHORT.choices[::-1])
    assert [h.id for h in overlap.find(f"{SHORT.stem}\n{shuffled}")] == ["2"]
    assert overlap.find("アドレナリン、アセチルコリン、ヒスタミン、セロトニンは神経伝達物質である。") == []
    assert [q[2] for q in overlap.unsearchable] == ["3"]


def test_a_like_case_is_not_the_question(overlap: Overlap) -> None:
    other = STEM.replace("3時間前からの前胸部痛", "昨夜からの激しい頭痛").replace(
        "心電図でII、III、aVFのST上昇", "頭部CTで高吸収域"
    )
    assert overlap.find(other) == []


def test_the_same_subject_is_not_the_question(overlap: Overlap) -> None:
    assert overlap.find("68歳の男性が前胸部痛で来院した。心電図ではST上昇を認め、急性心筋梗塞と診断した。") == []
    assert overlap.find("") == []


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    assert bare(bare(text)) == bare(text)
    Overlap([("exam", LONG)]).find(text)


def corpus(tmp_path: Path) -> Path:
    mini = igaku.load_benchmark("mini").load("ja")
    rows = [
        {"id": "a", "text": "心不全の治療には利尿薬が用いられる。", "source": "own"},
        {"text": f"例題。{mini[7].stem}" + "\n".join(mini[7].choices)},
        {"id": "c", "text": "糖尿病の合併症について述べる。"},
    ]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    (folder / "b.txt").write_text(mini[40].stem + "\n" + "\n".join(mini[40].choices))
    return folder


def test_documents_with_exam_questions_are_dropped_and_listed(tmp_path: Path) -> None:
    folder = corpus(tmp_path)
    manifest = decontaminate([folder], tmp_path / "out", ["mini"])
    kept = [json.loads(line) for line in (tmp_path / "out" / "documents.jsonl").read_text().splitlines()]
    assert [k["id"] for k in kept] == ["a", "c"] and kept[0]["source"] == "own"
    assert (manifest.read, manifest.retained, manifest.dropped) == (4, 2, {"holds mini": 2})
    assert {s.id for s in manifest.samples} == {"a.jsonl:2", "b.txt"}
    assert "mini mini-008 (ja, " in manifest.samples[0].found
    before = (tmp_path / "out" / "documents.jsonl").stat().st_mtime_ns
    again = decontaminate([folder], tmp_path / "out", ["mini"])
    assert again == manifest and (tmp_path / "out" / "documents.jsonl").stat().st_mtime_ns == before
    other = decontaminate([folder], tmp_path / "other", ["mini"])
    assert other.output == manifest.output
    with pytest.raises(IgakuError, match=r"was made from other inputs \(settings\.share: 0\.6, now 0\.9\)"):
        decontaminate([folder], tmp_path / "out", ["mini"], share=0.9)


def test_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["corpus", "decontaminate", str(corpus(tmp_path)), "--bench", "mini", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0 and "holds mini" in result.stdout


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.jsonl", '{"a": 1}', "no text; a field"),
        ("x.csv", "a", "no documents found"),
        ("x.parquet", "no", "not a Parquet file"),
        ("x.jsonl", "{", "line 1"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(IgakuError, match=message):
        decontaminate([tmp_path / name], tmp_path / "out", ["mini"])
    with pytest.raises(IgakuError, match="not found; give a file"):
        decontaminate([tmp_path / "nowhere"], tmp_path / "out", ["mini"])


@pytest.mark.data
def test_years_that_may_train_are_not_looked_for() -> None:
    questions, missing = exam_questions(["yakugakuqa"])
    assert {q.year for _, q in questions} == {"2021", "2022", "2023"} and missing == []
    assert {name for name, _ in exam_questions()[0]} >= {"igakuqa", "medqa", "denqa", "mini", "jmmlu"}


def test_a_stem_of_a_few_characters_is_found_with_its_choices_beside_it() -> None:
    q = Question(
        id="1",
        lang="zh",
        stem="充血是指（　）。",
        choices=("静脉回流受阻", "炎症时血管扩张", "动脉输入血量增多"),
        key=Choices.letters("c"),
    )
    found = Overlap([("exam", q)])
    assert found.find("前文。充血是指（　）。\nC．动脉输入血量增多\nA．静脉回流受阻\nB．炎症时血管扩张\n后文。")
    assert not found.find("充血是指动脉输入血量增多。")
    far = "关于血液循环的另一段文字，说明各种病理变化。" * 20
    assert not found.find(f"充血是指{far}静脉回流受阻{far}炎症时血管扩张{far}动脉输入血量增多")


def test_a_law_that_a_question_quotes_is_not_the_question() -> None:
    law = (
        "医師は、医療及び保健指導を掌ることによって公衆衛生の向上及び増進に寄与し、"
        "もって国民の健康な生活を確保するものとする"
    )
    stem = (
        f"次は医師法の条文である。「{law}」この条文の下線部が指す任務に含まれないものを選び、その理由を考えよ。どれか。"
    )
    q = Question(id="1", lang="ja", stem=stem, choices=("診療", "健診", "開業の届出"), key=Choices.letters("c"))
    overlap = Overlap([("exam", q)])
    assert not overlap.find(f"第一条には「{law}」とある。医師の任務はここに定められている。")
    assert overlap.find(stem.replace("医師法", "歯科医師法").replace("考えよ", "述べよ"))


def asked(name: str, stem: str, *choices: str) -> Question:
    return Question(id=name, lang="ja", stem=stem, choices=choices, key=Choices.letters("a"))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            asked("1", "DNAウイルスはどれか。2つ選べ。", "B型肝炎ウイルス", "麻疹ウイルス", "ポリオウイルス"),
            "問7 DNAウイルスはどれか。1つ選べ。a B型肝炎ウイルス b 麻疹ウイルス c ポリオウイルス",
        ),
        (
            asked("2", "肺気腫で低下するのはどれか。", "残気量〈RV〉", "1秒率〈FEV1/FVC〉", "気道抵抗"),
            "肺気腫で低下するのはどれか。\n残気量（RV）\n2秒率（FEV2/FVC）\n気道抵抗",
        ),
    ],
)
def test_a_short_question_is_found_with_other_numbers(question: Question, text: str) -> None:
    (hit,) = Overlap([("exam", question)]).find(text)
    assert hit.id == question.id


def test_a_short_question_whose_choices_are_numbers_needs_its_numbers() -> None:
    q = asked("1", "正常成人の1日尿量はどれか。", "500 mL", "1,500 mL", "3,000 mL")
    overlap = Overlap([("exam", q)])
    assert not overlap.find("正常成人の1日尿量はどれか。たとえば 800 mL では乏尿とはいわない。")
    assert overlap.find("正常成人の1日尿量はどれか。3,000 mL、500 mL、1,500 mL から選ぶ。")


def test_versions_of_one_case_are_found_whichever_number_of_them_the_exams_hold() -> None:
    """Ten versions, each with another error: the case's text belongs to the case, and not to none of them."""
    errors = ["肺炎と診断した", "心不全と診断した", "喘息と診断した", "帰宅させた", "入院させた"]
    case = "68歳の男性。3時間前からの前胸部痛を主訴に救急車で搬入された。冷汗を伴い、両側の肺野に湿性ラ音を聴取する。"
    versions = [asked(f"{i}-{e}", f"{case}{e}。", "誤りあり", "誤りなし") for i in range(2) for e in errors]
    found = Overlap([("exam", q) for q in versions]).find(
        case.replace("68", "70").replace("冷汗", "発汗") + "帰宅させた。"
    )
    assert len(found) == len(versions)


def test_an_instruction_before_many_texts_is_none_of_them() -> None:
    task = "次の看護記録から、患者の症状を表す語句をすべて抜き出し、書かれている順に並べて答えよ。記録："
    many = [asked(str(i), f"{task}第{i}病日、{chr(0x4E00 + 37 * i) * 9}の訴えがある。") for i in range(40)]
    assert not Overlap([("exam", q) for q in many]).find(f"{task}発熱はない。")
