"""Keep the documents that a small classifier finds good, as JPharmatron's makers did with labels of a 72B model (2505.16661).

Any engine labels a sample (or a person does, in a file); a linear classifier on character runs learns from it, at thousands of documents a second; the threshold is the
lowest whose precision on labels held out reaches what was asked. Linear on hashed runs, by scikit-learn: fastText's trainer is no longer maintained, and an encoder
would take a GPU for a corpus. The classifier is kept as plain numbers, never as a pickle.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from igaku.corpus.asking import as_turn, ask_all
from igaku.corpus.clean import language
from igaku.corpus.documents import Document, drawn_evenly, files_of, read_documents
from igaku.corpus.manifest import Dropped, Manifest
from igaku.corpus.steps import run_step
from igaku.engines import Engine
from igaku.errors import IgakuError, optional
from igaku.io.hashing import file_sha256
from igaku.question import Request

FEATURES = 2**18
HELD_OUT = 0.3
FEWEST = 20
"""Labels of each kind that are needed."""
READ = 2000
"""Characters of a document that the classifier and the labelling engine read."""

PURPOSES = {
    "quality": {
        "ja": "医学を学ぶ人の教材として、内容が正確で、文章としてまとまっている。",
        "en": "It is accurate, coherent text that teaches medicine.",
    },
    "medical": {
        "ja": "医学・薬学・歯学・看護学のいずれかについて述べている。",
        "en": "It is about medicine, pharmacy, dentistry or nursing.",
    },
}
PROMPTS = {
    "ja": "次の文章を読み、基準に当てはまるかどうかを答えてください。\n基準: {purpose}\n\n文章:\n{text}\n\na: 当てはまる\nb: 当てはまらない\n答え:",
    "en": "Read the text and say whether it meets the criterion.\nCriterion: {purpose}\n\nText:\n{text}\n\na: it does\nb: it does not\nAnswer:",
}
"""In the text's own language: a small model leans by language otherwise."""


class Label(msgspec.Struct, frozen=True):
    """One line of a file of labels."""

    id: str
    good: bool


class Classifier(NamedTuple):
    """A linear classifier, and what it reached on labels it had not seen."""

    weights: Any
    """[FEATURES] float32."""
    bias: float
    threshold: float
    precision: float
    """On held-out labels at the threshold."""
    recall: float
    auroc: float
    labels: int

    def scores(self, texts: Sequence[str]) -> Any:
        """[n] probabilities of being good."""
        import numpy as np

        return 1 / (1 + np.exp(-(_features(texts) @ self.weights + self.bias)))


def filter_documents(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    labels: str | Path | None = None,
    engine: Engine | None = None,
    purpose: str = "quality",
    sample: int = 400,
    top: float | None = None,
    precision: float = 0.9,
    workers: str | int = 1,
) -> Manifest:
    """Write the documents whose score reaches the threshold, each with its ``score``.

    Args:
        labels: JSON Lines with ``id`` and ``good``; without it, the engine labels a sample of so many documents.
        purpose: a name in ``PURPOSES``, or the criterion in words.
        top: the best share of the sample of each language counts as good, instead of all that the engine finds rather good than not: for engines that
            say yes to nearly everything.
        precision: of the kept, on labels held out.

    Raises:
        IgakuError: too few labels of one kind, no threshold reaches the precision, or as steps do.
    """
    files, out = files_of(Path(p) for p in inputs), Path(out)
    if labels is None and engine is None:
        raise IgakuError("filter needs labels: a file (--labels), or a model that gives them (--model)")
    known = read_labels(Path(labels)) if labels else label(files, engine, purpose, sample, out / "labels", top)  # type: ignore[arg-type]
    documents = [d for d in read_documents(files) if d.id in known]
    if missing := len(known) - len({d.id for d in documents}):
        raise IgakuError(
            f"{labels}: {missing} of {len(known)} labels are of documents that are not in the input; label these documents"
        )
    classifier = trained([d.text for d in documents], [known[d.id] for d in documents], precision)
    settings = {
        "purpose": purpose,
        "top": top,
        "labels": file_sha256(Path(labels))[:12] if labels else f"{len(known)} by {engine.identity.model}",  # type: ignore[union-attr]
        "threshold": round(classifier.threshold, 4),
        "held-out precision": round(classifier.precision, 3),
        "held-out recall": round(classifier.recall, 3),
        "held-out AUROC": round(classifier.auroc, 3),
    }
    made = run_step("filter", files, out, settings, Filter(classifier), workers)
    optional("numpy", "corpus").savez_compressed(
        out / "classifier.npz", weights=classifier.weights, bias=classifier.bias, threshold=classifier.threshold
    )
    return made


