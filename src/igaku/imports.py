"""Others' recorded replies become a run: graded by our graders, marked ``imported``, with the hash of their file.

``igakuqa``: IgakuQA's published reply files (``112-A_gpt4.jsonl``, ``112-A_translate_chatgpt-en.jsonl``).
``igakuqa119``: that project's answer JSON. ``med-harness``: the JSONL that japanese-lm-med-harness writes. ``lm-eval``: its samples
(``--log_samples``), of tasks that ``igaku export lm-eval`` wrote (found by id) or of its own (found by the question's words).
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from igaku import __version__
from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import need, read_jsonl
from igaku.engines.embedded import file_sha256
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS as GRADERS
from igaku.grading.words import bare
from igaku.journal import Journal
from igaku.journal.keys import digest
from igaku.question import Answer, Ask, Question, Reply
from igaku.run import Asked, Kept, Manifest, Run, open_run, read_manifest, save

METHODS = ["letter", "letter-lenient"]


class Imported(NamedTuple):
    """The run, how many replies were new in it, and how many answer no question of the benchmark."""

    run: Run
    new: int
    left_out: int


class Said(NamedTuple):
    """One recorded reply as its file has it."""

    where: str
    model: str
    lang: str
    id: str
    text: str
    choices: tuple[str, ...] = ()
    """The choices as they were shown, where the file says so."""
    sample: int = 0
    ask: Ask = "text"
    logprobs: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    """Texts of its document, to find the question by where the file holds no id of ours."""


def import_run(
    format: str,
    path: str | Path,
    *,
    bench: str,
    out: str | Path,
    lang: str | None = None,
    model: str | None = None,
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
    if model and format not in ("med-harness", "lm-eval"):
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
    return Imported(open_run(out), new, len(said) - len(known))


def _files(path: Path, pattern: str) -> list[Path]:
    if not path.exists():
        raise IgakuError(f"{path}: not here; give a file, or a folder that holds {pattern}")
    files = sorted(path.rglob(pattern)) if path.is_dir() else [path]
    if not files:
        raise IgakuError(f"{path}: no {pattern} in this folder")
    return files


def _of(said: list[tuple[Path, Said]], model: str) -> list[tuple[Path, Said]]:
    models = {s.model for _, s in said}
    if model not in models:
        raise UnknownNameError("model", model, models, hint="in these files")
    return [(f, s) for f, s in said if s.model == model]


def _igakuqa(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    named = re.fullmatch(r"\d+-[A-F](_translate)?_(.+)", path.stem)
    if not named:
        raise IgakuError(f"{path}: not named like IgakuQA's reply files (112-A_gpt4.jsonl)")
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        text = need(row, "prediction", str, where)
        yield Said(where, named[2], "en" if named[1] else "ja", need(row, "problem_id", str, where), text)


def _igakuqa119(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    try:
        results = json.loads(path.read_text(encoding="utf-8"))["results"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise IgakuError(f"{path}: not IgakuQA119's answer JSON (no 'results' in it: {error})") from None
    for n, row in enumerate(results, 1):
        where = f"{path}, result {n}"
        for sample, answer in enumerate(need(row, "answers", list, where)):
            name = re.sub(r".*/|:latest$|\.gguf", "", str(need(answer, "model", str, where)))
            yield Said(
                where,
                name,
                "ja",
                need(row, "question_number", str, where),
                str(answer.get("answer") or ""),
                sample=sample,
            )


def _med_harness(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        choices = tuple(map(str, need(row, "choices", list, where)))
        name = str(need(row, "problem_id", (str, int), where))
        yield Said(
            where,
            model or path.stem.split("-Igaku")[0],
            lang,
            name,
            need(row, "response", str, where),
            choices,
        )


def _lm_eval(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    """A sample holds its document, the arguments of each request, and the responses in the same order."""
    name = model or path.parent.name
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        doc, resps = need(row, "doc", dict, where), need(row, "resps", list, where)
        arguments = list(need(row, "arguments", dict, where).values())
        exported = "id" in doc and "query" in doc
        said = Said(
            where, name, str(doc.get("lang", lang)) if exported else lang, str(doc["id"]) if exported else "", text="",
            texts=() if exported else tuple(_strings(doc)),
        )  # fmt: skip
        try:
            if len(resps) == 1 and isinstance(resps[0][0], str):
                yield said._replace(text=resps[0][0])
                continue
            logprobs = tuple(float(r[0][0]) for r in resps)
            following = tuple(str(a["arg_1"]).strip() for a in arguments)
        except (IndexError, KeyError, TypeError, ValueError):
            raise IgakuError(
                f"{where}: not a sample of lm-eval's (no log-likelihoods and no text in 'resps')"
            ) from None
        letters = all(len(c) == 1 for c in following)
        if letters and not exported:
            raise IgakuError(
                f"{where}: scored by letters, in an order the sample does not hold; export the task from igaku instead"
            )
        yield said._replace(
            ask="letters" if letters else "likelihood", logprobs=logprobs, choices=() if letters else following
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)


def _found(said: list[tuple[Path, Said]], questions: dict[str, dict[str, Question]]) -> list[tuple[Path, Said]]:
    """Replies without an id of ours, put to the question whose stem one of their texts holds word for word."""
    stems = {
        (lang, _bare(q.stem)): q.id for lang, qs in questions.items() for q in qs.values() if len(_bare(q.stem)) > 10
    }
    out = []
    for f, s in said:
        name = s.id or next((stems[s.lang, key] for t in s.texts if (s.lang, key := _bare(t)) in stems), "")
        out.append((f, s._replace(id=name)))
    return out


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


FORMATS: dict[str, tuple[Callable[[Path, str, str | None], Iterator[Said]], str, list[str], bool]] = {
    "igakuqa": (_igakuqa, "*-[A-F]_*.jsonl", METHODS, True),
    "igakuqa119": (_igakuqa119, "*.json", METHODS, True),
    "med-harness": (_med_harness, "*.jsonl", ["gestalt", "exact", "letter"], False),
    "lm-eval": (_lm_eval, "samples_*.jsonl", ["letter", "likelihood", "likelihood-char", "letter-logprob"], False),
}
"""Reader, names of its files in a folder, methods to show, and whether its protocol asked for letters only."""


def _reply(source: str, said: Said, question: Question, bench: str, only_letters: bool, shuffled: bool) -> Reply:
    permutation = _permutation(said, question) if shuffled else ()
    key = digest(
        "\n".join(
            [
                source,
                said.where.rsplit(", ", 1)[1],
                said.model,
                said.id,
                str(said.sample),
                said.text,
                *map(str, said.logprobs),
            ]
        ).encode()
    )
    return Reply(
        key=key, model=said.model, bench=bench, lang=said.lang, id=said.id, prompt="published", sample=said.sample,
        order="shuffled" if shuffled else "original", permutation=permutation, ask=said.ask,
        answer=Answer(text=said.text, logprobs=said.logprobs),
        only_letters=only_letters, origin="imported", source=source,
    )  # fmt: skip


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
    asked = {(a.model, a.bench, a.lang, a.order): a for a in old.asked}
    for r in replies:
        block = asked.setdefault(
            (r.model, bench, r.lang, r.order),
            Asked(
                model=r.model, bench=bench, lang=r.lang, prompt="published", order=r.order, methods=methods, replies={}
            ),
        )
        block.replies.setdefault(r.id, {}).setdefault(r.ask, r.key)
    for block in asked.values():
        said = {ask for keys in block.replies.values() for ask in keys}
        block.methods = [m for m in dict.fromkeys([*block.methods, *methods]) if GRADERS[m].ask in said]
    old.asked = list(asked.values())
    kept = [Kept(bench, questions[r.lang][r.id]) for r in replies]
    with Journal(out / "replies.jsonl") as journal:
        save(out, old, kept, {})
        have = journal.keys()
        new = [r for r in replies if r.key not in have]
        for reply in new:
            journal.append(reply)
    return len(Counter(r.key for r in new))
