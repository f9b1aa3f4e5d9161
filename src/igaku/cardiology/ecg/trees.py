"""Boosted trees from files. LightGBM follows any number in a model's text, even out of its memory: check it first."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.cardiology.ecg.features import NAMES
from igaku.errors import IgakuError, optional
from igaku.io.read import read_text

if TYPE_CHECKING:
    from lightgbm import Booster

_SPLITS = ("split_feature", "threshold", "decision_type", "left_child", "right_child")
_LISTS = {
    **dict.fromkeys((*_SPLITS, "split_gain", "internal_value", "internal_weight", "internal_count"), 1),
    **dict.fromkeys(("leaf_value", "leaf_weight", "leaf_count"), 0),
}
"""List of a tree -> how many fewer numbers than leaves it holds."""
_WHOLE = ("split_feature", "decision_type", "left_child", "right_child", "leaf_count", "internal_count")
_NEEDED = (*_SPLITS, "leaf_value")
_INT = re.compile(r"-?\d{1,9}")
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{0,25})?(?:e[+-]?\d{1,3})?|-?(?:inf|nan)")
_HEAD = ("num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective", "feature_infos")
"""Lines of the head that a prediction needs."""
_FEATURES = " ".join(name.replace(" ", "_") for name in NAMES)
_OBJECTIVE = re.compile(r"[a-z_][a-z_0-9]{0,40}(?: [a-z_]{1,40}:\d{1,9}(?:\.\d{1,9})?){0,4}")
_INFO = re.compile(rf"none|\[(?:{_NUMBER.pattern}):(?:{_NUMBER.pattern})\]")


def read_tree(file: Path) -> "Booster":
    """A LightGBM booster.

    Raises:
        IgakuError: not found, damaged, made for other features, or with a branch that leads out of its tree.
    """
    lightgbm = optional("lightgbm", "ecg")
    text = read_text(file, "JSON_MB")
    try:
        booster: Booster = lightgbm.Booster(model_str=_checked(text))
    except (ValueError, KeyError, OverflowError, lightgbm.basic.LightGBMError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0][:160]
        raise IgakuError(f"{file}: a tree that cannot be read ({why}); restore the file") from None
    return booster


def _checked(text: str) -> str:
    """A model's text written anew from what a prediction needs: LightGBM parses trees in threads, where a line that it
    cannot read ends the program, and follows any number, also out of its memory. Its training's settings are left out.

    Raises:
        ValueError: a field is none, a number points out of its tree or to no feature, or trees are missing; which.
    """
    head, *trees = text.split("\nTree=")
    fields = _fields(head)
    if int(fields["max_feature_idx"]) != len(NAMES) - 1 or not trees:
        raise ValueError("made for other features")
    if any(fields[name] != "1" for name in ("num_class", "num_tree_per_iteration")):
        raise ValueError("of several classes")
    infos = fields["feature_infos"].split()
    if len(infos) != len(NAMES) or not all(map(_INFO.fullmatch, infos)):
        raise ValueError("no range for each feature")
    if not _OBJECTIVE.fullmatch(fields["objective"]) or not _INT.fullmatch(fields["label_index"]):
        raise ValueError("its objective is not one of a name and numbers")
    last, end, _ = trees[-1].partition("\nend of trees")
    trees[-1] = last
    if not end or [int(n) for n in fields["tree_sizes"].split()] != [len(f"Tree={t}\n".encode()) for t in trees]:
        raise ValueError("cut off, or its trees have other sizes than it says")
    written = [f"Tree={n}\n{_checked_tree(tree)}\n\n" for n, tree in enumerate(trees)]
    sizes = " ".join(str(len(tree)) for tree in written)
    wanted = {name: fields[name] for name in _HEAD} | {"feature_names": _FEATURES, "tree_sizes": sizes}
    return f"tree\nversion=v4\n{_lines(wanted)}\n{''.join(written)}end of trees\n"


def _lines(fields: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in fields.items())


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def _checked_tree(text: str) -> str:
    fields = _fields(text)
    leaves = int(fields["num_leaves"])
    if not 1 <= leaves <= len(text) or fields["num_cat"] != "0" or fields.get("is_linear", "0") != "0":
        raise ValueError("no number of leaves, or a categorical or linear tree")
    numbers = {name: _numbers(name, fields, leaves) for name in _LISTS}
    if not all(math.isfinite(v) for v in numbers["leaf_value"]) or not _NUMBER.fullmatch(fields["shrinkage"]):
        raise ValueError("a value that is NaN or infinite")
    own = {
        name: str(fields[name]).strip() for name in ("num_leaves", "num_cat", *_LISTS, "shrinkage") if name in fields
    }
    if leaves == 1:
        return _lines(own | {"is_linear": "0"})
    features, decisions = numbers["split_feature"], numbers["decision_type"]
    if not all(0 <= f < len(NAMES) for f in features) or any(int(d) & 1 for d in decisions):
        raise ValueError("a split on an unknown feature")
    # a child is a later split, or a leaf as ~leaf, so that every walk ends
    children = numbers["left_child"] + numbers["right_child"]
    if not all(-leaves <= c < 0 or at % (leaves - 1) < c < leaves - 1 for at, c in enumerate(children)):
        raise ValueError("a branch that leads out of its tree")
    return _lines(own | {"is_linear": "0"})


def _numbers(name: str, fields: dict[str, str], leaves: int) -> list[float]:
    """The numbers of one list; none where a tree of one leaf, or an old file, has none."""
    words, wanted = fields.get(name, "").split(), leaves - _LISTS[name]
    if not all(map((_INT if name in _WHOLE else _NUMBER).fullmatch, words)):
        raise ValueError(f"{name} holds something else than numbers")
    if len(words) != wanted and (words or (name in _NEEDED and leaves > 1)):
        raise ValueError(f"{name} has {len(words)} numbers for {leaves} leaves")
    return [float(word) for word in words]
