import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.report.card import card, model_index
from igaku.studies.leaderboard import leaderboard


def knows(share: float, name: str) -> Replay:
    """Right on the first questions of mini, as many as its share."""
    questions = [q for q in igaku.load_benchmark("mini").load("ja") if q.n_right == 1]
    known = {q.stem: q.letters[q.key.accepted[0][0]] for q in questions[: round(share * len(questions))]}
    return Replay(lambda r: _said(known, r), name=name)


def _said(known: dict[str, str], request: Request) -> str:
    return next((letter for stem, letter in known.items() if stem in request.prompt), "わからない")


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    for name, share in (("strong", 0.95), ("stronger", 0.97), ("weak", 0.3)):
        igaku.evaluate(knows(share, name), "mini", lang="ja", out=tmp_path / name)
    return [tmp_path / n for n in ("strong", "stronger", "weak")]


def test_ranks_are_ranges_where_a_test_cannot_tell(runs: list[Path]) -> None:
    rows = {s.respondent: s for s in leaderboard(runs).standings}
    assert list(rows) == ["stronger", "strong", "weak"]
    assert rows["stronger"].ranks == rows["strong"].ranks == (1, 2)
    assert rows["weak"].ranks == (3, 3)
    assert rows["strong"].ahead_of == ["weak"]
    assert rows["weak"].ci95[0] < rows["weak"].accuracy < rows["weak"].ci95[1]


def test_formats(runs: list[Path]) -> None:
    def printed(*args: str) -> str:
        return CliRunner().invoke(app, ["leaderboard", *map(str, runs), *args]).stdout

    assert "1–2" in printed()
    assert printed("--format", "md").startswith("| benchmark |")
    rows = list(csv.DictReader(io.StringIO(printed("--format", "csv"))))
    assert [r["rank low"] for r in rows] == ["1", "1", "3"]
    assert len(json.loads(printed("--format", "json"))["standings"]) == 3


def test_nothing_to_rank(tmp_path: Path) -> None:
    run = igaku.evaluate(Replay(lambda _: "x"), "clinical_open", lang="ja", limit=2, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="no exam questions"):
        leaderboard([run])


def test_the_card_is_read_by_the_hubs_own_library(runs: list[Path]) -> None:
    hub = pytest.importorskip("huggingface_hub")
    run = igaku.open_run(runs[0])
    loaded = hub.ModelCard(card(run) + "\n# strong\n")
    (result,) = loaded.data.eval_results
    assert result.dataset_name == "mini (ja)"
    assert result.metric_value == pytest.approx(run.cells[0].accuracy, abs=1e-4)
    assert "prompt standard_ja" in result.metric_name
    assert result.verified is None
    assert model_index(run)[0]["name"] == "strong"
