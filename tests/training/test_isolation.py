"""A trial at the start finds the models in which packed documents see each other."""

from pathlib import Path
from typing import Any

import pytest

from igaku.training import train
from igaku.training.config import Base, Config, Data, Method, Train
from igaku.training.isolation import documents_mix
from igaku.training.recipe import MIXED

from ..engines.conftest import SHAPE, tiny

pytestmark = pytest.mark.torch
LINEAR = {"linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}


def network(kind: str, **more: object) -> Any:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **(SHAPE | {"head_dim": 8} | more)))


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3", "gemma2", "mistral"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_documents_do_not_mix_where_attention_follows_positions(kind: str, dtype: str) -> None:
    import torch

    assert not documents_mix(tiny(kind).to(getattr(torch, dtype)))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("gpt_oss", {"num_local_experts": 4, "num_experts_per_tok": 2}),
        ("qwen3_5_text", LINEAR | {"num_hidden_layers": 4}),
        ("qwen3_next", LINEAR | EXPERTS | {"num_hidden_layers": 4, "shared_expert_intermediate_size": 32}),
    ],
)
def test_documents_mix_where_a_state_or_a_mask_of_its_own_runs_on(kind: str, more: dict[str, Any], dtype: str) -> None:
    import torch

    found = network(kind, **more).to(getattr(torch, dtype)).train()
    assert documents_mix(found) and found.training, "and the mode is as it was"


def test_such_a_model_is_trained_unpacked_and_that_is_noted(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    folder = tmp_path / "base"
    network("gpt_oss", num_local_experts=4, num_experts_per_tok=2).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_folder).save_pretrained(folder)
    lines: list[str] = []
    config = Config(
        model=Base(base=str(folder)), method=Method(r=2), data=Data(block=64), train=Train(steps=2, batch=4, micro=2)
    )
    trained = train(config, tmp_path / "out", data=mix, say=lines.append)
    assert MIXED in lines and trained.notes[-1] == MIXED and trained.sequences == 36 and trained.filled == 1.0
    assert MIXED in (tmp_path / "out/README.md").read_text()
    dense = train(
        Config(model=Base(base=str(tiny_folder)), method=config.method, data=config.data, train=config.train),
        tmp_path / "dense",
        data=mix,
    )
    assert dense.notes == [] and dense.sequences < 36
