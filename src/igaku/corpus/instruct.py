"""Question-and-answer pairs from passages, by any engine, the way JMedLoRA's data were made (2310.10083: several pairs a passage, one a line); and exam questions as
instructions.

A pair stays where it can be read, stands by itself, is grounded in its passage, is no benchmark's question and was not there before; the rest is counted with samples.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from igaku.benchmarks import load_benchmark
from igaku.corpus.asking import as_turn, ask_all
from igaku.corpus.clean import language
from igaku.corpus.decontaminate import exam_questions
from igaku.corpus.documents import Document, drawn_evenly, files_of, line_of, read_documents
from igaku.corpus.manifest import PARTIAL, SAMPLES, Manifest, Sample, started
from igaku.corpus.overlap import Overlap, bare, runs_of
from igaku.corpus.sources import Part, may_train
from igaku.corpus.steps import done_before, finished
from igaku.engines import Engine
from igaku.errors import IgakuError
from igaku.question import LETTERS, Question, Request, Sampling

GROUNDED = 0.6
"""Share of the answer's pairs of characters that the passage must have."""
READ = 1500
PROMPTS = {
    "ja": "文章だけを根拠に、医学を学ぶ人のための質問と答えを作ってください。1行に1組、例と同じ形で書き、他には何も書かないでください。質問は、文章を見なくても意味が通るように書いてください。\n\n"
    "文章:\n右心不全では静脈圧が上がり、血管から水分が漏れて下腿に浮腫が生じる。\n\n質問と答え (1組):\n"
    '{{"instruction": "右心不全で下腿に浮腫が生じるのはなぜですか。", "output": "静脈圧が上がり、血管から水分が漏れるためです。"}}\n\n'
    '文章:\n{text}\n\n質問と答え ({n}組):\n{{"instruction": "',
    "en": "From the passage, and from nothing else, write questions with answers for students of medicine. One pair a line, in the form of the example, and nothing else. "
    "A question must make sense without the passage.\n\n"
    "Passage:\nIn right heart failure venous pressure rises and fluid leaks from the vessels, which makes the legs swell.\n\nPairs (1):\n"
    '{{"instruction": "Why do the legs swell in right heart failure?", "output": "Venous pressure rises and fluid leaks from the vessels."}}\n\n'
    'Passage:\n{text}\n\nPairs ({n}):\n{{"instruction": "',
}
OPENING = '{"instruction": "'
_PAIR = re.compile(r'"instruction"\s*:\s*"((?:[^"\\]|\\.)+)"\s*,\s*"output"\s*:\s*"((?:[^"\\]|\\.)+)"')
_SPOKEN = re.compile(
    r"(?:質問|問題?|Q(?:uestion)?)\s*\d*\s*[:：.．]\s*(.+?)\s*(?:\n|\s)(?:答え?|回答|解答|A(?:nswer)?)\s*\d*\s*[:：.．]\s*(.+)"
)
_LEANING = re.compile(
    r"(?:この|上記の?|次の|本)(?:文章|文中|本文|文献|論文)|本文中|筆者|(?:the|this) (?:passage|text|article|abstract|study)\b",
    re.I,
)


def instruct(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    engine: Engine | None = None,
    pairs: int = 5,
    passages: int | None = None,
    exams: Iterable[str] = (),
    temperature: float = 0.0,
    max_tokens: int = 512,
) -> Manifest:
    """Write pairs as documents with ``instruction``, ``output`` and ``passage``.

    Args:
        engine: writes pairs from the inputs' passages; without one only ``exams`` are turned.
        passages: how many, drawn evenly; all if left out.
        exams: parts of benchmarks that may be trained on, as ``yakugakuqa:2012-2020``.

    Raises:
        IgakuError: a part of ``exams`` is for evaluation only, or as steps do.
    """
    files, out = files_of(Path(p) for p in inputs), Path(out)
    parts = [Part.read(e) for e in exams]
    for part in parts:
        may_train(part)
    questions, missing = exam_questions()
    settings: dict[str, Any] = {
        "by": engine.identity.model if engine else "",
        "pairs": pairs,
        "passages": passages or "all",
        "exams": [str(p) for p in parts],
        "temperature": temperature,
        "max_tokens": max_tokens,
        "benchmarks": sorted({n for n, _ in questions}),
        "not here": missing,
    }
    manifest = started("instruct", files, settings)
    manifest.clear = list(settings["benchmarks"])
    if before := done_before(out, manifest):
        return before
    out.mkdir(parents=True, exist_ok=True)
    found = [
        *_from_exams(parts),
        *(_from_passages(files, out, engine, pairs, passages, temperature, max_tokens) if engine else ()),
    ]
    _write(out, manifest, found, Overlap(questions))
    return finished(out, manifest)


