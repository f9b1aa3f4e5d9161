"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

A reader a format yields replies; questions are found by id or words (``match``), several replies to one question are
settled (``repeats``), and the rest goes into the run folder (``merge``).
"""

from pathlib import Path

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import digest, file_sha256
from igaku.question import Answer, Reply
from igaku.runs.importers.compared import missing, other_keys
from igaku.runs.importers.formats import FORMATS, files_of
from igaku.runs.importers.match import Questions, Replies, filter_model, match_questions, permutation_of
from igaku.runs.importers.merge import Import, merge_into_run
from igaku.runs.importers.recorded import RecordedReply, Remarks
from igaku.runs.importers.repeats import Found, checked, settle, with_tasks, without_copies
from igaku.runs.journal import sanitize
from igaku.runs.store import Run, open_run
from igaku.thinking import Spoken, split


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
    files = files_of(format, Path(path), remarks)
    benchmark = load_benchmark(bench)
    files = kind.narrow(files, benchmark.label) if kind.narrow else files
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
    notes = [*remarks.all(), *copies, *tasks, *settled, *missing(counted, questions, bench), *other_keys(counted)]
    sources = {f: f"{f.name} sha256:{file_sha256(f)}" for f in files}
    first, rest = ([_reply(one, sources[one.file], benchmark.label) for one in part] for part in (counted, further))
    images = {reply.key for one, reply in zip(counted, first) if one.reply.images}
    methods = kind.methods if benchmark.method == "letter" else [benchmark.method]
    every = [*notes, *remarks.provenance]
    new = Import(benchmark.label, questions, methods, first, rest, images, every, benchmark.aggregate)
    added = merge_into_run(Path(out), new, choice, new_keys)
    return Imported(open_run(out), added, len(replies) - len(known), len(further), notes)


def _known(replies: Replies, questions: Questions) -> list[Found]:
    """The replies whose question is the benchmark's; a file with one shuffled question is a shuffled one."""
    known = [(f, r, questions[r.lang][r.id]) for f, r in replies if r.id in questions.get(r.lang, {})]
    shuffled = {f for f, r, q in known if r.choices and permutation_of(r, q)}
    return [Found(f, r, q, "shuffled" if f in shuffled else "original") for f, r, q in known]


def _first(replies: Replies) -> str:
    return f" (first: {replies[0][1].where}, question {replies[0][1].id})" if replies else ""


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
