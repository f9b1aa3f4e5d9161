"""What is trained of which model: experts, towers, adapters that go on, precision, and the GPU of each process."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.training import load_config, train
from igaku.training.config import Base, Config, Data, Method, Train
from igaku.training.networks import adapted, experts_note, load

from .test_isolation import network

pytestmark = pytest.mark.torch
EXPERTS = ["mlp.experts.down_proj", "mlp.experts.gate_up_proj"]


def short(base: Path, **train: object) -> Config:
    return Config(
        model=Base(base=str(base)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(**({"lr": 5e-3, "steps": 4, "batch": 4} | train)),  # type: ignore[arg-type]
    )


def losses(folder: Path) -> list[float]:
    return [r["loss"] for r in read_log(folder / "log.jsonl")]


def test_experts_get_adapters_where_they_are_named_and_are_mentioned_where_not() -> None:
    def mixture() -> Any:
        return network("gpt_oss", num_local_experts=4, num_experts_per_tok=2)

    plain = adapted(mixture(), Config(model=Base(base="x")))
    assert not any("experts" in n for n, p in plain.named_parameters() if p.requires_grad)
    (line,) = experts_note(plain, Method())
    assert f"method.parameters=[{', '.join(EXPERTS)}]" in line
    named = Method(parameters=EXPERTS)
    both = adapted(mixture(), Config(model=Base(base="x"), method=named))
    assert any("experts" in n for n, p in both.named_parameters() if p.requires_grad)
    assert (
        experts_note(both, named)
        == []
        == experts_note(adapted(network("llama"), Config(model=Base(base="x"))), Method())
    )


def test_towers_for_pictures_get_no_adapter() -> None:
    import torch
    from transformers import AutoModelForCausalLM, Gemma3Config, Gemma3TextConfig, SiglipVisionConfig

    from ..engines.conftest import SHAPE

    torch.manual_seed(0)
    vision = SiglipVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    sizes = Gemma3Config(
        text_config=Gemma3TextConfig(**SHAPE, head_dim=8),
        vision_config=vision.to_dict(),
        mm_tokens_per_image=4,
        image_token_index=290,
        boi_token_index=291,
        eoi_token_index=292,
    )
    made = adapted(AutoModelForCausalLM.from_config(sizes), Config(model=Base(base="x")))
    trained = [n for n, p in made.named_parameters() if p.requires_grad]
    assert trained and not any("vision" in n for n in trained)


def test_further_kinds_of_adapters_are_peft_s() -> None:
    method = Method(r=4, targets=["q_proj"], whole=["lm_head"], dora=True, rslora=True)
    made = adapted(network("llama", tie_word_embeddings=False), Config(model=Base(base="x"), method=method))
    trained = [n for n, p in made.named_parameters() if p.requires_grad]
    assert any("lora_magnitude_vector" in n for n in trained) and any("lm_head" in n for n in trained)
    assert made.peft_config["default"].use_rslora


def computed(config: Config, mix: Path, out: Path) -> tuple[set[Any], set[Any]]:
    """Precisions in which a layer computed, and in which the weights were held, while a recipe was trained."""
    from igaku.training import recipe as module

    seen: set[Any] = set()
    held: set[Any] = set()

    def hook(layer: Any, _: Any, result: Any) -> None:
        seen.add(result.dtype)
        held.add(layer.weight.dtype)

    def watched(found: Config) -> tuple[Any, Any]:
        network, tokenizer = load(found)
        network.model.layers[0].self_attn.q_proj.register_forward_hook(hook)
        return network, tokenizer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("igaku.training.networks.load", watched)
        module.train(config, out, data=mix)
    return seen, held


def test_full_training_in_bfloat16_computes_in_it_and_learns_in_float32(
    mix: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    import torch

    config = short(tiny_folder, lr=1e-3)
    config = replace(config, method=Method(kind="full"), data=Data(block=64, form="text", pack=False))
    half = replace(config, model=replace(config.model, dtype="bfloat16"))
    assert computed(config, mix, tmp_path / "whole") == ({torch.float32}, {torch.float32})
    assert computed(half, mix, tmp_path / "half") == ({torch.bfloat16}, {torch.float32})
    assert losses(tmp_path / "half") == pytest.approx(losses(tmp_path / "whole"), abs=0.05)
    assert losses(tmp_path / "half") != losses(tmp_path / "whole")
    held = replace(half, train=replace(half.train, hold="bfloat16"))
    assert computed(held, mix, tmp_path / "held") == ({torch.bfloat16}, {torch.bfloat16})
    assert losses(tmp_path / "held") == pytest.approx(losses(tmp_path / "whole"), abs=0.05)


def test_a_finished_run_goes_on_where_more_is_wanted(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    config = replace(short(tiny_folder, schedule="constant", warmup=0.0), method=Method(r=4, dropout=0.1))
    longer = replace(config, train=replace(config.train, steps=7))
    train(longer, tmp_path / "whole", data=mix)
    train(config, tmp_path / "out", data=mix)
    steps: list[int] = []
    made = train(longer, tmp_path / "out", data=mix, on_step=lambda s: steps.append(s.step))
    assert steps == [5, 6, 7] and made.updates == 7
    assert losses(tmp_path / "out") == losses(tmp_path / "whole")
    with pytest.raises(IgakuError, match="7 updates, more than are wanted now"):
        train(config, tmp_path / "out", data=mix)


def test_an_adapter_is_trained_on_and_preferred_against_itself(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    train(short(tiny_folder, steps=30), tmp_path / "sft", data=mix)
    train(short(tmp_path / "sft"), tmp_path / "more", data=mix)
    before, first = losses(tmp_path / "sft"), losses(tmp_path / "more")[0]
    assert first == pytest.approx(sum(before[-5:]) / 5, abs=0.2) and first < before[0] - 0.3, "it begins at the end"
    rows = [{"prompt": f"which {n}?", "chosen": "Answer: A", "rejected": "Answer: B"} for n in range(8)]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)))
    dpo = replace(
        short(tmp_path / "sft", warmup=0.0, steps=6), method=Method(objective="dpo"), data=Data(form="preference")
    )
    train(dpo, tmp_path / "dpo", data=tmp_path / "p.jsonl", contaminated=True)
    found = losses(tmp_path / "dpo")
    assert found[0] == pytest.approx(0.6931, abs=1e-3), "its reference is the adapter as it was, not the bare base"
    assert found[-1] < 0.9 * found[0]
    settings = json.loads((tmp_path / "dpo/adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == str(tiny_folder) and not (tmp_path / "dpo/reference").exists()
    assert settings["r"] == 4
    recorded = json.loads((tmp_path / "dpo/train.json").read_text())["config"]["method"]
    assert recorded["r"] == 4, "its own shape, not the recipe's r of 8"
    assert "LoRA, r 4, alpha 16" in (tmp_path / "dpo/README.md").read_text()


def test_the_shape_of_an_adapter_that_goes_on_is_its_own(tmp_path: Path) -> None:
    from igaku.training.adapters import continued, goes_on

    folder = tmp_path / "a"
    folder.mkdir()
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({"r": 64, "lora_alpha": 16, "lora_dropout": 0.1, "target_modules": ["v", "q"]}))
    found = continued(short(folder))
    assert (found.method.r, found.method.dropout, found.method.targets) == (64, 0.1, ["q", "v"])
    assert goes_on(found) == [f"{folder} goes on with its own shape: r 64, alpha 16, dropout 0.1"]
    assert continued(short(tmp_path)).method.r == 4 and goes_on(short(tmp_path)) == []
    file.write_text('{"r": "many"}')
    with pytest.raises(IgakuError, match=r"adapter_config\.json: Expected `int`, got `str`"):
        continued(short(folder))


def test_each_process_takes_its_own_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import torch

    from igaku.training.networks import _quantized

    pytest.importorskip("bitsandbytes")
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert "device_map" not in _quantized(Base(base="x", quantize="nf4"), tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert _quantized(Base(base="x", quantize="nf4"), tmp_path)["device_map"] == {"": 3}
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "mxfp4"}}')
    assert _quantized(Base(base="x"), tmp_path)["quantization_config"].dequantize


def test_settings_that_do_not_fit_are_one_line() -> None:
    with pytest.raises(IgakuError, match=r"adapters on method\.parameters have none: set it to 0"):
        load_config("gpt-oss-20b", ["dropout=0.1"])
    assert load_config("qwen3-8b").data.thinking == "off" == load_config("tiny", ["thinking=off"]).data.thinking
    with pytest.raises(IgakuError, match="dtype is float16, whose small gradients become 0; use bfloat16"):
        load_config("tiny", ["model.dtype=float16"])
