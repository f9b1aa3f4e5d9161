"""A fast way of scoring is taken for the prompts on which it was measured right, and only for those."""

import random
from pathlib import Path

import pytest

from igaku.engines.boundaries import boundaries, rope_switch
from igaku.engines.scoring import SCORERS
from igaku.engines.tree import Scored
from igaku.engines.trial import sample
from igaku.engines.ways import Ways, reach, sides

from .conftest import SHAPE, tiny

pytestmark = pytest.mark.torch


def question(rng: random.Random, length: int, choices: int = 4) -> list[Scored]:
    context = [rng.randrange(2, 300) for _ in range(length)]
    return [Scored([*context, *(rng.randrange(2, 300) for _ in range(3))], length) for _ in range(choices)]


def renderings(rng: random.Random, length: int, n: int) -> list[list[Scored]]:
    """Renderings of one question, which begin alike."""
    stem = [rng.randrange(2, 300) for _ in range(length)]
    return [[Scored([*stem, *s.tokens], s.start + length) for s in question(rng, 10)] for _ in range(n)]


def built(config: object) -> object:
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() >= 2:
                weights.normal_(0, 1.5 / weights.shape[-1] ** 0.5)
    return model


def neo(window: int) -> object:
    """GPT-Neo, whose windows no mask of ours reaches."""
    from transformers import GPTNeoConfig

    return built(
        GPTNeoConfig(
            vocab_size=300,
            hidden_size=32,
            num_layers=2,
            num_heads=4,
            attention_types=[[["global", "local"], 1]],
            window_size=window,
            max_position_embeddings=256,
        )
    )


def longrope(switch: int) -> object:
    from transformers import Phi3Config

    rope = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [4.0] * 4}
    shape = {**SHAPE, "original_max_position_embeddings": switch, "pad_token_id": 0}
    return built(Phi3Config(**shape, rope_parameters={**rope, "original_max_position_embeddings": switch}))


def scored(model: object, questions: list[list[Scored]], ways: Ways) -> dict[int, list[float]]:
    found = {}
    for part in ways.parts(questions):
        rest = [i for i in part.members if i not in part.known]
        chosen = [questions[i] for i in rest]
        found.update(part.known)
        for k, sums in SCORERS[part.way](model, chosen, 200, 0):  # type: ignore[arg-type]
            assert isinstance(sums, list)
            found[rest[k]] = sums
    return found


def ways_of(model: object, notes: list[str] | None = None) -> Ways:
    return Ways(model, 200, 0, first="headed", exact=True, notes=[] if notes is None else notes)  # type: ignore[arg-type]


def check(model: object, questions: list[list[Scored]], ways: Ways) -> None:
    truth = dict(SCORERS["alone"](model, questions, 200, 0))  # type: ignore[arg-type]
    found = scored(model, questions, ways)
    assert found.keys() == truth.keys()
    for i, sums in truth.items():
        assert found[i] == pytest.approx(sums, abs=1e-3)


def test_a_tree_longer_than_the_window_of_each_of_its_sequences() -> None:
    """48 tokens a sequence do not fill a window of 64; twelve choices in one tree do."""
    notes: list[str] = []
    model, ways = neo(64), ways_of(neo(64), notes)
    check(model, [question(random.Random(1), 45, choices=12)], ways)
    assert "headed" not in ways.used
    assert any("'headed' gives other numbers" in note for note in notes)


def test_prompts_below_the_window_keep_the_fast_way_and_longer_ones_do_not() -> None:
    model, ways = neo(64), ways_of(neo(64))
    short = [question(random.Random(i), 12) for i in range(4)]
    check(model, short, ways)
    assert ways.used == {"headed"}
    check(model, [question(random.Random(9), 120)], ways)
    assert ways.used != {"headed"}
    check(model, short, ways)


