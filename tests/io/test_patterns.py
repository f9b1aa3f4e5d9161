"""A lazy pattern is compiled once, at its first use, and gives what a compiled one gives."""

import re
import subprocess
import sys

import pytest

from igaku.io import patterns
from igaku.io.patterns import lazy


def test_it_is_compiled_once_and_only_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    real = re.compile
    monkeypatch.setattr(patterns.re, "compile", lambda p, flags=0: (compiled.append(p), real(p, flags))[1])
    one = lazy(r"(?P<letter>[a-e])\b", re.I)
    assert one.pattern == r"(?P<letter>[a-e])\b"
    assert compiled == []
    assert [one.search("x B"), one.search("x B")][1]["letter"] == "B"
    assert one.sub("-", "a b") == "- -"
    assert compiled == [one.pattern]


def test_everything_of_a_pattern_is_there() -> None:
    real, one = re.compile(r"(a)(?P<b>b)?", re.S), lazy(r"(a)(?P<b>b)?", re.S)
    assert (one.groups, one.groupindex, one.flags) == (real.groups, real.groupindex, real.flags)
    assert [m.span() for m in one.finditer("ab a")] == [m.span() for m in real.finditer("ab a")]
    assert (one.split("xay"), one.findall("ab"), one.fullmatch("c")) == (real.split("xay"), real.findall("ab"), None)


def test_a_wrong_pattern_fails_where_it_is_used() -> None:
    one = lazy("(")
    with pytest.raises(re.error):
        one.match("x")


def test_importing_the_reader_of_replies_compiles_none_of_its_patterns() -> None:
    code = (
        "import re\n"
        "from igaku.io.patterns import _Lazy\n"
        "from igaku.grading.reading import decide, stance\n"
        "print(sum(isinstance(x, _Lazy) and '_compiled' in x.__dict__ for x in vars(stance).values()),"
        " sum(isinstance(x, _Lazy) for x in vars(stance).values()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert found[0] == "0"
    assert int(found[1]) > 10
