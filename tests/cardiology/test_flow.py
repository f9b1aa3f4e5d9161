"""The flow of a cohort: numbers add up, reasons are counted, and the picture shows them all."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg.cohort import Exam, pair_exams, sound
from igaku.cardiology.ecg.flow import draw_flow, excluded, flow_of, write_flow
from igaku.cli import app

pytest.importorskip("matplotlib")
DAY = date(2024, 1, 1)
ECGS = [
    Exam("a", DAY, "1.npy"),
    Exam("a", DAY + timedelta(3), "2.npy"),
    Exam("b", DAY, "3.npy", "ventricular pacing"),
    Exam("", DAY, "4.npy"),
    Exam("c", None, "5.npy"),
    Exam("d", DAY, "6.npy"),
    Exam("e", DAY, "7.npy"),
    Exam("f", DAY, "8.npy"),
    Exam("g", DAY, "9.npy"),
]
ECHOES = [
    Exam("a", DAY, "35", method="biplane"),
    Exam("e", DAY + timedelta(90), "60", method="visual"),
    Exam("f", DAY, "35-40"),
    Exam("g", DAY - timedelta(9), "60"),
]


def test_who_is_left_out_is_counted_by_reason_and_the_numbers_add_up() -> None:
    pairs, flow = pair_exams(ECGS, ECHOES)
    gone = excluded(flow.steps)
    assert gone == [
        {"without a patient": 1, "without a date": 1},
        {"paced": 1},
        {"patient without an echocardiogram": 1, "patient's echocardiograms without a date or a readable EF": 1},
        {"nearest echocardiogram more than 30 days away": 1},
        {"further ECGs of a patient": 1},
        {},
    ]
    assert flow.steps[0].n - sum(n for some in gone for n in some.values()) == len(pairs) == 2
    assert flow.pairs == {
        "days between, median (quartiles; most)": "9 (0 to 9; 9)",
        "EF below 40": "1 of 2",
        "EF measured by": "biplane 1, not stated 1",
    }


def test_ecgs_lost_for_quality_are_a_step_before_the_patients(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.zeros((12, 5000), np.float32))
    pairs, flow = pair_exams(
        [Exam("a", DAY, str(tmp_path / "none.npy")), Exam("g", DAY, str(tmp_path / "flat.npy#0"))], ECHOES
    )
    left, after = sound(pairs, flow, ["standstill"])
    assert [s.what for s in after.steps[-2:]] == ["of them without the faults that are left out", "patients"]
    assert not left and sum(after.steps[-2].reasons.values()) == 2 and after.pairs == {}


def test_the_flow_lies_beside_the_table_and_the_picture_names_every_number(tmp_path: Path) -> None:
    _, flow = pair_exams(ECGS, ECHOES)
    write_flow(flow, tmp_path / "t.csv")
    again = flow_of(tmp_path / "t.csv")
    assert again == flow and flow_of(tmp_path / "other.csv") is None
    text = draw_flow(flow, "cohort", tmp_path / "flow.svg").read_text()
    for line in ("n = 9", "paced: 1", "further ECGs of a patient: 1", "EF below 40: 1 of 2"):
        assert line in text


def test_every_ecg_of_a_patient_is_no_loss_when_patients_are_counted() -> None:
    _, flow = pair_exams(ECGS, ECHOES, index="all")
    assert flow.steps[-2].n == 3 and flow.steps[-1].n == 2 and excluded(flow.steps)[-1] == {}


def test_the_command_writes_table_flow_and_picture(tmp_path: Path) -> None:
    (tmp_path / "ecg.csv").write_text("patient,date,path\na,2024-01-02,x.hea\nb,2024-01-02,y.hea\n")
    (tmp_path / "echo.csv").write_text("patient,date,lvef,method\na,2024-01-03,35,biplane\n")
    arguments = ["--ecg", "ecg.csv", "--echo", "echo.csv", "--out", "t.csv", "--picture", "flow.svg"]
    files = [str(tmp_path / a) if "." in a else a for a in arguments]
    result = CliRunner().invoke(app, ["ecg", "cohort", *files])
    assert result.exit_code == 0 and (tmp_path / "flow.svg").exists()
    assert flow_of(tmp_path / "t.csv") and "biplane 1" in result.output
