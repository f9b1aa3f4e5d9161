import pytest

from igaku.question import Choices, stated_count


@pytest.mark.parametrize(
    ("stem", "n"),
    [
        ("正しいのはどれか。2つ選べ。", 2),
        ("正しいのはどれか。３つ選べ。", 3),
        ("正しいものを二つ選べ", 2),
        ("誤っているのはどれか.1つ選べ.", 1),
        ("骨移植材料はどれか。2 つ選べ。", 2),
        ("2つの腫瘤を認める。診断はどれか。", None),
        ("Which are true? Select two.", 2),
        ("Choose the three correct statements.", 3),
        ("Which two nerves meet here?", 2),
        ("He takes two tablets. Which is right?", None),
        ("", None),
    ],
)
def test_stated_count_reads_the_instruction_and_nothing_else(stem: str, n: int | None) -> None:
    assert stated_count(stem) == n


def test_a_number_early_in_the_vignette_is_no_instruction() -> None:
    assert stated_count("2つ選べと言われた。" + "経過は良好である。" * 30) is None


def test_letters() -> None:
    assert Choices.letters("ca").accepted == ((0, 2),)
    assert Choices.letters("a", "d").accepted == ((0,), (3,))
