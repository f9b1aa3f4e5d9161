"""Which exam questions a text holds in other words or in another language.

A question and a text are cut into pieces, an encoder turns each into a vector, and the question's pieces are laid along
the text: the best stretch of about its length, in which its pieces have near ones and the stretch has near ones among
the question's. What both speak of (terms, numbers, names) is compared beside it: of a page on the same disease, half
the pieces have no near one, and most of what it speaks of is not in the question.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from igaku.corpus.encoders import Encoder
from igaku.corpus.meaning_index import Index, Sought, centred, index, own_exam
from igaku.corpus.overlap import Hit
from igaku.corpus.pieces import is_wide, letters, pieces
from igaku.corpus.progress import Say
from igaku.corpus.terms import Weights
from igaku.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]


class Scale(NamedTuple):
    """What it is worth that a sign is 1, and the sum from which a text holds a question."""

    of_question: float
    of_text: float
    terms: float
    limit: float


ALIKE, ACROSS = Scale(17.6, 5.8, 3.2, 13.8), Scale(15.1, 9.6, 6.9, 13.6)
"""For a text in the question's language and in another one; Chinese and Japanese count as one here. The numbers are of
logistic regressions on planted questions and clean text, the second limit a quarter over the nearest clean text
(``bench/decontaminate.py weights``), all on texts that no published rate is of. The first limit was then raised from
13.4, where three of 600 explanations of exam questions were taken for questions: all but one are below it now."""
NEAR = 1.5
"""By how much less makes a candidate, which only somebody who reads both can confirm."""
MOST = 40
"""Questions of the text's script, and of others, that are looked at in one window."""
STRETCHES = 3
"""Stretches of a window whose terms are compared with a question's."""
WINDOW = 40
"""Pieces of a text that are compared at a time; half of them again in the next window."""
LONGEST, LEAST = 2.0, 0.4
"""Length of a stretch, in lengths of the question."""
ROWS = 20_000
"""Pieces of the index that are compared at a time."""


class Signs(NamedTuple):
    """What speaks for a question in a stretch of a text, each from 0 to 1."""

    of_question: float
    """Mean cosine of the question's pieces with their nearest in the stretch."""
    of_text: float
    """Likewise of the stretch's pieces with the question's."""
    same: bool
    """Whether both are in one language."""
    terms: float
    """Of what question and stretch speak of, how much both do."""

    @property
    def over(self) -> float:
        """By how much the evidence is over the limit."""
        scale = ALIKE if self.same else ACROSS
        cosines = scale.of_question * self.of_question + scale.of_text * self.of_text
        return cosines + scale.terms * self.terms - scale.limit


class Found(NamedTuple):
    """A question that may be in a text, and where."""

    question: Sought
    passage: str
    """The stretch of the text."""
    signs: Signs

    @property
    def over(self) -> float:
        """By how much the evidence is over the limit; below 0 it takes somebody who reads both."""
        return self.signs.over

    @property
    def holds(self) -> bool:
        """Whether question and passage agree as far as the limit asks."""
        return self.over >= 0

    @property
    def hit(self) -> Hit:
        """As the search by words gives it."""
        q, agreement = self.question, (self.signs.of_question + self.signs.of_text) / 2
        return Hit(q.benchmark, q.language, q.id, agreement, "in other words")


