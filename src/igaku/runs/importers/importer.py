"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

A reader a format yields replies; questions are found by id or words (``match``), several replies to one question are
settled (``repeats``), and the rest goes into the run folder (``merge``).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.engines.thinking import Spoken, split
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import digest, file_sha256
from igaku.keys import LETTERS, Choices, Number
from igaku.question import Answer, Reply
from igaku.runs.importers import exams, medical, rows
from igaku.runs.importers.inspect_logs import inspect, inspect_files
from igaku.runs.importers.lighteval import lighteval
from igaku.runs.importers.lm_eval import lm_eval
from igaku.runs.importers.match import Questions, Replies, filter_model, match_questions, permutation_of
from igaku.runs.importers.merge import Import, merge_into_run
from igaku.runs.importers.recorded import Reader, RecordedReply, Remarks
from igaku.runs.importers.repeats import Found, checked, settle, with_tasks, without_copies
from igaku.runs.journal import sanitize
from igaku.runs.store import Run, open_run

METHODS = ["letter", "letter-lenient"]
SCORED = ["letter", "likelihood", "likelihood-char", "letter-logprob"]


class Format(NamedTuple):
    """One format of recorded replies."""

    read: Reader
    files: tuple[str, ...]
    """Patterns of its files in a folder; those of the first pattern that matches are read."""
    methods: list[str]
    """Methods to show."""
    model_names: bool = False
    """Whether ``model`` is the name to give; otherwise it picks one of several."""


FORMATS = {
    "jsonl": Format(rows.jsonl_rows, ("*.jsonl",), METHODS[:1], model_names=True),
    "csv": Format(rows.csv_rows, ("*.csv",), METHODS[:1], model_names=True),
    "igakuqa": Format(medical.igakuqa, ("*-[A-F]_*.jsonl",), METHODS),
    "igakuqa119": Format(medical.igakuqa119, ("*.json", "*_grading_results.csv"), METHODS),
    "jmle2026": Format(exams.jmle2026, ("*.json",), METHODS[:1]),
    "igakuqa-evaluation": Format(exams.igakuqa_evaluation, ("*_20[0-9][0-9]_[A-F].json",), METHODS[:1]),
    "j-clinicalbench": Format(exams.j_clinicalbench, ("MCQA/*/*_shot.json", "*_shot.json"), METHODS[:1]),
    "med-harness": Format(medical.med_harness, ("*.jsonl",), ["gestalt", "exact", "letter"], model_names=True),
    "lm-eval": Format(lm_eval, ("samples_*.jsonl",), SCORED, model_names=True),
    "inspect": Format(inspect, ("*.json", "*.eval"), METHODS[:1], model_names=True),
    "lighteval": Format(lighteval, ("details_*.parquet",), SCORED, model_names=True),
    "swallow": Format(lighteval, ("details_*.parquet",), SCORED, model_names=True),
}


class Imported(Struct, frozen=True):
    """The run, and what of the files is in it."""

    run: Run
    new: int
    """Replies that were not in the run before."""
    left_out: int
    """Replies that answer no question of the benchmark."""
    repeated: int
    """Replies that do not count because another one to their question does; the journal keeps them."""
    notes: list[str] = []
    """What else users must know: missing replies, broken logs, other keys."""


def import_run(
    format: str,
    path: str | Path,
    *,
    bench: str,
    out: str | Path,
    lang: str | None = None,
    model: str | None = None,
    repeats: str = "refuse",
    new_keys: bool = False,
) -> Imported:
    """Import recorded replies into a run folder.

    Replies to questions outside ``bench`` (other years in the same folder) are left out and counted.

    Args:
        repeats: which reply counts where one model has several to one question: ``refuse`` (an error with their
            number), ``first``, ``last``, or ``separate`` (rows of their own).
        new_keys: whether the benchmark's keys may replace other ones that the run was graded by.

    Raises:
        IgakuError: unknown format, unreadable file, no reply that belongs to the benchmark, several replies to one
            question, other keys, or a run of an engine.
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    choice, kind, remarks = checked(repeats), FORMATS[format], Remarks()
    files = _files(format, Path(path), remarks)
    benchmark = load_benchmark(bench)
    questions = {one: {q.id: q for q in benchmark.load(one)} for one in benchmark.languages}
    replies: Replies = [(f, r) for f in files for r in kind.read(f, lang or benchmark.languages[0], model, remarks)]
    if any(not r.id for _, r in replies):
        replies = match_questions(replies, questions)
    if lang:
        replies = [(f, r) for f, r in replies if r.lang == lang]
    if model and not kind.model_names:
        replies = filter_model(replies, model)
    known = _known(replies, questions)
    if not known:
        raise IgakuError(f"{path}: no reply in it belongs to {bench}{_first(replies)}")
    whole, copies = without_copies(known)
    named, tasks = with_tasks(whole)
    counted, further, settled = settle(named, choice)
    notes = [*remarks.all(), *copies, *tasks, *settled, *_missing(counted, questions, bench), *_other_keys(counted)]
    sources = {f: f"{f.name} sha256:{file_sha256(f)}" for f in files}
    first, rest = ([_reply(one, sources[one.file], benchmark.label) for one in part] for part in (counted, further))
    images = {reply.key for one, reply in zip(counted, first) if one.reply.images}
    new = Import(benchmark.label, questions, kind.methods, first, rest, images, [*notes, *remarks.provenance])
    added = merge_into_run(Path(out), new, choice, new_keys)
    return Imported(open_run(out), added, len(replies) - len(known), len(further), notes)


def _known(replies: Replies, questions: Questions) -> list[Found]:
    """The replies whose question is the benchmark's; a file with one shuffled question is a shuffled one."""
    known = [(f, r, questions[r.lang][r.id]) for f, r in replies if r.id in questions.get(r.lang, {})]
    shuffled = {f for f, r, q in known if r.choices and permutation_of(r, q)}
    return [Found(f, r, q, "shuffled" if f in shuffled else "original") for f, r, q in known]


