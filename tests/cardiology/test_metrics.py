from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg.cohort import Exam, pair_exams, read_exams, write_table
from igaku.cardiology.metrics import (
    auroc,
    average_precision,
    bootstrap_interval,
    brier,
    calibration,
    delong,
    regression_measures,
    sensitivity_at,
    threshold,
)
from igaku.cli import app
from igaku.errors import IgakuError

metrics = pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("seed", range(4))
def test_areas_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, score = rng.random(200) < 0.3, rng.normal(size=200).round(1)
    assert auroc(truth, score) == pytest.approx(metrics.roc_auc_score(truth, score))
    assert average_precision(truth, score) == pytest.approx(metrics.average_precision_score(truth, score))
    assert brier(truth, score) == pytest.approx(float(np.mean((score - truth) ** 2)))
    assert np.isnan(auroc(np.ones(3), np.ones(3)))


def test_intervals_by_patient_are_wider_where_records_repeat() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(60) < 0.5
    score = truth + rng.normal(0, 1.2, 60)
    one = bootstrap_interval(auroc, [str(i) for i in range(60)], truth, score, rounds=300)
    five = bootstrap_interval(
        auroc, [str(i % 60) for i in range(300)], np.tile(truth, 5), np.tile(score, 5), rounds=300
    )
    as_if = bootstrap_interval(auroc, [str(i) for i in range(300)], np.tile(truth, 5), np.tile(score, 5), rounds=300)
    assert five[1] - five[0] == pytest.approx(one[1] - one[0], rel=0.25)  # type: ignore[operator]
    assert as_if[1] - as_if[0] < 0.7 * (five[1] - five[0])  # type: ignore[operator]


def test_delong_sees_a_difference_and_no_difference() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(400) < 0.4
    good, bad = truth + rng.normal(0, 0.8, 400), truth + rng.normal(0, 3, 400)
    assert delong(truth, good, bad)[1] < 1e-4 and delong(truth, good, good) == (0.0, 1.0)
    small = [delong(t, t + rng.normal(0, 1, 80), t + rng.normal(0, 1, 80))[1] for t in (rng.random((300, 80)) < 0.5)]
    assert 0.02 < np.mean(np.array(small) < 0.05) < 0.09


def test_the_rest() -> None:
    truth = np.arange(100) % 2
    assert sensitivity_at(truth, truth * 1.0) == 1.0 and len(calibration(truth, np.linspace(0, 1, 100))) == 10
    values = {
        m.name: m.value
        for m in regression_measures(np.arange(50.0), np.arange(50.0) + 2, [str(i) for i in range(50)], rounds=100)
    }
    assert values["MAE"] == 2.0 and values["r"] == pytest.approx(1.0) and values["MAE of the mean"] == 12.5


def test_ecgs_find_their_echo() -> None:
    def day(n: int) -> date:
        return date(2024, 1, n)

    ecgs = [
        Exam("a", day(1), "1"),
        Exam("a", day(9), "2"),
        Exam("b", day(1), "3", "Electronic ventricular pacemaker"),
        Exam("c", day(1), "4"),
        Exam("d", day(1), "5"),
    ]
    echoes = [
        Exam("a", day(10), "35"),
        Exam("a", day(3), "50"),
        Exam("b", day(1), "20"),
        Exam("d", day(31), "60"),
        Exam("a", day(1), "45-50"),
    ]
    pairs, flow = pair_exams(ecgs, echoes, window=7)
    assert [(e.value, x.value, d) for e, x, d in pairs] == [("1", "50", 2)]
    assert [s.n for s in flow.steps] == [5, 5, 4, 3, 2, 1, 1] and "not paced" in repr(flow)
    assert [e.value for e, _, _ in pair_exams(ecgs, echoes, window=7, index="last")[0]] == ["2"]
    assert len(pair_exams(ecgs, echoes, window=30, index="all")[0]) == 3
    with pytest.raises(IgakuError, match="first, last or all"):
        pair_exams([], [], index="middle")


