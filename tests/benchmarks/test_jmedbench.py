import json
from pathlib import Path

import pytest

import igaku
from igaku import load_benchmark
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.question import Choices, Terms, Translation

ROW = {
    "sample_id": "s-1",
    "question": "正しいのはどれか。",
    "options": ["甲", "乙", "丙", "丁"],
    "answer_idx": 2,
    "n_options": 4,
}
STS = {"sample_id": "1", "premise": "発熱がある。", "hypothesis": "熱がある。", "label": 4, "n_label": 6}
NER = {"text": "発熱と咳を認め、アスピリンを投与した。", "labels": ["発熱", "咳"], "entity_type": "disease"}
MT = {"english": "The patient had a fever and a cough.", "japanese": "患者には発熱と咳があった。"}


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))

    def write(part: str, *rows: dict) -> None:
        folder = tmp_path / "jmedbench"
        folder.mkdir(exist_ok=True)
        (folder / f"{part}.jsonl").write_text("\n".join(json.dumps(r) for r in rows))

    return write


def test_hub_fields_of_every_family(put: object) -> None:
    put("medqa_jp", ROW)  # type: ignore[operator]
    (q,) = load_benchmark("jmedbench-medqa_jp").load()
    assert (q.id, q.key, q.choices[2]) == ("medqa_jp-s-1", Choices(((2,),)), "丙")
    put("jcsts", STS)  # type: ignore[operator]
    (q,) = load_benchmark("jmedbench-jcsts").load()
    assert (q.choices, q.key) == (tuple("012345"), Choices(((4,),)))
    put("mrner_disease", NER, NER | {"labels": ["none"]})  # type: ignore[operator]
    assert [q.key for q in load_benchmark("jmedbench-mrner_disease").load()] == [Terms(("発熱", "咳")), Terms(())]
    put("ejmmt", MT)  # type: ignore[operator]
    to_ja, to_en = (load_benchmark(f"jmedbench-ejmmt_{d}").load()[0] for d in ("en_ja", "ja_en"))
    assert (to_ja.key, to_en.key) == (Translation((MT["japanese"],)), Translation((MT["english"],)))


@pytest.mark.parametrize(
    ("part", "row", "message"),
    [
        ("medqa_jp", ROW | {"answer_idx": 4}, r"line 1: field 'answer_idx'"),
        ("jcsts", STS | {"label": 9}, r"line 1: field 'label' must be between 0 and 5"),
        ("mrner_disease", {"text": "x"}, r"line 1: field 'labels' is missing"),
    ],
)
def test_bad_rows(put: object, part: str, row: dict, message: str) -> None:
    put(part, row)  # type: ignore[operator]
    with pytest.raises(IgakuError, match=message):
        load_benchmark(f"jmedbench-{part}").load()


def test_gold_passes_and_a_wrong_answer_does_not(put: object) -> None:
    pytest.importorskip("sacrebleu")
    put("ejmmt", MT)  # type: ignore[operator]
    put("jcsts", STS)  # type: ignore[operator]
    put("mrner_disease", NER)  # type: ignore[operator]
    for part in ("ejmmt_en_ja", "ejmmt_ja_en", "jcsts", "mrner_disease"):
        for found in check_golds(load_benchmark(f"jmedbench-{part}").load()):
            assert found.gold_right == found.applies, (part, found)
            assert (found.wrong_passed, found.empty_passed, found.first_failure) == (0, 0, ""), (part, found)


def test_scores(put: object, tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    put("ejmmt", MT)  # type: ignore[operator]
    run = igaku.evaluate(
        Replay(lambda _: "患者は発熱と咳があった。\n\n原文：次"), "jmedbench-ejmmt_en_ja", out=tmp_path / "mt"
    )
    assert 0.4 < run.cells[0].metrics["bleu"] < 1
    put("jcsts", *({**STS, "sample_id": str(i), "label": i, "premise": f"第{i}例"} for i in range(6)))  # type: ignore[operator]
    says = ["類似度：0", "1", "2点", "3", "わからない", "5"]
    script = Replay(lambda r: says[int(r.prompt.split("第")[1][0])])
    run = igaku.evaluate(script, "jmedbench-jcsts", out=tmp_path / "sts")
    assert 0.9 < run.cells[0].metrics["pearson"] < 1
    assert run.cells[0].unparsed == 1
