"""The field's benchmarks on small folders in exactly the layout in which each data set is published."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.paths import find_data

torch = pytest.importorskip("torch")
wfdb = pytest.importorskip("wfdb")
h5py = pytest.importorskip("h5py")
pytest.importorskip("scipy")
pytest.importorskip("lightgbm")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.config import load_config  # noqa: E402
from igaku.cardiology.ecg.fit_label import measures_of  # noqa: E402
from igaku.cardiology.ecg.inits import seen_in  # noqa: E402
from igaku.cardiology.ecg.pretrain import pretrain  # noqa: E402
from igaku.cardiology.ecg.store import Store, prepare  # noqa: E402
from igaku.cardiology.ecg.suites import challenge, flags  # noqa: E402
from igaku.cardiology.ecg.suites import ptb_xl as ptb_xl_suite  # noqa: E402
from igaku.cardiology.ecg.suites.benchmark import SUITES, Benchmark, benchmark  # noqa: E402
from igaku.cardiology.ecg.suites.flags import COMPOSITE, FINDINGS  # noqa: E402
from igaku.cardiology.ecg.suites.published import reported  # noqa: E402
from igaku.cardiology.ecg.suites.task import labelled_by, without_twins  # noqa: E402
from igaku.cardiology.ecg.tables import RecordRow, rows_of  # noqa: E402

COHORT = synthetic.cohort(80, seed=9)
CONFIG = """contract: {rate: 100}
network: {size: tiny, patch: 100, decoder: [32, 1, 4]}
pretrain: {epochs: 1, warmup: 1}
finetune: {epochs: 1}
"""
STATEMENTS = """,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NORM,normal ECG,1.0,,,NORM,NORM
LVH,left ventricular hypertrophy,1.0,,,HYP,LVH
IMI,inferior myocardial infarction,1.0,,,MI,IMI
ASMI,anteroseptal myocardial infarction,1.0,,,MI,AMI
NDT,non-diagnostic T abnormalities,1.0,1.0,,STTC,STTC
PVC,ventricular premature complex,,1.0,,,
SR,sinus rhythm,,,1.0,,
AFIB,atrial fibrillation,,,1.0,,
ABQRS,abnormal QRS,,1.0,,,
"""
MIXED = ("NORM", "LVH", "IMI", "ASMI", "NDT")


def low(i: int) -> bool:
    return bool(COHORT.ef[i] < 55)


def statements(i: int) -> str:
    first = "LVH" if low(i) else MIXED[i % 5]
    return str({first: 100.0, ("SR", "AFIB")[i % 4 == 0]: 0.0} | {("PVC", "ABQRS")[i % 3 == 0]: 50.0})


def write_wfdb(record: Record, folder: Path, name: str, notes: Sequence[str] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    signal = record.signal.T.astype(float)
    wfdb.wrsamp(
        name,
        fs=record.rate,
        units=["mV"] * 12,
        sig_name=list(LEADS),
        p_signal=signal,
        fmt=["16"] * 12,
        adc_gain=[1000.0] * 12,
        baseline=[0] * 12,
        comments=list(notes),
        write_dir=str(folder),
    )


def write_mat(record: Record, folder: Path, name: str, codes: str) -> None:
    """As the Challenges write them: 16-bit numbers in MATLAB's format 4, after 24 bytes of its head."""
    folder.mkdir(parents=True, exist_ok=True)
    n = record.signal.shape[1]
    head = np.array([30, 12, n, 0, 4], "<u4").tobytes() + b"val\0"
    (folder / f"{name}.mat").write_bytes(head + np.round(record.signal.T * 1000).astype("<i2").tobytes())
    lines = [f"{name} 12 {record.rate} {n}"]
    lines += [f"{name}.mat 16+24 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS]
    lines += [f"#Age: {record.age:g}", f"#Sex: {record.sex}", f"#Dx: {codes}", "#Rx: Unknown"]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")


def ptb_xl(folder: Path) -> Path:
    lines = [["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr", "filename_hr"]]
    for i, r in enumerate(COHORT.records, 1):
        low_rate, high_rate = f"records100/00000/{i:05d}_lr", f"records500/00000/{i:05d}_hr"
        write_wfdb(replace(r, signal=r.signal[:, ::5], rate=100), folder / "records100/00000", f"{i:05d}_lr")
        sex = {"M": "0", "F": "1"}[r.sex]
        lines.append(
            [str(i), f"{i + 100}.0", f"{r.age:g}", sex, statements(i - 1), str(i % 10 + 1), low_rate, high_rate]
        )
    with (folder / "ptbxl_database.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    (folder / "scp_statements.csv").write_text(STATEMENTS)
    return folder


def echonext(folder: Path) -> Path:
    names = [*flags_of(0)]
    parts = ["train"] * 50 + ["val"] * 10 + ["test"] * 15 + ["no_split"] * 5
    head = ["ecg_key", "patient_key", "age_at_ecg", "sex", "location_setting", "split", *names]
    lines = [head]
    for i, part in enumerate(parts):
        r = COHORT.records[i]
        flags = [str(v) for v in flags_of(i).values()]
        lines.append([f"e{i}", f"p{i}", f"{r.age:g}", "male" if r.sex == "M" else "female", "Inpatient", part, *flags])
    with (folder / "echonext_metadata_100k.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    for part in ("train", "val", "test"):
        signals = [COHORT.records[i].signal[:, ::2].T[None] for i, p in enumerate(parts) if p == part]
        np.save(folder / f"EchoNext_{part}_waveforms.npy", np.stack(signals).astype(np.float32))
    return folder


def flags_of(i: int) -> dict[str, bool]:
    found = {name: low(i) if k == 0 else (i + 5 * k) % 23 == 0 for k, name in enumerate(FINDINGS)}
    return {**found, COMPOSITE: any(found.values())}


def code15(folder: Path) -> Path:
    head = ["exam_id", "age", "is_male", "nn_predicted_age", "1dAVb", "RBBB", "LBBB", "SB", "ST", "AF", "patient_id"]
    lines = [[*head, "death", "timey", "normal_ecg", "trace_file"]]
    for i, r in enumerate(COHORT.records):
        flags = [str(low(i)), *(str((i + k) % 4 == 0) for k in range(5))]
        part = f"exams_part{int(i >= 70)}.hdf5"
        lines.append([str(900 + i), f"{r.age:g}", str(r.sex == "M"), "50", *flags, str(i), "", "", "False", part])
    with (folder / "exams.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file["exam_id"] = np.array([*range(900, 970), 0])
        signals = [COHORT.records[i].signal[:, : 400 * 10].T for i in range(70)]
        file["tracings"] = np.stack([*signals, np.zeros_like(signals[0])]).astype(np.float32)
    return folder


def georgia(folder: Path, start: str = "E{:05d}", records: Sequence[Record] = COHORT.records) -> Path:
    for i, r in enumerate(records):
        codes = [
            "164873001" if low(i) else "426783006",
            *(["164889003"] if i % 4 == 0 else []),
            *(["1"] if i == 7 else []),
        ]
        write_mat(r, folder / "g1", start.format(i + 1), ",".join(codes))
    return folder


WRITERS: dict[str, Callable[[Path], Path]] = {
    "ptb-xl": ptb_xl,
    "echonext": echonext,
    "code-15": code15,
    "cpsc-2018": lambda folder: georgia(folder, "A{:04d}"),
    "georgia": georgia,
    "chapman-shaoxing": lambda folder: georgia(folder, "JS{:05d}"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: write(tmp_path_factory.mktemp(name)) for name, write in WRITERS.items()}


def run(suite: str, folder: Path, out: Path, *, tasks: Sequence[str] = (), encoder: Path | None = None) -> Benchmark:
    out.mkdir(parents=True, exist_ok=True)
    (out.parent / "c.yaml").write_text(CONFIG)
    inits = ["linear probe"] if encoder else ["boosted tree"]
    return benchmark(
        suite, folder, out, lambda _: None, tasks=tasks, inits=inits, config=str(out.parent / "c.yaml"), encoder=encoder
    )


TASKS = {"ptb-xl": ["superdiagnostic", "rhythm"], "echonext": ["composite"]}


class Done(NamedTuple):
    """A suite that has run."""

    found: Benchmark
    out: Path


@pytest.fixture(scope="module")
def done(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Done]:
    """Each suite, run once."""
    results: dict[str, Done] = {}

    def of(suite: str) -> Done:
        if suite not in results:
            out = tmp_path_factory.mktemp(f"{suite}-out") / "out"
            results[suite] = Done(run(suite, folders[suite], out, tasks=TASKS.get(suite, ())), out)
        return results[suite]

    return of


@pytest.mark.parametrize("suite", list(SUITES))
def test_a_download_becomes_a_table_with_the_published_numbers_below_ours(
    suite: str, done: Callable[[str], Done]
) -> None:
    found, out = done(suite)
    ours = [s for s in found.scores if s.source == "measured"]
    assert [s.task for s in ours] == TASKS.get(suite, ["diagnoses"])
    assert all(0 <= float(s.auroc[:5]) <= 1 for s in ours)
    for task in {s.task for s in ours}:
        others = [s for s in found.scores if s.task == task and s.source.startswith("reported: ")]
        assert others and len(others) == len(reported(suite, task))
    text = (out / "report.md").read_text()
    assert "macro AUROC" in text and "not a medical device" in text


def test_a_label_that_the_signal_shows_is_found_and_an_unknown_code_is_named(done: Callable[[str], Done]) -> None:
    found, out = done("georgia")
    measured = {
        m.label: m.value
        for m in measures_of(out / "models/diagnoses/boosted-tree")[1]
        if m.measure == "AUROC" and m.group == "all"
    }
    assert measured["left ventricular hypertrophy"] > 0.7, "the generator's low EF widens QRS"
    assert found.scores[0].labels == "3 of 3"
    assert any("codes that are none of the Challenges' and no label: '1' (1)" in note for note in found.remarks)


def test_the_twelve_heads_of_echonext_are_the_eleven_findings_and_their_composite(folders: dict[str, Path]) -> None:
    tasks = {t.name: t for t in flags.echonext_tasks(folders["echonext"], [])}
    assert len(tasks["heads"].labels) == 12 and set(tasks["heads"].labels) == {*FINDINGS, COMPOSITE}
    assert len(tasks["findings"].labels) == 11 and tasks["composite"].labels == [COMPOSITE]


def test_ptb_xl_counts_every_statement_whatever_its_likelihood_and_leaves_silent_records_out(
    folders: dict[str, Path],
) -> None:
    contract = load_config("tiny", ["contract.rate=100"]).contract
    rows = ptb_xl_suite.records(folders["ptb-xl"], contract).rows
    tasks = {t.name: t for t in ptb_xl_suite.tasks(folders["ptb-xl"], rows)}
    assert tasks["all"].labels == sorted(("NORM", "LVH", "IMI", "ASMI", "NDT", "PVC", "ABQRS", "SR", "AFIB"))
    assert tasks["superdiagnostic"].labels == ["HYP", "MI", "NORM", "STTC"]
    assert tasks["subdiagnostic"].labels == ["AMI", "IMI", "LVH", "NORM", "STTC"]
    assert tasks["form"].labels == ["ABQRS", "NDT", "PVC"] and tasks["rhythm"].labels == ["AFIB", "SR"]
    assert {r.split for r in rows if r.path.endswith("00009_lr")} == {"test"}
    silent = RecordRow(path="", labels=["PVC", "SR"])
    assert labelled_by(silent, tasks["superdiagnostic"]).extra == {}, "without a statement of the task it is left out"
    assert labelled_by(silent, tasks["rhythm"]).extra == {"AFIB": "0", "SR": "1"}


FAULTS: list[tuple[str, Callable[[Path], object], str]] = [
    ("ptb-xl", lambda f: (f / "scp_statements.csv").unlink(), "no scp_statements.csv; it holds"),
    ("ptb-xl", lambda f: (f / "ptbxl_database.csv").unlink(), "no ptbxl_database.csv"),
    ("ptb-xl", lambda f: _edit(f / "scp_statements.csv", "AFIB,", "XFIB,"), "the statement 'AFIB', which"),
    ("ptb-xl", lambda f: _edit(f / "scp_statements.csv", "diagnostic_class", "class"), "no column 'diagnostic_class'"),
    ("ptb-xl", lambda f: _edit(f / "ptbxl_database.csv", "strat_fold", "fold"), "no column 'strat_fold'"),
    ("ptb-xl", lambda f: _behead(f / "ptbxl_database.csv"), "ptbxl_database.csv: no row; it is not whole"),
    ("ptb-xl", lambda f: _behead(f / "scp_statements.csv"), "scp_statements.csv: no row; it is not whole"),
    ("echonext", lambda f: _behead(f / "echonext_metadata_100k.csv"), "100k.csv: no row; it is not whole"),
    (
        "echonext",
        lambda f: [
            _edit(f / "echonext_metadata_100k.csv", f",{part},", ",no_split,") for part in ("train", "val", "test")
        ],
        "no row of the parts train, val and test",
    ),
    ("code-15", lambda f: _behead(f / "exams.csv"), "exams.csv: no row; it is not whole"),
    ("ptb-xl", lambda f: (f / "records100").rename(f / "r"), "none of 80 records"),
    ("echonext", lambda f: (f / "EchoNext_val_waveforms.npy").unlink(), "no EchoNext_val_waveforms.npy"),
    ("echonext", lambda f: _edit(f / "echonext_metadata_100k.csv", "pasp_gte_45_flag", "pasp"), "'pasp_gte_45_flag'"),
    ("code-15", lambda f: (f / "exams_part0.hdf5").unlink(), "none of the 2 files of exams.csv"),
    ("code-15", lambda f: _edit(f / "exams.csv", "1dAVb", "AVB"), "no column '1dAVb'"),
    (
        "georgia",
        lambda f: [h.unlink() for h in f.rglob("*.hea")],
        "no record of Georgia .E00001.hea. but no WFDB header",
    ),
    ("cpsc-2018", lambda f: [h.rename(h.with_stem("Q" + h.stem)) for h in f.rglob("*.hea")], "80 other records"),
]


def _edit(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def _behead(file: Path) -> None:
    """Only the head is left."""
    file.write_text(file.read_text().splitlines()[0] + "\n")


@pytest.mark.parametrize(("suite", "fault", "line"), FAULTS, ids=[f"{s}-{line[:20]}" for s, _, line in FAULTS])
def test_a_folder_in_another_layout_is_one_clear_line(
    suite: str, fault: Callable[[Path], object], line: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    fault(WRITERS[suite](folder))
    with pytest.raises(IgakuError, match=line):
        run(suite, folder, tmp_path / "out")


def test_records_that_are_not_downloaded_are_counted(done: Callable[[str], Done]) -> None:
    assert (
        "10 of 80 records are left out: 1 files (exams_part1.hdf5 ...) are not there" in done("code-15").found.remarks
    )


def test_an_encoder_that_saw_the_test_records_in_another_copy_is_refused(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    """PTB-XL's test records lie in the Challenges too, as 500 Hz .mat under other names."""
    (tmp_path / "c.yaml").write_text(CONFIG)
    config = load_config(str(tmp_path / "c.yaml"))
    copies = georgia(tmp_path / "copies", "HR{:05d}")
    prepare(rows_of([copies]), config.contract, tmp_path / "seen", workers=1)
    store = Store(tmp_path / "seen")
    pretrain(store.signals, config, tmp_path / "encoder", lambda *_: None, range(len(store.rows)), seen_in(store.rows))
    for suite, line in (("ptb-xl", "patients, known by their signals under other names"), ("georgia", "test patients")):
        with pytest.raises(IgakuError, match=line):
            run(suite, folders[suite], tmp_path / suite, tasks=TASKS.get(suite, ())[:1], encoder=tmp_path / "encoder")
    others = georgia(tmp_path / "others", "HR{:05d}", synthetic.cohort(20, seed=31).records)
    prepare(rows_of([others]), config.contract, tmp_path / "unseen", workers=1)
    store = Store(tmp_path / "unseen")
    pretrain(store.signals, config, tmp_path / "other", lambda *_: None, range(len(store.rows)), seen_in(store.rows))
    assert run("georgia", folders["georgia"], tmp_path / "georgia2", encoder=tmp_path / "other").scores


def test_a_training_record_that_recurs_in_the_test_part_teaches_nothing() -> None:
    code, other = "ab" * 32, "12" * 32
    rows = [
        RecordRow(path="1", patient="a", split="train", signal_hash=code),
        RecordRow(path="2", patient="b", split="test", signal_hash=code),
        RecordRow(path="3", patient="c", split="train", signal_hash=other),
        RecordRow(path="4", patient="a", split="train", signal_hash="34" * 32),
    ]
    assert without_twins(rows) == 2, "the patient's other record goes too"
    assert [r.split for r in rows] == ["none", "test", "train", "none"]


def test_every_published_number_has_a_source_and_lies_in_its_interval() -> None:
    for suite, task in (("ptb-xl", "all"), ("ptb-xl", "rhythm"), ("cpsc-2018", "diagnoses"), ("echonext", "composite")):
        for r in reported(suite, task):
            assert r.source and 0.5 < float(r.auroc) < 1
            assert not r.low or float(r.low) <= float(r.auroc) <= float(r.high)
    assert [r.auroc for r in reported("ptb-xl", "superdiagnostic") if r.model == "xresnet1d101"] == ["0.928"]


def test_an_unknown_suite_task_or_init_is_named_with_the_nearest(folders: dict[str, Path], tmp_path: Path) -> None:
    for arguments, line in (
        (["ptbxl", "x"], "ptb-xl"),
        (["georgia", str(folders["georgia"]), "--inits", "Resnet"], "ResNet"),
        (["georgia", str(folders["georgia"]), "--inits", "pre-trained"], "--encoder"),
        (["ptb-xl", str(folders["ptb-xl"]), "--tasks", "rythm"], "rhythm"),
        (["georgia", str(folders["georgia"]), "--encoder", "ecg-fm=weights.safetensors"], "igaku ecg finetune"),
    ):
        result = CliRunner().invoke(app, ["ecg", "benchmark", *arguments, "--out", str(tmp_path / "o")])
        assert isinstance(result.exception, IgakuError) and line in str(result.exception)


def test_a_record_that_cannot_be_read_is_counted_in_the_table(tmp_path: Path) -> None:
    folder = georgia(tmp_path / "data")
    file = folder / "g1" / "E00003.mat"
    file.write_bytes(file.read_bytes()[:200])
    found = run("georgia", folder, tmp_path / "out")
    assert "1 of 80 records could not be read (records/errors.json)" in found.remarks


@pytest.mark.data
def test_the_real_georgia_records_at_hand_are_read_and_too_few_is_said(tmp_path: Path) -> None:
    folder = find_data("ecg/cinc2021")
    assert folder
    found = challenge.records(challenge.ORIGINS["georgia"], folder)
    assert len(found.rows) == 21 and found.notes == ["11 records of other data sets are left out"]
    contract = load_config("tiny").contract
    prepare(found.rows, contract, tmp_path / "s", workers=1)
    tasks, notes = challenge.tasks(Store(tmp_path / "s").rows, least=2)
    assert "sinus rhythm" in tasks[0].labels or tasks[0].labels
    assert not any("none of the Challenges'" in note for note in notes), "every code is known"
    with pytest.raises(IgakuError, match="no diagnosis has 30 of 21 records; the most frequent"):
        challenge.tasks(Store(tmp_path / "s").rows, least=30)
