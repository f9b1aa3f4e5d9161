"""A name that is no folder here: looked up on a hub that answers, refused at once where none does."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from igaku.engines import hub
from igaku.engines.models import fetchable
from igaku.errors import IgakuError

pytest.importorskip("httpx")
CLOSED = "http://127.0.0.1:9"


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers anything."""

    def do_HEAD(self) -> None:
        """Even a refusal is an answer."""
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_ENDPOINT", CLOSED)
    return tmp_path


@pytest.fixture
def served(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


def test_a_folder_that_is_not_there_is_said_at_once_where_no_hub_answers(here: Path) -> None:
    with pytest.raises(IgakuError, match=r"no folder models/my-8b.*the hub does not answer"):
        fetchable("models/my-8b")


def test_beside_folders_of_that_name_no_hub_is_asked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "models").mkdir()
    monkeypatch.setattr(hub, "_answers", lambda: pytest.fail("it was asked"))
    with pytest.raises(IgakuError, match="no folder models/my-8b"):
        fetchable("models/my-8b")


def test_a_model_that_was_fetched_before_is_used_without_the_hub(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = here / "cache" / "models--owner--name" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    assert fetchable("owner/name") == ("name", "owner/name", "")
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.usefixtures("served")
def test_a_hub_that_answers_is_asked() -> None:
    assert fetchable("owner/name@main") == ("name", "owner/name", "main")


def test_offline_mode_asks_nobody(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(hub, "_answers", lambda: pytest.fail("it was asked"))
    with pytest.raises(IgakuError, match="no folder owner/name"):
        fetchable("owner/name")
