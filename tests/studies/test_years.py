import json
import random
import re
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.studies.years import years
from igaku.studies.years_report import ExamYear, YearsReport
from igaku.tables import to_text

from ..conftest import needs

HARD = {"2019": 0.55, "2020": 0.9, "2021": 0.55}
"""Year -> share right of every candidate: 2020 was easy for all."""


def exam(file: Path) -> str:
    """Three years of forty questions; people are right as often as the year is easy; four a year need an image."""
    rows = [
        {
            "id": f"{year}-{i}",
            "stem": f"{year}年の検体{i:02}の所見はどれか。",
            "choices": ["赤", "青", "黄"],
            "answer": "abc"[i % 3],
            "year": year,
            "human_accuracy": share,
            **({"image": True} if i < 4 else {}),
        }
        for year, share in HARD.items()
        for i in range(40)
    ]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(file)


def candidate(name: str, knows: str = "") -> Replay:
    """Right by luck as often as the year is easy, and always in the year that it knows by heart."""

    def answer(request: Request) -> str:
        year, i = re.findall(r"(\d{4})年の検体(\d{2})", request.prompt)[-1]
        right = year == knows or random.Random(f"{name}{year}{i}").random() < HARD[year]
        return f"答え: {'abc'[(int(i) + (not right)) % 3]}"

    return Replay(answer, name=name)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("years")
    file = exam(root / "own.jsonl")
    for name, knows in (("east", ""), ("west", ""), ("north", ""), ("crammer", "2021")):
        igaku.evaluate(candidate(name, knows), file, out=root / name)
    return [root / name for name in ("east", "west", "north", "crammer")]


def row(report: YearsReport, model: str, year: str) -> ExamYear:
    return next(y for y in report.years if (y.model, y.year) == (model, year))


def test_a_year_that_is_easy_for_all_stands_above_neither_people_nor_the_others(runs: list[Path]) -> None:
    report = years(*runs)
    easy, normal = row(report, "east", "2020"), row(report, "east", "2019")
    assert easy.accuracy > normal.accuracy + 0.15
    for above in (easy.above_people, easy.above_others):
        assert above is not None
        assert above.ci95[0] < 0 < above.ci95[1]


def test_a_year_known_by_heart_stands_above_both(runs: list[Path]) -> None:
    one = row(years(*runs), "crammer", "2021")
    assert one.accuracy == 1.0 and one.people == pytest.approx(HARD["2021"])
    assert one.above_people is not None and one.above_people.difference == pytest.approx(1 - HARD["2021"])
    assert one.above_others is not None and one.above_others.ci95[0] > 0.2


def test_the_others_are_the_models_that_answered_the_question(runs: list[Path]) -> None:
    report = years(*runs)
    (a, b) = (row(years(*runs[:2]), name, "2019") for name in ("east", "west"))
    assert a.above_others is not None and a.above_others.difference == pytest.approx(a.accuracy - b.accuracy)
    assert (row(report, "east", "2019").others, a.others) == (3, 1)
    assert row(years(*runs, without="crammer"), "east", "2019").others == 2


def test_what_boards_leave_out_is_left_out_and_counted(runs: list[Path]) -> None:
    report = years(*runs)
    assert {y.n for y in report.years} == {36}
    assert "left out: 12 need an image" in to_text(report)


def test_a_year_in_models_toml_is_a_date_and_an_effort_may_be_left_out_of_the_dates(
    runs: list[Path], tmp_path: Path
) -> None:
    file = tmp_path / "own.jsonl"
    exam(file)
    igaku.evaluate(candidate("south (high)", ""), str(file), out=tmp_path / "south")
    (tmp_path / "south" / "models.toml").write_text("[south]\nyear = 2020\n")
    one = row(years(tmp_path / "south"), "south (high)", "2019")
    assert one.date is not None and (one.date.date, one.date.basis, one.exam_was) == ("2020", "release", "before")
    (tmp_path / "dates.toml").write_text('[south]\ncutoff = "2018-05"\n')
    one = row(years(tmp_path / "south", dates=tmp_path / "dates.toml"), "south (high)", "2019")
    assert one.date is not None and (one.date.basis, one.exam_was) == ("cut-off", "after")


def test_a_model_to_leave_out_that_is_not_there_is_named(runs: list[Path]) -> None:
    with pytest.raises(IgakuError, match="unknown model 'cramer': did you mean crammer"):
        years(*runs, without="cramer")


def test_dates_tell_before_from_after_and_a_file_goes_before_the_catalog(runs: list[Path], tmp_path: Path) -> None:
    file = tmp_path / "dates.toml"
    file.write_text('[east]\ncutoff = "2020-06"\nreleased = 2021-01-31\n[west]\nreleased = 2019\n')
    report = years(*runs, dates=file)
    assert [row(report, "east", y).exam_was for y in HARD] == ["before", "same year", "after"]
    assert [row(report, "west", y).exam_was for y in HARD] == ["same year", "after", "after"]
    assert row(report, "north", "2019").exam_was == "not known"
    text = to_text(report)
    assert "cut-off 2020-06" in text and "no date is known of crammer, north" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[east]\ncutoff = "soon"', "cutoff is 'soon'"),
        ("[east]\nborn = 2020", "expected cutoff"),
        ("east = 2020", "expected cutoff"),
        ('[east]\ncutoff = "0000"', "write YYYY"),
        ("[east", "not valid TOML"),
    ],
)
def test_a_fault_in_the_dates_is_one_line(text: str, message: str, runs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "dates.toml").write_text(text)
    with pytest.raises(IgakuError, match=message):
        years(*runs, dates=tmp_path / "dates.toml")


def test_it_is_a_picture_and_no_test(runs: list[Path]) -> None:
    report = years(*runs)
    assert not any(kind == "p" for t in report.tables() for kind in t.columns.values())
    assert "a picture and no test" in report.notes()[0]


def test_questions_without_a_year_are_refused(tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: "a", name="m"), "mini", lang="ja", limit=5, out=tmp_path / "m")
    with pytest.raises(IgakuError, match="no exam question with a year"):
        years(tmp_path / "m")


@needs("site")
def test_the_picture_comes_in_both_languages(runs: list[Path], tmp_path: Path) -> None:
    from igaku.report.years import draw

    written = draw(years(*runs), tmp_path / "years.svg")
    assert sorted(p.name for p in written) == ["years.en.svg", "years.ja.svg"]
    texts = {p.name.split(".")[1]: p.read_text(encoding="utf-8") for p in written}
    assert "above people" in texts["en"] and "受験者との差" in texts["ja"]
    assert all(name in texts["en"] for name in ("crammer", "2019", "2021"))
    with pytest.raises(IgakuError, match=r"ends in \.svg"):
        draw(years(*runs), tmp_path / "years.png")
