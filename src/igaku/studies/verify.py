"""What of a run's folder holds: everything in it that can be computed again is computed again.

Questions and keys against the benchmark as it is here, prompts from templates and questions, the keys of replies from
identity and requests, verdicts and scores from the replies, the suite's hash, and the files against their seal. No
model is called, and no code that the folder names is run.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError
from igaku.grading import VERSION
from igaku.runs.results import suite_label
from igaku.runs.seal import FILE, file_hash
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.studies.claims.check import Tally
from igaku.studies.claims.files import LONGEST, unfit
from igaku.studies.claims.folder import Folder, unknown_methods
from igaku.studies.claims.identity import identity_checks
from igaku.studies.claims.prompts import askings, prompt_check
from igaku.studies.claims.questions import Known, known_questions, question_checks
from igaku.studies.claims.report import Coverage, VerifyReport
from igaku.studies.claims.scores import score_check
from igaku.studies.claims.sealed import seal_check
from igaku.studies.claims.stated import STATED
from igaku.studies.claims.suite import suite_check
from igaku.studies.claims.verdicts import verdict_check


def verify(
    run: Run | str | Path,
    *,
    bench: Names = None,
    suite: str | Path = "",
    scores: Sequence[str | Path] = (),
    keys: str | Path | None = None,
) -> VerifyReport:
    """Check what a run's folder claims.

    Args:
        run: a run or its folder.
        bench: files of own questions that the run was asked (``ours.jsonl``, ``my_exam.py``).
        suite: the YAML file of a suite that is not igaku's own.
        scores: files that state its scores: a card, or what ``igaku show --json`` printed; ``card.yaml`` and
            ``scores.json`` in the folder are read anyway.
        keys: the file of keys that it says it is graded by (``igaku.benchmarks.key_files``).

    Raises:
        IgakuError: there is no run, or a file that was given cannot be read.
    """
    path = run.path if isinstance(run, Run) else Path(run)
    own = [load_benchmark(name) for name in names(bench)]
    folder = Folder(path)
    read, ref = folder.run, folder.run.manifest.suite
    known = known_questions(read, own, Path(keys) if keys else None)
    ways = askings(read, known)
    stated = [path / name for name in STATED if (path / name).exists() or (path / name).is_symlink()]
    tallies: list[Tally] = [
        folder.whole,
        seal_check(path),
        *question_checks(read, known),
        prompt_check(read, known, ways),
        *identity_checks(read, known, ways),
        verdict_check(read),
        score_check(read, stated, [Path(file) for file in scores]),
        *([suite_check(read, ref, suite)] if ref else []),
    ]
    results = [t.result() for t in tallies]
    imported = read.manifest.identity is None
    return VerifyReport(
        run=str(path),
        model=", ".join(dict.fromkeys(t.model for t in read.manifest.tasks)),
        imported=imported,
        grading=VERSION,
        suite=suite_label(read.suite) if read.suite else "",
        seal=file_hash(path / FILE) if (path / FILE).is_file() and not unfit(path / FILE, LONGEST) else "",
        holds=all(c.status != "fails" for c in results),
        checks=results,
        coverage=_coverage(read, known),
        remarks=[*folder.unnamed(), *_remarks(read, imported)],
    )


def _coverage(run: Run, known: Known) -> list[Coverage]:
    ids_of: dict[tuple[str, str], set[str]] = {}
    for t in run.manifest.tasks:
        ids_of.setdefault((t.bench, t.lang), set()).update(name.partition("#")[0] for name in t.replies)
    return [
        Coverage(benchmark=bench, language=lang, n_asked=len(ids), of=sum("#" not in q for q in known.questions[at]))
        for at, ids in ids_of.items()
        for bench, lang in [at]
        if at in known.questions
    ]


def _remarks(run: Run, imported: bool) -> list[str]:
    out = [f"method {m} not found here: its verdicts are not graded again" for m in unknown_methods(run)]
    if imported:
        out.append(
            "imported: the folder cannot claim who answered, what was sent, or with which settings; it claims that "
            "these replies stand in the files whose SHA-256 each of them names"
        )
    return out


def verified(*runs: Run | str | Path | Sequence[Run | str | Path]) -> list[VerifyReport]:
    """Reports of runs that a board can take.

    Raises:
        IgakuError: a run that it cannot take, with the first reason.
    """
    reports = [verify(run) for run in open_runs(*runs)]
    for report in reports:
        if report.lacking:
            raise IgakuError(
                f"{report.run}: not verified ({report.lacking[0]}); leave it out, or see igaku verify {report.run}"
            )
    return reports


def in_words(reports: Iterable[VerifyReport]) -> dict[str, str]:
    """For a page: run -> which claims hold, and which nobody can check here."""
    out = {}
    for r in reports:
        held = ", ".join(c.name for c in r.checks if c.status == "holds")
        rest = ", ".join(c.name for c in r.checks if c.status == "not checked")
        out[r.run] = f"holds: {held}" + (f"; not checked: {rest}" if rest else "")
    return out