class Meaning:
    """Exam questions to look for by meaning.

    Args:
        say: called with a line while the questions are encoded, which is done once.
        near: by how much less evidence than the limit makes a candidate.
    """

    def __init__(
        self, questions: Iterable[tuple[str, Question]], encoder: Encoder, say: Say = lambda _: None, near: float = NEAR
    ) -> None:
        self._encode, self._near = encoder, near
        self._index: Index = index(questions, encoder, say)
        self._wide = [q.language != "en" for q in self._index.questions]
        self._terms = Weights(" ".join(q.pieces) for q in own_exam()) if len(self) else Weights(())

    def __len__(self) -> int:
        return len(self._index.questions)

    def find(self, text: str) -> list[Found]:
        """Questions that the text holds, or nearly, surest first; of each the best stretch."""
        parts = pieces(text)
        if not parts or not len(self):
            return []
        vectors = centred(self._encode(parts), [_language(text)] * len(parts), parts, self._index.means)
        best: dict[int, Found] = {}
        for at in range(0, max(1, len(parts) - WINDOW // 2), WINDOW // 2):
            window = slice(at, at + WINDOW)
            for k, found in self._within(parts[window], vectors[window]):
                if k not in best or found.over > best[k].over:
                    best[k] = found
        return sorted(best.values(), key=lambda f: -f.over)

    def _within(self, parts: list[str], vectors: "Floats") -> Iterator[tuple[int, Found]]:
        import numpy as np

        own = np.array([letters(p) for p in parts], np.float32)
        wide = np.array([is_wide(p) for p in parts])
        for k in self._likely(self._scores(vectors)):
            rows = slice(int(self._index.starts[k]), int(self._index.starts[k + 1]))
            weights, similar = self._index.weights[rows], self._index.vectors[rows].astype(np.float32) @ vectors.T
            found = (
                self._found(k, parts[a:b], similar[:, a:b], weights, own[a:b], wide[a:b])
                for a, b in stretches(similar, weights, own)
            )
            best = max(found, key=lambda f: f.over)
            if best.over >= -self._near:
                yield k, best

    def _found(
        self, k: int, parts: list[str], similar: "Floats", weights: "Floats", own: "Floats", wide: "Bools"
    ) -> Found:
        """What speaks for a question in one stretch.

        Args:
            similar: [question's pieces, stretch's pieces] cosines.
        """
        q, passage = self._index.questions[k], " ".join(parts)
        answering = weights[wide[similar.argmax(axis=1)] == self._wide[k]].sum()
        signs = Signs(
            float(weights @ similar.max(axis=1) / weights.sum()),
            float(own @ similar.max(axis=0) / own.sum()),
            bool(2 * answering > weights.sum()),
            self._terms.shared(" ".join(q.pieces), passage),
        )
        return Found(q, passage, signs)

    def _likely(self, scores: "Floats") -> list[int]:
        """The questions of either script with the highest scores."""
        import numpy as np

        wide = np.array(self._wide)
        sides = (np.flatnonzero(wide), np.flatnonzero(~wide))
        return [k for side in sides for k in side[np.argsort(-scores[side], kind="stable")[:MOST]].tolist()]

    def _scores(self, vectors: "Floats") -> "Floats":
        """[questions] the mean, over a question's pieces, of the nearest piece of a window."""
        import numpy as np

        best = np.empty(len(self._index.weights), np.float32)
        for at in range(0, len(best), ROWS):
            best[at : at + ROWS] = (self._index.vectors[at : at + ROWS].astype(np.float32) @ vectors.T).max(axis=1)
        starts = self._index.starts[:-1]
        sums = np.add.reduceat(best * self._index.weights, starts)
        scores: Floats = (sums / np.add.reduceat(self._index.weights, starts)).astype(np.float32)
        return scores


def stretches(similar: "Floats", weights: "Floats", own: "Floats") -> list[tuple[int, int]]:
    """(first, end) of the stretches of a text that agree best with a question, of those that begin at one piece one.

    Args:
        similar: [question's pieces, text's pieces] cosines.
        weights: [question's pieces] letters.
        own: [text's pieces] letters.
    """
    import numpy as np

    total, best = float(weights.sum()), []
    lengths = np.concatenate([[0.0], np.cumsum(own)])
    for a in range(len(own)):
        nearest = np.maximum.accumulate(similar[:, a:], axis=1)
        side = weights @ nearest / total
        other = np.cumsum(similar[:, a:].max(axis=0) * own[a:]) / (lengths[a + 1 :] - lengths[a])
        length = (lengths[a + 1 :] - lengths[a]) / total
        agreement = np.where((length >= LEAST) & (length <= LONGEST), (side + other) / 2, -1.0)
        b = int(agreement.argmax())
        best.append((float(agreement[b]), a, a + b + 1))
    likely = [found for found in sorted(best, key=lambda b: -b[0]) if found[0] >= 0][:STRETCHES]
    return [(a, b) for _, a, b in likely] or [(0, len(own))]


def _language(text: str) -> str:
    return "ja" if re.search("[ぁ-んァ-ヶ]", text) else "zh" if is_wide(text) else "en"
