"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

A reader a format yields replies; questions are found by id or words (``match``), several replies to one question are
settled (``repeats``), and the rest goes into the run folder (``merge``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.pass_marks import keep_exams
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import digest, file_sha256
from igaku.question import Answer, Reply
from igaku.runs.bench_facts import bench_facts
from igaku.runs.importers.compared import Row, letters_only, missing, near, other_keys, pictures, without_question
from igaku.runs.importers.formats import FORMATS, files_of, reader_of
from igaku.runs.importers.match import Questions, Replies, filter_model, match_questions, permutation_of
from igaku.runs.importers.merge import Import, merge_into_run
from igaku.runs.importers.recorded import RecordedReply, Remarks
from igaku.runs.importers.repeats import Found, checked, settle, with_tasks, without_copies
from igaku.runs.importers.unread import unread
from igaku.runs.journal import sanitize
from igaku.runs.model_facts import keep_models, models_file, read_models
from igaku.runs.origins import Origin, summed_up
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
    columns: str | Mapping[str, str] = "",
    models: str | Path | None = None,
    keys: str | Path | None = None,
) -> Imported:
    """Import recorded replies into a run folder.

    Replies to questions outside ``bench`` (other years in the same folder) are left out and counted.

    Args:
        repeats: which reply counts where one model has several to one question: ``refuse`` (an error with their
            number), ``first``, ``last``, or ``separate`` (rows of their own).
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
    choice, kind, remarks = checked(repeats), FORMATS[format], Remarks()
    read = reader_of(format, columns)
    files, facts = files_of(format, Path(path), remarks), models_file(models, Path(path))
    entries = read_models(facts) if facts else {}
    benchmark = load_benchmark(bench)
    if keys:
        benchmark.take_keys(Path(keys))
    questions = {one: {q.id: q for q in benchmark.load(one)} for one in benchmark.languages}
    replies: Replies = [(f, r) for f in files for r in read(f, lang or benchmark.languages[0], model, remarks)]
    if any(not r.id for _, r in replies):
        replies = match_questions(replies, questions)
    if lang:
        replies = [(f, r) for f, r in replies if r.lang == lang]
    if model and not kind.model_names:
        replies = filter_model(replies, model)
    known = _known(replies, questions)
    if not known:
        raise IgakuError(f"{path}: no reply in it belongs to {bench}{_first(replies, questions)}")
    whole, copies = without_copies(known)
    named, tasks = with_tasks(whole)
    counted, further, settled = settle(named, choice)
    shown, unseen = pictures(counted)
    left_out = without_question((r for _, r in replies), questions, benchmark.label)
    notes = [
        *remarks.all(),
        *copies,
        *tasks,
        *settled,
        *missing(counted, questions, benchmark.label),
        *left_out,
        *unseen,
    ]
    notes += [*letters_only(counted), *other_keys(counted)]
    hashes = {f: file_sha256(f) for f in files}
    first, rest = ([_reply(one, hashes[one.file], benchmark.label) for one in part] for part in (counted, further))
    prompts = {prompt_hash(t): t for one in counted if (t := one.reply.prompt_text)}
    new = Import(
        bench=benchmark.label,
        questions=questions,
        facts=bench_facts(benchmark, questions),
        methods=kind.methods,
        counted=first,
        further=rest,
        shown=shown,
        origins=origins(counted, hashes),
        prompts=prompts,
        notes=notes,
    )
    added = merge_into_run(Path(out), new, choice, new_keys)
    keep_exams([benchmark], Path(out))
    run = open_run(out)
    notes += keep_models(entries, Path(out), {t.model for t in run.manifest.tasks})
    mine = [t for t in run.manifest.tasks if (t.model, t.lang, t.prompt, t.order) in {one.row for one in counted}]
    notes += unread(run, [t for t in mine if t.bench == benchmark.label])
    return Imported(run, added, len(replies) - len(known), len(further), notes)


def origins(counted: Sequence[Found], hashes: Mapping[Path, str]) -> dict[Row, list[Origin]]:
    """Of each row: its files, and what they say of its replies."""
    parts: dict[Row, dict[Path, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for one in counted:
        parts[one.row][one.file].append(one)
    return {row: [_origin(f, hashes[f], ones) for f, ones in files.items()] for row, files in parts.items()}


def _origin(file: Path, sha256: str, ones: Sequence[Found]) -> Origin:
    return Origin(
        file=file.name,
        sha256=sha256,
        replies=len(ones),
        thinking=sum(bool(_answer(one.reply).thinking) for one in ones),
        about=summed_up(dict(one.reply.about) for one in ones),
    )


def prompt_hash(text: str) -> str:
    """Under which a run keeps a prompt's text; empty for none."""
    return digest(text.encode(errors="replace")) if text else ""


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


def _answer(recorded: RecordedReply) -> Answer:
    """Its text with thinking taken out, unless letters only were wanted: those stay as they are."""
    spoken = split(recorded.text) if recorded.kind == "text" and not recorded.bare else Spoken(recorded.text)
    thinking = "\n".join(filter(None, (recorded.thinking, spoken.thinking)))
    finish = "length" if spoken.cut and recorded.finish == "stop" else recorded.finish
    return Answer(finish=finish, text=spoken.answer, thinking=thinking, logprobs=recorded.logprobs)


def _reply(one: Found, sha256: str, bench: str) -> Reply:
    recorded, source = one.reply, f"{one.file.name} sha256:{sha256}"
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
        prompt_hash=prompt_hash(recorded.prompt_text),
        only_letters=recorded.bare,
        origin="imported",
        source=source,
    )
