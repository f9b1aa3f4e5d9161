import pytest

from igaku.benchmarks import load_benchmark
from igaku.io.paths import find_data
from igaku.question import Choices, Key, Number, Question
from igaku.studies.published.files import _who_is_right, forget
from igaku.studies.published.jmle2026 import JMLE2026
from igaku.studies.reproduce import PROJECTS, figures, reproduce


def test_every_figure_has_a_source_and_a_check_or_a_reason() -> None:
    rows = figures()
    assert len(rows) > 60
    assert all(f.source and f.value and (f.check or f.why) for f in rows)
    assert len({(f.benchmark, f.model, f.what) for f in rows}) == len(rows)


@pytest.mark.data
def test_every_figure_with_replies_at_hand_is_reproduced() -> None:
    rows = reproduce().figures
    checked = [f for f in rows if f.check and f.check not in {project.check for project in PROJECTS}]
    assert len(checked) == 37
    assert [f for f in checked if f.status == "differs"] == []
    assert {f.what.split(",")[0] for f in checked if f.status == "partly"} == {
        "accuracy in percent: one answer / several answers (2018-2022)",
        "points of 500",
        "overall_score: points met over positive points",
        "normalized_score: mean over questions",
    }
    assert sum(f.status == "reproduced" for f in checked) == 29


@pytest.mark.data
def test_the_120th_exams_totals_are_recomputed_and_each_differing_question_says_who_is_right() -> None:
    report = reproduce("jmle2026")
    assert len(report.figures) >= 14
    assert {f.status for f in report.figures} <= {"reproduced", "partly"}
    assert sum(f.status == "reproduced" for f in report.figures) >= 10
    assert report.differences and {d.right for d in report.differences} == {"igaku"}
    models = {f.model for f in report.figures if f.status == "partly"}
    assert models <= {d.model for d in report.differences}
    assert [t.name for t in report.tables()] == ["figures", "differences"]


@pytest.mark.data
def test_by_the_authors_own_verdicts_all_fourteen_totals_of_the_120th_come_out() -> None:
    folder = find_data(JMLE2026.folder)
    assert folder is not None
    questions = load_benchmark("jmle2026").load("ja")
    found = JMLE2026.published(folder)
    for one in found.values():
        right = [q for q in questions if one.read[q.id].right]
        points = sum(q.points for q in right)
        required = sum(q.points for q in right if q.section == "required")
        text = sum(q.points for q in right if q.text_only)
        assert one.value == f"{len(right)}; {required:g} / {points - required:g} / {points:g}; {text:g}"
    assert len(found) == 14


@pytest.mark.data
def test_the_119th_exams_tables_of_four_models_come_out_but_for_a_letter_in_quotation_marks() -> None:
    report = reproduce("igakuqa119")
    mine = {f.model: f for f in report.figures if f.check == "igakuqa119-tables"}
    assert {m: f.status == "reproduced" for m, f in mine.items()} == {m: "Preferred" not in m for m in mine}
    assert len(mine) == 4
    assert [(d.question, d.right) for d in report.differences] == [("119F4", "igaku")]


@pytest.mark.data
def test_twenty_conditions_of_2022_come_out_but_for_three_questions_that_were_looked_at() -> None:
    report = reproduce("igakuqa")
    mine = [f for f in report.figures if f.check == "igakuqa2022-right"]
    off = {f.model: int(f.ours) - int(f.value) for f in mine if f.ours != f.value}
    assert len(mine) == 20
    assert sorted(off.values()) == [-1, 1, 1]
    assert {d.model for d in report.differences} == set(off)
    assert sorted((d.question, d.right) for d in report.differences) == [
        ("116C27", "authors"),
        ("116C75", "igaku"),
        ("116C75", "igaku"),
    ]
    assert all(f.status == "partly" for f in mine if f.unchecked)
    assert all(f.status == "reproduced" for f in mine if not f.unchecked and f.model not in off)


@pytest.mark.parametrize(
    ("key", "predicted", "right"),
    [
        (Choices.letters("ac"), ["A", "c】"], "igaku"),
        (Choices.letters("a"), ["b"], "open"),
        (Choices.letters("a"), [], "open"),
        (Number(("41",), "##"), ["4 1"], "igaku"),
        (Number(("0.50",), "#.##"), ["0.5**"], "igaku"),
        (Number(("41",)), ["14"], "open"),
    ],
)
def test_a_key_that_is_spelled_otherwise_is_the_key(key: Key, predicted: list[str], right: str) -> None:
    q = Question(id="1", lang="ja", stem="s", choices=tuple("甲乙丙") if isinstance(key, Choices) else (), key=key)
    assert _who_is_right(q, predicted)[0] == right


def test_without_the_replies_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from igaku.studies import reproduce as module

    module._graded.cache_clear()
    forget()
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    rows = [f for f in reproduce().figures if f.check.startswith("igakuqa") or f.benchmark == "jmle2026"]
    assert {f.status for f in rows} == {"not reproduced"}
    assert all("not here" in f.why for f in rows)
    module._graded.cache_clear()
    forget()
