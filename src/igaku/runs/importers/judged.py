"""Published replies to open questions with a judge's grades: both come into the run, and the judge keeps its name.

The form is that of HealthBench-like projects (mk0129/Japanese_BreastCancer_Benchmark): one JSON object with ``summary``
(``model``, ``grader_model``) and ``results`` (``prompt_id``, ``response``, ``evaluations`` with ``satisfied``, one a
point of the rubric in its order). The grades are votes like those of ``igaku judge``; the sums that the file gives are
not read, so they can be checked (``igaku reproduce``).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.engines.base import Identity
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.hashing import digest
from igaku.io.json_values import read_object
from igaku.io.rows import need
from igaku.keys import rubric_of
from igaku.question import Answer, Question, Reply
from igaku.runs.importers.recorded import RecordedReply, Remarks
from igaku.runs.importers.repeats import Found
from igaku.runs.journal import Journal
from igaku.runs.manifest import JudgeVotes, Manifest, read_manifest

WHAT = "a file of graded replies (summary, results)"


def graded_rubrics(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """The replies of one file."""
    name, _, rows = _parts(path)
    for n, row in enumerate(rows, 1):
        where = f"{path}, result {n}"
        text = need(row, "response", str, where)
        yield RecordedReply(where, model or name, lang, need(row, "prompt_id", str, where), text)


def add_votes(out: Path, aggregate: str, counted: Sequence[Found], replies: Sequence[Reply]) -> None:
    """The grades of each file as votes in a run that holds the replies; ``replies`` are those of ``counted``.

    Raises as ``_add``.
    """
    for path in dict.fromkeys(one.file for one in counted):
        _add(out, path, aggregate, [(f.question, r) for f, r in zip(counted, replies, strict=True) if f.file == path])


def _add(out: Path, path: Path, aggregate: str, replies: Sequence[tuple[Question, Reply]]) -> None:
    """The grades of one file as votes in a run that holds its replies.

    Args:
        aggregate: the aggregator of their benchmark.

    Raises:
        IgakuError: a reply without grades, or grades that do not decide each point of its rubric.
    """
    _, grader, rows = _parts(path)
    grades = {str(row.get("prompt_id")): (row, f"{path}, result {n}") for n, row in enumerate(rows, 1)}
    votes = [_vote(q, reply, grader, *grades[q.id]) for q, reply in replies]
    with Journal(out / "replies.jsonl") as journal:
        manifest = read_manifest(out)
        for _, vote in votes:
            if vote.key not in journal.replies:
                journal.append(vote)
        for task in manifest.tasks:
            task.aggregate = aggregate if task.bench in {r.bench for _, r in replies} else task.aggregate
        write_json(out / "run.json", _with_votes(manifest, grader, {of: [vote.key] for of, vote in votes}))


def _parts(path: Path) -> tuple[str, str, list[dict[str, object]]]:
    data = read_object(path, WHAT, "replace")
    summary, rows = data.get("summary"), data.get("results")
    if not isinstance(summary, dict) or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise IgakuError(f"{path}: not {WHAT}")
    where = f"{path}, summary"
    return need(summary, "model", str, where), need(summary, "grader_model", str, where), rows


def _vote(q: Question, reply: Reply, grader: str, row: dict[str, object], where: str) -> tuple[str, Reply]:
    """The key of the reply, and the vote on it."""
    given = need(row, "evaluations", list, where)
    met = [one.get("satisfied") if isinstance(one, dict) else None for one in given]
    if len(met) != len(rubric_of(q).points) or not all(isinstance(m, bool) for m in met):
        raise IgakuError(f"{where}: field 'evaluations' must hold 'satisfied' (true or false) for each point of {q.id}")
    text = "\n".join(f"{n}: {'yes' if m else 'no'}" for n, m in enumerate(met, 1))
    key = digest("\n".join(("vote", grader, reply.key, text)).encode())
    return reply.key, replace(
        reply, key=key, model=grader, prompt="published", kind="text", answer=Answer(text=text), order="original"
    )


def _with_votes(manifest: Manifest, grader: str, votes: dict[str, list[str]]) -> Manifest:
    judge = Identity(model=grader, engine="imported", version="")
    before = next((j for j in manifest.judges if j.judge == judge), None)
    mine = JudgeVotes(judge=judge, prompt="published", votes={**(before.votes if before else {}), **votes})
    return replace(manifest, judges=[*(j for j in manifest.judges if j is not before), mine])
