import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Request


def engine(shift: float, text: str, name: str = "m") -> Replay:
    """Letters that differ by ``shift`` on the second choice; the same words, but for their end."""

    def say(request: Request) -> Answer:
        if request.kind == "text":
            return Answer(text=f"考えた。{text}")
        n = len(request.continuations)
        return Answer(logprobs=(-1.0, -1.2 + shift, *[-5.0] * (n - 2)), tokens=(1,) * n)

    return Replay(say, name=name)


def run(tmp_path: Path, name: str, shift: float, text: str, bench: str = "mini") -> Path:
    igaku.evaluate(
        engine(shift, text), bench, lang="ja", limit=20, method=["letter", "letter-logprob"], out=tmp_path / name
    )
    return tmp_path / name


def test_flips_gaps_and_where_texts_part(tmp_path: Path) -> None:
    a, b, c = (
        run(tmp_path, n, s, t) for n, s, t in (("a", 0.0, "答え: a"), ("b", 0.1, "答え: a"), ("c", 0.3, "答え: b"))
    )
    near = {f.kind: f for f in igaku.consistency(a, b).agreement}
    assert near["letters"].same == 1 and near["letters"].largest_gap == pytest.approx(0.1)
    assert near["text"].identical == 1 and near["text"].parts_at is None
    far = {f.kind: f for f in igaku.consistency(a, c).agreement}
    assert far["letters"].same == 0 and far["letters"].flips[0].margin == pytest.approx(0.1)
    assert (far["letters"].flips[0].a, far["letters"].flips[0].b) == ("a", "b")
    assert far["text"].same == 0 and far["text"].identical == 0 and far["text"].parts_at == len("考えた。答え: ")
    told = CliRunner().invoke(app, ["consistency", str(a), str(c), "--flips"])
    assert told.exit_code == 0 and "0.0 %" in told.stdout and "mini-001" in told.stdout


def test_nothing_in_common(tmp_path: Path) -> None:
    a = run(tmp_path, "a", 0.0, "a")
    igaku.evaluate(engine(0.0, "a"), "mini", lang="en", limit=5, method="letter", out=tmp_path / "b")
    with pytest.raises(IgakuError, match="no reply in common"):
        igaku.consistency(a, tmp_path / "b")


@pytest.mark.data
def test_models_of_one_run_are_not_mixed(tmp_path: Path) -> None:
    rows = [{"problem_id": "112A1", "prediction": letter} for letter in ("a",)]
    (tmp_path / "112-A_one.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "112-A_two.jsonl").write_text(json.dumps({**rows[0], "prediction": "b"}))
    run = igaku.import_run("igakuqa", tmp_path, bench="igakuqa", out=tmp_path / "run").run
    assert [f.same for f in igaku.consistency(run, run).agreement] == [1.0, 1.0]


def test_flips_change_what_is_shown_and_not_the_data(tmp_path: Path) -> None:
    a, b = run(tmp_path, "a", 0.0, "答え: a"), run(tmp_path, "b", 0.3, "答え: b")
    plain, with_flips = igaku.consistency(a, b), igaku.consistency(a, b, flips=True)
    assert igaku.render(plain, "json") == igaku.render(with_flips, "json")
    assert [t.name for t in with_flips.tables()] == ["consistency", "flips"] and len(plain.tables()) == 1
