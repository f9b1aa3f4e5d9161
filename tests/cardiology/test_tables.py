"""Data sets as they are downloaded (PTB-XL, CODE-15, EchoNext), and who trains and tests."""

from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.ecg import read
from igaku.cardiology.ecg.config import load_config
from igaku.cardiology.ecg.store import Joined, Store, prepare, write_store
from igaku.cardiology.ecg.synthetic import cohort
from igaku.cardiology.ecg.tables import RecordRow, Source, is_table, rows_of, table
from igaku.cardiology.ecg.targets import labelled, split, target
from igaku.cardiology.patients import pseudonym
from igaku.errors import IgakuError

pytest.importorskip("scipy")
pytest.importorskip("wfdb")


def test_ptb_xl_is_read_as_it_is_downloaded(tmp_path: Path) -> None:
    (tmp_path / "ptbxl_database.csv").write_text(
        "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_hr\n"
        "1,15709.0,56.0,1,\"{'NORM': 100.0, 'LVOLT': 0.0, 'SR': 0.0}\",3,records500/00000/00001_hr\n"
        "2,13243.0,300.0,0,{},10,records500/00000/00002_hr\n"
    )
    source = load_config("ptb-xl").source
    assert is_table(tmp_path / "ptbxl_database.csv", source)
    one, two = rows_of([tmp_path / "ptbxl_database.csv"], source)
    assert (one.sex, one.age, one.labels, one.split) == ("F", 56.0, ["NORM", "LVOLT", "SR"], "train")
    assert (two.sex, two.age, two.labels, two.split) == ("M", 90.0, [], "test")
    assert one.path == str(tmp_path / "records500/00000/00001_hr") and one.patient == pseudonym(
        "ptbxl_database", "15709"
    )
    assert "patient_id" not in one.extra and "ecg_id" not in one.extra


