"""``--engine auto``: which engine, and why, on machines that have a GPU and vLLM and on those that have not."""

import json
from pathlib import Path

import pytest

from igaku.engines.choice import choose, takes_pictures
from igaku.engines.spec import as_spec
from igaku.question import RequestKind

TEXT: frozenset[RequestKind] = frozenset(("text",))
LETTERS: frozenset[RequestKind] = frozenset(("letters", "text"))
LIKELIHOOD: frozenset[RequestKind] = frozenset(("likelihood", "text"))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (tmp_path / "a.safetensors").write_bytes(b"")
    return str(tmp_path)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    names = {"torch", "vllm"}
    monkeypatch.setattr("igaku.engines.choice.find_spec", lambda name: name if name in names else None)
    return names


@pytest.mark.parametrize("needs", [TEXT, LETTERS])
def test_texts_and_letters_go_to_vllm_on_a_gpu(folder: str, installed: set[str], needs: frozenset[RequestKind]) -> None:
    assert choose(as_spec(folder), needs, lambda: True).engine == "vllm"
    assert choose(as_spec("OWNER/NAME"), needs, lambda: True).engine == "vllm"


def test_without_a_gpu_or_vllm_they_go_to_transformers_and_the_reason_is_given(
    folder: str, installed: set[str]
) -> None:
    found = choose(as_spec(folder), TEXT, lambda: False)
    assert found.engine == "transformers" and "no GPU" in found.why
    installed.discard("vllm")
    found = choose(as_spec(folder), TEXT, lambda: pytest.fail("a GPU was looked for"))
    assert found.engine == "transformers" and "vLLM is not installed" in found.why


@pytest.mark.parametrize("needs", [LIKELIHOOD, frozenset(("tokens",)), frozenset()])
def test_likelihoods_and_unknown_work_go_to_transformers(
    folder: str, installed: set[str], needs: frozenset[RequestKind]
) -> None:
    found = choose(as_spec(folder), needs, lambda: True)
    assert found.engine == "transformers" and found.why


@pytest.mark.parametrize(("name", "value"), [("device", "cuda:1"), ("batch_tokens", 512), ("adapter", "x")])
def test_a_setting_that_vllm_lacks_decides(folder: str, installed: set[str], name: str, value: object) -> None:
    found = choose(as_spec(folder, **{name: value}), TEXT, lambda: True)
    assert found.engine == "transformers" and f"--{name.replace('_', '-')}" in found.why


def test_a_gguf_file_goes_to_llamacpp_but_for_likelihoods_and_adapters(tmp_path: Path, installed: set[str]) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF")
    assert choose(as_spec(str(path)), TEXT, lambda: True).engine == "llamacpp"
    assert choose(as_spec(str(path)), LIKELIHOOD, lambda: True).engine == "transformers"
    assert choose(as_spec(str(path), adapter="x"), TEXT, lambda: True).engine == "transformers"


def test_an_engine_that_was_named_is_taken_without_a_word(folder: str) -> None:
    assert choose(as_spec(folder, engine="transformers"), TEXT, lambda: True) == ("transformers", "")
    assert choose(as_spec("x", base_url="http://h/v1"), TEXT, lambda: True) == ("openai", "")


@pytest.mark.parametrize(
    "config",
    [
        {"architectures": ["Qwen3VLForConditionalGeneration"]},
        {"architectures": ["LlavaForConditionalGeneration"]},
        {"architectures": ["NewForConditionalGeneration"], "vision_config": {"depth": 1}},
        {"architectures": ["MllamaForConditionalGeneration"], "vision_config": {}},
    ],
)
def test_models_of_images_and_text_are_recognised(tmp_path: Path, config: dict[str, object]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert takes_pictures(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        '{"architectures": ["Qwen3ForCausalLM"]}',
        '{"architectures": ["T5ForConditionalGeneration"]}',
        '{"architectures": ["RwkvForCausalLM"], "vision_config": null}',
        '{"architectures": 3}',
        "[]",
        "[" * 100_000,
        "\x00",
    ],
)
def test_models_of_text_and_broken_files_are_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    assert not takes_pictures(str(tmp_path))


def test_a_hub_id_is_not_looked_at() -> None:
    assert not takes_pictures("OWNER/NAME")
