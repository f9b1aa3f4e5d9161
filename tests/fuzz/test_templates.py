"""Templates made at random, the greedy among them, and real ones damaged: a text, or one line within seconds.

``IGAKU_FUZZ=20000`` tries as many instead of a few hundred; ``IGAKU_FUZZ_SEED`` others.
"""

import os
import random
import time
from collections.abc import Callable

import pytest

from igaku.errors import IgakuError
from igaku.prompts import load_prompt, prompt_names
from igaku.prompts.template import Prompt
from igaku.question import Choices, Question

INPUTS = int(os.environ.get("IGAKU_FUZZ", "0")) or 240
SEED = int(os.environ.get("IGAKU_FUZZ_SEED", "1"))
CARD = '+++\ntitle = "t"\nlang = "any"\n+++\n'
Q = Question(id="1", lang="ja", stem="主訴は？" * 9, choices=("甲", "乙", "丙", "丁"), key=Choices.letters("b"))
NAMES = ("stem", "choices", "letters", "documents", "shots", "wanted", "loop", "x", "count", "self", "nope")
FILTERS = (
    *("upper", "list", "join", "length", "default('x')", "map(attribute='text')", "map('upper')", "batch(3)", "tojson"),
    *("sort", "reverse", "first", "groupby('text')", "sum", "items", "indent", "wordwrap(2)", "center(9)", "pprint"),
    *("select", "reject", "unique", "random", "urlize", "striptags", "slice(2)", "attr('x')", "int", "format(1)"),
)
OPERATORS = ("+", "~", "*", "-", "//", "%", "**", "==", "<", "in", "and", "or", "is", "|", ".", "if")
GREEDY = ("999999999", "10**9", "'a' * 10**9", "[1] * 10**9", "stem|center(10**9)", "7**(7**(7**7))")


class Maker:
    """Makes templates of pieces that mostly fit."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def expression(self, depth: int = 0) -> str:
        """One expression."""
        r = self.rng
        if depth > 3 or r.random() < 0.4:
            pool = (*NAMES, str(r.randrange(-3, 99)), "'a'", "[1, 2]", "{'a': 1}", "''.__class__", "none", "()")
            return r.choice(GREEDY) if r.random() < 0.02 else r.choice(pool)
        inner: tuple[Callable[[], str], ...] = (
            lambda: f"{self.expression(depth + 1)} {r.choice(OPERATORS)} {self.expression(depth + 1)}",
            lambda: f"({self.expression(depth + 1)})|{r.choice(FILTERS)}",
            lambda: f"({self.expression(depth + 1)})[{self.expression(depth + 1)}]",
            lambda: f"[{self.expression(depth + 1)}, {self.expression(depth + 1)}]",
            lambda: f"{self.expression(depth + 1)}.{r.choice(('text', 'format', 'join', '__init__', 'center', 'x'))}",
            lambda: f"{r.choice(('user', 'stem', 'm', 'range', 'loop'))}({self.expression(depth + 1)})",
        )
        return r.choice(inner)()

    def body(self, depth: int = 0) -> str:
        """Some text with statements in it."""
        r, out = self.rng, []
        for _ in range(r.randrange(1, 4)):
            kind = r.randrange(6) if depth < 3 else 0
            e = self.expression()
            inside = self.body(depth + 1) if kind > 1 else ""
            pieces = {
                2: f"{{% for x in {e} %}}{inside}{{% endfor %}}",
                3: f"{{% if {e} %}}{inside}{{% endif %}}",
                4: f"{{% macro m(x) %}}{inside}{{% endmacro %}}{{{{ m({e}) }}}}",
                5: f"{{% set x %}}{inside}{{% endset %}}{{% set y = {e} %}}",
            }
            out.append(pieces.get(kind, f"問 {{{{ {e} }}}}\n"))
        return "".join(out)

    def damaged(self) -> str:
        """A real template with pieces lost, doubled and changed."""
        r = self.rng
        source = load_prompt(r.choice(prompt_names())).source
        for _ in range(r.randrange(1, 6)):
            at, n = r.randrange(len(source)), r.randrange(1, 30)
            new = r.choice(("", source[at : at + n] * 2, "{{", "}}", "{%", "+++\n", "\0", "|", r.choice(GREEDY)))
            source = source[:at] + new + source[at + n :]
        return source


def test_every_template_is_a_text_or_one_line_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_MAX_TEMPLATE_SECONDS", "1")
    worst, texts = 0.0, 0
    for i in range(INPUTS):
        make = Maker(random.Random(f"{SEED}/{i}"))
        source = make.damaged() if i % 3 == 0 else CARD + make.body()
        since = time.monotonic()
        try:
            rendered = Prompt("t", source, "t.jinja").render(Q)
            texts += 1
            assert "[Undefined" not in rendered.text
        except IgakuError as error:
            assert "\n" not in str(error) and len(str(error)) < 3000, (SEED, i, source)
        except Exception as error:
            pytest.fail(f"IGAKU_FUZZ_SEED={SEED}, number {i}: {type(error).__name__}: {error}\n{source[:500]}")
        worst = max(worst, time.monotonic() - since)
    assert worst < 20
    assert 0 < texts < INPUTS, "a fuzz test that only succeeds, or only fails, tries nothing"
