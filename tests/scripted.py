"""A stand-in for any model that a page or an example names, so that their code runs in seconds."""

from pathlib import Path

import pytest

from igaku.engines.replay import Replay
from igaku.engines.spec import EngineSpec
from igaku.question import Answer, Request


def scripted(name: str) -> Replay:
    """A model that answers every kind of request: right by chance, another way for each name."""

    def script(request: Request) -> Answer:
        pick = sum(map(ord, name + request.prompt[-300:]))
        if request.kind == "text":
            return Answer(text=f"答え：{'abcde'[pick % 5]}", prompt_tokens=10, new_tokens=1)
        n = len(request.prompt) if request.kind == "tokens" else len(request.continuations)
        logprobs = tuple(-1.0 - (pick * (i + 1)) % 7 / 3 for i in range(n))
        return Answer(logprobs=logprobs, means=logprobs, deviations=(1.0,) * n, tokens=(1,) * n, prompt_tokens=10)

    return Replay(script, name=name)


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """From here on, in this folder, every name of a model stands for a scripted one."""

    def build(spec: EngineSpec, **_: object) -> Replay:
        return scripted(spec.model)

    monkeypatch.setattr("igaku.engines.build.build_engine", build)
    monkeypatch.chdir(folder)
