"""Exam questions in other words or in another language, planted between real passages: how many are found by meaning?

Questions: IgakuQA (published in Japanese and English) and igaku's own exams, of which ``paraphrases.jsonl`` has
rewordings written for this measurement. Of a translation only the other language is in the index. Text without
questions: explanations of YakugakuQA 2012-2020 and abstracts of PubMedQA, against questions of other exams.

The limits in ``igaku.corpus.meaning`` were chosen on one half of the planted questions and of the passages: the lowest
at which hardly any passage is taken for a question. The rates are of the other half.

python bench/meaning.py [questions of IgakuQA] [passages]
"""

import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import keep
from decontaminate import passages, shown

from igaku.corpus import meaning
from igaku.corpus.decontaminate import exam_questions
from igaku.corpus.encoders import PACKAGED, encoder
from igaku.corpus.meaning import Found, Meaning
from igaku.corpus.pieces import is_wide
from igaku.question import Question

PLANTED, OWN = 60, ("mini", "mini_hard")


class Remembering:
    """An encoder that encodes no text twice: passages come back in many documents."""

    def __init__(self) -> None:
        self._encoder, self._known = encoder(PACKAGED), {}
        self.identity, self.seconds, self.texts = self._encoder.identity, 0.0, 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        new = [t for t in dict.fromkeys(texts) if t not in self._known]
        start = time.perf_counter()
        self._known |= dict(zip(new, self._encoder(new))) if new else {}
        self.seconds, self.texts = self.seconds + time.perf_counter() - start, self.texts + len(new)
        return np.stack([self._known[t] for t in texts])


class Planted(NamedTuple):
    kind: str
    benchmark: str
    id: str
    text: str
    language: str
    """Of the questions that are looked for."""


def planted(questions: list[tuple[str, Question]], rng: random.Random) -> list[Planted]:
    out = []
    for lang, other, kind in (
        ("en", "ja", "Japanese question in English"),
        ("ja", "en", "English question in Japanese"),
    ):
        for own in (False, True):
            mine = [(n, q) for n, q in questions if q.lang == lang and (n in OWN) == own]
            for name, q in rng.sample(mine, min(PLANTED, len(mine))):
                out.append(Planted(f"{kind}, {'our exams' if own else 'IgakuQA'}", name, q.id, shown(q), other))
    for line in Path(__file__).with_name("paraphrases.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for lang in ("ja", "en"):
            kind = f"reworded in {'Japanese' if row['language'] == 'ja' else 'English'}"
            kind += "" if lang == row["language"] else ", question in the other language"
            out.append(Planted(kind, OWN[int(row["id"][5:]) > 104], row["id"], row["text"], lang))
    return out


def over(found: Found) -> tuple[bool, float]:
    """Whether both are in one language, and by how much the agreement is over the limit."""
    return (found.question.language != "en") == is_wide(found.passage), found.over


def main(each: int = 400, clean: int = 600) -> None:
    rng = random.Random(0)
    everything, _ = exam_questions(["igakuqa", *OWN])
    ids = sorted({q.id for n, q in everything if n == "igakuqa" and q.choices and q.text_only})
    chosen = set(rng.sample(ids, min(each, len(ids))))
    questions = [(n, q) for n, q in everything if n in OWN or q.id in chosen]
    encode = Remembering()
    start = time.perf_counter()
    by = {lang: Meaning([x for x in questions if x[1].lang == lang], encode, print) for lang in ("ja", "en")}
    building = time.perf_counter() - start
    texts = passages()
    rng.shuffle(texts)
    texts = texts[:clean]
    meaning.NEAR = meaning.LOOSE = 0.25  # so that what is far below the limits is seen too
    before = encode.seconds
    start = time.perf_counter()
    false = [[over(f) for index in by.values() for f in index.find(t)] for t in texts]
    seconds, encoding = time.perf_counter() - start, encode.seconds - before
    cases = planted(questions, rng)
    hits = []
    for p in cases:
        text = f"{rng.choice(texts)}\n{p.text}\n{rng.choice(texts)}"
        own = [f for f in by[p.language].find(text) if (f.question.benchmark, f.question.id) == (p.benchmark, p.id)]
        hits.append(max((f.over for f in own), default=-1.0))
    for which, label in ((True, "same"), (False, "other")):
        nearest = max((s for one in false[::2] for same, s in one if same == which), default=-1.0)
        print(f"half of the passages, questions of the {label} language: the nearest is {nearest:+.3f} from the limit")
    rows = []
    for kind in dict.fromkeys(p.kind for p in cases):
        mine = [h for h, p in zip(hits, cases) if p.kind == kind][1::2]
        found = sum(s >= 0 for s in mine)
        rows.append({"what": kind, "planted": len(mine), "found": f"{100 * found / len(mine):.1f} %"})
    taken = sum(any(s >= 0 for _, s in one) for one in false[1::2])
    both = sum(any(s >= 0 for _, s in one) for one in false)
    rows.append(
        {
            "what": "explanations and abstracts without a question",
            "planted": len(false[1::2]),
            "found": f"{100 * taken / len(false[1::2]):.2f} %",
        }
    )
    rows.append({"what": "the same, both halves", "planted": len(false), "found": f"{100 * both / len(false):.2f} %"})
    rows.append({"what": "questions in the index", "planted": "", "found": f"{sum(map(len, by.values())):,}"})
    speed = [
        {"what": "index, encoded or read from the cache", "seconds": f"{building:.0f}"},
        {"what": "1,000 documents", "seconds": f"{1000 * seconds / len(texts):.0f}"},
        {"what": "of it the encoder", "seconds": f"{1000 * encoding / len(texts):.0f}"},
    ]
    for s, same, t in sorted(((s, same, t[:80]) for t, one in zip(texts, false) for same, s in one), reverse=True)[:8]:
        print("   ", f"{s:.3f}", "same language" if same else "across", repr(t))
    keep("meaning", rows)
    keep("meaning_speed", speed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
