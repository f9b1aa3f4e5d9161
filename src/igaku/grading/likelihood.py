"""likelihood and letter-logprob: the choice to which the model gives the highest log-probability.

One answer: the highest. Several: the k highest, where the stem itself says how many to choose; where it does not,
and for numeric questions, the method does not apply (asking for the k known from the key would leak it).
"""

import math
from typing import Literal

from igaku.grading.letter import Read
from igaku.question import Answer, Question

Normalisation = Literal["sum", "token", "char"]


def how_many(question: Question) -> int | None:
    """How many choices to take: what the stem says, 1 for a single answer, None where it cannot be known.

    None also where upstream's stem and key disagree (DenQA has stems that want two, with one letter as the key).
    """
    if not question.is_choice:
        return None
    sizes = {len(accepted) for accepted in question.key.choice_sets}
    wanted = question.n_stated or (1 if sizes == {1} else None)
    return wanted if wanted in sizes else None


def read_likelihood(
    answer: Answer, shown: Question, normalisation: Normalisation = "sum"
) -> tuple[Read, dict[str, float]]:
    """Positions (in the order shown) of the k likeliest choices, and the margin to the next in nats.

    ``sum`` as it is, ``token`` and ``char`` divided by the continuation's length in tokens or characters.
    """
    k = how_many(shown)
    values = list(answer.logprobs)
    if len(values) != len(shown.choices) or k is None or not all(map(math.isfinite, values)):
        return Read(outcome="engine_error"), {}
    if normalisation == "token" and len(answer.tokens) != len(values):
        return Read(outcome="not_applicable"), {}  # imported replies do not say how long a choice is in tokens
    if normalisation == "token":
        values = [v / max(1, n) for v, n in zip(values, answer.tokens)]
    elif normalisation == "char":
        values = [v / max(1, len(c.strip())) for v, c in zip(values, shown.choices)]
    order = sorted(range(len(values)), key=lambda i: -values[i])
    margin = values[order[k - 1]] - values[order[k]] if k < len(order) else 0.0
    return Read(positions=tuple(sorted(order[:k]))), {"margin": margin}
