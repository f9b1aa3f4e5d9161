"""A recipe's numbers reach trl; what this machine does not have is one line."""

from pathlib import Path
from typing import Any

import pytest

from igaku.errors import IgakuError
from igaku.training import load_config
from igaku.training.settings import arguments

pytestmark = pytest.mark.torch


def made(tmp_path: Path, *changes: str, recipe: str = "tiny") -> Any:
    return arguments(load_config(recipe, changes), tmp_path, steps=10, micro=2, passes=3)


def test_numbers_of_the_recipe_are_trl_s(tmp_path: Path) -> None:
    found = made(tmp_path, "lr=3e-4", "weight_decay=0.1", "betas=[0.8, 0.95]", "clip=0.5", "seed=7", "recompute=true")
    assert (found.learning_rate, found.weight_decay, found.max_grad_norm, found.seed) == (3e-4, 0.1, 0.5, 7)
    assert (found.adam_beta1, found.adam_beta2, found.max_steps) == (0.8, 0.95, 10)
    assert (found.per_device_train_batch_size, found.gradient_accumulation_steps) == (2, 3)
    assert found.activation_checkpointing and found.optim == "adamw_torch" and found.report_to == []
    assert made(tmp_path, "clip=0").max_grad_norm == float("inf")


def test_autocast_is_for_weights_that_are_held_in_float32(tmp_path: Path) -> None:
    assert made(tmp_path, "model.dtype=bfloat16").bf16 and not made(tmp_path).bf16
    assert not made(tmp_path, "model.dtype=bfloat16", "hold=bfloat16").bf16
    with pytest.raises(IgakuError, match=r"set model\.dtype=bfloat16"):
        load_config("tiny", ["hold=bfloat16"])


def test_preferences_are_weighted(tmp_path: Path) -> None:
    changes = ["data.form=preference", "method.beta=0.2", "method.nll=0.7"]
    rpo = made(tmp_path, "objective=rpo", *changes)
    assert (rpo.loss_type, rpo.loss_weights, rpo.beta) == (["sigmoid", "sft"], [1.0, 0.7], 0.2)
    assert made(tmp_path, "objective=dpo", *changes).loss_type == ["sigmoid"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["model.attention=flash_attention_2"], "needs a GPU and flash-attn; use sdpa"),
        (["train.optimizer=paged-adamw-8bit"], "needs a GPU; use adamw-8bit or adamw"),
        (["train.liger=true"], "needs a GPU and liger-kernel"),
        (["train.shard=true"], "shards nothing over processors"),
    ],
)
def test_what_needs_a_gpu_is_refused_without_one(tmp_path: Path, changes: list[str], message: str) -> None:
    pytest.importorskip("bitsandbytes")
    with pytest.raises(IgakuError, match=message):
        made(tmp_path, *changes)


def test_sharding_is_fsdp_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igaku.training.settings.missing", lambda _: "")
    found = made(tmp_path, "train.shard=true")
    assert found.fsdp and found.fsdp_plugin_args["fsdp_version"] == 2
    assert found.fsdp_plugin_args["state_dict_type"] == "FULL_STATE_DICT"
