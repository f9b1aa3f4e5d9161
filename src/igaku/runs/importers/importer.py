"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

``igakuqa``: IgakuQA's published reply files (``112-A_gpt4.jsonl``, ``112-A_translate_chatgpt-en.jsonl``).
``igakuqa119``: that project's answer JSON. ``med-harness``: the JSONL that japanese-lm-med-harness writes.
``lm-eval``: its samples (``--log_samples``), of tasks that ``igaku export lm-eval`` wrote (found by id) or of its own
(found by the question's words). ``inspect``: its logs. ``lighteval``, ``swallow``: details files (the second is a fork
of the first).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku._version import __version__
from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS as GRADERS
from igaku.io.hashing import digest, file_sha256
from igaku.question import Answer, Question, Reply
from igaku.runs.importers import harnesses, medical
from igaku.runs.importers.match import Questions, filter_model, match_questions, permutation_of
from igaku.runs.importers.recorded import Reader, RecordedReply
from igaku.runs.journal import Journal, sanitize
from igaku.runs.store import Manifest, Run, StoredQuestion, TaskRun, open_run, read_manifest, save

METHODS = ["letter", "letter-lenient"]
SCORED = ["letter", "likelihood", "likelihood-char", "letter-logprob"]


class Format(NamedTuple):
    """One format of recorded replies."""

    read: Reader
    files: tuple[str, ...]
    """Patterns of its files in a folder; those of the first pattern that matches are read."""
    methods: list[str]
    """Methods to show."""
    only_letters: bool = False
    """Whether its protocol asked for letters only."""
    model_names: bool = False
    """Whether ``model`` is the name to give; otherwise it picks one of several."""


FORMATS = {
    "igakuqa": Format(medical.igakuqa, ("*-[A-F]_*.jsonl",), METHODS, only_letters=True),
    "igakuqa119": Format(medical.igakuqa119, ("*.json",), METHODS, only_letters=True),
    "med-harness": Format(medical.med_harness, ("*.jsonl",), ["gestalt", "exact", "letter"], model_names=True),
    "lm-eval": Format(harnesses.lm_eval, ("samples_*.jsonl",), SCORED, model_names=True),
    "inspect": Format(harnesses.inspect, ("*.json", "*.eval"), METHODS[:1], model_names=True),
    "lighteval": Format(harnesses.lighteval, ("details_*.parquet",), SCORED, model_names=True),
    "swallow": Format(harnesses.lighteval, ("details_*.parquet",), SCORED, model_names=True),
}


class Imported(Struct, frozen=True):
    """The run, and what of the files is in it."""

    run: Run
    new: int
    """Replies that were not in the run before."""
    left_out: int
    """Replies that answer no question of the benchmark."""
    repeated: int
    """Second and later samples of a question, which the journal keeps and nobody grades."""


