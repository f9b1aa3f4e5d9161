"""Anything that answers can be evaluated: an engine of your own, here a search for the stem's words in the choices.

python examples/own_engine.py
"""

import re
from collections.abc import Iterator, Sequence

import igaku
from igaku import EngineBase
from igaku.engines import Identity
from igaku.question import Answer, Request


class Overlap(EngineBase):
    """Answers with the choice that shares most characters with the stem: what a model has to beat."""

    def __init__(self) -> None:
        super().__init__()
        # part of every reply's key: a change that can change an answer belongs in here
        self.identity = Identity(model="overlap", engine="overlap", version="1")

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """One letter for each prompt, in any order; each reply is kept as it comes."""
        for i, request in enumerate(requests):
            choices = re.findall(r"^([A-Ha-h])[.．:：)] ?(.*)$", request.prompt, re.M)
            shared = {letter: len(set(text) & set(request.prompt.split(letter)[0])) for letter, text in choices}
            yield i, Answer(text=max(shared, key=shared.__getitem__, default=""), prompt_tokens=len(request.prompt))


def main() -> None:
    """Ask it the embedded questions; chance and the first choice stand below its scores."""
    print(igaku.evaluate(Overlap(), "mini", method="letter", out="runs/overlap"))


if __name__ == "__main__":
    main()
