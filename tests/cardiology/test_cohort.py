"""EF as tables write it, in one unit."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg.cohort import Exam, pair_exams
from igaku.cardiology.ecg.ejection import ef_percent
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.ecg.targets import target
from igaku.cli import app
from igaku.errors import IgakuError

DAY = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("texts", "unit", "percent"),
    [
        (["55", " 28 ", "35 %", "５５％", "100"], "auto", [55, 28, 35, 55, 100]),
        (["0.55", ".35", "1"], "auto", [55, 35, 100]),
        (["0.55", "60", "0.35%"], "mixed", [55, 60, 0.35]),
        (["0.55", "0.5"], "percent", [0.55, 0.5]),
        (["35-40", ">60", "", "0", "130", "-5", "normal", "nan", "1e1"], "auto", [None] * 9),
    ],
)
def test_an_ef_is_read_in_percent_or_not_at_all(texts: list[str], unit: str, percent: list[float | None]) -> None:
    assert ef_percent(texts, unit)[0] == percent


def test_values_in_two_units_need_a_word_from_the_user(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"1 of 3 EF values are 1 or below \(the first: 0\.35\).*--ef-unit mixed"):
        ef_percent(["55", "0.35", "28", "35-40"])
    (tmp_path / "ecg.csv").write_text("patient,date,path\na,2024-01-02,x.hea\nb,2024-01-02,y.hea\n")
    (tmp_path / "echo.csv").write_text("patient,date,lvef\na,2024-01-03,0.35\nb,2024-01-03,55\n")
    files = ["--ecg", str(tmp_path / "ecg.csv"), "--echo", str(tmp_path / "echo.csv"), "--out", str(tmp_path / "t.csv")]
    refused = CliRunner().invoke(app, ["ecg", "cohort", *files])
    assert refused.exit_code != 0 and not (tmp_path / "t.csv").exists()
    CliRunner().invoke(app, ["ecg", "cohort", *files, "--ef-unit", "mixed"])
    assert [line.split(",")[2] for line in (tmp_path / "t.csv").read_text().splitlines()] == ["lvef", "35", "55"]
    with pytest.raises(IgakuError, match="unknown unit of EF 'share'"):
        ef_percent([], "share")


def test_fractions_alone_are_read_as_such_and_shown() -> None:
    pairs, flow = pair_exams([Exam("a", DAY, "x")], [Exam("a", DAY, "0.55"), Exam("b", DAY, "0.2")])
    assert pairs[0].echo.value == "55" and flow.notes() == ["EF is read as a fraction: all 2 values are 1 or below"]


def test_a_label_on_an_ef_in_another_unit_is_refused() -> None:
    def rows(*values: str) -> list[RecordRow]:
        return [RecordRow(path=v, extra={"lvef": v, "troponin": v, "lvef_lte_45_flag": str(int(i > 0))})
                for i, v in enumerate(values)]  # fmt: skip

    with pytest.raises(IgakuError, match=r"lvef: 1 of 2 values are 1 or below \(as 0\.35\)"):
        target("lvef<40", rows("0.35", "55"))
    with pytest.raises(IgakuError, match="all 2 values are 1 or below, but the label compares with 40"):
        target("lvef<40", rows("0.35", "0.55"))
    with pytest.raises(IgakuError, match="lvef: 1 of 3 values"):
        target("lvef", rows("0.35", "55", "60"))
    assert target("lvef<0.4", rows("0.35", "0.55")).binary and target("troponin<40", rows("0.35", "55")).binary
    assert target("lvef_lte_45_flag", rows("0.35", "0.55")).binary
