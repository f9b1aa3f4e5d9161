"""MedRECT and MEDEC: facts of the files, and how a row becomes a question."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from igaku import evaluate, load_benchmark
from igaku.benchmarks.upstream import upstream
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.keys.correction import numbered, sentences
from igaku.question import Correction
from igaku.studies.judge import judge

ROW = {
    "sample_id": "t1",
    "sentences": "1. 発熱で来院した。\n2. 咽頭培養で溶連菌を認めた。\n3. 経過良好。抗ウイルス薬を処方した。",
    "error_flag": 1,
    "error_type": "薬剤選択エラー",
    "error_sentence_id": 3,
    "error_sentence": "抗ウイルス薬を処方した。",
    "corrected_sentence": "ペニシリン系抗菌薬を処方した。",
    "metadata": {"jmle_question_id": "118Z1", "original_jmle_data": {"question": "30歳の女性。" * 10}},
}
FINE = ROW | {"sample_id": "t2", "error_flag": 0, "error_type": None, "error_sentence_id": None}
FINE |= {"error_sentence": None, "corrected_sentence": None}
REJECTED = ROW | {"sample_id": "t3"}


def _put(folder: Path, rows: list[dict]) -> None:
    (folder / "medrect").mkdir(exist_ok=True)
    (folder / "medrect/medrect-ja-step3-deduplicated.json").write_text(json.dumps(rows))
    (folder / "medrect/medrect-ja-step4-rejected.json").write_text(json.dumps([REJECTED]))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    _put(tmp_path, [ROW, FINE, REJECTED])
    return tmp_path


def test_rejected_texts_are_left_out_and_texts_of_one_case_share_a_group(own: Path) -> None:
    one, two = load_benchmark("medrect").load("ja")
    assert (one.id, two.id, one.group, two.group) == ("t1", "t2", "118Z1", "118Z1")
    assert (two.key, one.year, one.category) == (Correction(), "2024", "薬剤選択エラー")


def test_an_error_in_a_part_of_its_sentence_may_be_corrected_alone_or_with_the_rest(own: Path) -> None:
    key = load_benchmark("medrect").load("ja")[0].key
    whole = "経過良好。ペニシリン系抗菌薬を処方した。"
    assert key == Correction(3, ("ペニシリン系抗菌薬を処方した。", whole))


def test_a_key_that_no_answer_could_meet_is_refused(own: Path) -> None:
    _put(own, [ROW | {"error_sentence_id": 9}])
    with pytest.raises(IgakuError, match="text 1: field 'error_sentence_id' 9"):
        load_benchmark("medrect").load("ja")
    _put(own, [ROW | {"error_sentence": ROW["sentences"].split(". ")[-1], "corrected_sentence": "  "}])
    with pytest.raises(IgakuError, match="question t1: a correction must differ"):
        load_benchmark("medrect").load("ja")


def test_a_line_without_the_next_number_goes_on_with_its_sentence() -> None:
    assert sentences("0 One.\r\n1 Labs show:\r\nNa 140\r\n3% Normal.\r\n2 Two.") == [
        (0, "One."),
        (1, "Labs show: Na 140 3% Normal."),
        (2, "Two."),
    ]


def test_rows_of_medec_without_a_text_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    names = ["Text ID", "Text", "Sentences", "Error Flag", "Error Type", "Error Sentence ID", "Error Sentence"]
    names += ["Corrected Sentence", "Corrected Text"]
    wrong = [
        "x-0",
        "t",
        "0 He has a fever.\n1 Zinc is given.",
        "1",
        "treatment",
        "1",
        "Zinc is given.",
        "Rest is advised.",
        "",
    ]
    fine = ["x-1", "t", "0 He has a cough.\n1 Rest is advised.", "0", "NA", "-1", "NA", "NA", "NA"]
    (tmp_path / "medec/MEDEC-MS").mkdir(parents=True)
    with (tmp_path / load_benchmark("medec").files("en")[0]).open("w", newline="") as file:
        csv.writer(file).writerows([names, wrong, [""] * 9, fine])
    one, two = load_benchmark("medec").load()
    assert (one.key, one.category, two.key) == (Correction(1, ("Rest is advised.",)), "treatment", Correction())


def test_scores_beside_the_one_of_always_finding_an_error(own: Path) -> None:
    says = {"t1": "文3: ペニシリン系抗菌薬を処方した。", "t2": "文2: 咽頭培養は陰性であった。"}
    ids = iter(says.values())
    run = evaluate(Replay(lambda _: next(ids)), "medrect", lang="ja", out=own / "run")
    (cell,) = run.cells
    assert cell.aggregate == "error_f1" and cell.score == pytest.approx(2 / 3)
    assert cell.metrics == pytest.approx(
        {
            "error_f1": 2 / 3,
            "precision": 0.5,
            "recall": 1.0,
            "detection": 0.5,
            "sentence": 0.5,
            "sentence_of_errors": 1.0,
            "corrected": 1.0,
            "f1_of_always_yes": 2 / 3,
        }
    )


def test_a_judge_says_whether_a_correction_in_other_words_means_the_same(own: Path) -> None:
    says = iter(["文3: 抗菌薬（ペニシリン）を出した。", "誤りなし"])
    run = evaluate(Replay(lambda _: next(says)), "medrect", lang="ja", out=own / "run")
    judged = judge(run, Replay(lambda r: "1: はい\n2: はい" if "ペニシリン系" in r.prompt else "1: はい", name="judge"))
    (cell,) = judged.results("rubric")
    assert (cell.metrics, cell.unrated) == ({"judged": 1.0, "judged_full": 1.0}, 0)
    (exact,) = judged.results("error-corrected")
    assert exact.metrics["corrected"] == 0.0


def test_their_files_are_downloaded_from_one_commit() -> None:
    for name, commit in (("medrect", "medrect/03790cd/data/medrect/"), ("medec", "MEDEC/70268d2/MEDEC-MS/")):
        bench = load_benchmark(name)
        assert all(commit in upstream()[f]["url"] for lang in bench.languages for f in bench.files(lang))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "lang", "n", "faulty", "first"),
    [("medrect", "ja", 663, 367, 1), ("medrect", "en", 458, 243, 1), ("medec", "en", 597, 311, 0),
     ("medec-validation", "en", 574, 319, 0)],
)  # fmt: skip
def test_facts_of_the_files(name: str, lang: str, n: int, faulty: int, first: int) -> None:
    questions = load_benchmark(name).load(lang)
    keys = [q.key for q in questions if isinstance(q.key, Correction)]
    assert (len(questions), len(keys), sum(k.has_error for k in keys)) == (n, n, faulty)
    assert all(numbered(q.stem)[0][0] == first for q in questions)
    assert min(Counter(q.group for q in questions if q.group).values()) >= 2
    for found in check_golds(questions):
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


@pytest.mark.data
def test_the_share_of_errors_is_the_published_one() -> None:
    keys = [q.key for q in load_benchmark("medrect").load("ja")]
    assert round(sum(k.has_error for k in keys if isinstance(k, Correction)) / len(keys), 3) == 0.554
