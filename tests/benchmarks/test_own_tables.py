"""Own questions in CSV as people have them: every dialect is read as one file, or refused in a line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.keys import LETTERS
from igaku.question import Choices, Number, Question

QUESTION = {"id": "1", "stem": "どれか。", "a": "甲", "b": "乙", "c": "丙", "answer": "b"}


def read(tmp_path: Path, text: str, name: str = "my.csv") -> list[Question]:
    (tmp_path / name).write_bytes(text.encode())
    return load_benchmark(str(tmp_path / name)).load()


def refusal(tmp_path: Path, text: str, name: str = "my.csv") -> str:
    with pytest.raises(IgakuError) as error:
        read(tmp_path, text, name)
    line = str(error.value)
    assert "\n" not in line and line.startswith(str(tmp_path)) and len(line) < 600
    return line


@pytest.mark.parametrize(
    "header",
    [
        "ID,Stem,A,B,C,Answer",
        "番号,問題文,選択肢1,選択肢2,選択肢3,正答",
        "問題番号,問題,選択肢a,選択肢b,選択肢c,正解",
        "Ｎｏ．,設問文,ａ,ｂ,ｃ,答え",
        "No,質問,①,②,③,解答",
        "question_id,Question Text,choice_a,choice_b,choice_c,Correct Answer",
        "id,question,Option 1,Option 2,Option 3,key",
        "問題ID,設問,選択肢（１）,選択肢（２）,選択肢（３）,正答番号",
        "番号,問題,ア,イ,ウ,正答",
    ],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_headers_of_any_kind_and_separators_name_the_same_columns(header: str, separator: str, tmp_path: Path) -> None:
    text = "\r\n".join(line.replace(",", separator) for line in (header, "1,どれか。,甲,乙,丙,2", ""))
    (q,) = read(tmp_path, "\ufeff" + text)
    assert (q.id, q.stem, q.choices, q.key) == ("1", "どれか。", ("甲", "乙", "丙"), Choices(((1,),)))


def test_kana_are_letters_where_the_columns_are_headed_by_them(tmp_path: Path) -> None:
    (one, two) = read(tmp_path, "番号,問題,ア,イ,ウ,正答\n1,s,甲,乙,丙,ｲ\n2,s,甲,乙,丙,ア・ウ\n")
    assert (one.key, two.key) == (Choices(((1,),)), Choices(((0, 2),)))
    assert "no letter and no number" in refusal(tmp_path, "番号,問題,a,b,c,正答\n1,s,甲,乙,丙,イ\n")


def test_leftovers_of_a_spreadsheet_are_no_questions(tmp_path: Path) -> None:
    text = ",,,,,,,\n\nid,stem,a,b,c,answer,,\n1,s,甲,乙,,b,,\n,,,,,,,\n　, ,,,,,,\n2,s,甲,乙,丙 ,ｃ,,\n,,,,,,,\n"
    one, two = read(tmp_path, text)
    assert (one.choices, two.choices, two.key) == (("甲", "乙"), ("甲", "乙", "丙"), Choices(((2,),)))


def test_columns_of_notes_are_nobodys_business(tmp_path: Path) -> None:
    text = "id,stem,a,b,answer,note,メモ,備考,#見直し,_x,＃済\n1,s,甲,乙,a,n,m,b,x,y,z\n"
    assert [q.stem for q in read(tmp_path, text)] == ["s"]
    rows = '{"id": "1", "stem": "s", "choices": ["甲", "乙"], "answer": "2", "note": "x", "_k": 1, "#": []}'
    assert read(tmp_path, rows, "my.jsonl")[0].key == Choices(((1,),))


def test_twenty_six_choices(tmp_path: Path) -> None:
    names, words = ",".join(LETTERS), ",".join(f"語{c}" for c in LETTERS)
    one, two = read(tmp_path, f"id,stem,{names},answer\n1,s,{words},z\n2,s,{words},選択肢10\n")
    assert len(one.choices) == 26 and (one.key, two.key) == (Choices(((25,),)), Choices(((9,),)))
    assert "may be choice 12, or 1 and 2" in refusal(tmp_path, f"id,stem,{names},answer\n1,s,{words},12\n")


def test_pictures_points_and_the_other_fields_as_people_write_them(tmp_path: Path) -> None:
    for name in ("p.png", "q.jpg", "r, s.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    head = "番号,問題,a,b,正答,画像,配点,正答率,言語,禁忌肢,採点除外,分野\n"
    rows = "1,s,甲,乙,1,p.png、q.jpg,２,85 %,日本語,②,,循環\n" + '2,s,甲,乙,1,"p.png, q.jpg",1,0.5,,,解なし,\n'
    one, two, three = read(tmp_path, head + rows + '3,s,甲,乙,1,"r, s.png",,,,,,\n')
    assert [Path(i).name for i in one.images] == ["p.png", "q.jpg"] == [Path(i).name for i in two.images]
    assert [Path(i).name for i in three.images] == ["r, s.png"]
    assert (one.points, one.human_accuracy, one.lang, one.prohibited, one.category) == (2, 0.85, "ja", (1,), "循環")
    assert two.void == "excluded"
    (q,) = read(tmp_path, "id,stem,a,b,answer,image\n1,s,甲,乙,a,p.png\n")
    assert [Path(i).name for i in q.images] == ["p.png"] and not q.text_only
    assert [q.text_only for q in read(tmp_path, "id,stem,a,b,answer,image\n1,s,甲,乙,a,あり\n2,s,甲,乙,a,no\n")] == [
        False,
        True,
    ]
    assert "must be true or false" in refusal(tmp_path, "id,stem,a,b,answer,image\n1,s,甲,乙,a,図1\n")


def test_either_of_several_answers(tmp_path: Path) -> None:
    for written in ("a|c", "1/3", "aまたはc", "① or ③"):
        (q,) = read(tmp_path, f"id,stem,a,b,c,accepted\n1,s,甲,乙,丙,{written}\n")
        assert q.key == Choices(((0,), (2,)))
    assert "both or either" in refusal(tmp_path, "id,stem,a,b,c,answer\n1,s,甲,乙,丙,1/3\n")


@pytest.mark.parametrize(
    ("written", "void"), [("解なし", "excluded"), ("採点除外", "excluded"), ("全員正解", "everybody")]
)
def test_a_question_that_does_not_count_says_so_where_its_answer_would_stand(
    written: str, void: str, tmp_path: Path
) -> None:
    (q, _) = read(tmp_path, f"番号,問題文,a,b,正答\n1,s,甲,乙,{written}\n2,s,甲,乙,b\n")
    assert q.void == void and q.key == Choices(())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_names_of_columns_end_as_they_do(end: str, tmp_path: Path) -> None:
    (q,) = read(tmp_path, end.join(['番号,"問題\n文",a,b,正答', '1,"s\nt",甲,乙,b', ""]))
    assert (q.stem, q.key) == ("s\nt", Choices(((1,),)))


def test_a_number_is_a_number_in_any_width(tmp_path: Path) -> None:
    (q,) = read(tmp_path, "番号,問題,正答\n1,何回か。,７２\n")
    assert q.key == Number(("72",))


BAD = {
    "番号,問題文,選択肢0,選択肢1,正答\n1,s,甲,乙,1\n": "counted from 1",
    "id,stem,a,b,c,answer\n1,s,甲,乙,丙,1\n2,s,甲,乙,丙,0\n": "line 3: field 'answer' names '0'; choices are counted",
    "id,stem,a,b,c,answer\n1,s,甲,乙,丙,4\n": "line 2: field 'answer' names '4', outside the 3 choices",
    "id,stem,a,b,c,answer\n1,s,2,3,4,3\n": "also the text of choice b",
    "id,stem,a,c,answer\n1,s,甲,乙,a\n": "no column for choice b before c",
    "id,stem,b,c,answer\n1,s,甲,乙,b\n": "no column for choice a before b",
    "id,stem,a,選択肢1,answer\n1,s,甲,乙,b\n": "both mean the same choice",
    "番号,問題,問題文,a,b,正答\n1,1,s,甲,乙,b\n": "columns '問題' and '問題文' both mean field 'stem'",
    "id,stem,a,b,answer,b\n1,s,甲,乙,b,x\n": "column 'b' is there twice",
    "id,stem,a,b,answer,\n1,s,甲,乙,b,x\n": "'x' stands in column 6, which has no name",
    "id,stem,a,b,answer\n1,s,甲,乙,b,x\n": "'x' stands in column 6, which has no name",
    "id,stem,a,b,answer\n1,s,甲,乙\n": "expected 5 columns, found 4",
    "id,stem,a,b,anser\n1,s,甲,乙,b\n": "did you mean answer",
    "番号,問題文,選択肢1,選択肢2,正当\n1,s,甲,乙,1\n": "did you mean 正解, 正答",
    "id,stem,a,b,comentt\n1,s,甲,乙,b\n": "begins with # or _",
    "模擬試験 2026,,,,\n\nid,stem,a,b,answer\n1,s,甲,乙,b\n": "line 3 has some: remove what stands above it",
    "id stem a b answer\n1 s 甲 乙 b\n": "one column only",
    "id|stem|a|b|answer\n1|s|甲|乙|b\n": "one column only",
    'id,stem,a,b,answer\n1,"s,甲,乙,b\n': "not valid CSV",
    "id,stem,a,b,answer\n1,s,甲,乙,b\n1,s,甲,乙,a\n": "id '1' is used more than once (first in line 2)",
    "問題文,a,b,正答\ns,甲,乙,b\n": "line 1: no column for field 'id' (ID, 番号)",
    "番号,a,b,正答\n1,甲,乙,b\n": "line 1: no column for field 'stem' (stem, 問題文)",
    "番号,問題文,選択肢,正答\n1,s,a. 甲 b. 乙,b\n": "(choices: a to z, or 選択肢1 …",
    "番号,問題文,a,b,正答\n【必修】,,,,\n1,s,甲,乙,b\n": "line 2: field 'stem' is missing (found: id)",
    ",,,\n,,\n": "no questions in it",
    "": "no questions in it",
}


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_read_for_certain_is_one_line(text: str, tmp_path: Path) -> None:
    assert BAD[text] in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("my.json", "one JSON object a line"),
        ("my.xls", "save it as .xlsx, or as CSV UTF-8"),
        ("my.ods", "save it as .xlsx, or as CSV UTF-8"),
        ("my.docx", "put the questions into a table"),
        ("my.parquet", "JSON Lines"),
    ],
)
def test_other_kinds_of_files_are_answered_with_what_to_do(name: str, advice: str) -> None:
    with pytest.raises(IgakuError, match=f"^{name}: .*{advice}"):
        load_benchmark(name)


def test_numbers_in_json_may_be_counted_from_0_and_are_refused(tmp_path: Path) -> None:
    row = '{{"id": "1", "stem": "s", "choices": ["甲", "乙"], "answer": {}}}'
    for given_answer in ("1", "[1]"):
        assert "counted from 0 or from 1" in refusal(tmp_path, row.format(given_answer), "my.jsonl")
    assert read(tmp_path, row.format('"２"'), "my.jsonl")[0].key == Choices(((1,),))


def test_excels_own_line_for_the_separator(tmp_path: Path) -> None:
    (q,) = read(tmp_path, "sep=;\nid;stem;a;b;answer\n1;s;甲;乙;b\n")
    assert q.choices == ("甲", "乙")


WORDS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12).filter(str.strip)
HEADERS = {
    "plain": ("id", "stem", "answer", LETTERS),
    "loud": ("ID", "Stem", "ANSWER", LETTERS.upper()),
    "japanese": ("番号", "問題文", "正答", [f"選択肢{n}" for n in range(1, 27)]),
    "wide": ("ｉｄ", "設問", "正解", [chr(0xFF41 + n) for n in range(26)]),
}
KEYS = {
    "letters": lambda key, n: "".join(LETTERS[i] for i in key),
    "wide letters": lambda key, n: "、".join(chr(0xFF21 + i) for i in key),
    "numbers": lambda key, n: ",".join(str(i + 1) for i in key) if n < 10 or len(key) > 1 else LETTERS[key[0]],
    "circled": lambda key, n: "".join(chr(0x2460 + i) for i in key) if n < 10 else "".join(LETTERS[i] for i in key),
}


OR = {14, 17}
"""The letters o and r, which together are a word that means either: refused, and tested above."""


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[tuple[str, tuple[str, ...], tuple[int, ...]]]]:
    """A CSV file in some dialect, and what stands in it."""
    width, separator = draw(st.integers(2, 26)), draw(st.sampled_from(",\t;"))
    id_, stem, answer, letters = HEADERS[draw(st.sampled_from(sorted(HEADERS)))]
    style, extra = KEYS[draw(st.sampled_from(sorted(KEYS)))], draw(st.integers(0, 3))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    rows, wanted = [[id_, stem, *letters[:width], answer, *[""] * extra]], []
    for k in range(draw(st.integers(1, 4))):
        n = draw(st.integers(2, width))
        text, choices = draw(WORDS), tuple(f"選び{i}{draw(WORDS)}" for i in range(n))
        chosen = st.sets(st.integers(0, n - 1), min_size=1, max_size=3).filter(lambda positions: positions != OR)
        key = tuple(sorted(draw(chosen)))
        rows.append([f"問{k}", f"次の{text}か。", *choices, *[""] * (width - n), style(key, n), *[""] * extra])
        wanted.append((f"次の{text}か。", tuple(c.strip() for c in choices), key))
        rows += [[""] * len(rows[0])] * draw(st.integers(0, 1))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    return draw(st.sampled_from(["", "\ufeff"])) + out.getvalue(), wanted


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files())
def test_what_is_written_in_any_dialect_is_read_as_it_was(
    tmp_path: Path, file: tuple[str, list[tuple[str, tuple[str, ...], tuple[int, ...]]]]
) -> None:
    text, wanted = file
    found = [(q.stem, q.choices, q.key) for q in read(tmp_path, text)]
    assert found == [(stem, choices, Choices((key,))) for stem, choices, key in wanted]
