import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from igaku.report.site.sanitize import HEAD, TAIL, sanitize_for_display


def test_controls_and_direction_marks_are_named() -> None:
    assert sanitize_for_display("a\x00b\x1b[31m\u202ec\u2066d\ufeff") == "a␀b␛[31m⟦U+202E⟧c⟦U+2066⟧d⟦U+FEFF⟧"
    assert sanitize_for_display("行\n列\t値 ℃ μg/mL か\u3099") == "行\n列\t値 ℃ μg/mL か\u3099"
    assert sanitize_for_display("\ud800") == "⟦U+D800⟧"


def test_very_long_text_keeps_its_beginning_and_its_end() -> None:
    text = sanitize_for_display("x" * 1_000_000 + "答え: c")
    assert len(text) < HEAD + TAIL + 50
    assert text.endswith("答え: c")
    assert "992,995" not in text and "⟦… 993,005 …⟧" in text


def test_piled_up_marks_are_thinned() -> None:
    assert sanitize_for_display("e" + "\u0301" * 500) == "e" + "\u0301" * 3


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    left = {unicodedata.category(c) for c in sanitize_for_display(text) if c not in "\n\t"}
    assert not left & {"Cc", "Cs"}
