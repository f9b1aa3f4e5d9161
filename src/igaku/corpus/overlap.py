"""Which exam questions a text holds, by the share of a question's own character runs that occur in it.

Text is compared bare: width, case, punctuation, blanks and marks are taken out first (NFKC), so a question is found
    whatever its layout, its numbering and the order of its choices. A run of characters that many questions have
    (「次のうち正しいのはどれか」) says nothing and does not count. A question is held where at least six tenths of its
    runs are: of runs of 8, errors in 3 of 100 characters leave three quarters.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.corpus.alignment import agreement
from igaku.corpus.runs import NARROW, WIDE, runs_of, width_of
from igaku.corpus.short_questions import ShortQuestions, SoughtWhole
from igaku.corpus.versions import commonness
from igaku.errors import optional
from igaku.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]

COMMON = 5
"""A run that more questions than this have belongs to none of them; versions of one question count once."""
SHARE = 0.6
STEM_SHARE = 0.8
"""Share of a short stem without its choices: less would take a sentence on the same subject for the question."""
STEM_TOO = 0.35
"""Share of a short stem that must be there too where stem and choices are found: choices that are a list of common
terms prove nothing. A stem without runs of its own is searched for whole."""
SHORT = 40
"""Characters below which a stem is short, and is searched for with its choices, and by itself."""
LEAST = 8
"""Runs of its own that a question must have to be searched for, and that must be found."""
PROPOSED, PROPOSED_SHARE, MOST_PROPOSED = 3, 0.06, 30
"""Runs of its own, and share of them, from which a question is laid along the text; and how many questions are."""
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|&(?:nbsp|amp|lt|gt|quot|#\d{1,6});")
_QUOTED = re.compile("[「『“][^「」『』“”]{30,}[」』”]")
"""What a question quotes, an article of law or a definition, is in other texts too."""
_OTHER = re.compile(r"[\W_]+")


class Hit(Struct, frozen=True):
    """A question that a text holds, and the share of its runs that were found."""

    benchmark: str
    language: str
    id: str
    share: float
    how: str = ""
    """``in other words`` where it was found by meaning."""

    def __str__(self) -> str:
        how = f", {self.how}" if self.how else ""
        return f"{self.benchmark} {self.id} ({self.language}, {100 * self.share:.0f} %{how})"


class Overlap:
    """Exam questions to search for in texts.

    Those with too few runs of their own are found only where a text holds their stem and each choice whole
    (``short_questions``); ``unsearchable`` are those that say too little even for that.
    """

    def __init__(self, questions: Iterable[tuple[str, Question]]) -> None:
        np = self._np = optional("numpy", "corpus")
        self._questions: list[tuple[str, str, str]] = []
        self._unquoted: dict[int, str] = {}
        runs: list[Codes] = []
        parts: list[list[str]] = []
        needles: list[tuple[int, float]] = []
        for k, (name, q) in enumerate(questions):
            self._questions.append((name, q.lang, q.id))
            parts.append([bare(t) for t in (q.stem, *q.choices)])
            if _QUOTED.search(q.stem):
                self._unquoted[k] = bare(_QUOTED.sub("", q.stem))
            for texts, factor in _needles(q):
                needles.append((k, factor))
                own_runs = [self._own(t, width_of(t)) for t in texts]
                runs.append(np.unique(np.concatenate(own_runs or [np.empty(0, np.uint64)])))
        self._needle = np.array([k for k, _ in needles], np.int64)
        self._factor = np.array([f for _, f in needles])
        lengths = [len(r) for r in runs]
        flat = np.concatenate(runs) if runs else np.empty(0, np.uint64)
        owner = np.repeat(np.arange(len(runs), dtype=np.int32), lengths)
        order = np.argsort(flat, kind="stable")
        flat, owner = flat[order], owner[order]
        own = commonness(flat, owner, np.array(lengths, np.int64), COMMON) <= COMMON
        self._flat, self._owner = flat[own], owner[own]
        self._values, self._first, self._n = np.unique(self._flat, return_index=True, return_counts=True)
        self._total = np.bincount(self._owner, minlength=len(runs))
        at = np.arange(len(self._needle))
        self._stem = np.where(np.append(self._needle[1:], -1) == self._needle, at + 1, at)
        self._usable = (self._total >= LEAST) & (self._total[self._stem] >= LEAST)
        sought = np.zeros(len(self._questions), bool)
        sought[self._needle[self._usable]] = True
        self._parts = parts
        self._short = ShortQuestions(
            [SoughtWhole(int(i), parts[i]) for i in np.flatnonzero(~sought)],
            [SoughtWhole(i, p) for i, p in enumerate(parts) if len(p[0]) < SHORT or not sought[i]],
        )
        self.unsearchable = [self._questions[i] for i in self._short.unsearchable]

    def __len__(self) -> int:
        return len(self._questions)

    def find(self, text: str, share: float = SHARE) -> list[Hit]:
        """Questions of which the text holds at least this share, fullest first."""
        np = self._np
        plain = bare(_MARKUP.sub("", text) if "<" in text else text)
        runs = np.unique(np.concatenate([runs_of(plain, w) for w in (WIDE, NARROW)]))
        found = self._found(runs)
        best = self._by_runs(found, share)
        best |= self._by_alignment(found, best, plain)
        hits = [self._hit(k, part) for k, part in best.items()]
        whole = [self._hit(k, 1.0) for k in sorted(self._short.find(plain, runs) - best.keys())]
        return sorted([*hits, *whole], key=lambda h: -h.share)

    def _found(self, runs: "Codes") -> "NDArray[np.int64]":
        """[needles] how many of each one's own runs a text has."""
        import numpy as np

        none: NDArray[np.int64] = np.zeros(len(self._total), np.int64)
        if not len(self._values):
            return none
        at = np.searchsorted(self._values, runs)
        at = np.unique(at[(at < len(self._values)) & (self._values[np.minimum(at, len(self._values) - 1)] == runs)])
        if not len(at):
            return none
        owners = np.concatenate([self._owner[f : f + n] for f, n in zip(self._first[at], self._n[at])])
        counts: NDArray[np.int64] = np.bincount(owners, minlength=len(self._total))
        return counts

    def _by_runs(self, found: "NDArray[np.int64]", share: float) -> dict[int, float]:
        """Question -> share of its runs, of those with enough."""
        np = self._np
        some = np.flatnonzero(found >= LEAST)
        enough = found[some] >= np.minimum(1, share * self._factor[some]) * self._total[some]
        which = some[self._usable[some] & enough]
        best: dict[int, float] = {}
        for n in which:
            k = int(self._needle[n])
            stem = self._stem[n]
            if found[stem] < STEM_TOO * self._total[stem]:
                continue
            best[k] = max(best.get(k, 0.0), float(found[n] / self._total[n]))
        return best

    def _by_alignment(self, found: "NDArray[np.int64]", known: dict[int, float], plain: str) -> dict[int, float]:
        """Question -> agreement, of those that have some runs and agree when they are laid along the text."""
        np = self._np
        some = np.flatnonzero(found >= PROPOSED)
        proposed = some[found[some] >= PROPOSED_SHARE * self._total[some]]
        order = proposed[np.argsort(-found[proposed] / self._total[proposed], kind="stable")]
        out: dict[int, float] = {}
        for k in list(dict.fromkeys(self._needle[order].tolist()))[:MOST_PROPOSED]:
            parts = self._parts[k]
            own = self._unquoted.get(k, parts[0])
            if k not in known and (part := agreement(parts[0], parts[1:], plain, own)):
                out[k] = part
        return out

    def _hit(self, index: int, share: float) -> Hit:
        benchmark, language, name = self._questions[index]
        return Hit(benchmark, language, name, share)

    def _own(self, plain: str, width: int) -> "Codes":
        """A question's runs; in Japanese and Chinese without those of Latin letters only, which are mere terms."""
        runs = runs_of(plain, width)
        if width == NARROW or not len(runs):
            return runs
        np = self._np
        wide = np.cumsum([0, *(c > "\u2e7f" for c in plain)])
        own: Codes = runs[wide[width:] - wide[:-width] > 0]
        return own


def bare(text: str) -> str:
    """Letters and digits only, in one width and case."""
    return _OTHER.sub("", unicodedata.normalize("NFKC", text).lower())


def _needles(q: Question) -> list[tuple[list[str], float]]:
    """What is searched for, each with a factor of the share that must be found.

    Documents where a question is about these; else its stem, if it is long; else stem and choices (each by itself, so
    that their order does not matter), and the stem alone more strictly.
    """
    if q.documents:
        return [([bare(d) for d in q.documents], 1.0)]
    stem = bare(q.stem)
    if len(stem) >= SHORT:
        return [([stem], 1.0)]
    return [([stem, *(bare(c) for c in q.choices)], 1.0), ([stem], STEM_SHARE / SHARE)]
