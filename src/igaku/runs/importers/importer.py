"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

``igakuqa``: IgakuQA's published reply files (``112-A_gpt4.jsonl``, ``112-A_translate_chatgpt-en.jsonl``).
``igakuqa119``: that project's answer JSON. ``med-harness``: the JSONL that japanese-lm-med-harness writes. ``lm-eval``: its samples
(``--log_samples``), of tasks that ``igaku export lm-eval`` wrote (found by id) or of its own (found by the question's words). ``inspect``: its
logs. ``lighteval``, ``swallow``: details files (the second is a fork of the first).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from igaku._version import __version__
from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS as GRADERS
from igaku.grading.words import bare
from igaku.io.hashing import digest, file_sha256
from igaku.question import Answer, Question, Reply
from igaku.runs.importers import harnesses, medical
from igaku.runs.importers.recorded import Reader, Said
from igaku.runs.journal import Journal, sanitize
from igaku.runs.store import Manifest, Run, StoredQuestion, TaskRun, open_run, read_manifest, save

METHODS = ["letter", "letter-lenient"]
SCORED = ["letter", "likelihood", "likelihood-char", "letter-logprob"]
OWN_NAME = ("med-harness", "lm-eval", "inspect", "lighteval", "swallow")
"""Formats where ``model`` gives the name; in the others it picks one of several."""
SHORT = 10
"""A stem of so few characters is not looked for inside a longer text."""


class Imported(NamedTuple):
    """The run, how many replies were new in it, how many answer no question of the benchmark, and how many are a question's second or later
    sample, which the journal keeps and nobody grades."""

    run: Run
    new: int
    left_out: int
    repeated: int


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
    read, pattern, methods, only_letters = FORMATS[format]
    files = _files(Path(path), pattern)
    benchmark = load_benchmark(bench)
    questions = {one: {q.id: q for q in benchmark.load(one)} for one in benchmark.languages}
    said = [(f, s) for f in files for s in read(f, lang or benchmark.languages[0], model)]
    if any(not s.id for _, s in said):
        said = _found(said, questions)
    if lang:
        said = [(f, s) for f, s in said if s.lang == lang]
    if model and format not in OWN_NAME:
        said = _of(said, model)
    known = [(f, s) for f, s in said if s.id in questions.get(s.lang, {})]
    if not known:
        some = said[0][1] if said else None
        raise IgakuError(
            f"{path}: no reply in it belongs to {bench}"
            + (f" (first: {some.where}, question {some.id})" if some else "")
        )
    shuffled = {f for f, s in known if s.choices and _permutation(s, questions[s.lang][s.id])}
    sources = {f: f"{f.name} sha256:{file_sha256(f)}" for f in files}
    replies = [
        _reply(sources[f], s, questions[s.lang][s.id], benchmark.label, only_letters, f in shuffled) for f, s in known
    ]
    new = _keep(Path(out), replies, benchmark.label, questions, methods)
    return Imported(open_run(out), new, len(said) - len(known), sum(s.sample > 0 for _, s in known))


FORMATS: dict[str, tuple[Reader, tuple[str, ...], list[str], bool]] = {
    "igakuqa": (medical.igakuqa, ("*-[A-F]_*.jsonl",), METHODS, True),
    "igakuqa119": (medical.igakuqa119, ("*.json",), METHODS, True),
    "med-harness": (medical.med_harness, ("*.jsonl",), ["gestalt", "exact", "letter"], False),
    "lm-eval": (harnesses.lm_eval, ("samples_*.jsonl",), SCORED, False),
    "inspect": (harnesses.inspect, ("*.json", "*.eval"), METHODS[:1], False),
    "lighteval": (harnesses.lighteval, ("details_*.parquet",), SCORED, False),
    "swallow": (harnesses.lighteval, ("details_*.parquet",), SCORED, False),
}
"""Reader, names of its files in a folder (the first that is there), methods to show, and whether its protocol asked for letters only."""


def _files(path: Path, patterns: Sequence[str]) -> list[Path]:
    named = " or ".join(patterns)
    if not path.exists():
        raise IgakuError(f"{path}: not here; give a file, or a folder that holds {named}")
    found = [sorted(path.rglob(p)) for p in patterns] if path.is_dir() else [[path]]
    files = next((f for f in found if f), [])
    if not files:
        raise IgakuError(f"{path}: no {named} in this folder")
    return files


def _of(said: list[tuple[Path, Said]], model: str) -> list[tuple[Path, Said]]:
    models = {s.model for _, s in said}
    if model not in models:
        raise UnknownNameError("model", model, models, hint="in these files")
    return [(f, s) for f, s in said if s.model == model]


def _found(said: list[tuple[Path, Said]], questions: dict[str, dict[str, Question]]) -> list[tuple[Path, Said]]:
    """Replies without an id of ours, put to a question: by an id among their texts, by a text that is a stem word for word, or by the
    last stem in a prompt (examples stand before the question)."""
    stems: dict[str, dict[str, list[Question]]] = {}
    for lang, qs in questions.items():
        for q in qs.values():
            stems.setdefault(lang, {}).setdefault(_bare(q.stem), []).append(q)
    out = []
    for f, s in said:
        name = s.id or _named(s, stems.get(s.lang, {}), questions.get(s.lang, {}))
        if name and s.lettered:
            s = s._replace(choices=_order_shown(s, questions[s.lang][name]))
        out.append((f, s._replace(id=name)))
    return out


def _named(said: Said, stems: Mapping[str, list[Question]], questions: Mapping[str, Question]) -> str:
    texts = {text: _bare(text) for text in said.texts}
    for text, plain in texts.items():
        if text in questions:
            return text
        if plain in stems:
            return _one_of(stems[plain], said, plain)
    inside = [
        (plain.rindex(stem) + len(stem), len(stem), _one_of(found, said, plain))
        for plain in texts.values()
        for stem, found in stems.items()
        if len(stem) > SHORT and stem in plain
    ]
    return max(inside)[2] if inside else ""


def _one_of(found: Sequence[Question], said: Said, plain: str) -> str:
    """Of questions with one stem (which of these is right?), the one whose choices the reply's file or prompt shows; "" for none."""
    if len(found) == 1:
        return found[0].id
    shown = sorted(map(bare, said.choices))
    return next(
        (
            q.id
            for q in found
            if (sorted(map(bare, q.choices)) == shown if shown else all(_bare(c) in plain for c in q.choices))
        ),
        "",
    )


def _order_shown(said: Said, question: Question) -> tuple[str, ...]:
    """The choices in the order in which the prompt lists them, one a line after a letter; () where it shows no such list and only text
    was asked for."""
    lines = [_LETTER.sub("", line, count=1) for text in said.texts for line in text.splitlines()]
    left = {bare(c): c for c in question.choices}
    shown = [left[key] for line in lines if (key := bare(line)) in left][-len(question.choices) :]
    if len(set(shown)) == len(question.choices):
        return tuple(shown)
    if said.kind == "text":
        return ()
    raise IgakuError(
        f"{said.where}: scored by letters, in an order that its prompt does not show; export the task from igaku instead"
    )


_LETTER = re.compile(r"^\s*[(（\[【]?\s*[A-Ja-jＡ-Ｊ1-9]\s*[)）\]】.．:：、]+\s*")


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def _reply(source: str, said: Said, question: Question, bench: str, only_letters: bool, shuffled: bool) -> Reply:
    permutation = _permutation(said, question) if shuffled else ()
    answer = sanitize(Answer(finish=said.finish, text=said.text, logprobs=said.logprobs))
    key = digest(
        "\n".join(
            [
                source,
                said.where.rsplit(", ", 1)[1],
                said.model,
                said.id,
                str(said.sample),
                answer.text,
                *map(str, said.logprobs),
            ]
        ).encode()
    )
    return Reply(
        key=key,
        model=said.model,
        bench=bench,
        lang=said.lang,
        id=said.id,
        prompt="published",
        sample=said.sample,
        order="shuffled" if shuffled else "original",
        permutation=permutation,
        kind=said.kind,
        answer=answer,
        only_letters=only_letters,
        origin="imported",
        source=source,
    )


def _permutation(said: Said, question: Question) -> tuple[int, ...]:
    """Where each choice that was shown stands in the question; () where they stand as they are."""
    free = [bare(c) for c in question.choices]
    out = []
    for choice in said.choices:
        if bare(choice) not in free:
            raise IgakuError(
                f"{said.where}: choice {choice[:40]!r} is not one of question {question.id}'s; is --bench or --lang right?"
            )
        at = free.index(bare(choice))
        free[at] = "\x00"
        out.append(at)
    return tuple(out) if out != list(range(len(question.choices))) else ()


def _keep(
    out: Path, replies: list[Reply], bench: str, questions: dict[str, dict[str, Question]], methods: list[str]
) -> int:
    old = read_manifest(out) if (out / "run.json").exists() else Manifest(igaku=__version__)
    if old.identity is not None:
        raise IgakuError(f"{out}: this run holds replies of an engine; import into another --out")
    asked = {(a.model, a.bench, a.lang, a.order): a for a in old.tasks}
    for r in replies:
        block = asked.setdefault(
            (r.model, bench, r.lang, r.order),
            TaskRun(
                model=r.model, bench=bench, lang=r.lang, prompt="published", order=r.order, methods=methods, replies={}
            ),
        )
        if r.sample == 0:  # one reply a question is graded; of two files of one model the later counts
            block.replies.setdefault(r.id, {})[r.kind] = r.key
    for block in asked.values():
        said = {kind for keys in block.replies.values() for kind in keys}
        block.methods = [m for m in dict.fromkeys([*block.methods, *methods]) if GRADERS[m].kind in said]
    old.tasks = list(asked.values())
    kept = [StoredQuestion(bench, questions[r.lang][r.id]) for r in replies]
    with Journal(out / "replies.jsonl") as journal:
        save(out, old, kept, {})
        have = journal.replies
        new = [r for r in replies if r.key not in have]
        for reply in new:
            journal.append(reply)
    return len(Counter(r.key for r in new))
