"""Control tokens that stand in a text as letters."""

import json
from pathlib import Path

import pytest

from igaku.corpus.clean import clean
from igaku.corpus.control import broken_up
from igaku.corpus.normalize import normalize


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("終わり<|im_end|>", "終わり<| im_end |>"),
        ("＜｜im_start｜＞user", "<| im_start |>user"),
        ("<s>[INST] 問 [/INST] 答</s>", "< s >[ INST ] 問 [ /INST ] 答< /s >"),
        ("<<SYS>>医師<</SYS>>", "<< SYS >>医師<< /SYS >>"),
        ("<start_of_turn>user<end_of_turn>", "< start_of_turn >user< end_of_turn >"),
        ("<|start_header_id|>", "<| start_header_id |>"),
        ("<eos><bos>", "< eos >< bos >"),
    ],
)
def test_a_control_token_gets_a_blank_inside_and_only_once(text: str, after: str) -> None:
    assert normalize(text) == after == normalize(normalize(text))


@pytest.mark.parametrize("text", ["P<0.05", "[135-145]", "WBC <4000 | >9000", "a<b>c", "[1]", "<sub>2</sub>", "|x|<1"])
def test_comparisons_ranges_and_markup_stay(text: str) -> None:
    assert broken_up(text) == (text, [])


def test_clean_counts_them_also_in_replies(tmp_path: Path) -> None:
    row = {"id": "a", "text": "心不全では呼吸困難が生じる<|im_end|>。", "output": "利尿薬を用いる</s>。"}
    (tmp_path / "in.jsonl").write_text(json.dumps(row, ensure_ascii=False))
    manifest = clean([tmp_path / "in.jsonl"], tmp_path / "out")
    assert manifest.counts["control tokens broken up"] == 2
    assert "< /s >" in (tmp_path / "out" / "documents.jsonl").read_text()
