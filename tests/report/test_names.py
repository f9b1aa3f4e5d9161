"""Names of exams as people write them, in both languages."""

import pytest

from igaku.report.site.pages.names import exam_name, ordinal


@pytest.mark.parametrize(
    ("ja", "en", "shown"),
    [
        ("医師 第 120 回", "physicians 120", ["第120回医師国家試験", "120th physicians&#39; exam"]),
        ("薬剤師 第 101 回", "pharmacists 101", ["第101回薬剤師国家試験", "101st pharmacists&#39; exam"]),
        ("", "my own mock", ["my own mock"]),
    ],
)
def test_an_exam_is_named_by_its_number_and_profession(ja: str, en: str, shown: list[str]) -> None:
    assert all(text in str(exam_name(ja, en)) for text in shown)


def test_ordinals_of_the_teens_end_in_th() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 111, 122)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "122nd"]
    )
