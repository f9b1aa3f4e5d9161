"""EchoNext and CODE-15: tables whose columns of true and false are the labels."""

from collections.abc import Sequence
from pathlib import Path

from igaku.cardiology.ecg.config import load_config
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.suites.ptb_xl import need, need_columns
from igaku.cardiology.ecg.suites.task import Found, Task
from igaku.cardiology.ecg.tables import RecordRow, parse_filter, table
from igaku.errors import IgakuError

ECHONEXT = "echonext_metadata_100k.csv"
FINDINGS = (
    "lvef_lte_45_flag",
    "lvwt_gte_13_flag",
    "aortic_stenosis_moderate_or_greater_flag",
    "aortic_regurgitation_moderate_or_greater_flag",
    "mitral_regurgitation_moderate_or_greater_flag",
    "tricuspid_regurgitation_moderate_or_greater_flag",
    "pulmonary_regurgitation_moderate_or_greater_flag",
    "rv_systolic_dysfunction_moderate_or_greater_flag",
    "pericardial_effusion_moderate_large_flag",
    "pasp_gte_45_flag",
    "tr_max_gte_32_flag",
)
COMPOSITE = "shd_moderate_or_greater_flag"
ECHONEXT_TASKS = ("heads", "findings", "composite")
CODE15 = "exams.csv"
OTHER = "another version of this data set"
SIX = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")


def echonext_records(folder: Path, contract: Contract) -> Found:
    """Rows of the training, validation and test part; those without a part are left out.

    Raises:
        IgakuError: the table, a column, or an array is missing.
    """
    file = need(folder, ECHONEXT)
    need_columns(file, ("patient_key", "split", *FINDINGS, COMPOSITE), OTHER)
    rows = table(file, load_config("echonext").source, parse_filter("split=train,val,test"))
    if not rows:
        raise IgakuError(f"{file}: no row of the parts train, val and test; {OTHER}")
    for name in sorted({Path(r.path).name.partition("#")[0] for r in rows}):
        need(folder, name)
    return Found(rows, [])


def echonext_tasks(folder: Path, rows: Sequence[RecordRow]) -> list[Task]:
    """The twelve heads of one model; its eleven findings; and whether there is any of them."""
    labels = ([*FINDINGS, COMPOSITE], list(FINDINGS), [COMPOSITE])
    return [Task(name, own) for name, own in zip(ECHONEXT_TASKS, labels)]


def code15_records(folder: Path, contract: Contract) -> Found:
    """Rows of ``exams.csv`` whose HDF5 file is there.

    Raises:
        IgakuError: the table, a column, or all HDF5 files are missing.
    """
    file = need(folder, CODE15)
    need_columns(file, ("exam_id", "patient_id", "trace_file", *SIX), OTHER)
    rows = table(file, load_config("code-15").source)
    files = {name: (folder / name).is_file() for name in {_file(r) for r in rows}}
    there, gone = [r for r in rows if files[_file(r)]], sorted(name for name, is_there in files.items() if not is_there)
    if not there:
        raise IgakuError(f"{folder}: none of the {len(files)} files of {CODE15} is there ({', '.join(gone[:2])})")
    lost = f"{len(rows) - len(there):,} of {len(rows):,} records are left out: {len(gone)} files"
    return Found(there, [f"{lost} ({gone[0]} ...) are not there"] if gone else [])


def code15_tasks(folder: Path, rows: Sequence[RecordRow]) -> list[Task]:
    """The six abnormalities."""
    return [Task("diagnoses", list(SIX))]


def _file(row: RecordRow) -> str:
    return Path(row.path.rpartition("#")[0]).name
