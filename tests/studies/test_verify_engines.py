"""An honest run holds in every claim, whichever engine answered."""

from pathlib import Path
from typing import Any

import pytest

import igaku
from tests.conftest import needs
from tests.engines.conftest import tiny_folder
from tests.engines.stub import Stub, completion

__all__ = ["tiny_folder"]
WAYS: dict[str, Any] = {"lang": "ja", "limit": 2, "prompt": ["standard", "chat"], "max_tokens": 4}


def holds(run: igaku.Run) -> bool:
    report = igaku.verify(run)
    return report.holds and report.lacking == []


@needs("hf")
def test_transformers(tiny_folder: Path, tmp_path: Path) -> None:
    methods = ["letter", "letter-logprob", "likelihood"]
    assert holds(igaku.evaluate(str(tiny_folder), "mini", engine="transformers", method=methods, out=tmp_path, **WAYS))


@pytest.mark.model
def test_the_embedded_model(tmp_path: Path) -> None:
    methods = ["letter", "letter-logprob"]
    assert holds(igaku.evaluate("gemma-3-270m", "mini", method=methods, context=2048, out=tmp_path, **WAYS))


@needs("openai")
def test_a_server(tmp_path: Path) -> None:
    with Stub(lambda *_: completion("答え：b")) as server:
        assert holds(igaku.evaluate("stub", "mini", base_url=server.url, out=tmp_path, **WAYS))
