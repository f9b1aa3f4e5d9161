"""Exam questions in other words or in another language, planted between real passages, for ``decontaminate.py``.

``paraphrases.jsonl`` holds rewordings and translations of igaku's own exams, written for this measurement; of IgakuQA
each published translation is planted. Only questions of one language are in the index: the one that the planted text
was made from. Clean text: ``guidelines.jsonl``, paragraphs on the diseases of the same exams, written for this too, and
the beginnings of explanations of YakugakuQA and of abstracts of PubMedQA.

A hash of its name, not its content, says to which half a planted text belongs (of clean texts every second one):
``tuning``, on which the weights and the limit of ``igaku.corpus.meaning`` were chosen, or ``held out``, of which the
rates are. What was planted before the halves were drawn is all in the first.
"""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from igaku.benchmarks import load_benchmark
from igaku.corpus.decontaminate import exam_questions
from igaku.corpus.encoders import PACKAGED, encoder
from igaku.corpus.judge import judge
from igaku.corpus.meaning import Found, Meaning, Signs
from igaku.corpus.meaning_index import Sought, encoded, sought
from igaku.corpus.pieces import is_wide, pieces
from igaku.engines import EngineSpec
from igaku.question import Question

OWN = ("mini", "mini_hard")
REAL, FRESH, FIRST = 500, 600, 4
"""Real passages of each language for tuning; as many more Japanese ones for tuning as for the rate; pieces of each."""
IGAKUQA = 150
"""Questions of it in the index, in both languages."""
EVERYTHING = 99.0
HALVES = "held out", "tuning"
NEAREST, PUBLISHED, ROUNDS, HARD, MARGIN = 25, 0.3, 5, 5000.0, 0.25
"""Questions of a clean text; weight of a kind of IgakuQA; rounds, weight of what is near, space over the limit."""


class Case(NamedTuple):
    """A text, and the question that it holds; none in clean text."""

    kind: str
    half: str
    text: str
    language: str = ""
    """Of the questions that are looked for."""
    benchmark: str = ""
    id: str = ""