def test_code_15_is_read_from_files_of_many_exams(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    patients = cohort(2, seed=3, rate=400)
    whole = np.zeros((3, 4096, 12), np.float32)
    whole[0, 48:4048] = patients.records[0].signal.T
    whole[1, 648:3448] = patients.records[1].signal.T[:2800]
    with h5py.File(tmp_path / "exams_part0.hdf5", "w") as file:
        file["tracings"], file["exam_id"] = whole, np.array([4711, 7, 0])
    (tmp_path / "exams.csv").write_text(
        "exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,normal_ecg,trace_file\n"
        "7,62,True,60.1,False,True,False,False,False,True,11,False,2.1,False,exams_part0.hdf5\n"
        "4711,38,False,40.2,False,False,False,False,False,False,12,,,True,exams_part0.hdf5\n"
        "99,38,False,40.2,False,False,False,False,False,False,12,,,True,exams_part0.hdf5\n"
    )
    config = load_config("code-15")
    rows = rows_of([tmp_path / "exams.csv"], config.source)
    assert (rows[0].sex, rows[0].labels, rows[1].sex, rows[1].labels) == ("M", ["RBBB", "AF"], "F", [])
    assert rows[0].rate == 400 and rows[1].extra["normal_ecg"] == "1" and "exam_id" not in rows[0].extra
    short, long = read(rows[0].path, 400), read(rows[1].path, 400)
    assert short.seconds == pytest.approx(7, abs=0.01) and long.seconds == pytest.approx(10, abs=0.01)
    assert np.allclose(long.signal, patients.records[0].signal, atol=1e-6)
    n, errors = prepare(rows, config.contract, tmp_path / "store", 1)
    assert n == 2 and len(errors) == 1 and "no record '99' among its 3" in errors[0]
    with pytest.raises(IgakuError, match=r"name one: exams_part0\.hdf5#ID"):
        read(tmp_path / "exams_part0.hdf5")
    some = target("has:AF,has:RBBB", rows)
    assert some.of(rows[0]) == [1.0, 1.0] and some.of(rows[1]) == [0.0, 0.0]


def test_echonext_is_read_from_one_array_a_split(tmp_path: Path) -> None:
    patients = cohort(3, seed=4, rate=250)
    np.save(tmp_path / "EchoNext_train_waveforms.npy", np.stack([r.signal.T[None] for r in patients.records[:2]]))
    np.save(tmp_path / "EchoNext_val_waveforms.npy", np.stack([patients.records[2].signal.T[None]]))
    (tmp_path / "echonext_metadata_100k.csv").write_text(
        "ecg_key,patient_key,split,sex,age_at_ecg,lvef_lte_45_flag\n"
        "1,a,train,Female,50,1\n2,b,val,Male,60,0\n3,c,no_split,Male,61,0\n4,a,train,Female,51,0\n"
    )
    rows = rows_of([tmp_path / "echonext_metadata_100k.csv"], load_config("echonext").source)
    assert [Path(r.path).name for r in rows] == [
        "EchoNext_train_waveforms.npy#0",
        "EchoNext_val_waveforms.npy#0",
        "EchoNext_no_split_waveforms.npy#0",
        "EchoNext_train_waveforms.npy#1",
    ]
    assert [r.split for r in rows] == ["train", "valid", "none", "train"] and rows[3].age == 51
    second = read(rows[3].path, rows[3].rate)
    assert np.allclose(second.signal, patients.records[1].signal) and second.seconds == 10
    with pytest.raises(IgakuError, match=r"no record '2'; it holds 2, from 0 on"):
        read(tmp_path / "EchoNext_train_waveforms.npy#2", 250)
    with pytest.raises(IgakuError, match="many records name one"):
        read(tmp_path / "EchoNext_train_waveforms.npy", 250)
    assert target("lvef_lte_45_flag", rows).binary


def test_a_code_for_sex_says_nothing_without_a_config(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("path,sex,my_name,lvef,flag\na.hea,1,Ada,35,True\n")
    (row,) = table(tmp_path / "t.csv")
    assert row.sex == "" and row.extra == {"lvef": "35", "flag": "1"}
    assert table(tmp_path / "t.csv", Source(sexes={"1": "F"}))[0].sex == "F"
    (tmp_path / "t.csv").write_text("file,sex\na.hea,1\n")
    with pytest.raises(IgakuError, match="line 2: no path; columns: file, sex"):
        table(tmp_path / "t.csv")


def test_patients_are_never_divided() -> None:
    rows = [
        RecordRow(path=str(i), patient=f"p{i % 40}", age=50.0 + i % 3, extra={"lvef": str(30 + i % 40)})
        for i in range(200)
    ]
    parts = [{rows[i].patient for i in part} for part in split(rows)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert [len(p) for p in parts] == [24, 8, 8]
    tested = [rows[i].patient for fold in range(5) for i in split(rows[:40], seed=1, fold=fold)[2]]
    assert sorted(tested) == sorted({r.patient for r in rows})


def test_the_data_set_s_own_split_is_used_and_checked() -> None:
    rows = [
        RecordRow(path=str(i), patient=f"p{i}", split=s)
        for i, s in enumerate(("train", "test", "none", "valid", "train"))
    ]
    assert split(rows) == ([0, 4], [3], [1])
    rows[4].patient = "p1"
    with pytest.raises(IgakuError, match="1 patients on two sides"):
        split(rows)


def test_labels_alone_and_together() -> None:
    rows = [
        RecordRow(path="a", age=60.0, sex="F", labels=["AFIB", "LVH"], extra={"lvef": "35"}),
        RecordRow(path="b", age=70.0, sex="M", labels=["NORM"], extra={"lvef": "60"}),
        RecordRow(path="c"),
    ]
    low = target("lvef<40", rows)
    assert low.binary and low.of(rows[0]) == [1.0] and np.isnan(low.of(rows[2])[0])
    both = target("has:AFIB|AF, has:NORM, sex", rows)
    known, truth = labelled(both, rows, range(3))
    assert both.parts == ["has:AFIB|AF", "has:NORM", "sex"] and known == [0, 1]
    assert truth.tolist() == [[1, 0, 0], [0, 1, 1]]
    assert target("has:LV", [*rows[:2], RecordRow(path="d", labels=["LV"])]).of(rows[0]) == [0.0]
    for name, message in (
        ("age,sex", "'age' is a number"),
        ("lvef<10", "all records have the same"),
        ("ef", "no record knows 'ef'.*columns lvef"),
        (" ", "--label is needed"),
    ):
        with pytest.raises(IgakuError, match=message):
            target(name, rows)


def test_stores_are_joined_without_copying(tmp_path: Path) -> None:
    config = load_config("tiny")
    patients = cohort(3, seed=1)
    for i, r in enumerate(patients.records):
        np.save(tmp_path / f"{i}.npy", r.signal)
        prepare([RecordRow(path=str(tmp_path / f"{i}.npy"), rate=500)], config.contract, tmp_path / f"s{i}", 1)
    whole = Joined([Store(tmp_path / f"s{i}") for i in range(3)])
    assert len(whole.signals) == 3 and len(whole.rows) == 3
    assert np.array_equal(whole.signals[[2, 0]][1], Store(tmp_path / "s0").signals[0])


def test_half_precision_takes_half_the_room_and_changes_a_number_by_at_most_a_part_in_two_thousand(
    tmp_path: Path,
) -> None:
    config, files = load_config("tiny"), []
    for i, r in enumerate(cohort(3, seed=1).records):
        np.save(tmp_path / f"{i}.npy", r.signal)
        files.append(str(tmp_path / f"{i}.npy"))
    whole, half = tmp_path / "whole", tmp_path / "half"
    for out in (whole, half):
        prepare([RecordRow(path=f, rate=500) for f in files], config.contract, out, 1, half=out == half)
    assert (half / "signals.f16").stat().st_size * 2 == (whole / "signals.f32").stat().st_size
    exact, rounded = (Store(s).signals[[2, 0]] for s in (whole, half))
    assert rounded.dtype == np.float32
    assert np.abs(rounded - exact).max() > 0
    assert np.all(np.abs(rounded - exact) <= np.abs(exact) * 2.0**-11 + 2.0**-25)
    assert np.array_equal(Joined([Store(half)]).signals[[1]], Store(half).signals[[1]])
    assert set(Store(half).hashes()) == {"contract.json", "records.jsonl", "signals.f16"}
    prepare([RecordRow(path=files[0], rate=500)], config.contract, half, 1)
    assert not (half / "signals.f16").exists() and len(Store(half).signals) == 1


def test_a_number_too_large_for_half_precision_is_refused(tmp_path: Path) -> None:
    signal = np.full(12 * 10, 70_000, np.float32).tobytes()
    with pytest.raises(IgakuError, match=r"a\.hea: .* too large for half precision"):
        write_store([(RecordRow(path="a.hea"), signal)], load_config("tiny").contract, tmp_path / "s", half=True)
    assert not (tmp_path / "s" / "contract.json").exists()


def test_an_unknown_a_denied_and_an_absent_diagnosis_are_three_things(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "path,labels\na.hea,LVH\nb.hea,\nc.hea,No evidence of left ventricular hypertrophy\n"
        "d.hea,426783006;164873001\ne.hea,426783006\nf.hea,左室肥大なし\n"
    )

    def known(name: str, **settings: bool) -> list[float]:
        rows = table(tmp_path / "t.csv", Source(**settings))
        return [target(name, rows).of(r)[0] for r in rows]

    words = known("has:left ventricular hypertrophy|LVH|左室肥大")
    assert np.array_equal(words, [1, np.nan, 0, np.nan, np.nan, 0], equal_nan=True)
    assert np.array_equal(known("has:LVH|164873001"), [1, np.nan, 0, 1, 0, 0], equal_nan=True)
    assert known("has:LVH|164873001", complete=True)[1] == 0


def test_what_names_a_person_never_reaches_a_store(tmp_path: Path) -> None:
    named = [
        "patient_key",
        "ecg_key",
        "PatientID",
        "dob",
        "SSN",
        "患者番号",
        "accession",
        "tel",
        "zip",
        "studyNo",
        "mrn2",
    ]
    retained = ["lvef", "bpm", "widekey_count", "heart_no_beats"]
    (tmp_path / "t.csv").write_text(
        ",".join(["path", *named, *retained]) + "\na.hea," + ",".join("7" * (len(named) + len(retained))) + "\n"
    )
    (row,) = table(tmp_path / "t.csv", Source(columns={"patient": "patient_key"}))
    assert set(row.extra) == set(retained) and row.patient == pseudonym("t", "7") != pseudonym("u", "7")


def test_rows_are_chosen_by_any_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"path","site","age"\na.hea,Tokyo,51\nb.hea,Osaka,51.0\nc.hea,Kyoto,60\n')
    names = [Path(r.path).name for r in rows_of([tmp_path / "t.csv"], row_filter="site=Tokyo, Osaka")]
    assert names == ["a.hea", "b.hea"] and len(rows_of([tmp_path / "t.csv"], row_filter="age=51")) == 2
    assert [Path(r.path).name for r in rows_of([tmp_path / "t.csv"], row_filter="age!=51")] == ["c.hea"]
    for text, message in (
        ("sitt=Tokyo", "unknown column 'sitt'"),
        ("site=Nara", "no record is left"),
        ("site", "write COLUMN="),
    ):
        with pytest.raises(IgakuError, match=message):
            rows_of([tmp_path / "t.csv"], row_filter=text)


@pytest.mark.data
def test_one_number_in_two_files_is_one_patient_and_one_record_one_pseudonym(tmp_path: Path) -> None:
    from igaku.io.paths import find_data

    if (real := find_data("ecg/formats/muse_xml_introecg/MUSE_example.xml")) is None:
        pytest.skip("the real ECGs are not found (IGAKU_DATA)")
    (tmp_path / "a.xml").write_bytes(real.read_bytes())
    (tmp_path / "b.xml").write_bytes(real.read_bytes().replace(b"<VentricularRate>", b"<VentricularRate> "))
    np.save(tmp_path / "c.npy", cohort(1, seed=1).records[0].signal)
    (tmp_path / "d.npy").write_bytes((tmp_path / "c.npy").read_bytes())
    (tmp_path / "t.csv").write_text("path,lvef,fs\na.xml,30,\nb.xml,60,\nc.npy,50,500\nd.npy,50,500\n")
    prepare(table(tmp_path / "t.csv"), load_config("tiny").contract, tmp_path / "s", 1)
    a, b, c, d = (r.patient for r in Store(tmp_path / "s").rows)
    assert a == b != c == d


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("contract: {band: [40, 0.6]}", "two rising frequencies"),
        ("contract: {rate: 0}", "at 0 Hz"),
        ("contract: {leads: [I, X]}", "unknown lead 'X'"),
        ("network: {patch: 0}", "patch 0"),
        ("network: {ratio: 0}", "ratio 0"),
        ("network: {size: giant}", "unknown size 'giant'"),
        ("finetune: {batch: 1}", "batch 2 or more"),
        ("pretrain: {epochs: 0}", "epochs and batch"),
        ("fold: 5", "expected 0 to 4"),
        ("labels: age", "ECG config .*unknown field `labels`"),
        ("network: {decoder: [64, 2, 3]}", "heads divide"),
    ],
)
def test_a_config_that_makes_no_sense_is_one_line(yaml: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(yaml)
    with pytest.raises(IgakuError, match=message):
        load_config(str(tmp_path / "c.yaml"))
