"""J-ClinicalBench: ward work in Japanese, nine tasks in thirteen files (NAIST, LREC 2026).

Reasoning: ``cca`` (MedDRA terms of a record, 200), ``mr`` (drugs that fit a record, 124), ``mcqa`` (381 case questions
of IgakuQA). Writing: ``hs_ds`` (hand-over, 100: ten summaries by ten doctors), ``hs_pn`` (hospital course, 20 of the
paper and 75 added later), ``irs`` (incident in one line, 100), ``cts`` (plain words for lay people, 100).
Understanding: ``ner_disease`` and ``ner_medication`` (entities, 136 test sentences and 2,448 for training),
``re_ent`` (5,995) and ``re_time`` (3,606 relations), ``ade`` (adverse event or none, 350), ``tnm`` (243 reports).

Each is scored in its own way (docs/clinicalbench.md): lists by F1 of exact terms, labels by F1 beside what a
constant answer gets, T, N and M apart, entities at their positions, texts by ROUGE and, better, by a judge. Traps: the
test sentences hold no drug at all; 64 of 729 T, N and M keys are classes that the prompts do not offer; ``answer_idx``
of 53 exam questions is only the first of two or three right choices; every one-shot prompt shows the first question.

Source: seiji-shimizu/J-ClinicalBench-release at f7ea47a, without a licence: fetched by the user, nothing is shipped.
"""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from igaku.benchmarks import j_clinicalbench_tasks as tasks
from igaku.benchmarks.base import Benchmark
from igaku.question import Question

ROOT = "j_clinicalbench/data/benchmarks"


class Task(NamedTuple):
    """Where a task is, how it is read, scored and graded, and by what grader it was published."""

    folder: str
    files: tuple[str, ...]
    questions: tasks.Questions
    aggregate: str
    method: str
    published: str = ""


SENTENCES = ("test_rr.json", "train_cr.json", "train_rr.json")
TASKS = {
    "cca": Task("CLR/CCA", ("data.csv",), tasks.lists, "list_f1", "terms", "commas-as-published"),
    "mr": Task("CLR/MR", ("data.csv",), tasks.lists, "list_f1", "terms", "commas-as-published"),
    "mcqa": Task("CLR/MCQA", ("igakuqa_clinical_test.jsonl",), tasks.exam, "accuracy", "letter"),
    "hs_ds": Task(
        "CLG/HS_DS",
        ("data_summary.csv", "data_doctor.csv", "data_ds.csv"),
        tasks.handovers,
        "rouge",
        "rouge",
        "rouge-as-published",
    ),
    "hs_pn": Task(
        "CLG/HS_PN",
        ("data_release_full.json", "dataset_paper.json"),
        tasks.courses,
        "rouge",
        "rouge",
        "rouge-as-published",
    ),
    "irs": Task("CLG/IRS", ("data.csv",), tasks.incidents, "rouge", "rouge", "rouge-as-published"),
    "cts": Task(
        "CLG/CTS",
        tuple(f"{k}_simplification.csv" for k in ("PN", "CR", "RR")),
        tasks.plain_words,
        "rouge",
        "rouge",
        "rouge-as-published",
    ),
    "ner_disease": Task("CLU/NER_Disease", SENTENCES, tasks.sentences, "span_f1", "spans", "spans-as-published"),
    "ner_medication": Task("CLU/NER_Medication", SENTENCES, tasks.sentences, "span_f1", "spans", "spans-as-published"),
    "re_ent": Task("CLU/RE_Ent", ("rel_data.json",), tasks.relations, "macro_f1", "option", "option-as-published"),
    "re_time": Task("CLU/RE_Time", ("rel_data.json",), tasks.relations, "macro_f1", "option", "option-as-published"),
    "ade": Task("CLU/DC_ADE", ("data.csv",), tasks.events, "positive_f1", "option", "event-as-published"),
    "tnm": Task("CLU/DC_TMN", ("data.csv",), tasks.reports, "fields", "fields", "fields-as-published"),
}


class JClinicalBench(Benchmark):
    """See the module."""

    name = "j_clinicalbench"
    title = "J-ClinicalBench (ward work, 13 tasks)"
    title_ja = "J-ClinicalBench（病棟の仕事 13 課題）"
    languages = ("ja",)
    licence = "none stated"
    upstream = "seiji-shimizu/J-ClinicalBench-release"
    slices = tuple(TASKS)
    scored_by_slice: ClassVar[bool] = True

    def __init__(self, part: str = "") -> None:
        super().__init__(part)
        task = TASKS.get(part, TASKS["mcqa"])
        self.aggregate, self.method = task.aggregate, task.method
        self.prompt = "standard" if task is TASKS["mcqa"] else "ward"

    def files(self, lang: str) -> list[str]:
        """The files of its task, or of all of them, with the published prompts."""
        chosen = [TASKS[self.part]] if self.part else list(TASKS.values())
        prompts = ("prompt_zero_shot.txt", "prompt_one_shot.txt")
        return [f"{ROOT}/{task.folder}/{name}" for task in chosen for name in (*task.files, *prompts)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield task after task, in the order of their files."""
        for name in [self.part] if self.part else TASKS:
            task = TASKS[name]
            folder = self.path(f"{ROOT}/{task.folder}/{task.files[0]}").parent
            yield from task.questions(tasks.Source(name, folder))
