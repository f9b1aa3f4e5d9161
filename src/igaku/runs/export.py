"""A benchmark as an lm-eval task: YAML and JSONL that lm-eval runs unchanged, with the prompts igaku would send.

By likelihood of the choices' texts (``likelihood``) or letters (``letters``), single answers only (lm-eval takes the
likeliest choice; questions with several answers, or several keys, are left out and counted), or written (``text``),
whose replies are imported to be graded here: ``igaku import lm-eval``. lm-eval's own score of ``text`` only compares
the reply with the letters.
"""

import json
from pathlib import Path
from typing import NamedTuple, TypedDict

from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading.likelihood import how_many
from igaku.io.files import write_whole
from igaku.io.locks import writes
from igaku.keys import gold_letters
from igaku.prompts import load_prompt
from igaku.prompts.template import Prompt
from igaku.question import Question

KINDS = ("likelihood", "letters", "text")


class Exported(NamedTuple):
    """The task's name, its YAML file, questions in it, and how many were left out."""

    task: str
    path: Path
    questions: int
    left_out: int


@writes("out", goes_on=False)
def export_lm_eval(
    bench: str, out: str | Path, *, lang: str | None = None, prompt: str = "standard", kind: str = "likelihood"
) -> Exported:
    """Write ``igaku_BENCH_LANG_KIND.yaml`` and ``.jsonl`` into a folder.

    Raises:
        IgakuError: unknown names, a chat template (lm-eval renders those itself), or nothing to export.
    """
    if kind not in KINDS:
        raise UnknownNameError("--kind", kind, KINDS)
    loaded = load_benchmark(bench)
    lang = lang or loaded.languages[0]
    template = load_prompt(prompt, lang)
    questions = [q for q in loaded.load(lang) if not q.void]
    if kind == "text" and not any(q.choices or q.key.in_letters for q in questions):
        raise IgakuError(
            f"{bench}: its answers are neither letters nor numbers, which is all that lm-eval could compare"
        )
    rows = [row for q in questions if (row := _row(q, template, kind)) is not None]
    if not rows:
        raise IgakuError(f"{bench}: no question that lm-eval can score by {kind}")
    task = f"igaku_{loaded.label.replace('-', '_')}_{lang}_{kind}"
    folder = Path(out)
    data = write_whole(folder / f"{task}.jsonl", "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
    config = _config(task, data, template, kind)
    path = write_whole(
        folder / f"{task}.yaml", "".join(f"{k}: {json.dumps(v, ensure_ascii=False)}\n" for k, v in config.items())
    )
    return Exported(task, path, len(rows), len(questions) - len(rows))


class Row(TypedDict):
    """One line of a task's JSONL; ``gold`` is a position, or letters where replies are written."""

    id: str
    lang: str
    prompt: str
    query: str
    choices: list[str]
    gold: int | str


def _row(q: Question, template: Prompt, kind: str) -> Row | None:
    """A question as lm-eval gets it; None where lm-eval cannot score it by this kind."""
    rendered = template.render(q)
    if rendered.messages:
        raise IgakuError(
            f"prompt {template.name} is a chat; export a plain one (lm-eval applies chat templates itself)"
        )
    row: Row = {"id": q.id, "lang": q.lang, "prompt": template.name, "query": rendered.text, "choices": [], "gold": ""}
    if kind == "text":
        return {**row, "gold": gold_letters(q).upper()}
    if how_many(q) != 1 or q.single is None:
        return None
    following = template.letters(q) if kind == "letters" else template.continuations(q)
    return {**row, "choices": list(following), "gold": q.single}


def _config(task: str, data: Path, template: Prompt, kind: str) -> dict[str, object]:
    """YAML is written as one JSON value a key, which every YAML reader takes."""
    common: dict[str, object] = {
        "task": task,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data.resolve())}},
        "test_split": "test",
        "doc_to_text": "{{query}}",
        "target_delimiter": "",
        "metadata": {"version": 1.0},
    }
    if kind == "text":
        until = list(template.card.stop) or ["\n\n"]
        kwargs = {"until": until, "max_gen_toks": template.card.max_tokens, "do_sample": False}
        return common | {
            "output_type": "generate_until",
            "doc_to_target": "{{gold}}",
            "generation_kwargs": kwargs,
            "metric_list": [{"metric": "exact_match", "ignore_case": True, "ignore_punctuation": False}],
        }
    return common | {
        "output_type": "multiple_choice",
        "doc_to_choice": "choices",
        "doc_to_target": "gold",
        "metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}],
    }
