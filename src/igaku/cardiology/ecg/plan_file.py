"""The YAML file of ``igaku run``: which records, which labels, which models."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from igaku import configs
from igaku.cardiology.ecg.inits import FRACTIONS, INITS
from igaku.errors import IgakuError, UnknownNameError


class Records(Struct, forbid_unknown_fields=True):
    """One set of records."""

    files: list[str] = []
    """Tables, files and folders; relative to the plan, else to the data folders."""
    filter: str = ""
    """Rows of a table: ``COLUMN=VALUE,VALUE`` or ``COLUMN!=VALUE``."""
    synthetic: int = 0
    """N generated patients instead, whose ``lvef`` is known."""

    def __post_init__(self) -> None:
        if bool(self.files) == bool(self.synthetic) or self.synthetic < 0:
            raise IgakuError("a set of records has either `files`, a list, or `synthetic`, a number of patients")


class LabelEfficiency(Struct, forbid_unknown_fields=True):
    """How well each initialisation does with how few labels."""

    labels: list[str]
    fractions: list[float] = field(default_factory=lambda: list(FRACTIONS))
    """Shares of the training labels."""

    def __post_init__(self) -> None:
        if not self.fractions or not all(0 < f <= 1 for f in self.fractions):
            raise IgakuError(f"label_efficiency.fractions {self.fractions}: give numbers above 0 and up to 1")


class Plan(Struct, forbid_unknown_fields=True):
    """The YAML file."""

    records: dict[str, Records]
    train_on: str
    """The set whose patients are divided into training, validation and test."""
    labels: list[str]
    """One a model; several comma-separated ones are one model."""
    about: str = ""
    config: str = "tiny"
    """A built-in config, or a YAML file."""
    pretrain: list[str] = []
    """Sets for the autoencoder; test patients of ``train_on`` are left out. Empty: no pre-training."""
    inits: list[str] = field(default_factory=lambda: list(INITS))
    """Initialisations, a model each: names of ``INITS``."""
    external: list[str] = []
    """External sets: never seen in training nor pre-training."""
    label_efficiency: LabelEfficiency | None = None
    repeats: int = 1
    """How often each model is fitted anew to the same patients, from other random numbers."""
    explain: int = 1
    """N records of the first external set (or of ``train_on``) are pictured with what each prediction depends on."""

    def __post_init__(self) -> None:
        if not self.labels or not self.inits or self.explain < 0 or self.repeats < 1:
            raise IgakuError("a plan needs one label and one init or more, explain of 0 or more, repeats of 1 or more")

    @property
    def evaluated(self) -> list[str]:
        """Sets that models are evaluated on."""
        return [self.train_on, *self.external]


def read_plan(file: Path, changes: Sequence[str] = ()) -> Plan:
    """The plan in a YAML file.

    Args:
        changes: ``explain=0``, or ``records.generated.synthetic=60``.

    Raises:
        IgakuError: it is not a plan, a name in it is not known, or an external set is trained on.
    """
    plan = configs.read("plan", file, Plan, changes)
    if odd := next((n for n in plan.records if not re.fullmatch(r"\w[\w.-]*", n)), None):
        raise IgakuError(f"{file}: a set of records named {odd!r}; use letters, digits, hyphens")
    for name in [*plan.evaluated, *plan.pretrain]:
        if name not in plan.records:
            raise UnknownNameError("set of records", name, plan.records)
    for init in plan.inits:
        if init not in INITS:
            raise UnknownNameError("init", init, INITS)
    if both := set(plan.external) & {plan.train_on, *plan.pretrain}:
        raise IgakuError(f"{file}: {both.pop()!r} is external and trained on; an external set is never seen before")
    if not plan.pretrain and (need := [i for i in plan.inits if INITS[i].pretrained]):
        raise IgakuError(f"{file}: {need[0]!r} needs `pretrain`, the sets for the autoencoder")
    return plan
