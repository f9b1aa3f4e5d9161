"""Whether a run's files are what they were when igaku closed them."""

from pathlib import Path

from igaku.errors import IgakuError
from igaku.runs.seal import FILE, JOURNAL, SEALED, Seal, file_hash, read_seal
from igaku.studies.claims.check import Tally
from igaku.studies.claims.files import LONGEST, unfit


def seal_check(folder: Path) -> Tally:
    """Each sealed file's hash, and the journal's up to the length that was sealed."""
    tally = Tally("seal", "no file was changed since igaku closed the run (no signature: docs/studies/verify.md)")
    try:
        why, seal = unfit(folder / FILE, LONGEST), None
        seal = None if why else read_seal(folder)
    except IgakuError as error:
        why = f"{error}".removeprefix(f"{folder / FILE}: ")
    if why:
        tally.fault(FILE, why)
    elif seal is None:
        tally.skip("the folder has no seal: it was made by an igaku before seals, or the seal was removed")
    else:
        for name in (*SEALED, JOURNAL):
            if why := unfit(folder / name):
                tally.fault(name, why)
            else:
                _file(tally, folder / name, seal)
    return tally


def _file(tally: Tally, path: Path, seal: Seal) -> None:
    if path.name != JOURNAL:
        now = file_hash(path) if path.is_file() else ""
        tally.compare(path.name, "changed since it was sealed", seal.files.get(path.name, ""), now)
        return
    size, sealed = path.stat().st_size if path.is_file() else 0, seal.journal_bytes
    now = file_hash(path, sealed) if 0 < sealed <= size else ""
    tally.compare(JOURNAL, f"the first {sealed:,} bytes, sealed", seal.journal, now)
    if size > sealed:
        tally.skip(f"{size - sealed:,} bytes of the journal came after the last seal")
