"""Replies that exam projects published: IgakuQA's and IgakuQA119's files, and japanese-lm-med-harness's."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.json_values import read_object
from igaku.io.rows import need, read_csv, read_jsonl
from igaku.runs.importers.recorded import RecordedReply, Remarks, confidence_of

_BARE = re.compile(r"(?:[\W\d_と]|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))*")

_QUOTED = re.compile(r'\s*"[^"]*"\s*')


def igakuqa(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """One file an exam part and model (``112-A_gpt4.jsonl``, ``112-A_translate_chatgpt-en.jsonl``).

    The project asks for letters only (``_letters_or_prose``).
    """
    named = re.fullmatch(r"\d+-[A-F](_translate)?_(.+)", path.stem)
    if not named:
        raise IgakuError(f"{path}: not named like IgakuQA's reply files (112-A_gpt4.jsonl)")
    spoken, replies = "en" if named[1] else "ja", []
    for line, row in read_jsonl(path, "replace"):
        where = f"{path}, line {line}"
        text, name = need(row, "prediction", str, where), need(row, "problem_id", str, where)
        replies.append(RecordedReply(where, named[2], spoken, name, text))
    yield from _letters_or_prose(path, replies, remarks)


def igakuqa_replies(files: Sequence[Path], bench: str) -> list[Path]:
    """Files of replies among those of the whole project, whose questions, translations and metadata are named alike.

    Raises:
        IgakuError: there is none.
    """
    found = [f for f in files if f.stem.rpartition("_")[2] not in ("translate", "metadata")]
    if not found:
        raise IgakuError(
            f"{files[0].parent}: IgakuQA's questions, not replies; give the folder baseline_results of the project, "
            "whose files are named like 112-A_gpt4.jsonl"
        )
    return found


def igakuqa119(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """Answer JSON (a list of questions, each with the answers of one or more models), or the table of its grading.

    The project asks for letters only (``_letters_or_prose``); one in the quotation marks of a JSON text is prose. It
    also asks how sure the model is, 0 to 1, and writes that beside the answer.
    """
    replies = list(_graded119(path, remarks) if path.suffix == ".csv" else _answers119(path, remarks))
    for reply in _letters_or_prose(path, replies, remarks):
        yield reply._replace(bare=reply.bare and not _QUOTED.fullmatch(reply.text))


def _letters_or_prose(path: Path, replies: Sequence[RecordedReply], remarks: Remarks) -> Iterator[RecordedReply]:
    """Replies to a protocol that asks for letters only: ``letter`` then reads nothing else. Where most of a model's
    replies in a file are not letters, another protocol wrote them, and they are read as prose."""
    every = Counter(r.model for r in replies)
    letters = Counter(r.model for r in replies if _BARE.fullmatch(r.text))
    prose = [model for model, n in every.items() if 2 * letters[model] <= n]
    if prose:
        who = ", ".join(prose)
        remarks.notes.append(f"{path.name}: most answers of {who} are not letters only; they are read as prose")
    yield from (r._replace(bare=r.model not in prose) for r in replies)


def _answers119(path: Path, remarks: Remarks) -> Iterator[RecordedReply]:
    results = read_object(path, "IgakuQA119's answer JSON", "replace").get("results")
    if not isinstance(results, list):
        raise IgakuError(f"{path}: not IgakuQA119's answer JSON (no list 'results' in it)")
    for n, row in enumerate(results, 1):
        where = f"{path}, result {n}"
        if not isinstance(row, dict):
            raise IgakuError(f"{where}: expected an object, found {type(row).__name__}")
        samples: Counter[str] = Counter()
        for answer in need(row, "answers", list, where):
            if not isinstance(answer, dict):
                raise IgakuError(f"{where}: expected an object, found {type(answer).__name__}")
            name, number = model119(need(answer, "model", str, where)), need(row, "question_number", str, where)
            yield RecordedReply(
                *(where, name, "ja", number, str(answer.get("answer") or "")),
                sample=samples[name],
                confidence=confidence_of(answer.get("confidence"), remarks),
            )
            samples[name] += 1


def _graded119(path: Path, remarks: Remarks) -> Iterator[RecordedReply]:
    for line, row in read_csv(path):
        where = f"{path}, line {line}"
        name, number = model119(need(row, "model", str, where)), need(row, "question_number", str, where)
        text, confidence = need(row, "model_answer", str, where), confidence_of(row.get("confidence"), remarks)
        yield RecordedReply(where, name, "ja", number, text, confidence=confidence)


def model119(name: str) -> str:
    """A model's name without its hub's folder, tag and file format."""
    return re.sub(r".*/|:latest$|\.gguf", "", name)


def med_harness(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """JSONL with the choices in the order shown, and the response."""
    for line, row in read_jsonl(path, "replace"):
        where = f"{path}, line {line}"
        choices = tuple(map(str, need(row, "choices", list, where)))
        name = str(need(row, "problem_id", (str, int), where))
        respondent = model or path.stem.split("-Igaku")[0]
        yield RecordedReply(where, respondent, lang, name, need(row, "response", str, where), choices)
