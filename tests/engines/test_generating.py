"""Text at temperature 0 is greedy whatever a file says; above it the model's own sampling is used and recorded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igaku import build_engine
from igaku.engines.generating import Prompt, generate
from igaku.engines.recommended import notes, own_temperature, recommended, recorded
from igaku.question import Answer, Request, Sampling

from .conftest import tiny

pytestmark = pytest.mark.torch
PROMPT = "Question: which one?"
Made = Callable[..., Any]


@pytest.fixture
def with_file(tiny_folder: Path, tmp_path: Path) -> Made:
    """An engine of the tiny model with a generation_config.json."""

    def made(**settings: object) -> Any:
        folder = tmp_path / "tiny"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tiny_folder, folder)
        (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 1, **settings}))
        return build_engine(str(folder), engine="transformers", device="cpu")

    return made


def text(engine: Any, prompt: str = PROMPT, **sampling: Any) -> Answer:
    request = Request(kind="text", prompt=prompt, sampling=Sampling(**{"max_tokens": 24, **sampling}))
    return dict(engine.answer([request]))[0]


def greedy(engine: Any, new: int = 24) -> str:
    """By one plain pass a token, to the end of the reply."""
    import torch

    tokens = engine._tokens.encode([PROMPT])[0]
    start = len(tokens)
    for _ in range(new):
        with torch.inference_mode():
            tokens.append(int(engine.model(torch.tensor([tokens])).logits[0, -1].argmax()))
        if tokens[-1] == engine.tokenizer.eos_token_id:
            break
    return str(engine.tokenizer.decode(tokens[start:], skip_special_tokens=True))


@pytest.mark.parametrize(
    ("settings", "noted"),
    [
        ({"repetition_penalty": 1.3}, True),
        ({"no_repeat_ngram_size": 2}, True),
        ({"suppress_tokens": list(range(40, 120))}, True),
        ({"bad_words_ids": [[60], [61]]}, True),
        ({"num_beams": 3}, True),
        ({"guidance_scale": 1.7}, True),
        ({"min_new_tokens": 30}, True),
        ({"return_dict_in_generate": True}, False),
        ({"do_sample": True, "temperature": 0.6, "top_k": 5}, False),
        ({"max_length": 5}, False),
    ],
)
def test_temperature_0_is_greedy_whatever_the_file_says(
    with_file: Made, settings: dict[str, object], noted: bool
) -> None:
    engine = with_file(**settings)
    assert text(engine).text == greedy(engine)
    assert any(next(iter(settings)) in note and "not used" in note for note in engine.notes) is noted


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({"do_sample": True, "temperature": 0.6}, 0.6),
        ({"temperature": 0.6}, 0.6),
        ({"do_sample": True, "temperature": 0.3499999940395355}, 0.35),
        ({"do_sample": True, "temperature": 1.0}, 1.0),
        ({"do_sample": True, "top_k": 64}, 1.0),
        ({"do_sample": True, "temperature": 0.0}, None),
        ({"do_sample": False, "temperature": 1.0}, None),
        ({"do_sample": None, "temperature": None}, None),
        ({"do_sample": True, "temperature": "warm"}, None),
        ({"do_sample": True, "temperature": float("inf")}, None),
        ({}, None),
    ],
)
def test_the_temperature_that_a_file_recommends(settings: dict[str, object], value: float | None) -> None:
    found = own_temperature(settings)
    assert (found.value if found else None) == value


def test_an_engine_knows_the_temperature_of_its_models_file(with_file: Made) -> None:
    drawn, silent = with_file(do_sample=True, temperature=0.6), with_file()
    assert drawn.own_temperature == (0.6, "generation_config.json") and silent.own_temperature is None


def test_above_0_the_models_own_sampling_is_used_and_recorded(with_file: Made) -> None:
    engine = with_file(do_sample=True, top_k=1, temperature=0.7)
    assert " sampling=top_k=1" in engine.identity.settings
    drawn = {text(engine, temperature=1.5, seed=seed).text for seed in range(4)}
    assert drawn == {greedy(engine)}, "of one likeliest token nothing else can be drawn"
    plain = with_file()
    assert "sampling" not in plain.identity.settings
    assert len({text(plain, temperature=1.5, seed=seed).text for seed in range(4)}) == 4


def test_what_a_file_recommends() -> None:
    assert recommended({"top_k": 20, "top_p": 0.8, "temperature": 0.7, "min_p": None}) == {"top_k": 20, "top_p": 0.8}
    assert recommended({"top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}) == {}
    assert (recorded({"top_p": 0.8, "top_k": 20}), recorded({})) == (" sampling=top_k=20,top_p=0.8", "")
    assert notes({"num_beams": 1, "suppress_tokens": None, "repetition_penalty": 1.0, "top_k": 3}) == []


def test_an_architecture_that_cannot_be_padded_or_cached_is_written_by_plain_passes(
    with_file: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_file()
    expected = greedy(engine)
    real = type(engine.model).forward

    def fragile(self: Any, *args: Any, **given: Any) -> Any:
        if given.get("use_cache"):
            raise ValueError("a state of the wrong shape")
        return real(self, *args, **given)

    monkeypatch.setattr(type(engine.model), "forward", fragile)
    assert text(engine).text == expected
    assert any("'single' way does not run (ValueError)" in note for note in engine.notes)
    assert engine.used[1] == {"uncached"}


def test_a_batch_that_pads_wrongly_is_written_one_prompt_at_a_time(
    with_file: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_file()
    real = type(engine.model).forward

    def blind(self: Any, *args: Any, **given: Any) -> Any:
        return real(self, *args, **{**given, "attention_mask": None, "position_ids": None})

    monkeypatch.setattr(type(engine.model), "forward", blind)
    prompts = [PROMPT, PROMPT * 4, "x"]
    requests = [Request(kind="text", prompt=p, sampling=Sampling(max_tokens=8)) for p in prompts]
    together = dict(engine.answer(requests))
    assert "single" in engine.used[1]
    for i, prompt in enumerate(prompts):
        assert together[i].text == text(engine, prompt, max_tokens=8).text


def test_a_failure_of_one_prompt_is_its_answer_not_a_traceback(
    with_file: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_file()

    def broken(*args: Any, **given: Any) -> Any:
        raise NotImplementedError("not in this library")

    monkeypatch.setattr(type(engine.model), "forward", broken)
    answer = text(engine)
    assert (answer.finish, answer.text) == ("error", "")
    assert "not in this library" in answer.error


PROMPTS = [PROMPT, "Question: which one is it, of the four that stand below this line?", "Why?"]


def four_of_each(**sampling: Any) -> list[Request]:
    samplings = [Sampling(**{"max_tokens": 8, "seed": seed, **sampling}) for seed in range(4)]
    return [Request(kind="text", prompt=p, sampling=s) for s in samplings for p in PROMPTS]


def test_a_prompt_is_read_once_for_all_its_samples_and_what_is_written_is_the_same(with_file: Made) -> None:
    engine = with_file()
    alone = [text(engine, p, max_tokens=8).text for p in PROMPTS]
    engine._writing.used.clear()
    list(engine.answer(four_of_each()))
    rows: list[int] = []
    hook = engine.model.register_forward_pre_hook(
        lambda _, args, given: rows.append(given["input_ids"].shape[0]), with_kwargs=True
    )
    answers = dict(engine.answer(four_of_each()))
    hook.remove()
    assert engine.used[1] == {"shared"} and rows[:2] == [3, 12], "three prompts are read, twelve replies written"
    assert [answers[i].text for i in range(12)] == alone * 4


def test_samples_still_differ(with_file: Made) -> None:
    answers = dict(with_file().answer(four_of_each(temperature=3.0)))
    assert len({answers[i].text for i in range(0, 12, 3)}) > 1


def test_where_a_prompt_cannot_be_shared_each_sample_reads_it_and_that_is_noted(
    with_file: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("this cache has no rows")

    monkeypatch.setattr("igaku.engines.generating._read_once", broken)
    engine = with_file()
    alone = [text(engine, p, max_tokens=8).text for p in PROMPTS]
    answers = dict(engine.answer(four_of_each()))
    assert [answers[i].text for i in range(12)] == alone * 4
    assert any("'shared'" in note and "each sample reads its prompt" in note for note in engine.notes)


def written_each_way(engine: Any, **sampling: Any) -> dict[str, list[tuple[str, str]]]:
    """The texts, and how they finished, of three prompts of several lengths, twice each."""
    chosen = [Prompt(engine._tokens.encode([p])[0]) for p in (*PROMPTS, *PROMPTS)]
    found = {}
    for way in ("compiled", "batched", "single"):
        answers = dict(
            generate(
                engine._writer._replace(way=way), chosen, [Sampling(**{"max_tokens": 24, **sampling})] * 6, 1 << 20
            )
        )
        found[way] = [(answers[i].text, answers[i].finish) for i in range(6)]
    return found


@pytest.mark.parametrize("kind", ["llama", "gemma3"])
def test_a_cache_of_fixed_size_gives_the_same_text(kind: str, with_file: Made) -> None:
    engine = with_file()
    engine.model = tiny(kind)
    engine._writer = engine._writer._replace(model=engine.model)
    found = written_each_way(engine)
    assert found["compiled"] == found["batched"] == found["single"]
    stop = found["single"][0][0][3:6]
    stopped = written_each_way(engine, stop=(stop,))
    assert stopped["compiled"] == stopped["batched"] == stopped["single"]
    assert stopped["single"][0] == (found["single"][0][0].partition(stop)[0], "stop")


def test_where_a_step_cannot_be_compiled_the_batch_is_written_step_by_step(
    with_file: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_file()
    expected = written_each_way(engine)["batched"]

    def broken(*_: object) -> None:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr("igaku.engines.generating._fixed", broken)
    assert written_each_way(engine)["compiled"] == expected


def test_a_processor_compiles_nothing_and_neither_does_a_short_run(with_file: Made) -> None:
    engine = with_file()
    prompts = [engine._tokens.encode([p])[0] for p in PROMPTS]
    assert engine._writing.way(prompts, 10**9) == "batched"
