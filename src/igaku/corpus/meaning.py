"""Which exam questions a text holds in other words or in another language.

A question and a text are cut into pieces, an encoder turns each into a vector, and the question's pieces are laid along
the text: the best stretch of about its length, in which its pieces have near ones and the stretch has near ones among
the question's. The same subject alone does not do that: of a page on the same disease, half the pieces have none.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from igaku.corpus.encoders import Encoder
from igaku.corpus.meaning_index import Index, Sought, centred, index
from igaku.corpus.overlap import Hit
from igaku.corpus.pieces import is_wide, letters, pieces
from igaku.corpus.progress import Say
from igaku.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ACROSS, SHORT, LONG = 0.44, 0.61, 0.45
"""Agreement (mean cosine) from which a text holds a question of another language; and a short or a long one of its own,
whose subject other texts treat in the same words. Chinese and Japanese count as one language here."""
LENGTHS = 250.0, 600.0
"""Letters up to which a question is short, and from which it is long; between them the limit falls evenly."""
NUMBERS, BY_CHANCE, WORTH = 3, 0.3, 0.15
"""Different numbers (age, pressure, laboratory values) from which a question's count; the share of them that other text
has too; and what all of them above that are worth in agreement."""
NEAR = 0.06
"""By how much less makes a candidate, which only somebody who reads both can confirm."""
LOOSE = 0.16
"""By how much less the question's side alone may agree to be looked at."""
MOST = 30
"""Questions that are looked at in one window."""
WINDOW = 40
"""Pieces of a text that are compared at a time; half of them again in the next window."""
LONGEST, LEAST = 2.0, 0.4
"""Length of a stretch, in lengths of the question."""
ROWS = 20_000
"""Pieces of the index that are compared at a time."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Found(NamedTuple):
    """A question that may be in a text, and where."""

    question: Sought
    agreement: float
    passage: str
    """The stretch of the text."""
    over: float
    """By how much the agreement is over the limit; below 0 it takes somebody who reads both."""

    @property
    def holds(self) -> bool:
        """Whether question and passage agree as far as the limit asks."""
        return self.over >= 0

    @property
    def hit(self) -> Hit:
        """As the search by words gives it."""
        q = self.question
        return Hit(q.benchmark, q.language, q.id, self.agreement, "in other words")


class Meaning:
    """Exam questions to look for by meaning.

    Args:
        say: called with a line while the questions are encoded, which is done once.
    """

    def __init__(self, questions: Iterable[tuple[str, Question]], encoder: Encoder, say: Say = lambda _: None) -> None:
        self._encode = encoder
        self._index: Index = index(questions, encoder, say)
        self._wide = [q.language != "en" for q in self._index.questions]
        self._own = [_own_limit(sum(map(letters, q.pieces))) for q in self._index.questions]

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
        scores = self._scores(vectors)
        one_script = np.where(self._wide, wide.all(), not wide.any())
        over = scores - np.where(one_script, self._own, ACROSS)
        for k in np.argsort(-over)[:MOST].tolist():
            if over[k] < -LOOSE:
                break
            q = self._index.questions[k]
            rows = slice(int(self._index.starts[k]), int(self._index.starts[k + 1]))
            similar = self._index.vectors[rows].astype(np.float32) @ vectors.T
            agreement, a, b = stretch(similar, self._index.weights[rows], own)
            passage = " ".join(parts[a:b])
            answering = wide[a:b][similar[:, a:b].argmax(axis=1)]
            same = self._index.weights[rows][answering == self._wide[k]].sum() * 2 > self._index.weights[rows].sum()
            limit = (self._own[k] if same else ACROSS) - _by_numbers(" ".join(q.pieces), passage)
            if agreement >= limit - NEAR:
                yield k, Found(q, agreement, passage, agreement - limit)

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


def stretch(similar: "Floats", weights: "Floats", own: "Floats") -> tuple[float, int, int]:
    """(agreement, first, end) of the stretch of a text that agrees best with a question.

    Args:
        similar: [question's pieces, text's pieces] cosines.
        weights: [question's pieces] letters.
        own: [text's pieces] letters.
    """
    import numpy as np

    total, best = float(weights.sum()), (-1.0, 0, len(own))
    lengths = np.concatenate([[0.0], np.cumsum(own)])
    for a in range(len(own)):
        nearest = np.maximum.accumulate(similar[:, a:], axis=1)
        side = weights @ nearest / total
        other = np.cumsum(similar[:, a:].max(axis=0) * own[a:]) / (lengths[a + 1 :] - lengths[a])
        length = (lengths[a + 1 :] - lengths[a]) / total
        agreement = np.where((length >= LEAST) & (length <= LONGEST), (side + other) / 2, -1.0)
        b = int(agreement.argmax())
        if agreement[b] > best[0]:
            best = (float(agreement[b]), a, a + b + 1)
    return best


def _own_limit(size: float) -> float:
    share = (size - LENGTHS[0]) / (LENGTHS[1] - LENGTHS[0])
    return SHORT + (LONG - SHORT) * min(1.0, max(0.0, share))


def _by_numbers(question: str, passage: str) -> float:
    mine, others = _numbers(question), _numbers(passage)
    return WORTH * (len(mine & others) / len(mine) - BY_CHANCE) if len(mine) >= NUMBERS else 0.0


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(unicodedata.normalize("NFKC", text).replace(",", "")))


def _language(text: str) -> str:
    return "ja" if re.search("[ぁ-んァ-ヶ]", text) else "zh" if is_wide(text) else "en"
