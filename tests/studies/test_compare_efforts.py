"""Efforts of one model against each other, and pairs of efforts over the models asked at both."""

import csv
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.keys.choices import Choices
from igaku.runs.importers import import_run
from igaku.studies.compare_efforts import NONE_GIVEN, model_and_effort


@pytest.mark.parametrize(
    ("name", "model", "effort"),
    [
        ("gpt-oss-120b (high)", "gpt-oss-120b", "high"),
        ("some-8b (thinking off)", "some-8b", "thinking off"),
        ("some-8b (no-think)", "some-8b", "thinking off"),
        ("some-8b (Thinking)", "some-8b", "thinking on"),
        ("some-8b (1024 thinking tokens)", "some-8b", "1024 thinking tokens"),
        ("some-8b (v2) (low)", "some-8b (v2)", "low"),
        ("some-8b", "some-8b", NONE_GIVEN),
        ("some-8b (vision)", "some-8b (vision)", NONE_GIVEN),
        ("some-8b (highest)", "some-8b (highest)", NONE_GIVEN),
        ("(low)", "(low)", NONE_GIVEN),
        ("(" * 50_000, "(" * 50_000, NONE_GIVEN),
    ],
)
def test_a_name_is_a_model_and_an_effort(name: str, model: str, effort: str) -> None:
    assert model_and_effort(name) == (model, effort)


def imported(folder: Path, right: dict[str, int]) -> igaku.Run:
    """Models that answer the first so many questions of ``mini`` right, and the others with a letter that is none."""
    everything = [q for q in igaku.load_benchmark("mini").load("ja") if isinstance(q.key, Choices)]
    questions = [q for q in everything if not q.void and len(q.key.accepted[0]) == 1][:40]  # type: ignore[union-attr]
    with (folder / "replies.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "model", "reply"])
        for model, n in right.items():
            for i, q in enumerate(questions):
                rows.writerow([q.id, model, f"答え：{'abcde'[q.key.accepted[0][0]]}" if i < n else "答え：z"])
    import_run("csv", folder / "replies.csv", bench="mini", out=folder / "run", lang="ja")
    return igaku.open_run(folder / "run")


def test_only_efforts_of_one_model_are_compared_and_corrected_for_these_rows_alone(tmp_path: Path) -> None:
    run = imported(tmp_path, {"a (low)": 10, "a (high)": 20, "b (low)": 30, "c": 40})
    everything, efforts = igaku.compare(run), igaku.compare(run, efforts=True)
    assert len(everything.comparisons) == 6
    assert [(c.a, c.b) for c in efforts.comparisons] == [("a (low)", "a (high)")]
    (row,) = efforts.comparisons
    assert (row.only_a, row.only_b, row.difference) == (0, 10, -0.25) and row.p_adjusted == row.p
    assert not efforts.models


def test_a_pair_of_efforts_is_averaged_over_the_models_asked_at_both(tmp_path: Path) -> None:
    run = imported(tmp_path, {"a (low)": 10, "a (high)": 20, "b (low)": 20, "b (high)": 24, "c (high)": 40})
    report = igaku.compare(run, efforts=True)
    (row,) = report.models
    assert (row.found.a, row.found.b, row.templates) == ("low", "high", 2)
    assert row.found.difference == pytest.approx(-(10 + 4) / 2 / 40)
    assert row.other_templates and row.other_templates[0] <= row.found.ci95[0] <= row.found.ci95[1]
    assert [t.name for t in report.tables()] == ["comparisons", "efforts"]
    assert any(note.startswith("efforts:") for note in report.notes())


def test_without_a_model_at_two_efforts_it_is_one_line(tmp_path: Path) -> None:
    run = imported(tmp_path, {"a (low)": 10, "b (high)": 20})
    with pytest.raises(IgakuError, match="no model at two efforts"):
        igaku.compare(run, efforts=True)


@pytest.mark.data
@pytest.mark.parametrize("page", ["reasoning.md", "reasoning.ja.md"])
def test_the_page_holds_what_the_published_replies_give(page: str, tmp_path: Path) -> None:
    folder = find_data("jmle2026/results")
    if folder is None:
        pytest.skip("the published replies are not here")
    import_run("jmle2026", folder, bench="jmle2026", out=tmp_path / "run")
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    report = igaku.compare(tmp_path / "run", efforts=True)
    assert len(report.comparisons) == 3
    for c in report.comparisons:
        start = f"| {c.a} | {c.b} | {c.n} | {c.only_a} | {c.only_b} | {100 * c.difference:+.1f} |"
        assert f"{start} {100 * c.ci95[0]:+.1f} – {100 * c.ci95[1]:+.1f} |" in text
    (both,) = report.models
    low, high = both.found.ci95
    assert all(f"{100 * value:+.1f}" in text for value in (both.found.difference, low, high))


def test_names_of_runs_with_efforts_are_read_as_they_were_written() -> None:
    from igaku.engines import Identity
    from igaku.engines.effort import LEVELS, at_effort

    identity: dict[str, Any] = {"model": "m", "engine": "e", "version": "1"}
    for effort in (*LEVELS, "on", "off", "1024"):
        model, read = model_and_effort(at_effort(Identity(**identity), effort).model)
        assert model == "m" and read != NONE_GIVEN
