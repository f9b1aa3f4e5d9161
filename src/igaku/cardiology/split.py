"""Patients divided into training, validation and test: 60, 20 and 20 %, all records of a patient on one side."""

import random
from collections.abc import Sequence
from itertools import pairwise

Sides = tuple[list[int], list[int], list[int]]
"""Indices of the records for training, validation and test."""


def split_patients(patients: Sequence[str], seed: int = 0, fold: int = 0) -> Sides:
    """Indices of records for training, validation and test.

    Args:
        patients: the patient of each record.
        fold: 0 to 4; the five test parts hold every patient once.
    """
    names = sorted(set(patients))
    random.Random(seed).shuffle(names)
    cuts = [round(k * len(names) / 5) for k in range(6)]
    fifths = [names[a:b] for a, b in pairwise(cuts)]
    one, two, three, valid, test = fifths[fold:] + fifths[:fold]
    side = {p: k for k, part in enumerate((one + two + three, valid, test)) for p in part}
    out: Sides = ([], [], [])
    for i, patient in enumerate(patients):
        out[side[patient]].append(i)
    return out
