"""The numbers in the list of benchmarks are those of their files."""

import pytest

from igaku.benchmarks import TABLE, load_benchmark
from igaku.benchmarks.sizes import QUESTIONS
from igaku.errors import IgakuError


@pytest.mark.data
def test_each_number_is_the_benchmarks_own() -> None:
    found = {}
    for name in TABLE:
        try:
            found[name] = len(load_benchmark(name).load())
        except IgakuError:
            continue  # its files are not on this machine
    assert found == {name: n for name, n in QUESTIONS.items() if name in found} and len(found) > 20


def test_every_number_belongs_to_a_benchmark() -> None:
    assert QUESTIONS.keys() <= TABLE.keys()
    embedded = {name for name in QUESTIONS if not load_benchmark(name).files("ja")}
    assert {name: QUESTIONS[name] for name in embedded} == {name: len(load_benchmark(name)) for name in embedded}