def test_rows_with_empty_cells_are_counted_out_by_reason(tmp_path: Path) -> None:
    (tmp_path / "ecg.csv").write_text(
        "patient,date,path\na,2024-01-02,x.hea\nb,,y.hea\nc,2024-01-02,\n,2024-01-02,z.hea\n"
    )
    (tmp_path / "echo.csv").write_text("patient,date,lvef\na,2024-01-03,35\na,,55\nb,2024-01-03,\nc,2024-01-03,>60\n")
    pairs, flow = pair_exams(read_exams(tmp_path / "ecg.csv", "path"), read_exams(tmp_path / "echo.csv", "lvef"))
    assert [(p.ecg.patient, p.echo.value) for p in pairs] == [("a", "35")]
    assert [s.n for s in flow.steps] == [4, 1, 1, 1, 1, 1, 1]
    assert {s.what: s.n for s in flow.lost} == {
        "ECG without a date": 1,
        "ECG without a file": 1,
        "ECG without a patient": 1,
        "echocardiogram without a date": 1,
        "echocardiogram without an EF": 1,
        "echocardiogram whose EF is not a number from 0 to 100": 1,
    }
    out = tmp_path / "t.csv"
    shown = CliRunner().invoke(
        app,
        ["ecg", "cohort", "--ecg", str(tmp_path / "ecg.csv"), "--echo", str(tmp_path / "echo.csv"), "--out", str(out)],
    )
    lines = shown.output.splitlines()
    assert shown.exit_code == 0 and len(out.read_text().splitlines()) == 2
    assert sum("of them" in line for line in lines) == 4 and any("ECG without a date" in line for line in lines)


def test_exams_are_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("patient,date,path\na,2024-01-02,x.hea\n")
    (exam,) = read_exams(tmp_path / "e.csv", "path")
    write_table(pair_exams([exam], [Exam("a", date(2024, 1, 3), "35")])[0], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == f"{tmp_path.resolve() / 'x.hea'},a,35,1"
    (tmp_path / "e.csv").write_text("patient,date,path\na,2.1.24,x\n")
    with pytest.raises(IgakuError, match=r"line 2: '2\.1\.24' is not a date"):
        read_exams(tmp_path / "e.csv", "path")
    with pytest.raises(IgakuError, match="no column 'lvef'"):
        read_exams(tmp_path / "e.csv", "lvef")


def test_paced_is_a_word_and_can_be_denied() -> None:
    day = date(2024, 1, 1)
    notes = [
        "evenly spaced P waves",
        "No pacemaker spikes",
        "AV paced rhythm",
        "ペースメーカリズム",
        "ペースメーカなし",
        "ペースメーカを認めず",
    ]
    ecgs = [Exam(str(i), day, str(i), note) for i, note in enumerate(notes)]
    echoes = [Exam(str(i), day, "35 %" if i == 4 else "130" if i == 0 else "35") for i in range(6)]
    assert [e.value for e, _, _ in pair_exams(ecgs, echoes, window=0)[0]] == ["1", "4", "5"]


def test_a_threshold_leaves_the_share_of_negatives_and_no_more() -> None:
    for n in (10, 20, 30, 100):
        score = np.random.default_rng(n).random(n)
        assert (score <= threshold(np.zeros(n), score, 0.9)).mean() == pytest.approx(0.9)


def test_delong_by_ranks_is_delong_by_pairs() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(90) < 0.4
    one, other = (rng.random(90) + truth * k for k in (0.3, 0.5))
    one = one.round(1)
    placements = []
    for score in (one, other):
        wins = (score[truth][:, None] > score[~truth]) + 0.5 * (score[truth][:, None] == score[~truth])
        placements.append((wins.mean(1), wins.mean(0)))
    v = sum(np.var(placements[0][k] - placements[1][k], ddof=1) / len(placements[0][k]) for k in (0, 1))
    difference, p = delong(truth, one, other)
    assert difference == pytest.approx(auroc(truth, one) - auroc(truth, other))
    from scipy.stats import norm

    assert p == pytest.approx(2 * norm.sf(abs(difference) / np.sqrt(v)))
