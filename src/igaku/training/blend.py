"""The methods of a merge, by mergekit: one tensor at a time, computed in float32, written in shards.

mergekit was compared with the fifty lines that stood here before: TIES to the last bit, the linear mean to 7e-9. It
also aligns vocabularies token by token and knows the tensors of today's architectures.
"""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from igaku.errors import IgakuError, missing_extra
from igaku.io.json_values import fault
from igaku.training.weights import Weights

METHODS = {
    "linear": "linear",
    "slerp": "slerp",
    "task-arithmetic": "task_arithmetic",
    "ties": "ties",
    "dare-ties": "dare_ties",
    "dare-linear": "dare_linear",
    "della": "della",
    "della-linear": "della_linear",
}
"""Our names -> mergekit's."""
AVERAGES = ("linear", "slerp")
"""Methods between models, which take no negative weight; the others add changes up, and take one."""
EPSILON = 0.15
"""DELLA's spread of the chance around the density, as far as both stay within 0 and 1."""
UNION = "union"
Entry: TypeAlias = dict[str, object]


class Blend(NamedTuple):
    """What is merged how.

    Attributes:
        members: (folder, weight, density) of whole models.
        vocabulary: the folder whose tokenizer all are aligned to, ``union`` of all, or empty where all are alike.
    """

    base: Path
    members: Sequence[tuple[Path, float, float]]
    method: str
    seed: int
    vocabulary: str = ""


def blend(plan: Blend, out: Path) -> None:
    """Write the merged weights, with the tokenizer where vocabularies are aligned.

    Raises:
        IgakuError: the models do not fit together, or mergekit is not installed.
    """
    try:
        from mergekit.config import MergeConfiguration
        from mergekit.io.tasks import LoaderCache
        from mergekit.merge import run_merge
        from mergekit.options import MergeOptions
    except ImportError:
        raise missing_extra("mergekit", "merge") from None
    base = Weights(plan.base)
    kinds = base.dtypes
    uniform = next(iter(set(kinds.values()))) if len(set(kinds.values())) == 1 else "float32"
    wanted = {**_config(plan), "dtype": "float32", "out_dtype": uniform}
    options: dict[str, Any] = {"quiet": True, "write_model_card": False, "copy_tokenizer": False}
    LoaderCache().loaders.clear()  # it would give the tensors that a folder held at an earlier merge
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            run_merge(
                MergeConfiguration.model_validate(wanted), str(out), MergeOptions(**options, random_seed=plan.seed)
            )
    except Exception as error:  # whatever the library raises on these models, they are the reason
        raise IgakuError(f"{plan.base}: cannot be merged with these members ({fault(error)})") from None
    finally:
        LoaderCache().loaders.clear()
    if uniform == "float32":
        _cast(out, kinds)


def _config(plan: Blend) -> Entry:
    """What mergekit is given."""
    aligned: Entry = {}
    if plan.vocabulary:
        aligned = {"tokenizer": {"source": plan.vocabulary}}
    return {"merge_method": METHODS[plan.method], **_inputs(plan), **aligned}


def _inputs(plan: Blend) -> Entry:
    if plan.method == "linear":
        return {"models": _linear(plan)}
    if plan.method == "slerp":
        return _slerp(plan)
    models = [_entry(f, weight=w, density=d, **_spread(plan.method, d)) for f, w, d in plan.members]
    # the mean of one change would not be scaled by its weight
    parameters: Entry = {"normalize": False} if len(models) == 1 else {}
    if plan.method == "task-arithmetic":
        models = [_entry(f, weight=w) for f, w, _ in plan.members]
    return {"base_model": str(plan.base), "models": models, "parameters": parameters}


def _linear(plan: Blend) -> list[Entry]:
    """The members' mean; the base has what is missing to a weight of 1."""
    rest = max(0.0, 1.0 - sum(w for _, w, _ in plan.members))
    return [_entry(plan.base, weight=rest), *(_entry(f, weight=w) for f, w, _ in plan.members)]


def _slerp(plan: Blend) -> Entry:
    """From the first to the second member, by the second's share; or from the base to the only one, by its weight."""
    members = [(f, w) for f, w, _ in plan.members]
    if len(members) == 1:
        members = [(plan.base, 1.0 - members[0][1]), *members]
    (first, a), (second, b) = members
    return {
        "base_model": str(first),
        "models": [{"model": str(first)}, {"model": str(second)}],
        "parameters": {"t": b / (a + b)},
    }


def _entry(folder: Path, **parameters: float) -> Entry:
    return {"model": str(folder), "parameters": parameters}


def _spread(method: str, density: float) -> dict[str, float]:
    return {"epsilon": min(EPSILON, 0.99 * density, 0.99 * (1 - density))} if method.startswith("della") else {}


def _cast(out: Path, kinds: dict[str, str]) -> None:
    """Each tensor in the precision that it has in the base, a shard at a time."""
    import torch
    from safetensors.torch import load_file, save_file

    for file in sorted(out.glob("*.safetensors")):
        tensors = load_file(file)
        cast = {n: t.to(getattr(torch, kinds.get(n, "float32"))) for n, t in tensors.items()}
        save_file(cast, file, metadata={"format": "pt"})
