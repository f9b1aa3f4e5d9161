from igaku.report.table import interval, percent, points, printable, table, to_markdown, to_text


def test_hostile_words_stay_words() -> None:
    text = to_text(table("", ["a"], [["[bold red]x[/] \x1b[31mred\x07 \u202egnorw"]]))
    assert "[bold red]x[/]" in text
    assert not any(c in text for c in "\x1b\x07\u202e")


def test_markdown_is_escaped() -> None:
    assert to_markdown(["a", "b"], [["x|y", "1\n2"]]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |"


def test_formats() -> None:
    assert (percent(0.4217), percent(None)) == ("42.2 %", "–")
    assert interval((0.1, 0.25)) == "10.0–25.0"
    assert (points(3.0, 20), points(4.25, 20)) == ("3/20", "4.2/20")
    assert printable("a\u0000b\n") == "a�b\n"
