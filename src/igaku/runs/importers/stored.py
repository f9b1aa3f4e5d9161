"""Recorded replies as a run keeps them: each with its hash and file, each row with what its files say of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from igaku.benchmarks.base import Benchmark
from igaku.io.hashing import digest
from igaku.question import Answer, Reply
from igaku.runs.bench_facts import bench_facts, fingerprint
from igaku.runs.importers.compared import Row
from igaku.runs.importers.match import Questions, permutation_of
from igaku.runs.importers.merge import Import
from igaku.runs.importers.recorded import RecordedReply
from igaku.runs.importers.repeats import Found
from igaku.runs.journal import sanitize
from igaku.runs.origins import Origin, summed_up
from igaku.thinking import Spoken, split


def stored(
    benchmark: Benchmark,
    questions: Questions,
    counted: Sequence[Found],
    further: Sequence[Found],
    hashes: Mapping[Path, str],
) -> Import:
    """What a run is to hold of found replies; methods, pictures and notes are left open.

    Args:
        further: replies that nobody grades.
        hashes: SHA-256 of each file.
    """
    label = benchmark.label
    return Import(
        bench=label,
        questions=questions,
        facts=bench_facts(benchmark, {lang: fingerprint(mine.values()) for lang, mine in questions.items()}),
        aggregate=benchmark.aggregate,
        methods=[],
        counted=[_reply(one, hashes[one.file], label) for one in counted],
        further=[_reply(one, hashes[one.file], label) for one in further],
        shown=(),
        origins=_origins(counted, hashes),
        prompts={prompt_hash(text): text for one in counted if (text := one.reply.prompt_text)},
        notes=(),
    )


def _origins(counted: Sequence[Found], hashes: Mapping[Path, str]) -> dict[Row, list[Origin]]:
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


def _answer(recorded: RecordedReply) -> Answer:
    """Its text with thinking taken out, unless letters only were wanted: those stay as they are."""
    spoken = split(recorded.text) if recorded.kind == "text" and not recorded.bare else Spoken(recorded.text)
    thinking = "\n".join(filter(None, (recorded.thinking, spoken.thinking)))
    finish = "length" if spoken.cut and recorded.finish == "stop" else recorded.finish
    return Answer(
        finish=finish, text=spoken.answer, thinking=thinking, logprobs=recorded.logprobs, confidence=recorded.confidence
    )


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
        sample=recorded.sample if one.sample is None else one.sample,
        order=one.order,
        permutation=permutation_of(recorded, one.question) if one.order == "shuffled" else (),
        kind=recorded.kind,
        answer=answer,
        prompt_hash=prompt_hash(recorded.prompt_text),
        only_letters=recorded.bare,
        origin="imported",
        source=source,
    )
