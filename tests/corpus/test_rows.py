"""Rows of conversations, preferences and instructions: every step reads all of them and writes them back whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from igaku.corpus.clean import clean
from igaku.corpus.decontaminate import Decontaminator
from igaku.corpus.dedup import dedup
from igaku.corpus.documents import line_of, read_documents
from igaku.corpus.manifest import Dropped
from igaku.corpus.overlap import Overlap
from igaku.corpus.sources import Source, gather
from igaku.errors import IgakuError

from .test_decontaminate import LONG, STEM

TALK = {
    "id": "t",
    "messages": [
        {"role": "system", "content": "医師として答える。"},
        {"role": "user", "content": "５ｍｇの錠剤を1日2回飲んでもよいですか。田中太郎です。"},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "はい、10⁵個を超えなければ構いません。"}],
            "weight": 1,
        },
    ],
    "licence": "CC BY 4.0",
}
SHAREGPT = {
    "id": "s",
    "conversations": [
        {"from": "human", "value": "心不全の症状は何ですか。"},
        {"from": "gpt", "value": "浮腫と息切れです。"},
    ],
}
PREFERENCE = {
    "id": "p",
    "prompt": "心不全の初期治療は何ですか。",
    "chosen": "利尿薬を用います。",
    "rejected": "何もしません。",
}


def written(file: Path, *rows: dict[str, Any]) -> Path:
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return file


def read(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", [TALK, SHAREGPT, PREFERENCE], ids=["messages", "conversations", "preference"])
def test_a_row_without_text_is_read_and_written_back_as_it_was(tmp_path: Path, row: dict[str, Any]) -> None:
    (document,) = read_documents([written(tmp_path / "in.jsonl", row)])
    assert json.loads(line_of(document)) == row


def test_clean_changes_every_string_that_is_learnt_and_nothing_else(tmp_path: Path) -> None:
    clean([written(tmp_path / "in.jsonl", TALK, PREFERENCE)], tmp_path / "out")
    talk, preference = read(tmp_path / "out")
    assert "text" not in talk
    assert [m["role"] for m in talk["messages"]] == ["system", "user", "assistant"]
    assert talk["messages"][1]["content"] == "5mgの錠剤を1日2回飲んでもよいですか。[氏名]です。"
    assert talk["messages"][2] == {
        **TALK["messages"][2],
        "content": [{"type": "text", "text": "はい、10^5個を超えなければ構いません。"}],
    }
    assert talk["licence"] == "CC BY 4.0"
    assert preference == PREFERENCE


def test_an_exam_question_is_found_in_any_turn_and_in_a_rejected_reply() -> None:
    decontaminator = Decontaminator(Overlap([("exam", LONG)]))
    for row in ({"messages": [{"role": "user", "content": STEM}]}, {"prompt": "p", "chosen": "c", "rejected": STEM}):
        (document,) = _documents(row)
        assert isinstance(decontaminator(document), Dropped)


def _documents(row: dict[str, Any]) -> list[Any]:
    from igaku.corpus.documents import Document
    from igaku.corpus.rows import strings

    return [Document("d", "\n".join(strings(row)), row, joined=True)]


def test_the_same_prompt_with_another_reply_is_no_copy(tmp_path: Path) -> None:
    other = {**PREFERENCE, "id": "q", "chosen": "酸素を投与します。", "rejected": "様子をみます。"}
    with_text = [{**r, "text": r["prompt"]} for r in (PREFERENCE, other)]
    for n, rows in enumerate(([PREFERENCE, other], with_text)):
        assert dedup([written(tmp_path / f"{n}.jsonl", *rows)], tmp_path / f"out{n}").retained == 2
    copied = [SHAREGPT, {**SHAREGPT, "id": "s2"}]
    assert dedup([written(tmp_path / "c.jsonl", *copied)], tmp_path / "copied").retained == 1


def test_conversations_go_through_sources(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl", TALK)
    gather({"chat": Source(files=["in.jsonl"])}, tmp_path / "out", tmp_path)
    assert read(tmp_path / "out") == [{**TALK, "id": "chat/t", "source": "chat"}]


def test_a_row_that_says_nothing_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    for row in ({"id": "x", "url": "u"}, {"messages": [{"role": "user", "content": ""}]}, {"messages": 3}):
        with pytest.raises(IgakuError, match=r"row 1: no text; .* messages"):
            list(read_documents([written(tmp_path / "in.jsonl", row)]))
