"""Boosted trees from files: LightGBM follows whatever numbers stand in a model's text, out of its memory too, so the text is looked through first."""

from pathlib import Path
from typing import Any

from igaku.cardiology.ecg.features import NAMES
from igaku.errors import IgakuError, optional


def read_tree(file: Path) -> Any:
    """A LightGBM booster.

    Raises:
        IgakuError: not there, damaged, made for other features, or with a branch that leads out of its tree.
    """
    lightgbm = optional("lightgbm", "ecg")
    try:
        text = file.read_text(encoding="utf-8")
        _look_through(text)
        made = lightgbm.Booster(model_str=text)
    except (OSError, ValueError, KeyError, lightgbm.basic.LightGBMError) as error:
        raise IgakuError(f"{file}: a tree that cannot be read ({str(error).splitlines()[0][:160]})") from None
    return made


def _look_through(text: str) -> None:
    """Pass where every number of a tree points into the tree and to a feature, and no split is categorical.

    Raises:
        ValueError: one does not.
    """
    head, *trees = text.split("\nTree=")
    if (
        int(dict(line.split("=", 1) for line in head.splitlines() if "=" in line)["max_feature_idx"]) != len(NAMES) - 1
        or not trees
    ):
        raise ValueError("made for other features")
    for tree in trees:
        told = dict(line.split("=", 1) for line in tree.split("\n\n")[0].splitlines() if "=" in line)
        leaves = int(told["num_leaves"])
        if leaves == 1:
            continue
        numbers = {
            k: [float(x) for x in told[k].split()]
            for k in ("split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value")
        }
        if any(len(v) != leaves - (k != "leaf_value") for k, v in numbers.items()) or int(told.get("num_cat", 0)):
            raise ValueError("a tree whose parts do not fit each other")
        children = numbers["left_child"] + numbers["right_child"]
        if not all(0 <= f < len(NAMES) for f in numbers["split_feature"]) or any(
            int(d) & 1 for d in numbers["decision_type"]
        ):
            raise ValueError("a split on a feature that is not there")
        # a child is a later split, or a leaf as ~leaf: so no walk is endless
        if not all(-leaves <= c < 0 or at % (leaves - 1) < c < leaves - 1 for at, c in enumerate(children)):
            raise ValueError("a branch that leads out of its tree")
