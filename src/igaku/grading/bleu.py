"""bleu: how much a translation resembles its references (Papineni et al. 2002), by sacrebleu, sentence by sentence.

As JMedBench does: NFKC, MeCab words where the reference is Japanese, sacrebleu's own tokenizer otherwise; the
benchmark's score is the mean over sentences (not corpus BLEU), from 0 to 1.
"""

import unicodedata
from functools import cache
from typing import Any

from igaku.errors import optional
from igaku.io.patterns import lazy

JAPANESE = lazy(r"[ぁ-んァ-ヶ一-龠]")


def sentence_bleu(candidate: str, references: tuple[str, ...]) -> float:
    """Smoothed sentence BLEU from 0 to 1 against one or more references."""
    candidate, golds = unicodedata.normalize("NFKC", candidate), [unicodedata.normalize("NFKC", r) for r in references]
    metric = _metric("ja-mecab" if any(JAPANESE.search(g) for g in golds) else "13a")
    return min(1.0, float(metric.sentence_score(candidate, golds).score) / 100)


@cache
def _metric(tokenizer: str) -> Any:
    return optional("sacrebleu.metrics", "mt").BLEU(tokenize=tokenizer, effective_order=True)
