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


@pytest.mark.parametrize(
    "change",
    [
        "epochs=-1",
        "epochs=.nan",
        "epochs=.inf",
        "lr=.nan",
        "lr=.inf",
        "warmup=1.5",
        "warmup=-0.1",
        "warmup=.nan",
        "seed=-1",
        "betas=[0.9, 1.0]",
        "betas=[-0.1, 0.9]",
        "clip=-1",
        "clip=.nan",
        "weight_decay=.nan",
        "weight_decay=-0.1",
        "grpo.temperature=0",
        "grpo.tokens=0",
        "grpo.limit=-1",
        "block=1",
        "spike=-1",
        "save_every=-1",
        "dropout=1.0",
        "batch=0",
    ],
)
def test_a_number_out_of_its_range_is_one_line_that_names_it(change: str) -> None:
    with pytest.raises(IgakuError) as caught:
        load_config("tiny", [change])
    name = change.partition("=")[0]
    assert f"{name}" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("change", ["warmup=1", "warmup=0", "betas=[0, 0.9]", "clip=0", "block=2", "grpo.limit=0"])
def test_the_ends_of_a_range_are_in_it(change: str) -> None:
    load_config("tiny", [change])


@pytest.mark.parametrize("name", ["wandb", "tensorboard"])
def test_a_log_without_its_package_is_one_line(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igaku.training.settings.find_spec", lambda _: None)
    with pytest.raises(IgakuError, match=rf"train\.logs has {name}, which is not installed: pip install {name}"):
        made(tmp_path, f"logs=[{name}]")
