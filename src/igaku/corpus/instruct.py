"""Question-and-answer pairs from passages, by any engine; and exam questions as instructions.

The way JMedLoRA's data were made (2310.10083: several pairs a passage, one a line). A pair is kept where it can be
read, stands by itself, is grounded in its passage, is no benchmark's question and was not there before; the rest is
counted with samples.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from msgspec import field

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.corpus.asking import as_turn, ask_all
from igaku.corpus.decontaminate import exam_questions
from igaku.corpus.documents import Document, line_of, read_documents, sample_evenly
from igaku.corpus.language import language
from igaku.corpus.licences import of_benchmark
from igaku.corpus.manifest import PARTIAL, SAMPLES, Manifest, Sample, started
from igaku.corpus.overlap import Overlap, bare
from igaku.corpus.progress import Say
from igaku.corpus.runs import runs_of
from igaku.corpus.sources import Part, may_train
from igaku.corpus.steps import Step, Workers, benchmark_files, run_step
from igaku.corpus.stream import finished
from igaku.engines import Engine
from igaku.engines.build import using
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.io.files import open_output
from igaku.question import LETTERS, Question, Request, Sampling

GROUNDED = 0.6
"""Share of the answer's pairs of characters that the passage must have."""
READ = 1500
"""Characters of a passage that the engine reads."""
PROMPTS = {
    "ja": "文章だけを根拠に、医学を学ぶ人のための質問と答えを作ってください。"
    "1行に1組、例と同じ形で書き、他には何も書かないでください。質問は、文章を見なくても意味が通るように書いてください。\n\n"
    "文章:\n右心不全では静脈圧が上がり、血管から水分が漏れて下腿に浮腫が生じる。\n\n質問と答え (1組):\n"
    '{{"instruction": "右心不全で下腿に浮腫が生じるのはなぜですか。", '
    '"output": "静脈圧が上がり、血管から水分が漏れるためです。"}}\n\n'
    '文章:\n{text}\n\n質問と答え ({n}組):\n{{"instruction": "',
    "en": "From the passage, and from nothing else, write questions with answers for students of medicine. "
    "One pair a line, in the form of the example, and nothing else. A question must make sense without the passage.\n\n"
    "Passage:\nIn right heart failure venous pressure rises and fluid leaks from the vessels, "
    "which makes the legs swell.\n\nPairs (1):\n"
    '{{"instruction": "Why do the legs swell in right heart failure?", '
    '"output": "Venous pressure rises and fluid leaks from the vessels."}}\n\n'
    'Passage:\n{text}\n\nPairs ({n}):\n{{"instruction": "',
}
OPENING = '{"instruction": "'
_PAIR = re.compile(r'"instruction"\s*:\s*"((?:[^"\\]|\\.)+)"\s*,\s*"output"\s*:\s*"((?:[^"\\]|\\.)+)"')
_LABELLED_PAIR = re.compile(
    r"(?:質問|問題?|Q(?:uestion)?)\s*\d*\s*[:：.．]\s*(.+?)\s*(?:\n|\s)"
    r"(?:答え?|回答|解答|A(?:nswer)?)\s*\d*\s*[:：.．]\s*(.+)"
)
_LEANING = re.compile(
    r"(?:この|上記の?|次の|本)(?:文章|文中|本文|文献|論文)|本文中|筆者|"
    r"(?:the|this) (?:passage|text|article|abstract|study)\b",
    re.I,
)


