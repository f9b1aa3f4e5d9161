"""What cannot work is refused before a model is loaded: a name that no engine has shows it."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.studies.fair import fair

NO_MODEL = "no-such-model.gguf"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shots": 99}, "--shots 99: examples 'igaku' hold only 8"),
        ({"prompt": "cot4"}, "speaks of 4 choices"),
        ({"prompt": "minimal", "method": "letter-logprob"}, "shows the choices without letters"),
        ({"examples": "no_such_set", "shots": 1}, "set of examples"),
    ],
)
def test_before_a_model_is_loaded(wrong: dict[str, object], message: str, tmp_path: Path) -> None:
    for ask in (igaku.evaluate, igaku.plan):
        with pytest.raises(IgakuError, match=message):
            ask(NO_MODEL, "mini", lang="ja", out=tmp_path / "r", **wrong)  # type: ignore[operator]
    assert not (tmp_path / "r").exists()


def test_examples_without_steps_are_not_shown_as_steps(tmp_path: Path) -> None:
    bare = tmp_path / "bare.jsonl"
    bare.write_text(json.dumps({"id": "x", "stem": "どれか。", "choices": list("甲乙丙丁戊"), "answer": "b"}))
    with pytest.raises(IgakuError, match="give it a field 'reasoning'"):
        igaku.plan(NO_MODEL, "mini", lang="ja", prompt="cot5", shots=1, examples=str(bare), out=tmp_path / "r")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"budget": "many"}, "is not understood"),
        ({"budget": "1 question"}, "less than two"),
        ({"prompt": "standrd"}, "standard"),
        ({"order": "sideways"}, "is not known"),
        ({"prompt": "cloze"}, "without letters"),
    ],
)
def test_a_fair_score_too(wrong: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=message):
        fair(NO_MODEL, "mini", out=tmp_path / "r", **wrong)  # type: ignore[arg-type]
