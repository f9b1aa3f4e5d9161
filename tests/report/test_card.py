from email.message import Message
from pathlib import Path

import pytest

import igaku
from igaku._version import __version__
from igaku.report.card import card, home, model_index

from ..conftest import always


def package(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    """igaku as a package that names these addresses."""
    named = Message()
    for url in urls:
        named["Project-URL"] = url
    monkeypatch.setattr("igaku.report.card.metadata", lambda _: named)


@pytest.fixture
def run(tmp_path: Path) -> igaku.Run:
    return igaku.evaluate(always("a"), "mini", lang="ja", limit=3, out=tmp_path / "r")


def test_a_card_names_no_page_where_igaku_has_none(run: igaku.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    package(monkeypatch)
    assert home() == ""
    assert "source" not in model_index(run)[0]["results"][0]
    assert "http" not in card(run) and __version__ in card(run)


def test_a_card_names_the_page_that_the_package_names(run: igaku.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    package(monkeypatch, "Changelog, https://example.org/log", "Source, https://example.org/igaku")
    (result,) = model_index(run)[0]["results"]
    assert result["source"] == {"name": f"igaku {__version__}", "url": "https://example.org/igaku"}


def test_only_a_web_page_over_https_is_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    package(monkeypatch, "Homepage, file:///etc/passwd", "Source, http://example.org")
    assert home() == ""