def import_run(
    format: str, path: str | Path, *, bench: str, out: str | Path, lang: str | None = None, model: str | None = None
) -> Imported:
    """Import recorded replies into a run folder.

    Replies to questions outside ``bench`` (other years in the same folder) are left out and counted.

    Raises:
        IgakuError: unknown format, unreadable file, no reply that belongs to the benchmark, or a run of an engine.
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    kind = FORMATS[format]
    files = _files(Path(path), kind.files)
    benchmark = load_benchmark(bench)
    questions = {one: {q.id: q for q in benchmark.load(one)} for one in benchmark.languages}
    found = [(f, r) for f in files for r in kind.read(f, lang or benchmark.languages[0], model)]
    if any(not r.id for _, r in found):
        found = match_questions(found, questions)
    if lang:
        found = [(f, r) for f, r in found if r.lang == lang]
    if model and not kind.model_names:
        found = filter_model(found, model)
    known = [(f, r) for f, r in found if r.id in questions.get(r.lang, {})]
    if not known:
        raise IgakuError(f"{path}: no reply in it belongs to {bench}{_first(found)}")
    shuffled = {f for f, r in known if r.choices and permutation_of(r, questions[r.lang][r.id])}
    sources = {f: f"{f.name} sha256:{file_sha256(f)}" for f in files}
    replies = [
        _reply(sources[f], r, questions[r.lang][r.id], benchmark.label, kind.only_letters, f in shuffled)
        for f, r in known
    ]
    new = merge_into_run(Path(out), replies, benchmark.label, questions, kind.methods)
    return Imported(open_run(out), new, len(found) - len(known), sum(r.sample > 0 for _, r in known))


def _first(found: Sequence[tuple[Path, RecordedReply]]) -> str:
    return f" (first: {found[0][1].where}, question {found[0][1].id})" if found else ""


def _files(path: Path, patterns: Sequence[str]) -> list[Path]:
    named = " or ".join(patterns)
    if not path.exists():
        raise IgakuError(f"{path}: not found; give a file, or a folder that holds {named}")
    found = [sorted(path.rglob(p)) for p in patterns] if path.is_dir() else [[path]]
    files = next((f for f in found if f), [])
    if not files:
        raise IgakuError(f"{path}: no {named} in this folder")
    return files


def _reply(
    source: str, recorded: RecordedReply, question: Question, bench: str, only_letters: bool, shuffled: bool
) -> Reply:
    answer = sanitize(Answer(finish=recorded.finish, text=recorded.text, logprobs=recorded.logprobs))
    position = recorded.where.rsplit(", ", 1)[1]
    logprobs = map(str, recorded.logprobs)
    parts = [source, position, recorded.model, recorded.id, str(recorded.sample), answer.text, *logprobs]
    return Reply(
        key=digest("\n".join(parts).encode()),
        model=recorded.model,
        bench=bench,
        lang=recorded.lang,
        id=recorded.id,
        prompt="published",
        sample=recorded.sample,
        order="shuffled" if shuffled else "original",
        permutation=permutation_of(recorded, question) if shuffled else (),
        kind=recorded.kind,
        answer=answer,
        only_letters=only_letters,
        origin="imported",
        source=source,
    )


def merge_into_run(out: Path, replies: Sequence[Reply], bench: str, questions: Questions, methods: list[str]) -> int:
    """Add replies to a run of imported ones, new or not; returns how many were not in it.

    Raises:
        IgakuError: the run holds replies of an engine.
    """
    manifest = read_manifest(out) if (out / "run.json").exists() else Manifest(igaku=__version__)
    if manifest.identity is not None:
        raise IgakuError(f"{out}: this run holds replies of an engine; import into another --out")
    manifest.tasks = _tasks(manifest.tasks, replies, bench, methods)
    with Journal(out / "replies.jsonl") as journal:
        save(out, manifest, [StoredQuestion(bench, questions[r.lang][r.id]) for r in replies], {})
        before = journal.replies
        new = [r for r in replies if r.key not in before]
        for reply in new:
            journal.append(reply)
    return len({r.key for r in new})


def _tasks(old: Sequence[TaskRun], replies: Sequence[Reply], bench: str, methods: list[str]) -> list[TaskRun]:
    """The blocks of a run with new replies in them, each with the methods that its kinds of reply allow."""
    tasks = {(t.model, t.bench, t.lang, t.order): t for t in old}
    for r in replies:
        task = tasks.setdefault(
            (r.model, bench, r.lang, r.order),
            TaskRun(
                model=r.model, bench=bench, lang=r.lang, prompt="published", order=r.order, methods=methods, replies={}
            ),
        )
        if r.sample == 0:  # one reply a question is graded; of two files of one model the later counts
            task.replies.setdefault(r.id, {})[r.kind] = r.key
    for task in tasks.values():
        kinds = {kind for keys in task.replies.values() for kind in keys}
        task.methods = [m for m in dict.fromkeys([*task.methods, *methods]) if GRADERS[m].kind in kinds]
    return list(tasks.values())
