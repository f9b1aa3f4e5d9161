"""Questions and keys, as the folder has them, against the benchmark as it is here."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from igaku.benchmarks import TABLE, family, installed_benchmarks, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.key_files import read_key_file, unknown_questions
from igaku.errors import IgakuError
from igaku.prompts.formats import in_format
from igaku.question import Key, Question
from igaku.runs.bench_facts import graded_by
from igaku.runs.specs import LANGUAGES
from igaku.runs.store import Run
from igaku.studies.claims.check import Tally, first_difference, short
from igaku.studies.claims.keys import credit_claims, key_claims, named_elsewhere, not_here

KEY_FIELDS = ("key", "void", "points", "prohibited")
LABELS = ("year", "section", "category", "group")
NO_CLAIM = ("images", "source", "human_accuracy", "human_choice")
"""Where files were on another machine, and what changes no score."""
TEXTS = tuple(f for f in Question.__struct_fields__ if f not in (*KEY_FIELDS, *LABELS, *NO_CLAIM))
BenchLang = tuple[str, str]


class Known(NamedTuple):
    """The questions of the benchmarks here, by benchmark and language, then by id."""

    questions: dict[BenchLang, dict[str, Question]]
    benchmarks: dict[BenchLang, Benchmark]
    """Where they are from."""
    unknown: dict[BenchLang, str]
    """Why a benchmark's questions are not known here."""

    def get(self, bench: str, lang: str, name: str) -> Question | None:
        """A question by benchmark, language and id."""
        return self.questions.get((bench, lang), {}).get(name)


def known_questions(run: Run, given: Iterable[Benchmark] = (), keys: Path | None = None) -> Known:
    """Load what the run was asked; files and code of somebody's own only where they are ``given``.

    Args:
        keys: a file of keys that win over the benchmarks' own.

    Raises:
        IgakuError: it cannot be read, or names none of the questions.
    """
    own = {b.label: b for b in given}
    file = read_key_file(keys) if keys else None
    known = Known({}, {}, {})
    for bench, lang in dict.fromkeys((t.bench, t.lang) for t in run.manifest.tasks):
        try:
            benchmark = _load(own, bench, lang)
            if file and any(name in file.rows for b, _, name in run.questions if b == bench):
                benchmark.keys = file
            questions = {q.id: q for q in benchmark.load(lang)}
        except IgakuError as error:
            known.unknown[bench, lang] = str(error)
            continue
        formats = {t.question_format for t in run.manifest.tasks if (t.bench, t.lang) == (bench, lang)}
        parts = [part for q in questions.values() for part in in_format(q, "statements")]
        known.questions[bench, lang] = questions | ({p.id: p for p in parts} if "statements" in formats else {})
        known.benchmarks[bench, lang] = benchmark
    if file and not any(b.keys is file for b in known.benchmarks.values()):
        raise unknown_questions(file, run.questions.values(), "this run")
    return known


def _load(own: Mapping[str, Benchmark], label: str, lang: str) -> Benchmark:
    """Raises: IgakuError: there is no such benchmark here."""
    if label in own:
        return own[label]
    plain = re.fullmatch(r"[\w.-]{1,100}", label) and not label.endswith((".jsonl", ".csv", ".py"))
    if not plain or not (family(label) in TABLE or label in installed_benchmarks()) or lang not in LANGUAGES:
        raise IgakuError(f"{short(label)} is no benchmark of igaku's; give its questions with --bench FILE")
    return load_benchmark(label)


def question_checks(run: Run, known: Known) -> list[Tally]:
    """Texts, keys, and the labels by which scores are broken down."""
    texts = Tally("questions", "ids, texts and choices are the benchmark's")
    keys = Tally("keys", "right answers, points, void questions and the kind of score are the benchmark's")
    labels = Tally("labels", "years, sections, categories and linked questions are the benchmark's")
    for (bench, lang, name), q in run.questions.items():
        where = f"{bench} {lang}"
        if (bench, lang) not in known.questions:
            why = known.unknown.get((bench, lang), f"nothing of {short(bench)} ({short(lang)}) was asked")
            for tally in (texts, keys, labels):
                tally.skip(why)
        elif (expected := known.get(bench, lang, name)) is None:
            texts.fault(where, "not a question of the benchmark", question=name, got=q.stem)
        else:
            _compare(texts, where, expected, q, TEXTS)
            _compare(labels, where, expected, q, LABELS)
            elsewhere = named_elsewhere(run.manifest.benchmarks.get(bench), known.benchmarks[bench, lang])
            if elsewhere and graded_by(expected) != graded_by(q):
                keys.skip(not_here(elsewhere, known.benchmarks[bench, lang]))
            else:
                _compare(keys, where, expected, q, KEY_FIELDS)
    _scores(keys, run, known)
    here = {at: (b, [q for q in known.questions[at].values() if "#" not in q.id]) for at, b in known.benchmarks.items()}
    key_claims(keys, run, here)
    credit_claims(labels, run, {bench: b for (bench, _), b in known.benchmarks.items()})
    return [texts, keys, labels]


def _scores(tally: Tally, run: Run, known: Known) -> None:
    """How each benchmark's verdicts become its score."""
    for task in run.manifest.tasks:
        if benchmark := known.benchmarks.get((task.bench, task.lang)):
            expected = "statements" if task.question_format == "statements" else benchmark.aggregate
            tally.compare(f"{task.bench} {task.lang} {task.prompt}", "the score", expected, task.aggregate)


def _compare(tally: Tally, where: str, expected: Question, got: Question, fields: Iterable[str]) -> None:
    """One claim a question; each field that differs is a finding of it."""
    wrong = next((f for f in fields if getattr(expected, f) != getattr(got, f)), None)
    if wrong is None:
        tally.held()
        return
    values = [getattr(q, wrong) for q in (expected, got)]
    shown = [_text(v) for v in values]
    a, b = first_difference(*(shown if shown[0] != shown[1] else map(_json, values)))
    tally.fault(where, wrong, question=got.id, expected=a, got=b)


def _text(value: object) -> str:
    """A value as people read it: a key's letters, a text as it is."""
    if isinstance(value, Key):
        return value.text()
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
