"""Whether a passage that is near an exam question by meaning is that question: a limit, or a model that reads both."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from igaku.corpus.asking import as_turn
from igaku.corpus.meaning import Found
from igaku.engines import Engine
from igaku.engines.build import using
from igaku.engines.spec import EngineSpec
from igaku.question import Request
from igaku.runs.ask import ask, job
from igaku.runs.journal import Journal

Holds = Callable[[str, Found], bool]
"""Of a document's id and what was found in it."""
READ = 3000
"""Characters of the question and of the passage that the model reads."""
PROMPT = (
    "Below are an exam question and a passage. Is the passage that very question, perhaps reworded, shortened or "
    "translated, rather than another text or another question on the same subject?\n\n"
    "Exam question:\n{question}\n\nPassage:\n{passage}\n\na: it is that question\nb: it is not\nAnswer:"
)


def by_limit(name: str, found: Found) -> bool:
    """Whether question and passage agree as far as the limit asks."""
    return found.holds


@contextmanager
def judge(model: Engine | EngineSpec, out: Path) -> Iterator[Holds]:
    """A model that reads every candidate once; its replies stay in ``judge/replies.jsonl`` of a folder.

    Raises:
        IgakuError: the model cannot be loaded or asked.
    """
    with using(model, needs=frozenset(("letters",))) as engine, Journal(out / "judge" / "replies.jsonl") as journal:
        yield lambda name, found: _is_it(engine, journal, name, found)


def _is_it(engine: Engine, journal: Journal, name: str, found: Found) -> bool:
    """Whether (a) is likelier than (b); without an answer, the limit decides."""
    prompt = PROMPT.format(question="\n".join(found.question.pieces)[:READ], passage=found.passage[:READ])
    request = Request(kind="letters", prompt=as_turn(engine, prompt), continuations=("a", "b"))
    one = job(engine, request, bench="corpus-judge", lang="", id=name, prompt="judge")
    reply = ask(engine, [one], journal).get(one.key)
    if reply is None or len(reply.answer.logprobs) != 2:
        return found.holds
    return reply.answer.logprobs[0] > reply.answer.logprobs[1]
