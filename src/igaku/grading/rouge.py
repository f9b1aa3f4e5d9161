"""rouge: which share of a reference's words, pairs of words and word order a text has (Lin 2004), by rouge-score.

Words are MeCab's (ipadic, as sacrebleu brings them) where the reference is Japanese, else rouge-score's own. ROUGE
counts words, not facts: a summary that turns a finding around scores almost as high as one that does not.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from igaku.errors import optional
from igaku.grading.bleu import JAPANESE

KINDS = ("rouge1", "rouge2", "rougeL")
LONGEST = 6000
"""Characters compared of either text: the longest common subsequence costs the product of both lengths."""
_WORD = re.compile(r"\w")


def rouge(candidate: str, reference: str) -> dict[str, float]:
    """F of ROUGE-1, ROUGE-2 and ROUGE-L, and precision and recall of ROUGE-L, each from 0 to 1.

    A text beyond ``LONGEST`` characters loses its rest, which can only make its precision too high; no reference here
    has half of that.
    """
    reference, candidate = (unicodedata.normalize("NFKC", text)[:LONGEST] for text in (reference, candidate))
    found = _scorer(bool(JAPANESE.search(reference))).score(reference, candidate)
    order = found["rougeL"]
    out = {kind: float(found[kind].fmeasure) for kind in KINDS}
    return out | {"precision": float(order.precision), "recall": float(order.recall)}


def published_rouge(candidate: str, reference: str) -> dict[str, float]:
    """ROUGE-L of all of MeCab's tokens, punctuation among them, as they are written."""
    found = _all_tokens().score(reference[:LONGEST], candidate[:LONGEST])["rougeL"]
    return {"precision": float(found.precision), "recall": float(found.recall), "f1": float(found.fmeasure)}


@cache
def _all_tokens() -> Any:
    return optional("rouge_score.rouge_scorer", "rouge").RougeScorer(["rougeL"], tokenizer=_Tokens())


@cache
def _scorer(japanese: bool) -> Any:
    scorer = optional("rouge_score.rouge_scorer", "rouge")
    return scorer.RougeScorer(KINDS, tokenizer=_Words()) if japanese else scorer.RougeScorer(KINDS)


class _Tokens:
    """MeCab's tokens of a text."""

    def __init__(self) -> None:
        self._mecab = optional("sacrebleu.tokenizers.tokenizer_ja_mecab", "rouge").TokenizerJaMecab()

    def tokenize(self, text: str) -> list[str]:
        """The tokens, in their order."""
        tokens: list[str] = self._mecab(text).split()
        return tokens


class _Words(_Tokens):
    """Those with a letter, a digit or a sign of writing in them; punctuation and brackets count nothing."""

    def tokenize(self, text: str) -> list[str]:
        """The words, in their order."""
        return [word for word in super().tokenize(" ".join(text.split())) if _WORD.search(word)]
