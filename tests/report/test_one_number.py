"""A reviewer computes one pair's numbers from the run folders alone, and finds the same in every table and page."""

import json
import random
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.question import Request
from igaku.report.card import model_index
from igaku.report.site import build_site
from igaku.statistics.interval import clustered
from igaku.statistics.paired import Outcomes, adjusted, compare

CHANCES = {"north": 0.9, "south": 0.7, "west": 0.4}


def exam(file: Path) -> Path:
    """Sixty questions: twelve in pairs, eight that need an image, two void."""
    rows = []
    for i in range(60):
        row: dict[str, object] = {
            "id": f"{i}",
            "stem": f"検体{i:03}の所見はどれか。",
            "choices": ["赤", "青", "黄"],
            "answer": "abc"[i % 3],
        }
        row |= {"group": f"case{i // 2}"} if i < 12 else {}
        row |= {"image": True} if 20 <= i < 28 else {}
        row |= {"void": "excluded"} if i in (40, 41) else {}
        rows.append(json.dumps(row, ensure_ascii=False))
    file.write_text("\n".join(rows))
    return file


def candidate(name: str) -> Replay:
    """Right as often as its chance, by luck of its own."""
    rng = random.Random(name)
    lucky = [rng.random() < CHANCES[name] for _ in range(60)]

    def say(request: Request) -> str:
        found = re.findall(r"検体(\d{3})", request.prompt)
        i = int(found[-1])
        return f"答え: {'abc'[i % 3 if lucky[i] else (i + 1) % 3]}"

    return Replay(say, name=name)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("pair")
    file = exam(root / "exam.jsonl")
    for name in CHANCES:
        igaku.evaluate(candidate(name), str(file), out=root / name, method=["letter", "exact"])
    return [root / name for name in CHANCES]


def by_hand(run: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Right or wrong on each question that counts, and its group, from the folder's files."""
    questions = {}
    for line in (run / "questions.jsonl").read_text().splitlines():
        q = json.loads(line)["question"]
        if q.get("text_only", True) and not q.get("void"):
            questions[q["id"]] = q
    scores = {}
    for line in (run / "replies.jsonl").read_text().splitlines():
        reply = json.loads(line)
        if reply["id"] in questions:
            (gold,) = questions[reply["id"]]["key"]["accepted"][0]
            scores[reply["id"]] = float(reply["answer"]["text"] == f"答え: {'abc'[gold]}")
    return scores, {i: q.get("group", "") for i, q in questions.items()}


def test_one_pairs_numbers_are_the_same_everywhere(runs: list[Path], tmp_path: Path) -> None:
    hand = {run.name: by_hand(run) for run in runs}
    outcomes = {name: Outcomes(name, *found) for name, found in hand.items()}
    pairs = [("north", "south"), ("north", "west"), ("south", "west")]
    holm = adjusted([compare(outcomes[a], outcomes[b]).p for a, b in pairs])
    scores = {name: found[0] for name, found in hand.items()}
    n = len(scores["north"])
    assert n == 60 - 8 - 2
    share = {name: sum(s.values()) / n for name, s in scores.items()}
    ci = {name: clustered(list(s.values()), [hand[name][1][q] or q for q in s]) for name, s in scores.items()}
    only_a = sum(scores["north"][q] > scores["south"][q] for q in scores["north"])
    only_b = sum(scores["north"][q] < scores["south"][q] for q in scores["north"])

    for run in runs:
        cell = next(c for c in igaku.open_run(run).cells if c.text_only and c.method == "letter")
        assert (cell.n_scored, cell.accuracy, cell.void) == (n, pytest.approx(share[run.name]), 2)
        assert cell.ci95 == pytest.approx(ci[run.name])
        (entry,) = model_index(igaku.open_run(run))
        (metric,) = entry["results"][0]["metrics"]
        assert metric["value"] == round(share[run.name], 4)
        low, high = ci[run.name]
        assert f"letter, prompt standard_ja, 0 shots; {n} questions, 2 void left out" in metric["name"]
        assert f"95 % CI {100 * low:.1f}-{100 * high:.1f}" in metric["name"]

    board = igaku.leaderboard(runs)
    for s in board.standings:
        assert (s.n, s.accuracy, s.ci95) == (n, pytest.approx(share[s.model]), pytest.approx(ci[s.model]))
    assert "exam ja: 50 questions counted; left out: 8 need an image, 2 void" in board.notes()

    rows = {(c.a, c.b): c for c in igaku.compare(runs).comparisons}
    assert list(rows) == pairs
    found = rows["north", "south"]
    assert (found.n, found.only_a, found.only_b) == (n, only_a, only_b)
    assert found.difference == pytest.approx(share["north"] - share["south"])
    assert [c.p_adjusted for c in rows.values()] == pytest.approx(holm)
    for (a, b), c in rows.items():
        first, second = (next(s for s in board.standings if s.model == m) for m in (a, b))
        better = first if c.difference > 0 else second
        other = second if better is first else first
        assert (other.respondent in better.ahead_of) == (c.p_adjusted < 0.05)

    pages = build_site(runs, tmp_path / "pages").path
    data = json.loads((pages / "data" / "pairs-text-exam-ja.js").read_text().split(",", 1)[1].rsplit(")", 1)[0])
    row = next(r for r in data["rows"] if {data["names"][r[0]], data["names"][r[1]]} == {"north", "south"})
    assert data["names"][row[0]] == "north" and (row[7], data["corrected"]) == (n, 3)
    assert row[2:4] == [round(100 * share[m], 1) for m in ("north", "south")]
    assert row[5:7] == [round(100 * x, 1) for x in found.ci95]
    assert bool(row[9]) == (found.p_adjusted < 0.05)
    page = (pages / "m-north.html").read_text()
    low, high = ci["north"]
    assert f"{100 * low:.1f}–{100 * high:.1f}" in page
    first_page = (pages / "index.html").read_text()
    assert f"{100 * low:.1f}–{100 * high:.1f}" in first_page
    assert "8 that need an image are left out" in first_page and "画像が必要な 8\u00a0問を除い" in first_page


def test_nothing_is_said_to_be_certain(runs: list[Path], tmp_path: Path) -> None:
    pages = build_site(runs, tmp_path / "pages").path
    printed = "".join(
        CliRunner().invoke(app, [command, *map(str, given)]).stdout
        for command, given in (("leaderboard", runs), ("compare", runs), ("show", runs[:1]), ("graders", runs))
    )
    written = "".join(f.read_text() for f in [*pages.glob("*.html"), *pages.glob("data/*.js")])
    for text in (printed, written):
        assert not re.search(r"\bcertain|確かに|確実", text)
