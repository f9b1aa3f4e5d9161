import json
import shutil
from pathlib import Path

import pytest

from igaku import build_engine, evaluate
from igaku.engines.base import Engine
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def engine(tiny_folder: Path) -> Engine:
    return build_engine(str(tiny_folder), engine="transformers", device="cpu")


def test_identity_holds_the_weights_contents(engine: Engine, tiny_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_folder, other)
    same = build_engine(str(other), device="cpu").identity
    assert same.weights == engine.identity.weights
    (other / "model.safetensors").write_bytes((other / "model.safetensors").read_bytes()[:-1] + b"\x01")
    assert build_engine(str(other), device="cpu").identity.weights != engine.identity.weights


def test_self_check_takes_the_fastest_sound_way(engine: Engine) -> None:
    assert engine.scorer == "headed"  # type: ignore[attr-defined]
    assert engine.notes == []


def test_an_architecture_without_masks_falls_back_and_says_so(tiny_folder: Path, tmp_path: Path) -> None:
    from .conftest import tiny

    for kind in ("mamba", "bloom"):
        folder = tmp_path / kind
        shutil.copytree(tiny_folder, folder)
        for old in ("config.json", "generation_config.json", "model.safetensors"):
            (folder / old).unlink(missing_ok=True)
        tiny(kind).save_pretrained(folder)
        found = build_engine(str(folder), device="cpu")
        assert found.scorer in ("shared", "alone"), kind  # type: ignore[attr-defined]
        assert any("same numbers" in note for note in found.notes)
        assert "likelihood" in found.supported


def test_letters_and_texts_of_one_prompt_share_a_tree(engine: Engine) -> None:
    prompt = "Question: which one?\nA. x\nB. y\nAnswer:"
    letters = Request(kind="letters", prompt=prompt, continuations=("A", "B"))
    texts = Request(kind="likelihood", prompt=prompt, continuations=(" x", " y yes"))
    batch = dict(engine.answer([letters, texts]))
    one_by_one = [dict(engine.answer([r]))[0] for r in (letters, texts)]
    for i in (0, 1):
        assert batch[i].logprobs == pytest.approx(one_by_one[i].logprobs, abs=1e-4)
    assert batch[0].tokens == (1, 1)


def test_generation_does_not_depend_on_the_batch(engine: Engine) -> None:
    requests = [
        Request(kind="text", prompt=p, sampling=Sampling(max_tokens=8)) for p in ("Question: which", "問題：", "A" * 40)
    ]
    batch = dict(engine.answer(requests))
    for i, request in enumerate(requests):
        assert dict(engine.answer([request]))[0].text == batch[i].text


def test_stop_strings_and_lengths(engine: Engine) -> None:
    free = dict(engine.answer([Request(kind="text", prompt="Question:", sampling=Sampling(max_tokens=12))]))[0]
    assert (free.finish, free.new_tokens) == ("length", 12)
    stop = free.text[3:5]
    cut = dict(
        engine.answer([Request(kind="text", prompt="Question:", sampling=Sampling(max_tokens=12, stop=(stop,)))])
    )[0]
    assert cut.finish == "stop"
    assert cut.text == free.text[: free.text.index(stop)]


def test_a_prompt_beyond_the_context_is_overlong_never_cut(engine: Engine) -> None:
    long = "問" * 400
    kinds = [
        Request(kind="text", prompt=long),
        Request(kind="likelihood", prompt=long, continuations=("a", "b")),
        Request(kind="letters", prompt=long, continuations=("A", "B")),
    ]
    answers = dict(engine.answer([*kinds, Request(kind="letters", prompt="x:", continuations=("A", "B"))]))
    assert [answers[i].finish for i in range(4)] == ["overlong", "overlong", "overlong", "stop"]


def test_chat_template_and_its_beginning_token(engine: Engine) -> None:
    text = engine.chat([Message("user", "hi")])
    assert text == "<s>[user] hi\n[assistant] "
    assert engine.count([text])[0] == engine.count([text.removeprefix("<s>")])[0] + 1


def test_adapter(tiny_folder: Path, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    tuned = get_peft_model(
        AutoModelForCausalLM.from_pretrained(tiny_folder), LoraConfig(r=4, target_modules=["q_proj"])
    )
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.5)
    tuned.save_pretrained(tmp_path / "tuned")
    request = Request(kind="likelihood", prompt="Question:", continuations=(" a", " b"))
    plain = build_engine(str(tiny_folder), engine="transformers", device="cpu")
    adapted = build_engine(str(tiny_folder), adapter=str(tmp_path / "tuned"), device="cpu")
    assert dict(adapted.answer([request]))[0].logprobs != pytest.approx(
        dict(plain.answer([request]))[0].logprobs, abs=1e-3
    )
    assert adapted.identity.adapter
    assert adapted.identity.model.endswith("+tuned")
    settings = tmp_path / "tuned" / "adapter_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"alora_invocation_tokens": [1]}))
    with pytest.raises(IgakuError, match=r"peft cannot load it .*aLoRA"):
        build_engine(str(tiny_folder), adapter=str(tmp_path / "tuned"), device="cpu")
    (tmp_path / "tuned" / "adapter_model.safetensors").rename(tmp_path / "tuned" / "adapter_model.bin")
    with pytest.raises(IgakuError, match="never loaded"):
        build_engine(str(tiny_folder), adapter=str(tmp_path / "tuned"), device="cpu")


