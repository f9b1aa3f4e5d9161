"""Boosted trees from files. LightGBM follows any number in a model's text, even out of its memory: check it first."""

from pathlib import Path
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.features import NAMES
from igaku.errors import IgakuError, optional
from igaku.io.read import read_text

if TYPE_CHECKING:
    from lightgbm import Booster

_PARTS = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value")


def read_tree(file: Path) -> "Booster":
    """A LightGBM booster.

    Raises:
        IgakuError: not found, damaged, made for other features, or with a branch that leads out of its tree.
    """
    lightgbm = optional("lightgbm", "ecg")
    try:
        text = read_text(file, "JSON_MB")
        _check(text)
        booster: Booster = lightgbm.Booster(model_str=text)
    except (OSError, ValueError, KeyError, lightgbm.basic.LightGBMError) as error:
        raise IgakuError(f"{file}: a tree that cannot be read ({str(error).splitlines()[0][:160]})") from None
    return booster


def _check(text: str) -> None:
    """Pass where every number of a tree points into the tree and to a feature, and no split is categorical.

    Raises:
        ValueError: one does not.
    """
    head, *trees = text.split("\nTree=")
    if int(_fields(head)["max_feature_idx"]) != len(NAMES) - 1 or not trees:
        raise ValueError("made for other features")
    for tree in trees:
        _check_tree(_fields(tree.split("\n\n")[0]))


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _check_tree(fields: dict[str, str]) -> None:
    leaves = int(fields["num_leaves"])
    if leaves == 1:
        return
    numbers = {k: [float(x) for x in fields[k].split()] for k in _PARTS}
    if any(len(v) != leaves - (k != "leaf_value") for k, v in numbers.items()) or int(fields.get("num_cat", 0)):
        raise ValueError("a tree whose parts do not fit each other")
    features, decisions = numbers["split_feature"], numbers["decision_type"]
    if not all(0 <= f < len(NAMES) for f in features) or any(int(d) & 1 for d in decisions):
        raise ValueError("a split on an unknown feature")
    # a child is a later split, or a leaf as ~leaf, so that every walk ends
    children = numbers["left_child"] + numbers["right_child"]
    if not all(-leaves <= c < 0 or at % (leaves - 1) < c < leaves - 1 for at, c in enumerate(children)):
        raise ValueError("a branch that leads out of its tree")
