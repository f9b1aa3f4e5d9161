"""Boosted trees from files. LightGBM follows any number in a model's text, even out of its memory: check it first."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.features import NAMES
from igaku.errors import IgakuError, optional
from igaku.io.read import read_text

if TYPE_CHECKING:
    from lightgbm import Booster

_PARTS = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value")
_TAIL = "\nend of trees\n\nparameters:\n[objective: binary]\nend of parameters\n\npandas_categorical:null\n"
_WHOLE = ("split_feature", "decision_type", "left_child", "right_child")
_MORE = ("split_gain", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count")
"""Further parts of a tree, which LightGBM reads by the number of leaves, whatever their length."""


def read_tree(file: Path) -> "Booster":
    """A LightGBM booster.

    Raises:
        IgakuError: not found, damaged, made for other features, or with a branch that leads out of its tree.
    """
    lightgbm = optional("lightgbm", "ecg")
    try:
        text = _checked(read_text(file, "JSON_MB"))
        booster: Booster = lightgbm.Booster(model_str=text)
    except (ValueError, KeyError, ArithmeticError, lightgbm.basic.LightGBMError) as error:
        first = (str(error).splitlines() or [""])[0][:160]
        raise IgakuError(f"{file}: a tree that cannot be read ({first})") from None
    return booster


def _checked(text: str) -> str:
    """The text without the places of its trees, which LightGBM jumps to unchecked, and without its parameters.

    It finds the trees itself; parameters are of fitting, and damaged ones end the process.

    Raises:
        ValueError: cut off, made for other features, or a number that points out of the text, a tree or the features.
    """
    head, *trees = text.split("\nTree=")
    fields = _fields(head)
    if int(fields["max_feature_idx"]) != len(NAMES) - 1 or not trees:
        raise ValueError("made for other features")
    if any(int(fields.get(name, "1")) != 1 for name in ("num_class", "num_tree_per_iteration")):
        raise ValueError("of several classes")
    sizes = [int(x) for x in fields.get("tree_sizes", "").split()]
    if "\nend of trees" not in text or (sizes and not _fits(text, sizes)):
        raise ValueError("cut off, or of another length than it says")
    for tree in trees:
        _check_tree(_fields(tree.split("\n\n")[0]))
    if not re.fullmatch(r"(binary|regression)[\w :.]*", fields.get("objective", "")):
        raise ValueError("of another objective")
    whole = text[: text.index("\nend of trees")].replace(f"\ntree_sizes={fields.get('tree_sizes', '')}\n", "\n", 1)
    return whole + _TAIL


def _fits(text: str, sizes: list[int]) -> bool:
    """Whether each tree begins where the one before it should end."""
    at = text.index("\nTree=") + 1
    for k, size in enumerate(sizes):
        if size < 1 or not text.startswith(f"Tree={k}\n", at):
            return False
        at += size
    return text.startswith("end of trees", at)


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _check_tree(fields: dict[str, str]) -> None:
    leaves = int(fields["num_leaves"])
    parts = {k: fields[k].split() for k in (*_PARTS, *_MORE) if k in fields and (fields[k].strip() or k in _PARTS)}
    splits = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "split_gain", "internal")
    if leaves == 1 and len(parts.get("leaf_value", [])) == 1:
        return
    if any(len(v) != leaves - k.startswith(splits) for k, v in parts.items()):
        raise ValueError("a tree whose parts do not fit each other")
    if any(int(fields.get(k, "0")) for k in ("num_cat", "is_linear")):
        raise ValueError("a tree of a kind that igaku does not fit")
    if not all(math.isfinite(float(x)) for k in ("threshold", "leaf_value") for x in parts[k]):
        raise ValueError("a threshold or a leaf that is NaN or infinite")
    numbers = {k: [int(x) for x in parts[k]] for k in _WHOLE}
    if not all(0 <= f < len(NAMES) for f in numbers["split_feature"]) or any(d & 1 for d in numbers["decision_type"]):
        raise ValueError("a split on an unknown feature")
    # a child is a later split, or a leaf as ~leaf, so that every walk ends
    children = numbers["left_child"] + numbers["right_child"]
    if not all(-leaves <= c < 0 or at % (leaves - 1) < c < leaves - 1 for at, c in enumerate(children)):
        raise ValueError("a branch that leads out of its tree")
