"""Groups of patients in which a model is measured by itself: sex, age, rhythm, conduction, borderline EF, origin."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.ejection import is_ef
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.negation import certainty
from igaku.io.rows import is_number

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Ints

FINDINGS = {
    "paced": r"pac(?:ed|ing|emaker)|PACE|10370003|ペースメーカ|ペーシング",
    "bundle branch block": r"[CI]?[LR]BBB|(?:left|right) bundle branch block|164909002|59118001|[左右]脚ブロック",
    "atrial fibrillation": r"AF|AFIB|atrial fibrillation|164889003|心房細動",
}
"""Group -> words and SNOMED codes of a label that belongs to it; of the paced also those with a pacemaker's spikes."""


def subgroups(rows: Sequence[RecordRow], known: "Ints", part: str) -> "dict[str, Ints]":
    """Indices of each group among the known ones, ``all`` first; not by the label itself.

    Without a finding are those of known labels that do not state it.
    """
    import numpy as np

    members: dict[str, list[int]] = {}
    for i in known.tolist():
        for group in _groups_of(rows[i], part):
            members.setdefault(group, []).append(i)
    whole = len(known)
    return {"all": known} | {
        g: np.array(members[g], int) for g in sorted(members, key=_order) if len(members[g]) < whole
    }


def _order(group: str) -> tuple[int, str]:
    first = ("sex", "under", "60", *FINDINGS, *(f"no {f}" for f in FINDINGS), "EF")
    return next((k for k, start in enumerate(first) if group.startswith(start)), len(first)), group


def _groups_of(row: RecordRow, part: str) -> list[str]:
    out = [f"sex {row.sex}"] if row.sex and part != "sex" else []
    if row.age is not None:
        out.append("under 60" if row.age < 60 else "60 and over")
    for finding, words in FINDINGS.items():
        if (state := _state(row, finding, words)) is not None and not re.search(words, part, re.I):
            out.append(finding if state else f"no {finding}")
    column = re.split(r"[<>]", part)[0].strip()
    if column != part and is_ef(column) and is_number(text := row.extra.get(column, "")):
        out.append("EF 40 to 50" if 40 <= float(text) <= 50 else "EF below 40 or above 50")
    named = {"data set": row.dataset, **row.groups}
    return out + [f"{name} {value}" for name, value in named.items() if value]


def _state(row: RecordRow, finding: str, words: str) -> bool | None:
    """Whether a record has a finding; None where nothing is known of it."""
    if finding == "paced" and "pacing" in row.faults:
        return True
    if row.labels is None:
        return None
    return any(certainty(label, words) == "stated" for label in row.labels)
