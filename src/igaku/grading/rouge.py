"""rouge: which share of a reference's words, pairs of words and word order a text has (Lin 2004).

Words are MeCab's (ipadic, as sacrebleu brings them) where the reference is Japanese, else rouge-score's own. ROUGE-1
and ROUGE-2 are rouge-score's; for ROUGE-L the longest common subsequence is rapidfuzz's, the same number in a hundredth
of the time. ROUGE counts words, not facts: a summary that turns a finding around scores almost as high as one that
does not.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from rapidfuzz.distance import LCSseq

from igaku.errors import optional
from igaku.grading.bleu import JAPANESE
from igaku.io.patterns import lazy

_WORD = lazy(r"\w")


def rouge(candidate: str, reference: str) -> dict[str, float]:
    """F of ROUGE-1, ROUGE-2 and ROUGE-L, and precision and recall of ROUGE-L, each from 0 to 1."""
    reference, candidate = (unicodedata.normalize("NFKC", text) for text in (reference, candidate))
    japanese = bool(JAPANESE.search(reference))
    found = _scorer(japanese).score(reference, candidate)
    words = _words(japanese).tokenize
    order = in_order(words(candidate), words(reference))
    grams = {name: float(found[name].fmeasure) for name in ("rouge1", "rouge2")}
    return grams | {"rougeL": order["f1"], "precision": order["precision"], "recall": order["recall"]}


def published_rouge(candidate: str, reference: str) -> dict[str, float]:
    """Precision, recall and F of ROUGE-L over all of MeCab's tokens, punctuation among them, as they are written."""
    return in_order(_mecab()(candidate).split(), _mecab()(reference).split())


def in_order(candidate: Sequence[str], reference: Sequence[str]) -> dict[str, float]:
    """ROUGE-L: the length of the longest common subsequence over that of either text, and their harmonic mean."""
    common = LCSseq.similarity(candidate, reference)
    if not common:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    precision, recall = common / len(candidate), common / len(reference)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


@cache
def _scorer(japanese: bool) -> Any:
    return optional("rouge_score.rouge_scorer", "rouge").RougeScorer(["rouge1", "rouge2"], tokenizer=_words(japanese))


@cache
def _words(japanese: bool) -> Any:
    return _Words() if japanese else optional("rouge_score.tokenizers", "rouge").DefaultTokenizer()


@cache
def _mecab() -> Any:
    return optional("sacrebleu.tokenizers.tokenizer_ja_mecab", "rouge").TokenizerJaMecab()


class _Words:
    """MeCab's tokens that have a letter, a digit or a sign of writing; punctuation and brackets count nothing."""

    def tokenize(self, text: str) -> list[str]:
        """The words of a text, in their order."""
        return [word for word in _mecab()(" ".join(text.split())).split() if _WORD.search(word)]
