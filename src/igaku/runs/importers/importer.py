"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

A reader a format yields replies; questions are found by id or words (``match``), several replies to one question are
settled (``repeats``), and the rest goes into the run folder (``merge``).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.pass_marks import keep_exams
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import file_sha256
from igaku.runs.importers.compared import (
    Row,
    bare_numbers,
    letters_only,
    missing,
    near,
    other_keys,
    pictures,
    without_question,
)
from igaku.runs.importers.formats import FORMATS, files_of, reader_of
from igaku.runs.importers.judged import add_votes
from igaku.runs.importers.match import Questions, Replies, filter_model, match_questions, permutation_of
from igaku.runs.importers.merge import merge_into_run
from igaku.runs.importers.recorded import Remarks
from igaku.runs.importers.repeats import Found, checked, settle, with_tasks, without_copies
from igaku.runs.importers.stored import stored
from igaku.runs.importers.unread import unread
from igaku.runs.model_facts import keep_models, models_file, read_models
from igaku.runs.store import Run, open_run


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
    columns: str | Mapping[str, str] = "",
    models: str | Path | None = None,
    keys: str | Path | None = None,
) -> Imported:
    """Import recorded replies into a run folder.

    Replies to questions outside ``bench`` (other years in the same folder) are left out and counted.

    Args:
        repeats: which reply counts where one model has several to one question: ``refuse`` (an error with their
            number), ``first``, ``last``, ``separate`` (rows of their own), or ``samples`` (all, as samples).
        new_keys: whether the benchmark's keys may replace other ones that the run was graded by.
        columns: for ``jsonl`` and ``csv``, the file's own names: ``{"reply": "answer_text"}`` or
            ``"reply=answer_text"``.
        keys: a file of keys that win over the benchmark's (``igaku.benchmarks.key_files``).
        models: a ``models.toml`` (``igaku.runs.model_facts``); the one beside the replies if left out.

    Raises:
        IgakuError: unknown format, unreadable file, no reply that belongs to the benchmark, several replies to one
            question, other keys, or a run of an engine.
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    choice, remarks, read = checked(repeats), Remarks(), reader_of(format, columns)
    files, facts = files_of(format, Path(path), remarks), models_file(models, Path(path))
    entries, benchmark = read_models(facts) if facts else {}, load_benchmark(bench)
    if keys:
        benchmark.take_keys(Path(keys))
    files = FORMATS[format].narrow(files, benchmark.label)
    questions = {one: {q.id: q for q in benchmark.load(one)} for one in benchmark.languages}
    everything = [(f, r) for f in files for r in read(f, lang or benchmark.languages[0], model, remarks)]
    if nameless := next((r.where for _, r in everything if not r.model.strip()), ""):
        raise IgakuError(f"{nameless}: the name of the model is empty; name it in the file, or with --model")
    replies = _wanted(everything, questions, lang, "" if FORMATS[format].model_names else model or "")
    known = _known(replies, questions)
    if not known:
        raise IgakuError(f"{path}: no reply in it belongs to {bench}{_first(replies, questions)}")
    whole, copies = without_copies(known)
    named, tasks = with_tasks(whole)
    counted, further, settled = settle(named, choice)
    if choice == "samples" and benchmark.aggregate != "accuracy":
        raise IgakuError(f"--repeats samples: for benchmarks scored by accuracy; {benchmark.label} is not")
    shown, compared = _compared(counted, replies, questions, benchmark.label)
    notes = [*remarks.all(), *copies, *tasks, *settled, *compared]
    new = stored(benchmark, questions, counted, further, {f: file_sha256(f) for f in files})
    methods = FORMATS[format].methods if benchmark.method == "letter" else [benchmark.method]
    new = new._replace(methods=methods, shown=shown, notes=notes)
    added = merge_into_run(Path(out), new, choice, new_keys)
    if FORMATS[format].graded:
        add_votes(Path(out), benchmark.aggregate, counted, new.counted)
    keep_exams([benchmark], Path(out))
    run = open_run(out)
    notes += keep_models(entries, Path(out), {t.model for t in run.manifest.tasks})
    rows = {(one.reply.model, benchmark.label, *one.row[1:]) for one in counted}
    notes += unread(run, [t for t in run.manifest.tasks if (t.model, t.bench, t.lang, t.prompt, t.order) in rows])
    return Imported(run, added, len(replies) - len(known), len(further), notes)


def _wanted(replies: Replies, questions: Questions, lang: str | None, model: str) -> Replies:
    """Replies with their question, of the language and model that were asked for."""
    if any(not r.id for _, r in replies):
        replies = match_questions(replies, questions)
    if lang:
        replies = [(f, r) for f, r in replies if r.lang == lang]
    return filter_model(replies, model) if model else replies


def _compared(
    counted: Sequence[Found], replies: Replies, questions: Questions, bench: str
) -> tuple[set[Row], list[str]]:
    """The rows whose pictures were shown; and what is missing, left out, or differs from the benchmark."""
    shown, unseen = pictures(counted)
    left_out = without_question((r for _, r in replies), questions, bench)
    kinds = [*letters_only(counted), *bare_numbers(counted), *other_keys(counted)]
    return shown, [*missing(counted, questions, bench), *left_out, *unseen, *kinds]


def _known(replies: Replies, questions: Questions) -> list[Found]:
    """The replies whose question is the benchmark's; a file with one shuffled question is a shuffled one."""
    known = [(f, r, questions[r.lang][r.id]) for f, r in replies if r.id in questions.get(r.lang, {})]
    shuffled = {f for f, r, q in known if r.choices and permutation_of(r, q)}
    return [Found(f, r, q, "shuffled" if f in shuffled else "original") for f, r, q in known]


def _first(replies: Replies, questions: Questions) -> str:
    if not replies:
        return ""
    first = replies[0][1]
    return f" (first: {first.where}, question {first.id}){near(first.id, questions)}"
