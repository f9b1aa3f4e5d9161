"""Replies of models through every grader: looping, nested and meaningless texts to questions of every kind of key."""

from collections.abc import Iterator
from pathlib import Path

from igaku.benchmarks import Benchmark
from igaku.grading import METHODS
from igaku.keys import (
    Choices,
    Conduct,
    Correction,
    Field,
    Fields,
    Key,
    Label,
    Mention,
    Mentions,
    Number,
    Ordering,
    Pairs,
    Point,
    Rubric,
    Span,
    Spans,
    Terms,
    Text,
    Translation,
    Writing,
)
from igaku.question import Question

from ..reader import Reader

CHOICES = ("肺炎", "気胸", "肺結核", "膿胸", "無気肺")
POINTS = (Point("水を勧める", 1.0), Point("酒を勧める", -1.0))
KEYS: dict[str, Key] = {
    "choices": Choices.letters("bd"),
    "either": Choices.letters("a", "c"),
    "ordering": Ordering((2, 0, 1, 4, 3)),
    "number": Number.parsed(["72.5"], "小数で答えよ。") or Choices(()),
    "text": Text(("急性腎炎",)),
    "terms": Terms(("発熱", "咳嗽", "頭痛")),
    "pairs": Pairs((("発熱", "陽性"), ("咳嗽", "陰性"))),
    "corrections": Pairs((("5 mg", "50 mg"), ("右", "左")), ("dose", "side")),
    "translation": Translation(("The patient has a fever.",)),
    "correction": Correction(1, ("The dose is 5 mg.",)),
    "mentions": Mentions((Mention("disease", (("発熱",),)),), (("disease", "病名"),)),
    "fields": Fields((Field("T", ("T1",), ("T1", "T2", "T3")), Field("N", ("N0",), ("N0", "N1")))),
    "spans": Spans("患者は発熱した。", (Span(3, 5, "d"),), (Label("d", ("病名",)),)),
    "rubric": Rubric(POINTS),
    "conduct": Conduct(True),
    "writing": Writing(POINTS, reference="紹介状。"),
}


class Kinds(Benchmark):
    """A question of each kind of key."""

    name, title, licence = "kinds", "kinds of keys", "Apache-2.0"

    def files(self, lang: str) -> list[str]:
        """None: they are here."""
        return []

    def questions(self, lang: str) -> Iterator[Question]:
        """One each."""
        for name, key in KEYS.items():
            choices = CHOICES if isinstance(key, Choices | Ordering) else ()
            documents = ("患者は発熱した。\n薬は 5 mg。",)
            stem = "0. 患者は発熱した。\n1. 薬は 5 mg。" if name == "correction" else f"{name} に答えよ。"
            yield Question(id=name, lang=lang, stem=stem, choices=choices, key=key, documents=documents)


def make(folder: Path) -> None:
    """A run with a reply to each."""
    import igaku
    from igaku.engines.replay import Replay

    igaku.evaluate(Replay(lambda _: "答えは b", name="m"), Kinds(), out=folder / "r", method="letter")


NEEDS = ("mt", "rouge")
WAYS = ",".join(name for name, method in METHODS.items() if method.kind == "text")
COMMANDS = (f"grade r --method {WAYS}", f"show r --json --method {WAYS}")
READERS = [Reader("replies through graders", make, "r/replies.jsonl", "replies", COMMANDS, share=4)]