def test_an_adapter_that_is_nowhere_is_one_line(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(IgakuError, match="adapter 'nobody/nothing': no such folder") as error:
        build_engine(str(tiny_folder), adapter="nobody/nothing", device="cpu")
    assert "\n" not in str(error.value)


def test_a_whole_evaluation(engine: Engine, tmp_path: Path) -> None:
    run = evaluate(
        engine,
        "mini",
        lang="en",
        method=["letter", "letter-logprob", "likelihood"],
        limit=6,
        max_tokens=4,
        out=tmp_path / "r",
    )
    assert {c.method: c.n_asked for c in run.cells} == {"letter": 6, "letter-logprob": 6, "likelihood": 6}


@pytest.fixture
def thinking(tiny_folder: Path, tmp_path: Path) -> Engine:
    """The tiny model behind a template that opens the thinking."""
    folder = tmp_path / "thinking"
    shutil.copytree(tiny_folder, folder)
    (folder / "chat_template.jinja").write_text(
        "<s>{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant] <think>\n"
    )
    return build_engine(str(folder), engine="transformers", device="cpu")


@pytest.mark.parametrize("kind", ["letters", "likelihood"])
def test_letters_behind_an_opened_thought_are_refused(thinking: Engine, kind: str) -> None:
    prompt = thinking.chat([Message("user", "Which one?")])
    request = Request(kind=kind, prompt=prompt, continuations=("A", "B"))  # type: ignore[arg-type]
    with pytest.raises(IgakuError, match="thinks before it answers"):
        list(thinking.answer([request]))
    plain = Request(kind=kind, prompt="Answer:", continuations=("A", "B"))  # type: ignore[arg-type]
    assert len(dict(thinking.answer([plain]))[0].logprobs) == 2


def test_letters_of_a_model_that_opens_its_thinking_itself_are_refused(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import igaku.engines.hf as module

    prompt = engine.chat([Message("user", "Which one?")])
    request = Request(kind="letters", prompt=prompt, continuations=("A", "B"))
    assert dict(engine.answer([request]))[0].finish == "stop"
    monkeypatch.setattr(engine, "_opens_thinking", None)
    monkeypatch.setattr(module, "begins_thinking", lambda text: bool(text))
    with pytest.raises(IgakuError, match="thinks before it answers"):
        list(engine.answer([request]))


def test_a_thought_that_the_template_opened_and_nothing_closed_is_no_answer(thinking: Engine) -> None:
    prompt = thinking.chat([Message("user", "Which one?")])
    request = Request(kind="text", prompt=prompt, sampling=Sampling(max_tokens=6))
    answer = dict(thinking.answer([request]))[0]
    assert (answer.text, answer.finish) == ("", "length")
    assert answer.thinking


def test_a_text_of_one_token_has_nothing_to_score(engine: Engine) -> None:
    requests = [Request(kind="tokens", prompt=p) for p in ("a", "which one", "a" * 2000)]
    answers = dict(engine.answer(requests))
    assert [answers[i].finish for i in range(3)] == ["error", "stop", "overlong"]
    assert "one token" in answers[0].error


def test_an_architecture_that_looks_ahead_takes_one_pass_a_choice_and_says_so(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import igaku.engines.hf as module
    from igaku.engines.trial import Causality

    monkeypatch.setattr(module, "causality", lambda *_: Causality(False, None))
    found = build_engine(str(tiny_folder), engine="transformers", device="cpu")
    assert found.scorer == "alone"  # type: ignore[attr-defined]
    assert any("depend on the tokens after it" in note for note in found.notes)


def test_whether_numbers_change_with_what_follows_is_measured() -> None:
    import torch

    from igaku.engines.tree import Scored
    from igaku.engines.trial import causality

    from .conftest import tiny

    model = tiny("llama")
    text = Scored(list(range(2, 40)), 30)
    assert causality(model, text, True).holds
    real = type(model).forward

    def ahead(self: object, input_ids: torch.Tensor, **given: object) -> object:
        out = real(self, input_ids, **given)
        out.logits = out.logits + input_ids[0, -1] / 100 * torch.arange(out.logits.shape[-1]) / 300
        return out

    type(model).forward = ahead
    try:
        assert not causality(model, text, True).holds
    finally:
        type(model).forward = real
