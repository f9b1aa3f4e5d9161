"""What is seen while a model is asked: that it loads, and a time left that can be believed."""

import io
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.cli import progress
from igaku.cli.progress import Asking, TimeLeft, clock
from igaku.engines import build
from igaku.engines.replay import Replay
from igaku.question import Answer, Request
from igaku.runs import evaluate as module

from .conftest import Cli

SECONDS = {"letters": 0.01, "text": 20.0}


class Scripted:
    """An engine and a clock: letters take a hundredth of a second, a text twenty seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def answer(self, request: Request) -> Answer:
        self.now += SECONDS[request.kind]
        if request.kind == "text":
            return Answer(text="b", prompt_tokens=1, new_tokens=1)
        return Answer(logprobs=(-1.0,) * len(request.continuations), tokens=(1,) * len(request.continuations))


def test_the_time_left_is_right_where_the_quick_replies_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Scripted()
    for place in (module.time, progress):
        monkeypatch.setattr(place, "perf_counter" if place is module.time else "monotonic", lambda: engine.now)
    said: list[tuple[float, float]] = []

    class Watched(Asking):
        def _draw(self, now: float) -> None:
            assert self._left
            said.append((engine.now, self._left.seconds()))

    monkeypatch.setattr(sys, "stderr", Terminal())
    with Watched() as asking:
        igaku.evaluate(
            Replay(engine.answer, name="slow"),
            "mini",
            lang="ja",
            limit=40,
            method=["letter-logprob", "letter"],
            out=tmp_path / "r",
            on_plan=asking.plan,
            on_reply=asking.reply,
        )
    wrong = [
        (at, left, engine.now - at)
        for at, left in said
        if not 0.5 * (engine.now - at) <= left + 1 <= 2 * (engine.now - at) + 30
    ]
    assert len(said) > 60 and wrong == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_warm_up_that_is_handed_over_at_once_promises_nothing() -> None:
    left = TimeLeft(Counter(text=192), expected=2100.0, now=0.0)
    for i in range(22):
        left.count("text", i * 1e-5)
    assert 1500 < left.seconds() < 2100


def test_a_kind_takes_its_own_speed_once_some_have_come() -> None:
    left = TimeLeft(Counter(text=10), expected=5.0, now=0.0)
    for i in range(1, 6):
        left.count("text", 60.0 * i)
    assert left.seconds() == pytest.approx(300.0)


@pytest.mark.parametrize(("seconds", "text"), [(9.6, "10 s"), (75, "1 min 15 s"), (7300, "2 h 01 min")])
def test_a_time_as_people_read_it(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_without_a_terminal_there_is_a_line_a_minute_and_no_bar(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Scripted()
    monkeypatch.setattr(progress, "monotonic", lambda: engine.now)
    monkeypatch.setattr(build, "build_engine", lambda *_, **__: Replay(engine.answer, name="slow"))
    done = cli(*f"eval --model m --bench mini --lang ja --limit 20 --out {tmp_path / 'r'}".split())
    lines = [line for line in done.stderr.splitlines() if " of 20 answered, about " in line]
    assert 4 <= len(lines) <= 7 and "━" not in done.stderr


@pytest.mark.model
def test_a_model_that_is_loaded_is_named_before_the_plan(cli: Cli, tmp_path: Path) -> None:
    command = (
        f"eval --model gemma-3-270m --bench mini --lang ja --limit 2 --max-tokens 4 --out {tmp_path / 'r'}".split()
    )
    first = cli(*command).stderr
    assert first.index("loading gemma-3-270m (llamacpp) …") < first.index(" prompts, ")
    again = cli(*command).stderr
    assert "loading" not in again and "0 prompts (2 of 2 are answered already)" in again


class Dead:
    @classmethod
    def load(cls, spec: object) -> None:
        raise igaku.IgakuError("no server answers")


def test_a_server_is_named_before_it_is_asked(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(build.TABLE, "openai", f"{__name__}:Dead")
    done = cli(*f"eval --model m --base-url http://127.0.0.1:9/v1 --bench mini --out {tmp_path / 'r'}".split())
    assert done.stderr == "asking http://127.0.0.1:9/v1 what it serves …\nigaku: no server answers\n"


def test_in_python_nothing_is_printed_while_a_model_loads(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(build.TABLE, "openai", f"{__name__}:Dead")
    with pytest.raises(igaku.IgakuError):
        build.build_engine("m", base_url="http://127.0.0.1:9/v1")
    assert capsys.readouterr().err == ""
