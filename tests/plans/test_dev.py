"""Questions that igaku asks while a model learns choose it, and are stamped on it."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

import igaku
from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.plans.dev import dev_questions
from igaku.plans.tasks import whole_cells
from igaku.training import train
from igaku.training.config import Base, Config, Data, Eval, Method, Train

from ..engines.conftest import tiny_folder
from ..training.conftest import mix

__all__ = ["mix", "tiny_folder"]
pytestmark = pytest.mark.torch


def recipe(base: Path, questions: str) -> Config:
    return Config(
        model=Base(base=str(base)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=4, batch=4),
        eval=Eval(questions=questions, every=2, best="score", limit=8),
    )


def test_questions_are_asked_and_graded_while_it_learns(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    exam = tmp_path / "exam.jsonl"
    rows = [
        {"id": f"d{n}", "stem": f"which one is number {n}?", "choices": [*"vwxyz"], "answer": "abcde"[n % 5]}
        for n in range(10)
    ]
    exam.write_text("\n".join(map(json.dumps, rows)))
    config, out = recipe(tiny_folder, str(exam)), tmp_path / "out"
    made = train(config, out, data=mix, questions=dev_questions(config))
    found = {r["step"]: r["score"] for r in read_log(out / "log.jsonl") if "score" in r}
    assert list(found) == [2, 4] and "<svg" in (out / "score.svg").read_text()
    for step, score in found.items():
        cells = whole_cells(igaku.open_run(out / "evaluation" / str(step)))
        assert sum(c.n_scored for c in cells) == 8 and score == sum(c.correct for c in cells) / 8
    assert not (out / "evaluation/weights").exists()
    assert "seen for selection: exam.jsonl" in made.origin.steps
    for file in ("README.md", "igaku.json"):
        assert "seen for selection: exam.jsonl" in (out / file).read_text()


def test_questions_for_evaluation_choose_no_model(tiny_folder: Path) -> None:
    with pytest.raises(IgakuError, match="for evaluation only"):
        dev_questions(recipe(tiny_folder, "mini"))
    found = dev_questions(recipe(tiny_folder, "mini"), contaminated=True)
    assert found and "for evaluation only" in found.origin.contaminated
    assert dev_questions(replace(recipe(tiny_folder, ""), eval=Eval())) is None
