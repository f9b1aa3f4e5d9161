import json
import random
from pathlib import Path

import pytest
from msgspec import UNSET
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


def sampled(path: Path, name: str, share: float, samples: int = 6) -> Path:
    """Letters drawn anew for each sample, a with this probability; twenty questions."""
    rng = random.Random(name)
    engine = Replay(lambda _: f"答え：{'a' if rng.random() < share else 'b'}", name="m")
    more = {"samples": samples, "temperature": 0.7} if samples > 1 else {}
    igaku.evaluate(engine, "mini", lang="ja", limit=20, method="letter", out=path / name, **more)  # type: ignore[arg-type]
    return path / name


def test_all_samples_are_compared_and_stand_beside_how_far_a_run_agrees_with_itself(tmp_path: Path) -> None:
    """Two draws of a coin that falls on a in 7 of 10 are alike in 0.58, of this one and the opposite one in 0.42."""
    one, like, other = (sampled(tmp_path, n, p) for n, p in (("one", 0.7), ("like", 0.7), ("other", 0.3)))
    (near,), (far,) = (igaku.consistency(one, x).agreement for x in (like, other))
    assert (near.n, near.samples) == (20, (6, 6))
    assert near.same == pytest.approx(0.58, abs=0.06) and near.within == pytest.approx(0.58, abs=0.06)
    assert far.same == pytest.approx(0.42, abs=0.06) and far.within == pytest.approx(0.58, abs=0.06)
    assert len(far.flips) > len(near.flips)
    shown = CliRunner().invoke(app, ["consistency", str(one), str(other)]).output
    assert "same within a run" in shown and "6 and 6" in shown and "over all pairs of a sample" in shown


def test_a_run_of_samples_agrees_with_itself_to_the_last_character_and_not_in_every_pair(tmp_path: Path) -> None:
    run = sampled(tmp_path, "one", 0.5)
    (found,) = igaku.consistency(run, run).agreement
    assert found.identical == 1 and found.flips == [] and found.same < 1


def test_samples_beside_one_reply_each(tmp_path: Path) -> None:
    many, single = sampled(tmp_path, "many", 1.0), sampled(tmp_path, "single", 1.0, samples=1)
    (found,) = igaku.consistency(many, single).agreement
    assert (found.samples, found.same, found.within, found.identical) == ((6, 1), 1.0, 1.0, 1.0)
    (plain,) = igaku.consistency(single, single).agreement
    assert plain.samples is UNSET and "within" not in igaku.render(igaku.consistency(single, single), "json")
