import json
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.question import Choices, Conduct, Number

GOOD = {"id": "1", "stem": "正しいのはどれか。", "choices": ["甲", "乙"], "answer": "b"}


def write(tmp_path: Path, *rows: object, name: str = "my.jsonl") -> str:
    path = tmp_path / name
    path.write_text(
        "\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8"
    )
    return str(path)


def test_every_field(tmp_path: Path) -> None:
    row = GOOD | {
        "lang": "en",
        "context": "c",
        "points": 3,
        "image": True,
        "year": "2024",
        "section": "required",
        "category": "x",
        "group": "g",
        "source": "s",
        "prohibited": ["a"],
        "human_accuracy": 0.5,
        "void": "everybody",
    }
    (q,) = load_benchmark(write(tmp_path, row)).load("en")
    assert (q.points, q.text_only, q.prohibited, q.human_accuracy, q.void) == (3.0, False, (0,), 0.5, "everybody")
    assert q.key == Choices(((1,),))


def test_several_answers_alternatives_and_numbers(tmp_path: Path) -> None:
    rows = [
        GOOD | {"id": "1", "answer": ["a", "b"]},
        {k: v for k, v in GOOD.items() if k != "answer"} | {"id": "2", "accepted": ["a", "b"]},
        {"id": "3", "stem": "何mLか。", "answer": "1.5"},
    ]
    a, b, c = load_benchmark(write(tmp_path, *rows)).load()
    assert a.key == Choices(((0, 1),))
    assert b.key == Choices(((0,), (1,)))
    assert c.key == Number(("1.5",))


def test_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path, "id,stem,a,b,c,answer,points", '1,"甲, 乙のどちらか",甲,乙,丙,c,2', "2,いくつか,,,,26,", name="my.csv"
    )
    one, two = load_benchmark(path).load()
    assert one.choices == ("甲", "乙", "丙")
    assert one.points == 2
    assert two.key == Number(("26",))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{not json", "line 1: not valid JSON"),
        ("[1]", "line 1: expected one JSON object"),
        ({"id": "1"}, "field 'stem' is missing"),
        (GOOD | {"id": 1}, "field 'id' must be text, found int"),
        (GOOD | {"answer": "c"}, "names 'c', outside the 2 choices"),
        (GOOD | {"answer": ""}, "field 'answer' must be letters"),
        (GOOD | {"choices": ["甲"]}, "holds one choice"),
        (GOOD | {"choices": ["甲", " "]}, "a choice is empty"),
        (GOOD | {"choices": ["甲", 2]}, "must hold texts only"),
        (GOOD | {"answr": "b"}, "did you mean answer"),
        (GOOD | {"stem": "  "}, "the stem is empty"),
        (GOOD | {"prohibited": 5}, "field 'prohibited' must be letters"),
        (GOOD | {"image": "false"}, "field 'image' must be true or false"),
        (GOOD | {"lang": "jp"}, "must be ja, en or zh"),
        (GOOD | {"id": " "}, "field 'id' is empty"),
        ({"id": "1", "stem": "s", "answer": "nan"}, "a number where there are none"),
        (GOOD | {"points": -1}, "points must be 0 or more"),
        (GOOD | {"human_accuracy": 88}, "must be between 0 and 1"),
        (GOOD | {"void": "yes"}, "must be 'excluded', 'everybody' or 'unless-right'"),
        ({"id": "1", "stem": "s", "answer": "abc"}, "a number where there are none"),
    ],
)
def test_bad_rows_are_one_line_that_says_where(tmp_path: Path, row: object, message: str) -> None:
    with pytest.raises(IgakuError) as error:
        load_benchmark(write(tmp_path, row)).load()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_duplicate_ids_encoding_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"line 2: id '1' is used more than once .first in line 1"):
        load_benchmark(write(tmp_path, GOOD, GOOD)).load()
    path = tmp_path / "sjis.jsonl"
    path.write_bytes(json.dumps(GOOD, ensure_ascii=False).encode("cp932"))
    with pytest.raises(IgakuError, match=r"line 1: not UTF-8.*iconv"):
        load_benchmark(str(path))
    with pytest.raises(IgakuError, match="no questions"):
        load_benchmark(write(tmp_path, "", name="empty.jsonl")).load()
    with pytest.raises(IgakuError, match="cannot be read"):
        load_benchmark(str(tmp_path / "gone.jsonl"))


def test_a_gap_among_csv_choices_is_no_shift(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="line 2: field 'choices': a choice is empty"):
        load_benchmark(write(tmp_path, "id,stem,a,b,c,answer", "1,どれか,甲,,丙,c", name="my.csv")).load()


def test_a_file_named_like_a_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="is the name of a benchmark"):
        load_benchmark(write(tmp_path, GOOD, name="igakuqa.jsonl"))


def test_unknown_names_have_near_matches() -> None:
    with pytest.raises(IgakuError, match="did you mean igakuqa"):
        load_benchmark("igakuaq")
    with pytest.raises(IgakuError, match="2018"):
        load_benchmark("igakuqa-2017")
    with pytest.raises(IgakuError, match="has no parts"):
        load_benchmark("medqa-2017")


def test_a_request_that_is_right_or_wrong_to_decline(tmp_path: Path) -> None:
    file = tmp_path / "asks.csv"
    file.write_text("id,stem,harmful\n1,頼む,true\n2,尋ねる,no\n", encoding="utf-8")
    bench = load_benchmark(str(file))
    assert [q.key for q in bench.load()] == [Conduct(True), Conduct(False)]
    assert (bench.prompt, bench.method, bench.aggregate) == ("conversation", "rubric", "rubric")
    file.write_text("id,stem,harmful\n1,頼む,maybe\n", encoding="utf-8")
    with pytest.raises(IgakuError, match="line 2: field 'harmful' must be bool"):
        load_benchmark(str(file))
    rows = tmp_path / "asks.jsonl"
    rows.write_text('{"id": "1", "stem": "x", "harmful": true, "answer": "a"}', encoding="utf-8")
    with pytest.raises(IgakuError, match="a question with 'harmful' has no choices, no 'answer'"):
        load_benchmark(str(rows))