class Instruct(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``instruct``."""

    name: ClassVar[str] = "instruct"
    engine: EngineSpec | None = None
    """Writes pairs from the inputs' passages; without one only ``exams`` are turned into pairs."""
    pairs: int = 5
    """Pairs a passage."""
    passages: int | None = None
    """Number of passages, drawn evenly; all if left out."""
    exams: list[str] = field(default_factory=list)
    """Parts of benchmarks that may be trained on, as ``yakugakuqa:2012-2020``."""
    temperature: float = 0.0
    max_tokens: int = 512

    def depends_on(self) -> dict[str, object]:
        """The questions that are searched for, and those that are turned into pairs."""
        return {"questions": {name: benchmark_files(load_benchmark(name)) for name in benchmark_names()}}

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Collect pairs, then write those without a fault."""
        parts = [Part.read(e) for e in self.exams]
        for part in parts:
            may_train(part)
        questions, missing = exam_questions()
        found, author = list(_from_exams(parts)), ""
        if model := engine or self.engine:
            with using(model, needs=frozenset(("text",))) as loaded:
                found += self._from_passages(files, out, loaded, say)
                author = loaded.identity.model
        names = sorted({n for n, _ in questions})
        manifest = started("instruct", files, self._settings(author, parts, names, missing))
        manifest.clear = names
        manifest.licences |= {exam_source(part): of_benchmark(part.benchmark) for part in parts}
        _write(out, manifest, found, Overlap(questions))
        return finished(out, manifest)

    def _settings(self, author: str, parts: list[Part], names: list[str], missing: list[str]) -> dict[str, Any]:
        return {
            "by": author,
            "pairs": self.pairs,
            "passages": self.passages or "all",
            "exams": [str(p) for p in parts],
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "benchmarks": names,
            "not here": missing,
        }

    def _from_passages(self, files: list[Path], out: Path, engine: Engine, say: Say) -> Iterator[tuple[Document, str]]:
        """Each pair with its passage's text; what cannot be read comes as a document without an instruction."""
        documents = read_documents(files)
        drawn = sample_evenly(documents, self.passages) if self.passages else list(documents)
        sampling = Sampling(max_tokens=self.max_tokens, temperature=self.temperature)
        prompts = [(d.id, _prompt(engine, d, self.pairs)) for d in drawn]
        requests = [(name, Request(kind="text", prompt=prompt, sampling=sampling)) for name, prompt in prompts]
        answers = ask_all(engine, "instruct", requests, out / "replies.jsonl", say)
        for d in drawn:
            text = answers[d.id].text if d.id in answers else ""
            found = read_pairs(text)
            if not found:
                yield Document(d.id, text), d.text
            source = f"{d.extra.get('source', 'passages')}-pairs"
            for n, (question, answer) in enumerate(found[: self.pairs], 1):
                yield pair(f"{d.id}#{n}", question, answer, source=source, passage=d.id), d.text


def instruct(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    engine: Engine | EngineSpec | None = None,
    pairs: int = 5,
    passages: int | None = None,
    exams: Iterable[str] = (),
    temperature: float = 0.0,
    max_tokens: int = 512,
) -> Manifest:
    """Write pairs as documents with ``instruction``, ``output`` and ``passage``.

    Args:
        engine: one that is built already, or its spec; writes pairs from the inputs' passages. Without one only
            ``exams`` are turned into pairs.
        passages: number of passages, drawn evenly; all if left out.
        exams: parts of benchmarks that may be trained on, as ``yakugakuqa:2012-2020``.

    Raises:
        IgakuError: a part of ``exams`` is for evaluation only, or as of ``run_step``.
    """
    spec = engine if isinstance(engine, EngineSpec) else None
    step = Instruct(
        engine=spec, pairs=pairs, passages=passages, exams=list(exams), temperature=temperature, max_tokens=max_tokens
    )
    return run_step(step, inputs, out, engine=None if isinstance(engine, EngineSpec) else engine)


def _prompt(engine: Engine, document: Document, n: int) -> str:
    text = PROMPTS["ja" if language(document.text) == "ja" else "en"].format(n=n, text=document.text[:READ])
    return as_turn(engine, text.removesuffix(OPENING)) if engine.identity.chat_template else text


def read_pairs(reply: str) -> list[tuple[str, str]]:
    """Pairs as JSON, one a line (the prompt may have opened the first), or as ``質問: …`` and ``答え: …``.

    The rest of the reply is ignored.
    """
    whole = OPENING[2:13] in reply.split("\n")[0] or not re.match(r'[^"\n]+"\s*,\s*"output"', reply)
    text = reply if whole else OPENING + reply
    found = [(_unescaped(q), _unescaped(a)) for q, a in _PAIR.findall(text)]
    if not found:
        found = [(m[1].strip(), m[2].strip()) for m in _LABELLED_PAIR.finditer(reply)]
    return [(q, a) for q, a in found if q and a]


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')).strip().encode("utf-8", "ignore").decode()
    except ValueError:
        return ""


def pair(name: str, instruction: str, output: str, **extra: str) -> Document:
    """An instruction with its answer; ``text`` holds both, for the steps that read text."""
    return Document(name, f"{instruction}\n{output}", {"instruction": instruction, "output": output, **extra})


def exam_source(part: Part) -> str:
    """The source that pairs made of an exam's questions name."""
    return f"{part.benchmark}-exam"


def _from_exams(parts: Iterable[Part]) -> Iterator[tuple[Document, str]]:
    for part in parts:
        bench = load_benchmark(part.benchmark)
        for lang in bench.languages:
            explanations = bench.explanations(lang)
            for q in bench.load(lang):
                if q.year not in part.years or not q.text_only or q.void:
                    continue
                if instruction := as_instruction(q, explanations.get(q.id, "")):
                    yield pair(f"{part.benchmark}-{q.id}", *instruction, source=exam_source(part)), ""


def as_instruction(q: Question, explanation: str = "") -> tuple[str, str] | None:
    """An exam question in the form in which it is asked, and its answer, then why; None where it has no choices."""
    if not q.choices or not q.right:
        return None
    choices = "\n".join(f"{LETTERS[i]}: {c}" for i, c in enumerate(q.choices))
    order = "次の問題に答えてください。" if q.lang == "ja" else "Answer the following question."
    letters = ",".join(LETTERS[i] for i in q.right)
    answer = f"答え: {letters}" if q.lang == "ja" else f"Answer: {letters}"
    return f"{order}\n{q.stem}\n{choices}", f"{answer}\n{explanation}".strip()


def fault(document: Document, passage: str, overlap: Overlap) -> str:
    """Why a pair cannot be used; empty where it can."""
    question, answer = document.extra.get("instruction", ""), document.extra.get("output", "")
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
    with open_output(out / PARTIAL) as file:
        for document, passage in found:
            manifest.read += 1
            manifest.characters_read += len(document.text)
            key = bare(document.extra.get("instruction", ""))
            reason = fault(document, passage, overlap) or ("asked before" if key in seen else "")
            if reason:
                manifest.dropped[reason] = manifest.dropped.get(reason, 0) + 1
                if manifest.dropped[reason] <= SAMPLES:
                    manifest.samples.append(Sample(document.id, reason, "", document.text[:300]))
                continue
            seen.add(key)
            file.write(line_of(document))
            manifest.retained += 1
            manifest.characters_retained += len(document.text)
    if not manifest.retained:
        raise IgakuError(
            f"no pair of {manifest.read} could be used ({manifest.dropped}); "
            f"use another model, or fewer pairs a passage. Replies are kept in {out / 'replies.jsonl'}"
        )
