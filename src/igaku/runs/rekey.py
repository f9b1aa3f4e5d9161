"""Grade a run by other keys than those it was made with: the benchmark's present ones, or those of a file.

Replies do not depend on keys, so nobody is asked again. The run's questions are written anew, all of them by one key.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.key_files import read_key_file, unknown_questions, with_keys
from igaku.errors import IgakuError
from igaku.io.locks import writes
from igaku.question import Question
from igaku.runs.bench_facts import bench_facts, fingerprint
from igaku.runs.manifest import StoredQuestion
from igaku.runs.run_keys import changes_text, facts_of, key_changes
from igaku.runs.seal import seal
from igaku.runs.store import Run, open_run, save


@writes("run")
def rekey(run: Run | str | Path, keys: str | Path | None = None) -> list[str]:
    """Write other keys into a run.

    Args:
        keys: a file of keys (``igaku.benchmarks.key_files``; own questions with their answers are one too); the present
            keys of the run's benchmarks if left out.

    Returns:
        A line a benchmark: how many keys changed, and which.

    Raises:
        IgakuError: a benchmark that cannot be loaded, or a file that names none of the run's questions.
    """
    opened = open_run(run)
    labels = list(dict.fromkeys(label for label, _, _ in opened.questions))
    found = [_by_file(opened, label, Path(keys)) if keys else _present(opened, label) for label in labels]
    changed = [StoredQuestion(label, q) for label, questions in zip(labels, found) for q in questions or ()]
    if keys and not changed:
        raise unknown_questions(read_key_file(Path(keys)), opened.questions.values(), "this run")
    notes = [_note(opened, label, changed) for label, questions in zip(labels, found) if questions is not None]
    manifest = opened.manifest
    manifest.notes = list(dict.fromkeys([*manifest.notes, *(n for n in notes if not n.endswith("no key changed"))]))
    save(opened.path, manifest, changed, {})
    seal(opened.path)
    return notes


def _note(run: Run, label: str, changed: Sequence[StoredQuestion]) -> str:
    changes = key_changes(run.questions, [s for s in changed if s.bench == label])
    what = f"{len(changes)} keys changed ({changes_text(changes)})" if changes else "no key changed"
    return f"{label}: {what}"


def _mine(run: Run, label: str) -> list[Question]:
    return [q for (bench, _, _), q in run.questions.items() if bench == label]


def _present(run: Run, label: str) -> list[Question]:
    """The run's questions of a benchmark by its present keys."""
    benchmark = _loaded(run, label)
    languages = dict.fromkeys(q.lang for q in _mine(run, label))
    loaded = {lang: benchmark.load(lang) for lang in languages}
    new = {(q.lang, q.id): q for questions in loaded.values() for q in questions}
    prints = {lang: fingerprint(questions) for lang, questions in loaded.items()}
    run.manifest.benchmarks[label] = bench_facts(benchmark, prints)
    return [_taken(q, new[q.lang, q.id]) for q in _mine(run, label) if (q.lang, q.id) in new]


def _taken(old: Question, new: Question) -> Question:
    return replace(old, key=new.key, void=new.void, points=new.points, prohibited=new.prohibited)


def _loaded(run: Run, label: str) -> Benchmark:
    try:
        return load_benchmark(label)
    except IgakuError as error:
        raise IgakuError(
            f"{run.path}: the present keys of {label} are not known here ({error}); give --keys FILE, which may be the "
            "file of your own questions"
        ) from None


def _by_file(run: Run, label: str, path: Path) -> list[Question] | None:
    """The run's questions of a benchmark by a file; None where it names none of them."""
    keys, mine = read_key_file(path), _mine(run, label)
    found = sum(q.id in keys.rows for q in mine)
    if not found:
        return None
    new, facts = with_keys(mine, keys), facts_of(run, label)
    before = facts.key_version or "their own"
    others = f" for {found} of {len(mine)} questions of this run; the others by {before}" if found < len(mine) else ""
    by_lang = {lang: fingerprint(q for q in new if q.lang == lang) for lang in dict.fromkeys(q.lang for q in new)}
    run.manifest.benchmarks[label] = replace(facts, key_version=keys.version + others, keys=by_lang)
    return new