class Filter:
    """What is done with one document."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def __call__(self, document: Document) -> Document | Dropped:
        """The document with its score; or dropped, below the threshold."""
        score = round(float(self._classifier.scores([document.text])[0]), 4)
        if score < self._classifier.threshold:
            return Dropped(document, "below the threshold", f"score {score:.2f}")
        return replace(document, more={**document.more, "score": score})


def label(
    files: Sequence[Path], engine: Engine, purpose: str, sample: int, folder: Path, top: float | None = None
) -> dict[str, bool]:
    """What the engine says of a sample of documents: good where it finds (a) likelier than (b), or is among the best of its language."""
    drawn = drawn_evenly(read_documents(files), sample)
    requests = [
        (d.id, Request(kind="letters", prompt=as_turn(engine, _asked(d.text, purpose)), continuations=("a", "b")))
        for d in drawn
    ]
    answers = ask_all(engine, "label", requests, folder / "replies.jsonl")
    leaning = {name: a.logprobs[0] - a.logprobs[1] for name, a in answers.items() if len(a.logprobs) == 2}
    if top is None:
        return {name: lean > 0 for name, lean in leaning.items()}
    spoken = {d.id: language(d.text) for d in drawn if d.id in leaning}
    good: set[str] = set()
    for lang in set(spoken.values()):
        mine = sorted((name for name in leaning if spoken[name] == lang), key=lambda n: -leaning[n])
        good |= set(mine[: round(top * len(mine))])
    return {name: name in good for name in leaning}


def _asked(text: str, purpose: str) -> str:
    lang = "ja" if language(text) == "ja" else "en"
    return PROMPTS[lang].format(purpose=PURPOSES.get(purpose, {}).get(lang, purpose), text=text[:READ])


def read_labels(file: Path) -> dict[str, bool]:
    """Labels by document id."""
    try:
        rows = [
            msgspec.json.decode(line, type=Label, strict=False)
            for line in file.read_bytes().splitlines()
            if line.strip()
        ]
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IgakuError(
            f'{file}: cannot be read as labels ({error}); one {{"id": ..., "good": true}} a line'
        ) from None
    return {r.id: r.good for r in rows}


def trained(texts: Sequence[str], good: Sequence[bool], precision: float, seed: int = 0) -> Classifier:
    """A classifier from labelled texts, its threshold set on three tenths of them that it does not learn from.

    Raises:
        IgakuError: fewer than ``FEWEST`` labels of one kind, or no threshold reaches the precision.
    """
    np = optional("numpy", "corpus")
    linear, metrics = optional("sklearn.linear_model", "corpus"), optional("sklearn.metrics", "corpus")
    truth = np.array(good, bool)
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        raise IgakuError(
            f"{int(truth.sum())} documents are labelled good and {int((~truth).sum())} not; at least {FEWEST} of each are needed: label more, or others"
        )
    rng = np.random.default_rng(seed)
    held = np.zeros(len(truth), bool)
    for kind in (True, False):
        mine = np.flatnonzero(truth == kind)
        held[rng.permutation(mine)[: max(5, round(HELD_OUT * len(mine)))]] = True
    features = _features(texts)
    model = linear.LogisticRegression(C=10.0, max_iter=400, class_weight="balanced").fit(features[~held], truth[~held])
    scores = model.predict_proba(features[held])[:, 1]
    threshold, reached, recall = _threshold(scores, truth[held], precision)
    return Classifier(
        model.coef_[0].astype(np.float32),
        float(model.intercept_[0]),
        threshold,
        reached,
        recall,
        float(metrics.roc_auc_score(truth[held], scores)),
        len(truth),
    )


def _threshold(scores: Any, truth: Any, precision: float) -> tuple[float, float, float]:
    """Where the precision is reached with the most of the good kept, and of such scores the highest; with it the precision and the recall."""
    best, found = 0.0, None
    for t in sorted(set(scores.tolist())):
        kept = scores >= t
        if kept.sum() < 5:
            break
        reached, recall = float(truth[kept].mean()), float(kept[truth].mean())
        best = max(best, reached)
        if reached >= precision and (found is None or recall >= found[2]):
            found = (float(t), reached, recall)
    if found:
        return found
    raise IgakuError(
        f"no threshold reaches a precision of {precision:g} on held-out labels (the best is {best:.2f}): ask for less, or give more and better labels"
    )


def _features(texts: Sequence[str]) -> Any:
    hashing = optional("sklearn.feature_extraction.text", "corpus").HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=FEATURES, alternate_sign=False, norm="l2"
    )
    return hashing.transform([t[:READ] for t in texts])
