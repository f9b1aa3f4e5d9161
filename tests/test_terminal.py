import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from igaku.tables import Table, laid_out, text_of
from igaku.terminal import wrapped

RESULTS = Table(
    name="results",
    title="a-model-270m",
    columns={
        "benchmark": "text",
        "lang": "text",
        "image": "text",
        "prompt": "text",
        "shots": "count",
        "method": "text",
        "scored": "count",
        "accuracy": "share",
        "95 %": "interval",
        "unparsed": "count",
        "not applicable": "count",
    },
    rows=[
        ["mini", "ja", "", "standard_ja", 0, "letter-logprob", 96, 0.188, (0.122, 0.277), None, 8],
        ["mini", "en", "", "standard_en", 0, "letter", 104, 0.125, (0.073, 0.205), 12, None],
        ["mini", "ja", "", None, None, "(chance)", 104, 0.167, None, None, None],
    ],
    asides=1,
)


def test_at_eighty_columns_a_row_is_one_line_and_what_is_the_same_stands_once_above() -> None:
    lines = text_of(RESULTS, 80).splitlines()
    assert lines[0] == "a-model-270m · benchmark mini · prompt standard_{lang} · shots 0"
    rows = lines[1 + [line[0] for line in lines].index("─") :]
    assert [re.split(r"  +", row) for row in rows] == [
        ["ja", "letter-logprob", "96", "18.8 %", "12.2–27.7", "8"],
        ["en", "letter", "104", "12.5 %", "7.3–20.5", "12"],
        ["ja", "(chance)", "104", "16.7 %"],
    ]


def test_the_caption_breaks_between_facts() -> None:
    assert text_of(RESULTS, 62).startswith("a-model-270m · benchmark mini · prompt standard_{lang}\nshots 0\n")


def test_counts_that_few_rows_have_share_a_column_before_words_are_squeezed() -> None:
    text = text_of(RESULTS, 70)
    assert "8 not applicable" in text and "12 unparsed" in text and "letter-logprob" in text


def test_where_there_is_room_every_column_stays() -> None:
    head, *_ = text_of(RESULTS, 200).splitlines()[1:]
    assert re.split(r"  +", head) == list(RESULTS.columns)


def test_below_sixty_columns_each_row_is_a_block() -> None:
    text = text_of(RESULTS, 42)
    assert "ja  letter-logprob\n  scored 96 · accuracy 18.8 %\n  95 % 12.2–27.7 · not applicable 8\n" in text


def test_a_single_row_keeps_its_numbers_in_the_table() -> None:
    one = Table(
        name="one",
        columns={
            "model": "text",
            "questions": "count",
            "of people with a long name for it": "text",
            "failures": "text",
        },
        rows=[["a-model-270m", 104, "physicians of the year before last, all of them", "12 truncated, 3 unparsed"]],
    )
    caption, *lines = text_of(one, 62).splitlines()
    assert "questions" not in caption and any("104" in line for line in lines)


def test_japanese_characters_count_two() -> None:
    table = Table(
        name="t", columns={"設問": "text", "n": "count"}, rows=[["循環器の問題についての長い説明" * 4, 12345]]
    )
    lines = text_of(table, 60).splitlines()
    assert max(map(cell_len, lines)) <= 60 and "12,345" in "".join(lines)


def test_a_japanese_head_stands_on_two_even_lines() -> None:
    columns = {"model": "text", "95%信頼区間": "interval"}
    rows = [["a" * 48, (0.1, 0.5)], ["b" * 48, (0.0, 0.5)]]
    lines = text_of(Table(name="t", columns=columns, rows=rows), 60).splitlines()  # type: ignore[arg-type]
    assert [line.split() for line in lines[:2]] == [["95%信頼"], ["model", "区間"]]


def test_words_break_where_they_end_and_nothing_is_lost() -> None:
    assert wrapped("a study of very-long hyphenated words", 12) == ["a study of", "very-long", "hyphenated", "words"]
    assert wrapped("x" * 7, 3) == ["xxx", "xxx", "x"]
    assert wrapped("第120回医師国家試験", 8) == ["第120回", "医師国家", "試験"]


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=30)
ROWS = st.lists(
    st.tuples(WORDS, WORDS, st.none() | st.integers(0, 10**9), st.none() | st.floats(0, 1), WORDS), max_size=6
)


@given(rows=ROWS, width=st.integers(30, 160), title=WORDS)
def test_no_number_is_broken_and_no_line_is_wider_than_the_terminal(
    rows: list[tuple[str, str, int | None, float | None, str]], width: int, title: str
) -> None:
    columns = {"model": "text", "what": "text", "questions": "count", "accuracy": "share", "remark": "text"}
    table = Table(name="t", columns=columns, rows=[list(r) for r in rows], title=title)  # type: ignore[arg-type]
    lines = str(laid_out(table, width)).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    text = "\n".join(lines)
    for row in table.shown():
        assert all(value in text for value in row[2:4])