@pytest.mark.parametrize("lengths", [(10, 20), (90, 120), (10, 90), (38, 39, 40, 41, 42, 90), (8, 37, 38, 100)])
def test_both_sides_of_longropes_switch_in_one_call(lengths: tuple[int, ...]) -> None:
    """Sequences of 3 tokens more than each length, on a switch at 41; some share a beginning across it."""
    model = longrope(41)
    head = [7 * i % 290 + 2 for i in range(130)]
    questions = [question(random.Random(n), n) for n in lengths]
    questions += [[Scored([*head[:n], *s.tokens], s.start + n) for s in question(random.Random(n), 6)] for n in lengths]
    check(model, questions, ways_of(model))


def test_an_ordinary_model_takes_the_fastest_way_at_every_length() -> None:
    notes: list[str] = []
    model = tiny("llama")
    ways = ways_of(model, notes)
    check(model, [question(random.Random(i), n) for i, n in enumerate((5, 40, 200))], ways)
    check(model, renderings(random.Random(1), 40, 6), ways)
    assert (ways.used, notes) == ({"headed"}, [])


def test_what_was_measured_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from igaku.engines import trial as module

    calls: list[str] = []
    real = module.sums_of
    monkeypatch.setattr(module, "sums_of", lambda way, *rest: calls.append(way) or real(way, *rest))  # type: ignore[func-returns-value]
    ways = ways_of(tiny("llama"))
    for length, measured in ((50, True), (40, False), (50, False), (80, True), (60, False)):
        calls.clear()
        list(ways.parts([question(random.Random(1), length)]))
        assert bool(calls) is measured, length


def test_a_sample_holds_the_family_and_the_longest_and_the_shortest_question() -> None:
    rng = random.Random(2)
    family, longest, shortest = renderings(rng, 30, 3), question(rng, 90), question(rng, 4)
    questions = [shortest, *[question(rng, 20) for _ in range(5)], *family, longest]
    chosen, pairs = sample(questions)
    assert {0, 6, 7, 8, 9} == set(chosen)
    assert {chosen[n] == 9 for n, _ in pairs} == {True, False}
    assert reach([*family]) > max(len(s.tokens) for q in family for s in q)


def test_examples_before_all_questions_make_no_family_of_them() -> None:
    rng = random.Random(3)
    head = [rng.randrange(2, 290) for _ in range(60)]
    questions = [[Scored([*head, *s.tokens], s.start + 60) for s in question(rng, 10 + i)] for i in range(9)]
    chosen, pairs = sample(questions)
    assert chosen == [8, 0] and len(pairs) <= 3
    assert reach(questions) == 60 + 18 + 4 * 3


def test_what_the_trial_computed_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rng = tiny("llama"), random.Random(4)
    questions = [question(rng, n) for n in (10, 50, 30, 20)]
    (part,) = ways_of(model).parts(questions)
    assert set(part.known) == {0, 1}
    truth = dict(SCORERS["alone"](model, questions, 200, 0))  # type: ignore[arg-type]
    for i, sums in part.known.items():
        assert sums == pytest.approx(truth[i], abs=1e-3)


@pytest.mark.parametrize("start", [20, 39])
def test_the_pass_that_tries_causality_gives_the_sequences_own_number(start: int) -> None:
    from igaku.engines.trial import causality

    sequence = Scored([7 * i % 290 + 2 for i in range(40)], start)
    found = causality(tiny("llama"), sequence, exact=True)  # type: ignore[arg-type]
    ((_, truth),) = SCORERS["alone"](tiny("llama"), [[sequence]], 200, 0)  # type: ignore[arg-type]
    assert found.holds and [found.own] == pytest.approx(truth, abs=1e-4)


def test_states_that_change_are_looked_at_in_more_positions() -> None:
    """A layer that adds a little of the text's last state everywhere, but not at the few positions tried first."""
    from igaku.engines.trial import FEW, _spread, causality

    model, length = tiny("llama"), 120
    few = set(_spread(FEW, length))

    def leak(_: object, args: tuple[object, ...]) -> tuple[object, ...]:
        states = args[0].clone()  # type: ignore[attr-defined]
        for t in range(states.shape[1]):
            states[:, t] += 0 if t in few else 0.05 * states[:, -1]
        return (states,)

    model.model.norm.register_forward_pre_hook(leak)  # type: ignore[attr-defined]
    sequence = Scored([11 * i % 290 + 2 for i in range(length)], length - 1)
    assert not causality(model, sequence, exact=True).holds  # type: ignore[arg-type]