def _first(replies: Replies) -> str:
    return f" (first: {replies[0][1].where}, question {replies[0][1].id})" if replies else ""


def _files(format: str, path: Path, remarks: Remarks) -> list[Path]:
    patterns = FORMATS[format].files
    named = " or ".join(patterns)
    if not path.exists():
        raise IgakuError(f"{path}: not found; give a file, or a folder that holds {named}")
    if not path.is_dir():
        return [path]
    if format == "inspect":
        files, notes = inspect_files(path)
        remarks.notes += notes
    else:
        files = next((f for f in (sorted(path.rglob(p)) for p in patterns) if f), [])
    if not files:
        raise IgakuError(f"{path}: no {named} in this folder")
    return files


def _missing(counted: Sequence[Found], questions: Questions, bench: str) -> list[str]:
    """Notes for rows that do not answer the whole benchmark; rows of one number in one line."""
    answered = Counter(row for row, _ in {(one.row, one.question.id) for one in counted})
    rows: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row, n in answered.items():
        if missing := len(questions[row[1]]) - n:
            rows[missing, len(questions[row[1]])].append(f"{row[0]} ({row[2]}, {row[1]})")
    return [
        f"{missing} of {of} questions of {bench} have no reply of {', '.join(names[:3])}"
        + (f" and {len(names) - 3} more rows" if len(names) > 3 else "")
        for (missing, of), names in rows.items()
    ]


def _other_keys(counted: Sequence[Found]) -> list[str]:
    """A note where the files were graded by other keys than the benchmark's."""
    others = {one.question.id: one for one in counted if one.reply.gold and not _agrees(one)}
    if not others:
        return []
    first = next(iter(others.values()))
    theirs, ours = " ".join(first.reply.gold), first.question.key.text()
    return [f"{len(others)} keys in the files differ from igaku's ({first.question.id}: {theirs} there, {ours} here)"]


def _agrees(one: Found) -> bool:
    key, gold = one.question.key, [g.strip().lower() for g in one.reply.gold]
    if isinstance(key, Number):
        return any(map(key.matches, gold))
    letters = [c for c in "".join(gold) if c in LETTERS]
    return not isinstance(key, Choices) or key.accepts(tuple(LETTERS.index(c) for c in letters))


def _answer(recorded: RecordedReply) -> Answer:
    """Its text with thinking taken out, unless letters only were wanted: those stay as they are."""
    spoken = split(recorded.text) if recorded.kind == "text" and not recorded.bare else Spoken(recorded.text)
    thinking = "\n".join(filter(None, (recorded.thinking, spoken.thinking)))
    finish = "length" if spoken.cut and recorded.finish == "stop" else recorded.finish
    return Answer(finish=finish, text=spoken.answer, thinking=thinking, logprobs=recorded.logprobs)


def _reply(one: Found, source: str, bench: str) -> Reply:
    recorded = one.reply
    answer = sanitize(_answer(recorded))
    position = recorded.where.rsplit(", ", 1)[1]
    logprobs = map(str, recorded.logprobs)
    parts = [source, position, recorded.model, recorded.id, str(recorded.sample), recorded.text, *logprobs]
    return Reply(
        key=digest("\n".join(parts).encode(errors="replace")),
        model=recorded.model,
        bench=bench,
        lang=recorded.lang,
        id=recorded.id,
        prompt=recorded.prompt,
        sample=recorded.sample,
        order=one.order,
        permutation=permutation_of(recorded, one.question) if one.order == "shuffled" else (),
        kind=recorded.kind,
        answer=answer,
        only_letters=recorded.bare,
        origin="imported",
        source=source,
    )
