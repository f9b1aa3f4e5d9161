"""Keys from a file win over a benchmark's own: how rows are read, where files lie, and what is refused."""

import json
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.key_files import read_key_file, with_keys
from igaku.errors import IgakuError
from igaku.keys.ordering import Ordering
from igaku.question import Choices, Number, Question

TEN = [
    Question(id="1-1", lang="ja", stem="どれか。", choices=tuple("甲乙丙丁"), key=Choices.letters("a")),
    Question(id="1-2", lang="ja", stem="2つ選べ。", choices=tuple("甲乙丙丁"), key=Choices.letters("ab")),
    Question(id="1-3", lang="ja", stem="求めよ。解答：①②.③", key=Number(("123",), "##.#")),
    Question(id="1-4", lang="ja", stem="並べよ。", choices=tuple("甲乙丙"), key=Ordering((0, 1, 2))),
    Question(id="1-5", lang="ja", stem="どれか。", choices=tuple("甲乙"), key=Choices(()), void="no-key"),
]


def texts(tmp_path: Path, name: str, text: str) -> list[str]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = with_keys(TEN, read_key_file(tmp_path / name))
    return [q.key.text() + (f" {q.void}" if q.void else "") for q in found]


KEPT = ["a", "a b", "12.3", "a → b → c", " no-key"]


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("k.csv", 'id,answer\n1-1,c\n1-2,"b, d"\n1-3,215\n', {0: "c", 1: "b d", 2: "21.5"}),
        ("k.csv", "問題番号,解答\n1-1,ａ or ｄ\n1-5,b\n", {0: "a / d", 4: "b"}),
        ("k.csv", "id,answer,void\n1-1,,excluded\n1-2,採点除外,\n", {0: "a excluded", 1: "a b excluded"}),
        ("k.json", '[{"question_id": "1-1", "answer": ["b"], "x": 1}]', {0: "b"}),
        ("k.json", '{"meta": 1, "questions": [{"id": "1-2", "gold": ["a", "c"]}]}', {1: "a c"}),
        ("k.json", '{"1-1": "d", "1-4": "cab"}', {0: "d", 3: "c → a → b"}),
        ("k.jsonl", '{"id": "1-1", "accepted": ["a", "c"]}\n', {0: "a / c"}),
    ],
)
def test_rows_as_upstream_files_have_them(tmp_path: Path, name: str, text: str, changed: dict[int, str]) -> None:
    assert texts(tmp_path, name, text) == [changed.get(i, key) for i, key in enumerate(KEPT)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("k.csv", "id,answer\n1-1,f\n", r"question 1-1: 'f' is no key of it \(letters of abcd\)"),
        ("k.csv", "id,answer\n1-3,b\n", r"question 1-3: 'b' is no key of it \(a number\)"),
        ("k.csv", "id,answer\n1-1,a\n1-1,b\n", r"line 3: question 1-1 has another key before"),
        ("k.csv", "id,letter\n1-1,a\n", r"no field for the answer"),
        ("k.csv", "nr,answer\n1-1,a\n", r"no field for the question"),
        ("k.csv", "id,answer,void\n1-1,a,exluded\n", r"unknown void 'exluded': did you mean excluded"),
        ("k.json", "[3]", "expected a list of objects"),
        ("k.json", "[" * 5000, "nested too deeply"),
        ("k.jsonl", "", "no keys in it"),
    ],
)
def test_what_is_no_key_is_one_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        texts(tmp_path, name, text)


class Tiny(Benchmark):
    name = "tiny"
    key_version = "the author's"

    def questions(self, lang: str) -> list[Question]:
        return TEN[:2]


def test_a_file_in_a_data_folder_is_taken_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "tiny.csv").write_text("id,answer\n1-1,c\n")
    bench = Tiny()
    assert [q.key.text() for q in bench.load()] == ["c", "a b"]
    assert bench.key_version.startswith("tiny.csv (sha256 ")
    assert bench.key_version.endswith(" for 1 of 2 questions; the others by the author's")
    (tmp_path / "keys" / "tiny.json").write_text("{}")
    with pytest.raises(IgakuError, match="two files of keys for tiny"):
        Tiny().load()


def test_keys_lie_beside_own_questions_too(tmp_path: Path) -> None:
    row = {"id": "x", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "a"}
    (tmp_path / "my.jsonl").write_text(json.dumps(row))
    assert load_benchmark(str(tmp_path / "my.jsonl")).load()[0].key.text() == "a"
    (tmp_path / "my.keys.csv").write_text("id,answer\nx,b\n")
    bench = load_benchmark(str(tmp_path / "my.jsonl"))
    assert bench.load()[0].key.text() == "b" and bench.key_version.startswith("my.keys.csv")
    (tmp_path / "my.keys.csv").write_text("id,answer\ny,b\n")
    with pytest.raises(IgakuError, match="unknown question of my 'y'"):
        load_benchmark(str(tmp_path / "my.jsonl")).load()