def test_a_prompt_counts_once_in_the_longest_layout() -> None:
    short, few_shot = question(random.Random(5), 300, choices=5), question(random.Random(6), 1260, choices=5)
    assert reach([short]) == 315
    assert reach([short, few_shot]) == 1275


def test_sides_of_a_length() -> None:
    sequences = [Scored([1] * n, 2) for n in (5, 7, 9, 6)]
    questions = [[sequences[0]], [sequences[1], sequences[2]], [sequences[0], sequences[1]], [sequences[3]]]
    assert sides(questions, [0, 1, 2, 3], 5) == ([0], [1], [2, 3])


def test_windows_are_found_by_any_name() -> None:
    import transformers as t

    cases = [
        (t.MistralConfig(sliding_window=96), 96),
        (t.GPTNeoConfig(window_size=48), 48),
        (t.Llama4TextConfig(attention_chunk_size=640), 640),
        (t.RecurrentGemmaConfig(attention_window_size=72), 72),
        (t.DeepseekV32Config(index_topk=512), 512),
        (longrope(41).config, 41),  # type: ignore[attr-defined]
    ]
    for config, length in cases:
        assert length in boundaries(config), type(config).__name__
    assert boundaries(t.LlamaConfig()) == []
    assert boundaries(t.Qwen2Config(max_window_layers=28, sliding_window=None)) == []


def test_only_longrope_has_a_switch() -> None:
    import transformers as t

    yarn = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0, "original_max_position_embeddings": 64}
    assert rope_switch(longrope(41).config) == 41  # type: ignore[attr-defined]
    assert rope_switch(t.LlamaConfig()) == rope_switch(t.LlamaConfig(rope_parameters=yarn)) == 0


def test_the_whole_engine_on_prompts_across_the_window(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    from igaku import build_engine
    from igaku.question import Request

    folder = tmp_path / "neo"
    shutil.copytree(tiny_folder, folder)
    (folder / "model.safetensors").unlink()
    neo(40).save_pretrained(folder)  # type: ignore[attr-defined]
    engine = build_engine(str(folder), device="cpu")
    requests = [
        Request(kind="likelihood", prompt="Question: " + "which one? " * n, continuations=(" a", " b c", " d"))
        for n in (1, 3, 6, 9)
    ]
    together = dict(engine.answer(requests))
    for i, request in enumerate(requests):
        alone = build_engine(str(folder), device="cpu").answer([request])
        assert together[i].logprobs == pytest.approx(dict(alone)[0].logprobs, abs=1e-3)


def test_prompts_so_long_that_numbers_change_with_what_follows_take_one_pass_a_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from igaku.engines.trial import Trial

    monkeypatch.setattr(Trial, "is_causal", lambda _, sequence: len(sequence.tokens) < 60)
    notes: list[str] = []
    ways = ways_of(tiny("llama"), notes)
    for length, taken in ((20, "headed"), (100, "alone"), (20, "headed"), (80, "alone")):
        (part,) = ways.parts([question(random.Random(1), length)])
        assert part.way == taken, length
    assert ["depend on the tokens after it (103 tokens)" in note for note in notes] == [True]


def test_letters_behind_one_prompt_take_one_pass() -> None:
    model = tiny("llama")
    passes: list[int] = []
    model.register_forward_pre_hook(lambda _m, _a, kw: passes.append(kw["input_ids"].shape[1]), with_kwargs=True)
    prompt = list(range(2, 30))
    letters = [Scored([*prompt, token], len(prompt)) for token in (40, 41, 42)]
    ((_, together),) = SCORERS["alone"](model, [letters], 200, 0)
    assert passes == [len(prompt)]
    each = [dict(SCORERS["headed"](model, [[s]], 200, 0))[0] for s in letters]
    assert together == pytest.approx([e[0] for e in each if isinstance(e, list)], abs=1e-4)