def _from_passages(
    files: list[Path], out: Path, engine: Engine, pairs: int, passages: int | None, temperature: float, max_tokens: int
) -> Iterator[tuple[Document, str]]:
    """Each pair with its passage's text; what cannot be read comes as a document without an instruction."""
    drawn = drawn_evenly(read_documents(files), passages) if passages else list(read_documents(files))
    sampling = Sampling(max_tokens=max_tokens, temperature=temperature)
    requests = [(d.id, Request(kind="text", prompt=_prompt(engine, d, pairs), sampling=sampling)) for d in drawn]
    answers = ask_all(engine, "instruct", requests, out / "replies.jsonl")
    for d in drawn:
        read = read_pairs(answers[d.id].text) if d.id in answers else []
        if not read:
            yield Document(d.id, answers[d.id].text if d.id in answers else ""), d.text
        for n, (question, answer) in enumerate(read[:pairs], 1):
            name = str(d.more.get("source", "passages"))
            yield pair(f"{d.id}#{n}", question, answer, source=f"{name}-pairs", passage=d.id), d.text


def _prompt(engine: Engine, document: Document, n: int) -> str:
    text = PROMPTS["ja" if language(document.text) == "ja" else "en"].format(n=n, text=document.text[:READ])
    return as_turn(engine, text.removesuffix(OPENING)) if engine.identity.chat_template else text


def read_pairs(reply: str) -> list[tuple[str, str]]:
    """Pairs as JSON, one a line (the prompt may have opened the first), or as 質問: ... 答え: ...; whatever else stands there is passed over."""
    text = (
        reply
        if OPENING[2:13] in reply.split("\n")[0] or not re.match(r'[^"\n]+"\s*,\s*"output"', reply)
        else OPENING + reply
    )
    found = [(_unescaped(q), _unescaped(a)) for q, a in _PAIR.findall(text)]
    if not found:
        found = [(m[1].strip(), m[2].strip()) for m in _SPOKEN.finditer(reply)]
    return [(q, a) for q, a in found if q and a]


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')).strip().encode("utf-8", "ignore").decode()
    except ValueError:
        return ""


def pair(name: str, instruction: str, output: str, **more: str) -> Document:
    """An instruction with its answer; ``text`` holds both, for the steps that read text."""
    return Document(name, f"{instruction}\n{output}", {"instruction": instruction, "output": output, **more})


def _from_exams(parts: Iterable[Part]) -> Iterator[tuple[Document, str]]:
    for part in parts:
        bench = load_benchmark(part.benchmark)
        for lang in bench.languages:
            explained = bench.explanations(lang)
            for q in bench.load(lang):
                if (
                    q.year in part.years
                    and q.text_only
                    and not q.void
                    and (turned := as_instruction(q, explained.get(q.id, "")))
                ):
                    yield pair(f"{part.benchmark}-{q.id}", *turned, source=f"{part.benchmark}-exam"), ""


def as_instruction(q: Question, explanation: str = "") -> tuple[str, str] | None:
    """An exam question in the form in which it is asked, and its answer, then why; None where it has no choices."""
    if not q.choices or not q.right:
        return None
    shown = "\n".join(f"{LETTERS[i]}: {c}" for i, c in enumerate(q.choices))
    asked = "次の問題に答えてください。" if q.lang == "ja" else "Answer the following question."
    letters = ",".join(LETTERS[i] for i in q.right)
    answer = f"答え: {letters}" if q.lang == "ja" else f"Answer: {letters}"
    return f"{asked}\n{q.stem}\n{shown}", f"{answer}\n{explanation}".strip()


def fault(document: Document, passage: str, overlap: Overlap) -> str:
    """Why a pair cannot be used; nothing where it can."""
    question, answer = document.more.get("instruction", ""), document.more.get("output", "")
    if not question:
        return "no pair could be read"
    if len(question) < 8 or len(answer) < 1 or len(answer) > 4000:
        return "too short or too long"
    if bare(question) == bare(answer):
        return "answer repeats the question"
    if passage:
        if _LEANING.search(question):
            return "leans on the passage"
        if grounded(answer, passage) < GROUNDED:
            return "not in the passage"
    if hits := overlap.find(document.text):
        return f"holds {hits[0].benchmark}"
    return ""


def grounded(answer: str, passage: str) -> float:
    """Share of the answer's pairs of characters that its passage has; an answer of one character must occur."""
    import numpy as np

    mine, whole = bare(answer), bare(passage)
    if len(mine) < 2:
        return float(bool(mine) and mine in whole)
    return float(np.isin(runs_of(mine, 2), runs_of(whole, 2)).mean())


def _write(out: Path, manifest: Manifest, found: list[tuple[Document, str]], overlap: Overlap) -> None:
    seen: set[str] = set()
    with (out / PARTIAL).open("wb") as file:
        for document, passage in found:
            manifest.read += 1
            manifest.characters_read += len(document.text)
            mark = bare(document.more.get("instruction", ""))
            reason = fault(document, passage, overlap) or ("asked before" if mark in seen else "")
            if reason:
                manifest.dropped[reason] = manifest.dropped.get(reason, 0) + 1
                if manifest.dropped[reason] <= SAMPLES:
                    manifest.samples.append(Sample(document.id, reason, "", document.text[:300]))
                continue
            seen.add(mark)
            file.write(line_of(document))
            manifest.kept += 1
            manifest.characters_kept += len(document.text)
    if not manifest.kept:
        raise IgakuError(
            f"no pair of {manifest.read} could be used ({manifest.dropped}); another model, or fewer pairs a passage. Replies are kept in {out / 'replies.jsonl'}"
        )
