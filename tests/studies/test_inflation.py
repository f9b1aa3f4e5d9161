import json
import random
import re
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.studies.inflation import inflation
from igaku.tables import to_text

N = 120


def exam(file: Path, word: str, ids: str) -> str:
    rows = [
        {
            "id": f"{ids}{i}",
            "stem": f"{word}{i:03}の所見はどれか。",
            "choices": ["赤", "青", "黄"],
            "answer": "abc"[i % 3],
            **({"image": True} if i >= N else {}),
        }
        for i in range(N + 3)
    ]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


def candidate(name: str, ability: float, by_heart: float = 0.0) -> Replay:
    """Right by the question's difficulty and its own luck; a crammer knows a share of the first exam by heart."""

    def answer(request: Request) -> str:
        word, text = re.findall(r"(検体|標本|試料)(\d{3})", request.prompt)[-1]
        i = int(text)
        luck = random.Random(f"{name}{word}{i}")
        learnt = word == "検体" and luck.random() < by_heart
        right = learnt or luck.random() < ability - 0.3 * ((i * 37 % 10) / 10)
        return f"答え: {'abc'[(i + (not right)) % 3]}"

    return Replay(answer, name=name)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("inflation")
    files = [
        exam(root / "spring.jsonl", "検体", "s"),
        exam(root / "autumn.jsonl", "標本", "a"),
        exam(root / "reworded.jsonl", "試料", "s"),
    ]
    models = {f"m{k}": candidate(f"m{k}", 0.75 + 0.04 * k) for k in range(6)}
    models |= {"strong": candidate("strong", 1.15), "crammer": candidate("crammer", 0.8, 0.85)}
    for name, model in models.items():
        igaku.evaluate(model, files, out=root / name)
    return [root / name for name in models]


def test_a_score_that_does_not_carry_over_is_shown_and_a_better_model_is_not(runs: list[Path]) -> None:
    report = inflation("spring", "autumn", *runs, suspects=["crammer", "strong"])
    first, second = report.suspects
    assert (first.model, first.references, first.shown) == ("crammer", 6, True)
    assert (second.model, second.shown) == ("strong", False)
    assert first.found.excess * first.found.slope > 0.1
    assert report.questions == (N, N)  # the three that need an image are left out
    assert first.p_adjusted == pytest.approx(2 * first.found.p)


def test_reworded_questions_are_paired_by_their_ids(runs: list[Path]) -> None:
    report = inflation("spring", "reworded", *runs, suspects="crammer", reworded=True)
    assert report.suspects[0].shown
    assert report.questions == (N, N)
    assert "the same questions, reworded" in to_text(report)


def test_without_a_name_each_model_is_tested_against_the_others(runs: list[Path]) -> None:
    report = inflation("spring", "autumn", runs[:7])
    assert {(s.references, s.shown) for s in report.suspects} == {(6, False)}
    assert len(report.suspects) == 7


def test_what_it_cannot_say_stands_in_its_output(runs: list[Path]) -> None:
    text = to_text(inflation("spring", "autumn", *runs, suspects="crammer"))
    assert "and not why" in text and "not shown says little" in text


def test_what_cannot_be_tested_is_refused_in_one_line(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"3 reference models.*at least 5"):
        inflation("spring", "autumn", *runs[:4])
    with pytest.raises(IgakuError, match="0 reference models"):
        inflation("spring", "winter", *runs)
    with pytest.raises(IgakuError, match="holds questions of spring"):
        inflation("spring", "reworded", *runs)
    with pytest.raises(IgakuError, match="unknown model with replies to both exams 'cramer': did you mean crammer"):
        inflation("spring", "autumn", *runs, suspects="cramer")


def test_a_model_that_lacks_questions_is_left_out_and_named(runs: list[Path], tmp_path: Path) -> None:
    folder = runs[0].parent
    files = [str(folder / f"{name}.jsonl") for name in ("spring", "autumn")]
    igaku.evaluate(candidate("brief", 0.8), files, limit=20, out=tmp_path / "brief")
    report = inflation("spring", "autumn", *runs, tmp_path / "brief", suspects="crammer")
    assert report.left_out == ["brief"]
    assert "they lack questions: brief" in to_text(report)
