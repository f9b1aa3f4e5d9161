import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.report.card import card, model_index
from igaku.studies.leaderboard import leaderboard
from igaku.tables import Table, flat, render

from ..conftest import needs
from ..table_readers import Page, csv_table, latex_tables, markdown_table, workbook_rows


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


def test_every_format_of_the_table_shows_the_same_cells(runs: list[Path]) -> None:
    report = leaderboard(runs)
    (table, *_) = report.tables()
    shown = [list(table.columns), *table.shown()]
    assert markdown_table(render(report, "md")) == shown
    assert latex_tables(render(report, "latex"))[0] == shown
    assert Page(render(report, "html")).tables[0] == shown
    columns, rows = flat(table)
    assert csv_table(render(report, "csv"))[: len(rows) + 1] == [columns, *([str(v) for v in row] for row in rows)]
    data = json.loads(render(report, "json"))["standings"]
    assert [(s["respondent"], s["n"], s["accuracy"], tuple(s["ci95"]), tuple(s["ranks"])) for s in data] == [
        (s.respondent, s.n, s.accuracy, s.ci95, s.ranks) for s in report.standings
    ]
    assert [row[table_column(table, "accuracy")] for row in table.rows] == [s["accuracy"] for s in data]


@needs("xlsx")
def test_a_workbook_of_the_table_holds_its_numbers(runs: list[Path], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", *map(str, runs), "--out", str(tmp_path / "t.xlsx"), "--title", "Ours"])
    assert done.exit_code == 0, done.output
    columns, rows = flat(leaderboard(runs).tables()[0])
    found = workbook_rows(tmp_path / "t.xlsx")
    assert found[0] == columns and len(found) == len(rows) + 1
    for one, other in zip(found[1:], rows):
        assert [pytest.approx(v, rel=1e-14) if isinstance(v, float) else v for v in other] == one


def table_column(table: Table, name: str) -> int:
    return list(table.columns).index(name)


def test_bold_is_only_who_is_ahead_of_every_other(runs: list[Path]) -> None:
    (table, *_) = leaderboard(runs).tables()
    assert table.best == [] and table.best_note.startswith("nothing is bold")
    (table, *_) = leaderboard([runs[0], runs[2]]).tables()
    assert table.best == [(0, "accuracy")] and "bold: shown to be better" in render(
        leaderboard([runs[0], runs[2]]), "latex"
    )
    (table, *_) = leaderboard([runs[0]]).tables()
    assert table.best == [] and table.best_note == ""


def test_report_writes_pages_or_a_table_and_says_which_is_missing(runs: list[Path], tmp_path: Path) -> None:
    def run(*args: str) -> Any:
        return CliRunner().invoke(app, ["report", *map(str, runs), *args])

    assert "\\toprule" in run("--format", "latex", "--title", "Our models").stdout
    assert "\\caption{Our models}" in run("--format", "latex", "--title", "Our models").stdout
    assert run("--out", str(tmp_path / "t.tex")).exit_code == 0 and (tmp_path / "t.tex").read_text().startswith("%")
    assert "give --out FOLDER for the pages, or --format" in str(run().exception)
    assert "--letters-only is for the pages" in str(run("--format", "md", "--letters-only").exception)
    assert "unknown --format 'latx': did you mean latex" in str(run("--format", "latx").exception)
    assert (
        "add --out FILE.xlsx" in str(run("--format", "xlsx").exception)
        or run("--format", "xlsx").stdout_bytes[:2] == b"PK"
    )


def test_the_model_is_named_in_every_row_also_where_all_are_one(runs: list[Path]) -> None:
    for by in ("model", "way"):
        report = leaderboard([runs[0]], by=by, method=["letter", "exact"])  # type: ignore[arg-type]
        assert report.standings and all("strong" in s.respondent for s in report.standings)
