"""A few kills of two commands; ``make kills`` has all commands and more kills."""

import os
import random
from pathlib import Path

import pytest

from tests.fuzz import kill_inputs, kills


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("eval (server)", marks=pytest.mark.needs("openai")),
        pytest.param("convert", marks=pytest.mark.needs("ecg")),
    ],
)
def test_killed_at_random_and_given_again_it_ends_as_uninterrupted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in kills.ALONE.items():
        monkeypatch.setenv(variable, value)
    stub = kill_inputs.Stub()
    seed = int(os.environ.get("IGAKU_FUZZ_SEED", "1"))
    case = kills.cases(tmp_path, stub.url)[name]()
    row = kills.measure(name, case, tmp_path, stub, 2, random.Random(seed))
    assert row.equal == row.trials >= 1 and row.kills >= 2
    assert not row.left and not row.tracebacks and not row.varying
    assert row.doubled <= 8 * row.kills, "more requests were sent twice than were under way"


def test_what_differs_is_found(tmp_path: Path) -> None:
    for name, seconds, loss in (("one", 1.0, 0.5), ("other", 2.0, 0.5), ("third", 1.0, 0.4)):
        folder = tmp_path / name / "out"
        folder.mkdir(parents=True)
        (folder / "log.jsonl").write_text(f'{{"loss": {loss}, "seconds": {seconds}}}\n')
    one, other, third = (kills.state(tmp_path / name / "out") for name in ("one", "other", "third"))
    assert one == other != third
    (tmp_path / "one" / ".out.partial").touch()
    (tmp_path / "one" / "out" / ".igaku.lock").touch()
    assert {".out.partial", ".igaku.lock"} <= set(kills.state(tmp_path / "one" / "out"))
