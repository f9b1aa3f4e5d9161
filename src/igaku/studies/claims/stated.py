"""A file that states scores, read with care: JSON as igaku writes it, or the head of a model card."""

import json
import re
from itertools import accumulate
from pathlib import Path

import yaml

from igaku.errors import IgakuError
from igaku.io.yaml_files import read_yaml
from igaku.studies.claims.files import unfit

STATED = ("card.yaml", "scores.json")
"""Files beside a run that state its scores."""
LARGEST = 16 << 20
"""Bytes of such a file."""
LARGEST_YAML = 1 << 18
"""Characters of one that is not JSON."""
DEEPEST = 100
"""Levels of brackets in it."""
CARD = "model-index:"


def read_stated(path: Path) -> object:
    """What the file holds.

    Raises:
        IgakuError: it cannot be read, or not without end.
    """
    if path.name in STATED and (why := unfit(path, LARGEST)):
        raise IgakuError(f"{path}: {why}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IgakuError(f"{path}: cannot be read ({error})") from None
    front = re.sub(r"\A---\n(.*?)\n---\s*(?:\n.*)?\Z", r"\1", text, flags=re.S)
    try:
        if front.startswith(CARD):
            return {CARD[:-1]: json.loads(front.removeprefix(CARD))}
        return json.loads(front)
    except (ValueError, RecursionError):
        if len(front) > LARGEST_YAML or _deep(front) or _aliased(front):
            raise IgakuError(f"{path}: no card of igaku's: too large, too deep, or with YAML aliases") from None
    return read_yaml(front, str(path))


def _deep(text: str) -> bool:
    """Whether YAML is nested so deeply that its parser, which is quadratic in that, would never end."""
    levels = accumulate(1 if bracket in "[{" else -1 for bracket in re.findall(r"[\[\]{}]", text))
    return max(levels, default=0) > DEEPEST or bool(re.search(r"(?:[-?:] +){20}|^ {200}", text, flags=re.M))


def _aliased(text: str) -> bool:
    """Whether YAML says less than it means: a few lines of aliases stand for more than any memory holds."""
    try:
        return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
