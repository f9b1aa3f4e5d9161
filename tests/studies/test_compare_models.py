"""Comparisons on a board's own metric, and of models that were asked in several ways."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import igaku
from igaku.benchmarks.base import Benchmark
from igaku.engines.replay import Replay
from igaku.question import Choices, Question, Request

pytest.importorskip("numpy")


def guessing(name: str, skill: float, path: Path, **task: object) -> Path:
    """A model that answers with the right letter as often as ``skill`` says, in any order of the choices."""

    def reply(request: Request) -> str:
        draw = random.Random(f"{name} {request.prompt}")
        return "a" if draw.random() < skill else draw.choice("bcde")

    igaku.evaluate(Replay(reply, name=name), "mini", out=path, method="letter", **task)  # type: ignore[arg-type]
    return path


def test_models_asked_in_several_ways_are_compared_over_them(tmp_path: Path) -> None:
    ways = {"prompt": ["standard", "closing", "bracketed"], "order": ["original", "rotate-1"], "lang": "ja"}
    runs = [guessing(name, skill, tmp_path / name, **ways) for name, skill in (("one", 0.9), ("two", 0.1))]
    report = igaku.compare(*runs)
    (row,) = report.models
    assert (row.ways, row.templates) == (6, 3)
    assert row.found.n > 70
    assert row.other_templates is not None
    low, high = row.found.ci95
    assert row.other_templates[0] <= low < row.found.difference < high <= row.other_templates[1]
    assert "over the ways" in str(report)


def test_one_way_needs_no_second_table(tmp_path: Path) -> None:
    runs = [guessing(name, skill, tmp_path / name, lang="ja") for name, skill in (("one", 0.9), ("two", 0.1))]
    report = igaku.compare(*runs)
    assert report.models == []
    assert [t.name for t in report.tables()] == ["comparisons"]


class Grades(Benchmark):
    """Thirty notes of three grades, scored by kappa."""

    name = "grades"
    aggregate = "kappa"

    def questions(self, lang: str) -> Iterator[Question]:
        for i in range(30):
            grade = "aab"[i % 3] if i < 24 else "c"
            yield Question(
                id=str(i),
                lang="ja",
                stem=f"記録 {i} の重症度はどれか。",
                choices=("軽症", "中等症", "重症"),
                key=Choices.letters(grade),
            )


def test_a_board_of_kappa_is_compared_on_kappa(tmp_path: Path) -> None:
    golds = {q.stem: q.letters[q.key.choice_sets[0][0]] for q in Grades().load("ja")}

    def reader(wrong: int) -> Replay:
        """Right but on the first few; and one that always says 軽症, whose accuracy is 53 % and kappa 0."""

        def reply(request: Request) -> str:
            i = int(request.prompt.split("記録 ")[-1].split(" ")[0])
            return golds[f"記録 {i} の重症度はどれか。"] if i >= wrong else "a"

        return Replay(reply, name=f"wrong-{wrong}")

    runs = [igaku.evaluate(reader(wrong), Grades(), out=tmp_path / str(wrong)) for wrong in (0, 30)]
    report = igaku.compare(*runs)
    (row,) = report.metrics
    assert (row.found.metric, row.found.a, row.found.b) == ("kappa", 1.0, 0.0)
    assert row.p_adjusted < 0.05
    assert report.comparisons == []
    assert [t.name for t in report.tables()] == ["metrics"]
    assert "shown: A better" in str(report)
