import json
import random
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.studies.items import items
from igaku.tables import to_text


def bench(folder: Path) -> str:
    """Thirty questions whose right answer is a; the key of the first one says b."""
    rows = [
        {
            "id": f"q{i}",
            "stem": f"設問{i}。正しいのはどれか。",
            "choices": list("甲乙丙丁戊"),
            "answer": "b" if i == 0 else "a",
        }
        for i in range(30)
    ]
    file = folder / "own.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


def runs(folder: Path, file: str, models: int = 8) -> list[Path]:
    """Models of rising ability; the weak ones answer the first question with b."""

    def model(k: int) -> Replay:
        def answer(request: Request) -> str:
            if "設問0。" in request.prompt:
                return "b" if k < 3 else "a"
            rng = random.Random(f"{k}{request.prompt}")
            return "a" if rng.random() < 0.4 + 0.07 * k else rng.choice("bcde")

        return Replay(answer, name=f"m{k}")

    for k in range(models):
        igaku.evaluate(model(k), file, out=folder / f"m{k}")
    return [folder / f"m{k}" for k in range(models)]


def test_a_key_that_the_better_models_contradict_is_listed_with_its_evidence(tmp_path: Path) -> None:
    file = bench(tmp_path)
    report = items(file, runs(tmp_path, file), method="letter")
    doubt = next(d for d in report.doubtful if d.item.id == "q0")
    assert (doubt.key, doubt.replies) == ("b", {"a": 5, "b": 3})
    assert doubt.reason == "the better are wrong more often; most agree on another answer"
    assert doubt.item.point_biserial is not None
    assert doubt.item.point_biserial < -0.5
    assert len(report.doubtful) <= 4
    assert "would be listed by chance" in to_text(report)


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    file = bench(tmp_path)
    given = runs(tmp_path, file, 3)
    with pytest.raises(IgakuError, match="at least three"):
        items(file, given[:2])
    with pytest.raises(IgakuError, match="there are languages, pictures"):
        items(file, given, between="sexes")
    with pytest.raises(IgakuError, match="one language"):
        items(file, given, between="languages")
    with pytest.raises(IgakuError, match="two of each"):
        items(file, given, between="pictures")


def test_questions_are_compared_between_languages(tmp_path: Path) -> None:
    for k, name in enumerate("abcd"):
        igaku.evaluate(Replay(lambda _, x=name: x, name=name), "mini", out=tmp_path / f"{k}")
    report = items("mini", [tmp_path / f"{k}" for k in range(4)], lang="ja", between="languages")
    assert report.groups == ("ja", "en")
    assert {d.n for d in report.differing} == {(4, 4)}
    assert all(p == 1.0 for p in report.adjusted.values())  # every model answers alike in both
    assert "Mantel-Haenszel" in to_text(report)
