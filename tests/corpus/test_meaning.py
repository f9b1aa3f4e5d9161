"""Questions in other words, with an encoder that knows a dozen ideas in two languages; and once with a real one."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from igaku.benchmarks import load_benchmark
from igaku.corpus import meaning_index
from igaku.corpus.decontaminate import Decontaminate, Decontaminator, decontaminate
from igaku.corpus.documents import Document
from igaku.corpus.encoders import PACKAGED, encoder
from igaku.corpus.judge import judge
from igaku.corpus.manifest import Dropped
from igaku.corpus.meaning import Meaning, Signs, stretches
from igaku.corpus.overlap import Overlap
from igaku.corpus.pieces import pieces
from igaku.engines import EngineSpec
from igaku.errors import IgakuError
from igaku.question import Answer, Choices, Question, Request

from ..conftest import needs
from .test_pipeline import Scripted

np = pytest.importorskip("numpy")
STEP = sys.modules["igaku.corpus.decontaminate"]

IDEAS = (
    ("胸の痛み", "chest pain", "胸痛"),
    ("汗", "sweat", "発汗"),
    ("心電図", "ECG", "electrocardiogram"),
    ("下壁", "inferior wall"),
    ("腎", "kidney"),
    ("結石", "stone"),
    ("発熱", "fever", "熱"),
    ("肺炎", "pneumonia"),
    ("抗菌薬", "antibiotic"),
    ("動脈", "artery"),
    ("血栓", "clot"),
    ("手術", "surgery", "operation"),
)
CASE = Question(
    id="7",
    lang="ja",
    stem="62歳の男性。2時間前から胸痛と発汗が続いている。血圧は94/60 mmHgであった。心電図で下壁の変化を認めた。"
    "閉塞した動脈の血栓に対して行う手術はどれか。",
    choices=("動脈の手術", "血栓の手術", "胸の痛みの手当て"),
    key=Choices.letters("c"),
)
ENGLISH = (
    "A man of 62 has had chest pain and sweat for 2 hours. His pressure is 94/60. "
    "The ECG shows a change of the inferior wall. "
    "Which surgery is done for the clot in the artery?\nsurgery of the artery\nsurgery of the clot\n"
    "care of the chest pain"
)
SUBJECT = "発熱のある肺炎には抗菌薬を用いる。腎の結石では発熱をみることがある。別の手当てもする。" * 3


class Ideas:
    """Ideas are directions; the language of a text is one more, as real encoders have it."""

    identity = "ideas"
    called = 0

    def __call__(self, texts: Sequence[str]) -> Any:
        self.called += len(texts)
        rows = np.array([[any(w in t for w in words) * 1.0 for words in IDEAS] for t in texts])
        wide = np.array([[2.0 * any(c > "\u2e7f" for c in t), 2.0 * all(c <= "\u2e7f" for c in t), 0.1] for t in texts])
        found = np.concatenate([rows, wide], axis=1).astype(np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def meaning() -> Meaning:
    return Meaning([("exam", CASE)], Ideas())


def test_a_translated_question_is_found_and_the_passage_shown(meaning: Meaning) -> None:
    found = meaning.find(f"{SUBJECT}\n{ENGLISH}\n{SUBJECT}")[0]
    assert found.holds
    assert (found.hit.benchmark, found.hit.id, found.hit.how) == ("exam", "7", "in other words")
    assert "chest pain" in found.passage and "肺炎" not in found.passage


def test_a_text_on_the_same_subjects_does_not_hold_the_question(meaning: Meaning) -> None:
    assert not any(f.holds for f in meaning.find(SUBJECT))
    assert not meaning.find("")


def test_the_question_is_found_far_inside_a_long_text(meaning: Meaning) -> None:
    assert meaning.find(SUBJECT * 60 + "\n" + ENGLISH + "\n" + SUBJECT * 60)[0].holds


def test_numbers_that_agree_count_for_a_question_and_others_against_it(meaning: Meaning) -> None:
    same, other = (meaning.find(t)[0] for t in (ENGLISH, ENGLISH.replace("62", "40").replace("94/60", "120/80")))
    assert same.signs.of_question == pytest.approx(other.signs.of_question, abs=0.01)
    assert same.signs.terms > other.signs.terms + 0.1 and same.over > other.over


def test_each_sign_counts_for_a_question_and_one_alone_does_not_make_it() -> None:
    for same in (True, False):
        assert Signs(0.7, 0.7, same, 0.7).over > 0
        for question, text, terms in ((0.7, 0, 0), (0, 0.7, 0), (0, 0, 0.7)):
            assert Signs(question, text, same, terms).over < 0


def test_a_translation_between_texts_of_the_question_s_language_counts_as_a_translation(meaning: Meaning) -> None:
    before = "この頁はここで終わりにして、次の頁では薬とは別の話を述べることにしたい。"
    alone, between = (meaning.find(t)[0] for t in (ENGLISH, f"{before}\n{ENGLISH}\n{SUBJECT}"))
    assert between.over == pytest.approx(alone.over, abs=0.03)


def test_a_stretch_is_as_long_as_the_question_and_agrees_on_both_sides() -> None:
    similar = np.array([[0, 0.9, 0.1, 0.9], [0, 0.1, 0.9, 0.9]], np.float32)
    assert stretches(similar, np.ones(2, np.float32), np.ones(4, np.float32))[0] == (1, 3)


def test_the_questions_are_encoded_once_and_the_text_alone_the_next_time(cache: Path) -> None:
    first, second = Ideas(), Ideas()
    Meaning([("exam", CASE)], first)
    assert list((cache / "meaning").glob("*.f16"))
    Meaning([("exam", CASE)], second)
    assert first.called > 0 == second.called


def test_a_stored_block_that_was_cut_off_is_encoded_again(cache: Path) -> None:
    Meaning([("exam", CASE)], Ideas())
    for file in (cache / "meaning").glob("*.f16"):
        file.write_bytes(file.read_bytes()[:-2])
    again = Ideas()
    assert Meaning([("exam", CASE)], again).find(ENGLISH)[0].holds
    assert again.called > len(CASE.choices)


def test_questions_that_say_nothing_and_questions_about_a_document_are_not_looked_for() -> None:
    empty = Question(id="1", lang="ja", stem="正しいのはどれか。", choices=("甲", "乙"), key=Choices.letters("a"))
    about = Question(id="2", lang="ja", stem=CASE.stem, choices=CASE.choices, key=CASE.key, documents=(SUBJECT,))
    assert not list(meaning_index.sought([("exam", empty), ("exam", about)]))


def test_sentences_stay_apart_from_the_lines_of_a_list_and_short_ones_are_joined() -> None:
    text = (
        "22歳の男性。頭を打った。CTで高吸収域を認める。診断に最も有用な検査はどれか、次のうちから選べ。\n"
        "a 脳波\nb 髄液\nc 血管造影\n解説を述べる。"
    )
    assert pieces(text)[-2:] == ["a 脳波 b 髄液 c 血管造影", "解説を述べる。"]
    assert pieces(text)[0].startswith("22歳の男性。 頭を打った。")
    assert max(map(len, pieces("あ" * 5000))) <= 240
    assert "".join(pieces("い、" * 3000)).count("い") == 3000


def test_a_judge_decides_on_what_is_near_and_reads_it_once(tmp_path: Path, meaning: Meaning) -> None:
    asked: list[str] = []

    def no(request: Request) -> Answer:
        asked.append(request.prompt)
        return Answer(logprobs=(-2.0, -0.1), tokens=(1, 1), prompt_tokens=1)

    document = Document("d", ENGLISH)
    assert isinstance(Decontaminator(Overlap([]), 0.6, meaning)(document), Dropped)
    for _ in range(2):
        with judge(Scripted(no), tmp_path) as holds:
            assert Decontaminator(Overlap([]), 0.6, meaning, holds)(document) == document
    assert len(asked) == 1 and "chest pain" in asked[0] and "胸痛" in asked[0]


def test_a_judge_without_an_encoder_is_refused_in_one_line() -> None:
    with pytest.raises(IgakuError, match="give an encoder too"):
        Decontaminate(engine=EngineSpec(model="gemma-3-270m"))


@needs("meaning")
def test_the_packaged_encoder_finds_a_translation_and_a_paraphrase_and_no_page_on_the_subject() -> None:
    rows = {
        "translated": "Since last night an 18-year-old man has had epigastric pain, which moved to the right lower "
        "abdomen this morning. His temperature is 37.9 °C; there is tenderness and rebound tenderness at McBurney's "
        "point, and the white cell count is 14,000/μL. What is most likely?\nsigmoid volvulus\nacute appendicitis\n"
        "acute pancreatitis\nleft ureteral stone\nacute cholecystitis",
        "reworded": "左の胸が三日ほど前から痛む72歳女性。肋間神経に沿って、体の真ん中を越えずに帯のように赤くなり、"
        "小さな水ぶくれが並ぶ。犯人の微生物は何か。水いぼのウイルス、ヒゼンダニ、水痘帯状疱疹ウイルス、HPV、白癬菌",
        "subject": "帯状疱疹は、神経節に潜んでいたウイルスが再び活動して起こる。抗ウイルス薬を早く始めるほど"
        "痛みが残りにくい。高齢者には予防のためのワクチンがある。水ぶくれが乾くまでは人にうつることがある。",
    }
    japanese = Meaning([("mini", q) for q in load_benchmark("mini").load("ja")], encoder(PACKAGED))
    found = {name: [f.question.id for f in japanese.find(text) if f.holds] for name, text in rows.items()}
    assert found["subject"] == []
    assert found["translated"] == ["mini-076"] and found["reworded"] == ["mini-079"]


def test_a_reworded_question_is_dropped_by_the_step_and_the_manifest_names_the_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STEP, "encoder", lambda name: Ideas())
    monkeypatch.setattr(STEP, "exam_questions", lambda names: ([("exam", CASE)], []))
    rows = [{"id": "a", "text": ENGLISH}, {"id": "b", "text": SUBJECT}]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    manifest = decontaminate([tmp_path / "in.jsonl"], tmp_path / "out", ["mini"], meaning="ideas")
    assert manifest.dropped == {"holds exam in other words": 1}
    assert manifest.settings["by meaning"] == "ideas"
    assert [s.id for s in manifest.samples] == ["a"] and "chest pain" in manifest.samples[0].found
