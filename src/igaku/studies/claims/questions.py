"""Questions and keys, as the folder has them, against the benchmark as it is here."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from igaku.benchmarks import TABLE, family, installed_benchmarks, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.prompts.formats import in_format
from igaku.question import Key, Question
from igaku.runs.specs import LANGUAGES
from igaku.runs.store import Run
from igaku.studies.claims.check import Tally, parted, short

KEY_FIELDS = ("key", "void", "points", "prohibited")
LABELS = ("year", "section", "category", "group")
NO_CLAIM = ("images", "source", "human_accuracy", "human_choice")
"""Where files were on another machine, and what changes no score."""
TEXTS = tuple(f for f in Question.__struct_fields__ if f not in (*KEY_FIELDS, *LABELS, *NO_CLAIM))
BenchLang = tuple[str, str]


class Known(NamedTuple):
    """The questions of the benchmarks here, by benchmark and language, then by id."""

    questions: Mapping[BenchLang, Mapping[str, Question]]
    aggregates: Mapping[BenchLang, str]
    """How each benchmark's verdicts become its score."""
    unknown: Mapping[BenchLang, str]
    """Why a benchmark's questions are not known here."""

    def get(self, bench: str, lang: str, name: str) -> Question | None:
        """A question by benchmark, language and id."""
        return self.questions.get((bench, lang), {}).get(name)


def known_questions(run: Run, given: Iterable[Benchmark] = ()) -> Known:
    """Load what the run was asked; files and code of somebody's own only where they are ``given``."""
    own = {b.label: b for b in given}
    questions: dict[BenchLang, dict[str, Question]] = {}
    aggregates: dict[BenchLang, str] = {}
    unknown: dict[BenchLang, str] = {}
    for task in run.manifest.tasks:
        at = task.bench, task.lang
        if at in unknown:
            continue
        try:
            if at not in questions:
                loaded = _load(own, *at)
                questions[at], aggregates[at] = {q.id: q for q in loaded.load(task.lang)}, loaded.aggregate
        except IgakuError as error:
            unknown[at] = str(error)
            continue
        mine = questions[at]
        if task.question_format == "statements":
            mine |= {
                part.id: part for q in list(mine.values()) if "#" not in q.id for part in in_format(q, "statements")
            }
    return Known(questions, aggregates, unknown)


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
            for tally, fields in ((texts, TEXTS), (keys, KEY_FIELDS), (labels, LABELS)):
                _compare(tally, where, expected, q, fields)
    for task in run.manifest.tasks:
        if aggregate := known.aggregates.get((task.bench, task.lang), ""):
            expected_score = "statements" if task.question_format == "statements" else aggregate
            keys.compare(f"{task.bench} {task.lang} {task.prompt}", "the score", expected_score, task.aggregate)
    return [texts, keys, labels]


def _compare(tally: Tally, where: str, expected: Question, got: Question, fields: Iterable[str]) -> None:
    """One claim a question; each field that differs is a finding of it."""
    wrong = next((f for f in fields if getattr(expected, f) != getattr(got, f)), None)
    if wrong is None:
        tally.held()
        return
    values = [getattr(q, wrong) for q in (expected, got)]
    shown = [_text(v) for v in values]
    a, b = parted(*(shown if shown[0] != shown[1] else map(_json, values)))
    tally.fault(where, wrong, question=got.id, expected=a, got=b)


def _text(value: object) -> str:
    """A value as people read it: a key's letters, a text as it is."""
    if isinstance(value, Key):
        return value.text()
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
