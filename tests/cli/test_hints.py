"""What a command says at its end: the next command, and replies that could not be read."""

from pathlib import Path

import pytest

import igaku
from igaku.cli.hints import hints
from igaku.engines import build
from igaku.engines.base import Identity
from igaku.engines.replay import Replay

from .conftest import Cli
from .walk import parse


def replies(text: str, engine: str = "llamacpp", template: str = "") -> Replay:
    found = Replay(lambda r: text if "1" in r.prompt else f"- {text}", name="m")
    found.identity = Identity(model="m", engine=engine, version="1", chat_template=template)
    return found


def hinted(engine: Replay, out: Path, **given: str) -> list[str]:
    return list(hints(igaku.evaluate(engine, "mini", lang="ja", limit=12, out=out, **given), replies=12))  # type: ignore[arg-type]


def test_two_replies_are_shown_where_most_could_not_be_read(tmp_path: Path) -> None:
    lines = hinted(replies("12.12.2018 " * 40), tmp_path / "r")
    assert lines[0].startswith("12 of 12 replies to standard_ja could not be read by letter")
    shown = [line for line in lines if "12.12.2018" in line and line.startswith("  a reply: ")]
    assert len(shown) == 2 and all(len(line) < 110 for line in shown)


@pytest.mark.parametrize(
    ("engine", "template", "remedy"),
    [
        ("openai", "", "--prompt chat"),
        ("llamacpp", "abc", "--prompt chat"),
        ("llamacpp", "", "--method letter-logprob"),
    ],
)
def test_what_to_try_suits_the_model(engine: str, template: str, remedy: str, tmp_path: Path) -> None:
    assert remedy in hinted(replies("はい。", engine, template), tmp_path / "r")[0]


def test_a_chat_prompt_is_not_suggested_to_who_gave_one(tmp_path: Path) -> None:
    assert "--prompt chat" not in hinted(replies("はい。", "openai"), tmp_path / "r", prompt="chat")[0]


def test_where_replies_are_read_only_the_next_commands_are_named(tmp_path: Path) -> None:
    run = tmp_path / "r"
    (line,) = hinted(replies("答え：b"), run)
    assert line == f"kept in {run}; next: igaku view {run} (each reply), igaku show {run}"
    parse("igaku view r")
    parse("igaku show r --by section")
    parse("igaku compare r")


def test_a_finished_run_says_that_nothing_was_asked(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.gguf").write_bytes(b"x")
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "build_engine", lambda *_, **__: replies("答え：b"))
    command = f"eval --model {tmp_path / 'm.gguf'} --bench mini --lang ja --limit 3 --out {tmp_path / 'r'}".split()
    first = cli(*command)
    monkeypatch.setattr(build, "build_engine", lambda *_, **__: pytest.fail("it was loaded"))
    again = cli(*command)
    assert "nothing was asked; the quick look at what is there: igaku show" in again.stderr
    assert again.stdout == first.stdout and "nothing was asked" not in first.stderr


def test_what_a_model_wrote_cannot_style_the_terminal(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "build_engine", lambda *_, **__: replies("\x1b[31mred\x07"))
    done = cli(*f"eval --model m --bench mini --lang ja --limit 3 --out {tmp_path / 'r'}".split())
    assert "a reply:" in done.stderr and "\x1b" not in done.stderr and "\x07" not in done.stderr
