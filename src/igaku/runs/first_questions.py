"""The first questions of a benchmark as a model sees them, with the key beside: what one looks at before asking."""

from msgspec import Struct

from igaku.benchmarks.base import Benchmark
from igaku.keys import LETTERS
from igaku.question import Question
from igaku.runs.plan import blocks_of
from igaku.runs.requests import Block, examples_of, n_shots, shots_of
from igaku.runs.specs import TaskSpec, task_spec


class FirstQuestion(Struct, frozen=True, kw_only=True):
    """One question with its prompt; a chat template of the model comes around it."""

    id: str
    lang: str
    template: str
    prompt: str
    """The text that is sent, the turns of a chat one below the other."""
    key: str
    """What is right, in letters and words; why it does not count, where it does not."""
    images: tuple[str, ...] = ()


def first_questions(bench: Benchmark, n: int, lang: str = "", prompt: str = "") -> list[FirstQuestion]:
    """The first ``n`` questions of each language, by the benchmark's own template or a named one.

    Raises:
        IgakuError: an unknown template, or one that does not fit the questions.
    """
    task = task_spec(limit=n, lang=lang or None, prompt=prompt or None)
    return [_seen(q, block, task) for block in blocks_of(bench, task) for q in block.questions]


def _seen(q: Question, block: Block, task: TaskSpec) -> FirstQuestion:
    shots = shots_of(block, examples_of(block.prompt, task), n_shots(block.prompt, task))
    rendered = block.prompt.render(q, shots, ())
    turns = "\n".join(f"[{m.role}]\n{m.content}" for m in (*q.conversation, *rendered.messages))
    before = f"(after {q.after} and the model's own reply to it)\n" if q.after else ""
    return FirstQuestion(
        id=q.id,
        lang=q.lang,
        template=block.prompt.name,
        prompt=before + (turns or rendered.text),
        key=key_in_words(q),
        images=q.images,
    )


def key_in_words(q: Question) -> str:
    """``b (5 L/分)``; ``a c (甲; 丙) or d (丁)``; a number, points of a rubric, or ``excluded``."""
    if q.void in ("excluded", "everybody"):
        return q.void
    if not q.key.choice_sets:
        return q.key.text()
    return " or ".join(
        f"{' '.join(LETTERS[i] for i in found)} ({'; '.join(' '.join(q.choices[i].split()) for i in found)})"
        for found in q.key.choice_sets
    )
