"""Who answered what: the fields of each reply against its block, and each reply's key computed again.

A key is a hash over the engine's identity, the whole request and the reply's position in the run: no other model's
reply, and none to another prompt, has it. It says nothing of the answer's text, which the seal does.
"""

import re
from collections.abc import Iterator, Sequence

from igaku.engines.base import Identity
from igaku.engines.effort import at_effort
from igaku.errors import IgakuError
from igaku.prompts.orders import permutation
from igaku.prompts.template import Rendered
from igaku.question import Question, Reply, Request
from igaku.runs.manifest import TaskRun
from igaku.runs.reply_keys import key_of
from igaku.runs.sample_requests import sampling_of_sample
from igaku.runs.store import Run
from igaku.studies.claims.check import Tally
from igaku.studies.claims.prompts import Asking
from igaku.studies.claims.questions import Known


def identity_checks(run: Run, known: Known, ways: Sequence[Asking]) -> list[Tally]:
    """Fields of the replies, and their keys."""
    fields = Tally("replies", "each reply is of the model, question, prompt and order that it stands for")
    keys = Tally("identity", "each reply's key is that of the engine's identity and of the request")
    for task, how in zip(run.manifest.tasks, ways):
        for name, of in task.replies.items():
            further = task.samples.get(name, ())
            for n, key in [*((0, k) for k in of.values()), *enumerate(further, 1)]:
                reply = run.replies[key]
                q = run.questions[task.bench, task.lang, name]
                _fields(fields, run, task, q, reply, n)
                _key(keys, run, known, task, how, q, reply)
    return [fields, keys]


def _fields(tally: Tally, run: Run, task: TaskRun, q: Question, r: Reply, sample: int) -> None:
    own = run.manifest.identity
    identity, imported = own and at_effort(own, task.effort), own is None
    expected: dict[str, object] = {
        "model": task.model if identity is None else identity.model,
        "bench": task.bench,
        "lang": task.lang,
        "id": q.id,
        "prompt": task.prompt,
        "shots": task.shots,
        "order": task.order,
        "origin": "imported" if imported else "engine",
        **(
            {}
            if imported
            else {"sample": sample, "permutation": _order(q, task.order), "only_letters": False, "source": ""}
        ),
    }
    found = {name: getattr(r, name) for name in expected} | ({"model": task.model} if task.model != r.model else {})
    if imported and not re.search(r"sha256:[0-9a-f]{64}$", r.source):
        expected, found = expected | {"source": "NAME sha256:…"}, found | {"source": r.source}
    wrong = next((name for name in expected if found[name] != expected[name]), None)
    if wrong is None:
        tally.held()
    else:
        where = f"{task.bench} {task.lang} {task.prompt}"
        tally.fault(where, wrong, question=q.id, expected=expected[wrong], got=found[wrong])


def _order(q: Question, order: str) -> tuple[int, ...] | str:
    try:
        return permutation(q, order)
    except (ValueError, IgakuError):
        return "no order of igaku's"


def _key(tally: Tally, run: Run, known: Known, task: TaskRun, how: Asking, q: Question, r: Reply) -> None:
    own, text = run.manifest.identity, run.prompts.get(r.prompt_hash)
    identity = own and at_effort(own, task.effort)
    if identity is None:
        tally.skip("imported: who answered, and with which settings, stands in the source alone")
    elif how.template is None:
        tally.skip(how.why)
    elif text is None:
        tally.skip("the prompt is missing")
    elif task.images and q.images and not _pictures(known, task, q):
        tally.skip("the question's pictures are not here")
    else:
        computed = list(_keys(identity, known, task, how, q, r, text))
        if r.key in computed:
            tally.held()
        else:
            got = computed[0] if computed else "a question that this template cannot ask"
            where = f"{task.bench} {task.lang} {task.prompt}"
            tally.fault(where, "the key of its request", question=q.id, expected=got, got=r.key)


def _keys(
    identity: Identity, known: Known, task: TaskRun, how: Asking, q: Question, r: Reply, text: str
) -> Iterator[str]:
    """The keys that a reply may have: an engine gets turns or one text; pictures, where the block says so."""
    try:
        rendered = how.rendered(task, q)
    except IgakuError:
        return
    at = {"bench": task.bench, "lang": task.lang, "question": q.id, "prompt": task.prompt, "order": task.order}
    for turns in (False, True) if rendered.messages else (False,):
        request = _request(how, task, q, r, text, rendered, turns, _pictures(known, task, q))
        yield key_of(identity, request, **at, sample=r.sample)


def _request(
    how: Asking,
    task: TaskRun,
    q: Question,
    r: Reply,
    text: str,
    rendered: Rendered,
    turns: bool,
    pictures: tuple[str, ...],
) -> Request:
    assert how.template is not None
    messages = rendered.messages if turns else ()
    if r.kind == "text":
        drawn = sampling_of_sample(task, q.id, r.sample) if task.samples.get(q.id) else task.sampling
        return Request(
            kind="text", prompt=text, sampling=drawn, documents=q.documents, messages=messages, images=pictures
        )
    order = permutation(q, task.order)
    following = how.template.letters(q) if r.kind == "letters" else how.template.continuations(q, order)
    return Request(kind=r.kind, prompt=text, continuations=following, messages=messages, images=pictures)


def _pictures(known: Known, task: TaskRun, q: Question) -> tuple[str, ...]:
    """The benchmark's own files: a folder of somebody else's does not say which files are read here."""
    own = known.get(task.bench, task.lang, q.id)
    return own.images if own and task.images else ()
