"""Keep the documents that a small classifier finds good, as JPharmatron's makers did with labels of a 72B model
(2505.16661).

Any engine labels a sample (or a person does, in a file); a linear classifier on character runs learns from it, at
thousands of documents a second; the threshold is the one whose precision on labels held out reaches what was asked.
Linear on hashed runs, by scikit-learn: fastText's trainer is no longer maintained, and an encoder would take a GPU for
a corpus. The classifier is stored as plain numbers, never as a pickle.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec
from msgspec.structs import replace

from igaku.corpus.asking import as_turn, ask_all
from igaku.corpus.documents import Document, read_documents, sample_evenly
from igaku.corpus.language import language
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.progress import Say
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import stream
from igaku.engines import Engine
from igaku.engines.build import using
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError, optional
from igaku.io.hashing import file_sha256
from igaku.io.json_values import decode_lines
from igaku.question import Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Flags = NDArray[np.bool_]

FEATURES = 2**18
HELD_OUT = 0.3
FEWEST = 20
"""Labels of each kind that are needed, at least."""
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
    "ja": "次の文章を読み、基準に当てはまるかどうかを答えてください。\n基準: {purpose}\n\n"
    "文章:\n{text}\n\na: 当てはまる\nb: 当てはまらない\n答え:",
    "en": "Read the text and say whether it meets the criterion.\nCriterion: {purpose}\n\n"
    "Text:\n{text}\n\na: it does\nb: it does not\nAnswer:",
}
"""In the text's own language: a small model leans by language otherwise."""


class Label(msgspec.Struct, frozen=True):
    """One line of a file of labels."""

    id: str
    good: bool


class Classifier(NamedTuple):
    """A linear classifier, and what it reached on labels held out of its training."""

    weights: "NDArray[np.float32]"
    """[FEATURES]."""
    bias: float
    threshold: float
    precision: float
    """On held-out labels at the threshold."""
    recall: float
    auroc: float
    labels: int

    def scores(self, texts: Sequence[str]) -> "Floats":
        """[n] probabilities of being good."""
        import numpy as np

        scores: Floats = 1 / (1 + np.exp(-(_features(texts) @ self.weights + self.bias)))
        return scores


