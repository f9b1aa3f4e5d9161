"""my_exam: five questions of basic physiology, as an example of a benchmark of one's own.

This text is the data card that ``igaku bench show`` prints: say what the questions are, where they come from, and what
a score on them does not mean.
"""

from collections.abc import Iterator

from igaku import Benchmark, Question
from igaku.question import Choices, Key, Number

ROWS: list[tuple[str, str, tuple[str, ...], Key]] = [
    ("q1", "成人の安静時の 1 分間の呼吸数として最も近いのはどれか。", ("4", "15", "40", "80"), Choices.letters("b")),
    (
        "q2",
        "血液中の酸素の大部分を運ぶ物質はどれか。",
        ("アルブミン", "フィブリノゲン", "ヘモグロビン"),
        Choices.letters("c"),
    ),
    (
        "q3",
        "インスリンを分泌する細胞はどれか。",
        ("胃の壁細胞", "膵島の β 細胞", "副腎の髄質細胞"),
        Choices.letters("b"),
    ),
    (
        "q4",
        "脂溶性ビタミンはどれか。2つ選べ。",
        ("ビタミン A", "ビタミン B1", "ビタミン C", "ビタミン D"),
        Choices.letters("ad"),
    ),
    ("q5", "15 秒間に 18 回の脈拍を触れた。1 分間では何回か。", (), Number(("72",))),
]


class MyExam(Benchmark):
    """See the module."""

    name = "my_exam"
    title = "basic physiology (example)"
    title_ja = "基礎生理学（例）"
    languages = ("ja",)
    licence = "CC0-1.0"
    upstream = "examples/my_benchmark"

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the five questions."""
        for id, stem, choices, key in ROWS:
            yield Question(id=id, lang=lang, stem=stem, choices=choices, key=key)