class Remembering:
    """The packaged encoder, which encodes no text twice, here or in the next run."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._encoder = encoder(PACKAGED)
        self.identity = self._encoder.identity
        every = list(dict.fromkeys(p for t in texts for p in pieces(t)))
        self._known = dict(zip(every, encoded(every, self._encoder, "planted text", print)))

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        new = [t for t in dict.fromkeys(texts) if t not in self._known]
        self._known |= dict(zip(new, self._encoder(new))) if new else {}
        return np.stack([self._known[t] for t in texts])


def half_of(name: str) -> str:
    return HALVES[int(sha256(name.encode()).hexdigest(), 16) % 2]


class Planted:
    """What is planted and looked for.

    Args:
        real: real passages that hold no question.
        halves: those that are looked at.
    """

    def __init__(self, real: list[str], *halves: str) -> None:
        self._halves = halves
        rng = random.Random(0)
        everything, _ = exam_questions(["igakuqa", *OWN])
        ids = sorted({q.id for n, q in everything if n == "igakuqa" and q.choices and q.text_only})
        chosen = set(rng.sample(ids, IGAKUQA))
        self.questions = [(n, q) for n, q in everything if n in OWN or q.id in chosen]
        rng.shuffle(real)
        begun = ["\n".join(pieces(t)[:FIRST]) for t in real]
        japanese = [t for t in begun if is_wide(t)]
        self._real = [*japanese[:REAL], *(t for t in begun if not is_wide(t))][: 2 * REAL]
        cases = [*_written(), *_published(self.questions)]
        between = [f"{rng.choice(self._real)}\n{c.text}\n{rng.choice(self._real)}" for c in cases]
        self.cases = [c._replace(text=t) for c, t in zip(cases, between)]
        seen = REAL + FRESH
        self.clean = [Case("real passages", "tuning", t) for t in (*self._real, *japanese[REAL:seen])]
        self.clean += [Case("real passages", "held out", t) for t in japanese[seen : seen + FRESH]]
        rows = map(json.loads, Path(__file__).with_name("guidelines.jsonl").read_text(encoding="utf-8").splitlines())
        self.clean += [Case("paragraphs on the same diseases", "tuning", r["text"]) for r in rows]

    @cached_property
    def indexes(self) -> dict[str, Meaning]:
        """Language of the questions -> what looks for them; everything that is near at all is given."""
        encode = Remembering([c.text for c in (*self.cases, *self.clean) if c.half in self._halves])
        languages = {lang: [x for x in self.questions if x[1].lang == lang] for lang in ("ja", "en")}
        return {lang: Meaning(found, encode, print, EVERYTHING) for lang, found in languages.items()}

    def signs(self, case: Case) -> Signs | None:
        """Of the planted question in its text; none where it is not even looked at."""
        found = self.indexes[case.language].find(case.text)
        return next(
            (f.signs for f in found if (f.question.benchmark, f.question.id) == (case.benchmark, case.id)), None
        )

    def nearest(self, case: Case) -> list[Found]:
        """Of a clean text, what is found of all questions, surest first."""
        return sorted((f for index in self.indexes.values() for f in index.find(case.text)), key=lambda f: -f.over)


def _written() -> list[Case]:
    names = {"ja": "Japanese", "en": "English"}
    out = []
    for row in map(json.loads, Path(__file__).with_name("paraphrases.jsonl").read_text(encoding="utf-8").splitlines()):
        of, into = names[row["of"]], names[row["language"]]
        kind = f"{of} reworded" if of == into else f"{of} translated into {into}"
        name = row["id"] + row["of"] + row["language"] + ("r" if of == into else "t")
        half = "tuning" if row["how"] == "seen before" else half_of(name)
        out.append(Case(kind, half, row["text"], row["of"], OWN[int(row["id"][5:]) > 104], row["id"]))
    return out


def _published(questions: list[tuple[str, Question]]) -> list[Case]:
    out = []
    for name, q in questions:
        if name == "igakuqa":
            kind, of = ("IgakuQA in English", "ja") if q.lang == "en" else ("English IgakuQA in Japanese", "en")
            out.append(Case(kind, half_of(q.id + q.lang), q.stem + "\n" + "\n".join(q.choices), of, name, q.id))
    return out


def rows(real: list[str]) -> list[dict[str, object]]:
    """Rates of the held-out half, one row a kind."""
    planted = Planted(real, "held out")
    kinds = dict.fromkeys(c.kind for c in planted.cases)
    out = []
    for kind in kinds:
        mine = [c for c in planted.cases if c.kind == kind and c.half == "held out"]
        signs = [planted.signs(c) for c in mine]
        found = sum(s is not None and s.over >= 0 for s in signs)
        out.append(_row(f"in other words: {kind}", len(mine), found, "at least 70 %"))
    mine = [c for c in planted.clean if c.half == "held out"]
    false = [(c, near[0]) for c in mine if (near := planted.nearest(c)) and near[0].holds]
    out.append(_row("false, by meaning: explanations of YakugakuQA", len(mine), len(false), "at most 0.1 %"))
    for c, f in false:
        print("   ", c.text[:80].replace("\n", " "), "~", f.hit)
    questions = sum(map(len, planted.indexes.values()))
    return [*out, {"what": "in other words: questions in the index", "planted": questions, "found": "", "target": ""}]


def _row(what: str, planted: int, found: int, target: str) -> dict[str, object]:
    return {"what": what, "planted": planted, "found": f"{100 * found / planted:.1f} %", "target": target}


def weights(real: list[str]) -> None:
    """Print the scales of ``igaku.corpus.meaning`` as the half for tuning gives them, and how near clean text comes."""
    planted = Planted(real, "tuning")
    good = [(c.kind, s) for c in planted.cases if c.half == "tuning" and (s := planted.signs(c))]
    clean = [f for c in planted.clean if c.half == "tuning" for f in planted.nearest(c)[:NEAREST]]
    kinds = Counter(k for k, _ in good)
    for same in (True, False):
        mine = [(k, s) for k, s in good if s.same == same]
        others = [f for f in clean if f.signs.same == same]
        x = np.array([_features(s) for s in (*(s for _, s in mine), *(f.signs for f in others))])
        share = np.array([(PUBLISHED if "IgakuQA" in k else 1) / kinds[k] for k, _ in mine])
        fitted = _fitted(x, share)
        score = x @ fitted[:-1] + fitted[-1]
        near = np.argsort(-score[len(mine) :])[:4]
        top = float(score[len(mine) + near[0]])
        scale = np.append(fitted[:-1], -fitted[-1] + top + MARGIN)
        print("one language" if same else "two languages", "of question, of text, terms, limit:", np.round(scale, 2))
        for k in near.tolist():
            print(f"   clean, {score[len(mine) + k] - top - MARGIN:+.2f}", others[k].hit, others[k].passage[:80])
        for kind in dict.fromkeys(k for k, _ in mine):
            over = np.array([s - top - MARGIN >= 0 for s, (k, _) in zip(score, mine) if k == kind])
            print(f"   {kind}: {over.sum()} of {len(over)}")


def judged(model: str, most: int = 10) -> None:
    """Print how a model judges rewordings and translations beside their own question, and beside another one."""
    written = [c for c in _written() if c.half == "tuning"][::9][:most]
    found = {(s.benchmark, s.id, s.language): s for n in OWN for lang in ("ja", "en") for s in _sought(n, lang)}
    none = Signs(0.0, 0.0, True, 0.0)
    right = wrong = 0
    with tempfile.TemporaryDirectory() as work, judge(EngineSpec(model=model), Path(work)) as holds:
        for n, (case, other) in enumerate(zip(written, [*written[most // 2 :], *written[: most // 2]])):
            question = found[case.benchmark, case.id, case.language]
            right += holds(f"own {n}", Found(question, case.text, none))
            wrong += holds(f"other {n}", Found(question, other.text, none))
    print(f"{model}: {right} of {len(written)} taken for their question, {wrong} for another one")


def _sought(name: str, lang: str) -> list[Sought]:
    return list(sought((name, q) for q in load_benchmark(name).load(lang)))


def _features(s: Signs) -> list[float]:
    return [s.of_question, s.of_text, s.terms]


def _fitted(x: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A logistic regression in rounds: the clean texts that come near weigh more each time.

    Args:
        x: [planted and clean, signs].
        share: [planted] weights.
    """
    n = len(share)
    y = np.arange(len(x)) < n
    clean = np.ones(len(x) - n)
    for _ in range(ROUNDS):
        fitted = _logistic(x, y.astype(float), np.concatenate([share / share.sum(), clean / clean.sum()]))
        score = x[n:] @ fitted[:-1] + fitted[-1]
        clean = 1 + HARD / (1 + np.exp(3 - score))
    return fitted


def _logistic(x: np.ndarray, y: np.ndarray, share: np.ndarray, ridge: float = 0.01) -> np.ndarray:
    """[d + 1] weights and a constant, by Newton's method on standardised features."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([(x - mean) / spread, np.ones(len(x))])
    shrink = np.diag([ridge] * x.shape[1] + [0.0])
    b = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ b))
        b -= np.linalg.solve((z.T * (share * p * (1 - p))) @ z + shrink, z.T @ (share * (p - y)) + shrink @ b)
    scaled = b[:-1] / spread
    return np.append(scaled, b[-1] - scaled @ mean)