class Filter(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``filter``: labels from a file, or from an engine."""

    name: ClassVar[str] = "filter"
    labels: str = ""
    """JSON Lines with ``id`` and ``good``; a path in a plan is relative to the plan."""
    engine: EngineSpec | None = None
    """Labels a sample of ``sample`` documents where there is no file."""
    purpose: str = "quality"
    """``quality``, ``medical``, or the criterion in words."""
    sample: int = 400
    top: float | None = None
    """The best share of the sample of each language counts as good, instead of every document for which the engine
    prefers (a): for engines that say yes to nearly everything."""
    precision: float = 0.9
    """Share of good documents among those that are kept, on labels held out."""

    def depends_on(self) -> dict[str, object]:
        """The file of labels."""
        return {"labels": file_sha256(Path(self.labels)) if self.labels and Path(self.labels).is_file() else ""}

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Label, learn, then stream the documents through a ``DocumentFilter``."""
        if self.labels:
            labels, origin = read_labels(Path(self.labels)), file_sha256(Path(self.labels))[:12]
        else:
            labels, origin = self._labelled(files, out, engine, say)
        documents = [d for d in read_documents(files) if d.id in labels]
        if missing := len(labels) - len({d.id for d in documents}):
            raise IgakuError(
                f"{self.labels}: {missing} of {len(labels)} labels are of documents that are not in the input; "
                "label these documents"
            )
        classifier = trained([d.text for d in documents], [labels[d.id] for d in documents], self.precision)
        manifest = started("filter", files, self._settings(origin, classifier))
        optional("numpy", "corpus").savez_compressed(
            out / "classifier.npz", weights=classifier.weights, bias=classifier.bias, threshold=classifier.threshold
        )
        return stream(manifest, files, out, DocumentFilter(classifier), workers, say=say)

    def _labelled(self, files: list[Path], out: Path, engine: Engine | None, say: Say) -> tuple[dict[str, bool], str]:
        model = engine or self.engine
        if model is None:
            raise IgakuError("filter needs labels: a file (--labels), or a model that gives them (--model)")
        with using(model, needs=frozenset(("letters",))) as loaded:
            labels = label(files, loaded, self.purpose, self.sample, out / "labels", self.top, say)
            return labels, f"{len(labels)} by {loaded.identity.model}"

    def _settings(self, origin: str, classifier: Classifier) -> dict[str, Any]:
        return {
            "purpose": self.purpose,
            "top": self.top,
            "labels": origin,
            "threshold": round(classifier.threshold, 4),
            "held-out precision": round(classifier.precision, 3),
            "held-out recall": round(classifier.recall, 3),
            "held-out AUROC": round(classifier.auroc, 3),
        }


def filter_documents(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    labels: str | Path | None = None,
    engine: Engine | EngineSpec | None = None,
    purpose: str = "quality",
    sample: int = 400,
    top: float | None = None,
    precision: float = 0.9,
    workers: Workers = 1,
) -> Manifest:
    """Write the documents whose score reaches the threshold, each with its ``score``.

    Args:
        labels: JSON Lines with ``id`` and ``good``; without it, the engine labels ``sample`` documents.
        engine: one that is built already, or its spec.
        purpose: a name in ``PURPOSES``, or the criterion in words.
        top: see ``Filter``.
        precision: share of good documents among those that are kept, on labels held out.

    Raises:
        IgakuError: too few labels of one kind, no threshold reaches the precision, or as of ``run_step``.
    """
    spec = engine if isinstance(engine, EngineSpec) else None
    step = Filter(labels=str(labels or ""), engine=spec, purpose=purpose, sample=sample, top=top, precision=precision)
    built = None if isinstance(engine, EngineSpec) else engine
    return run_step(step, inputs, out, workers=workers, engine=built)


class DocumentFilter:
    """What is done with one document."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def __call__(self, document: Document) -> Document | Dropped:
        """The document with its score; or dropped, below the threshold."""
        score = round(float(self._classifier.scores([document.text])[0]), 4)
        if score < self._classifier.threshold:
            return Dropped(document, "below the threshold", f"score {score:.2f}")
        return replace(document, extra={**document.extra, "score": score})


def label(
    files: Sequence[Path],
    engine: Engine,
    purpose: str,
    sample: int,
    folder: Path,
    top: float | None = None,
    say: Say = lambda _: None,
) -> dict[str, bool]:
    """The engine's labels of a sample: good where (a) is likelier than (b), or among the best of its language."""
    drawn = sample_evenly(read_documents(files), sample)
    requests = [
        (d.id, Request(kind="letters", prompt=as_turn(engine, _prompt(d.text, purpose)), continuations=("a", "b")))
        for d in drawn
    ]
    answers = ask_all(engine, "label", requests, folder / "replies.jsonl", say)
    margins = {name: a.logprobs[0] - a.logprobs[1] for name, a in answers.items() if len(a.logprobs) == 2}
    if top is None:
        return {name: margin > 0 for name, margin in margins.items()}
    languages = {d.id: language(d.text) for d in drawn if d.id in margins}
    good: set[str] = set()
    for lang in set(languages.values()):
        ranked = sorted((name for name in margins if languages[name] == lang), key=lambda n: -margins[n])
        good |= set(ranked[: round(top * len(ranked))])
    return {name: name in good for name in margins}


def _prompt(text: str, purpose: str) -> str:
    lang = "ja" if language(text) == "ja" else "en"
    return PROMPTS[lang].format(purpose=PURPOSES.get(purpose, {}).get(lang, purpose), text=text[:READ])


def read_labels(file: Path) -> dict[str, bool]:
    """Labels by document id.

    Raises:
        IgakuError: the file cannot be read.
    """
    return {r.id: r.good for _, r in decode_lines(file, Label, 'a label, {"id": ..., "good": true}', strict=False)}


def trained(texts: Sequence[str], good: Sequence[bool], precision: float, seed: int = 0) -> Classifier:
    """A classifier from labelled texts; its threshold is set on three tenths of them, which are held out.

    Raises:
        IgakuError: fewer than ``FEWEST`` labels of one kind, or no threshold reaches the precision.
    """
    np = optional("numpy", "corpus")
    linear, metrics = optional("sklearn.linear_model", "corpus"), optional("sklearn.metrics", "corpus")
    truth = np.array(good, bool)
    if min(truth.sum(), (~truth).sum()) < FEWEST:
        raise IgakuError(
            f"{int(truth.sum())} documents are labelled good and {int((~truth).sum())} not; "
            f"at least {FEWEST} of each are needed: label more, or others"
        )
    held = _held_out(truth, seed)
    features = _features(texts)
    model = linear.LogisticRegression(C=10.0, max_iter=400, class_weight="balanced").fit(features[~held], truth[~held])
    scores = model.predict_proba(features[held])[:, 1]
    threshold, reached, recall = _threshold(scores, truth[held], precision)
    return Classifier(
        weights=model.coef_[0].astype(np.float32),
        bias=float(model.intercept_[0]),
        threshold=threshold,
        precision=reached,
        recall=recall,
        auroc=float(metrics.roc_auc_score(truth[held], scores)),
        labels=len(truth),
    )


def _held_out(truth: "Flags", seed: int) -> "Flags":
    """[n] which labels are held out: the same share of the good and of the others."""
    import numpy as np

    rng = np.random.default_rng(seed)
    held = np.zeros(len(truth), bool)
    for kind in (True, False):
        mine = np.flatnonzero(truth == kind)
        held[rng.permutation(mine)[: max(5, round(HELD_OUT * len(mine)))]] = True
    return held


def _threshold(scores: "Floats", truth: "Flags", precision: float) -> tuple[float, float, float]:
    """(threshold, precision, recall): the threshold that reaches the precision with the highest recall.

    Of several such thresholds the highest is taken.
    """
    best, found = 0.0, None
    for t in sorted(set(scores.tolist())):
        above = scores >= t
        if above.sum() < 5:
            break
        reached, recall = float(truth[above].mean()), float(above[truth].mean())
        best = max(best, reached)
        if reached >= precision and (found is None or recall >= found[2]):
            found = (float(t), reached, recall)
    if found:
        return found
    raise IgakuError(
        f"no threshold reaches a precision of {precision:g} on held-out labels (the best is {best:.2f}): "
        "ask for less, or give more and better labels"
    )


def _features(texts: Sequence[str]) -> Any:
    """[n, FEATURES] sparse counts of character runs."""
    hashing = optional("sklearn.feature_extraction.text", "corpus").HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=FEATURES, alternate_sign=False, norm="l2"
    )
    return hashing.transform([t[:READ] for t in texts])
