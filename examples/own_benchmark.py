"""A benchmark of your own in one class: questions come from wherever you like, here from arithmetic.

python examples/own_benchmark.py [MODEL]
igaku eval --bench ./examples/own_benchmark.py --model gemma-3-270m --out runs/doses    the same, from the command line
"""

import sys
from collections.abc import Iterator

import igaku
from igaku import Benchmark, Question
from igaku.question import Number


class Doses(Benchmark):
    """Doses by body weight: a number is wanted, so there are no choices and nothing to guess."""

    name = "doses"
    title = "doses by body weight (example)"
    languages = ("ja", "en")
    licence = "CC0-1.0"

    def questions(self, lang: str) -> Iterator[Question]:
        """Nine questions: three weights, three doses."""
        stem = {
            "ja": "体重 {w} kg の患者に 1 kg あたり {d} mg を投与する。全量は何 mg か。",
            "en": "A patient of {w} kg gets {d} mg per kg. How many mg in all?",
        }[lang]
        for w in (10, 25, 60):
            for d in (2, 5, 15):
                key = Number((str(w * d),))
                yield Question(id=f"{w}-{d}", lang=lang, stem=stem.format(w=w, d=d), key=key, section=f"{w} kg")


def main(model: str = "gemma-3-270m") -> None:
    """Ask in both languages and print the table."""
    print(igaku.evaluate(model, Doses(), out="runs/doses"))


if __name__ == "__main__":
    main(*sys.argv[1:])
