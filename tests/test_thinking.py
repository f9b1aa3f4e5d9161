"""A model's answer is taken out of what it wrote, whatever marks it thinks between."""

import pytest

from igaku.thinking import Spoken, opens, split
from tests.growth import is_linear

NAMES = ("think", "THINKING", "Thought", "reasoning", "reflection", "seed:think", "longcat_think", "scratchpad", "思考")
PAIRS = [
    *((f"<{n}>", f"</{n}>") for n in NAMES),
    ("< think >", "</ think >\n"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("<|begin_of_thought|>", "<|end_of_thought|><|begin_of_solution|>"),
    ("<|think|>", "<|end|><|begin|>assistant<|content|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"),
    ("<|im_start|>assistant/think\n", "<|im_end|>\n<|im_start|>assistant\n"),
    ("analysis", "assistantfinal"),
    ("## Thinking\n\n", "\n\n## Final Response\n\n"),
]
THOUGHT = "We weigh a against b; the answer is b?"


@pytest.mark.parametrize(("begin", "end"), PAIRS)
def test_the_thought_stands_apart_from_the_answer(begin: str, end: str) -> None:
    assert split(f"{begin}{THOUGHT}{end}Answer: e") == Spoken("Answer: e", THOUGHT)


@pytest.mark.parametrize("begin", [begin for begin, _ in PAIRS])
def test_a_reply_that_ends_inside_its_thinking_holds_no_answer(begin: str) -> None:
    assert split(begin + THOUGHT) == Spoken("", THOUGHT, cut=True)


@pytest.mark.parametrize(("begin", "end"), PAIRS[:12])
def test_a_closing_mark_alone_closes_what_the_template_opened(begin: str, end: str) -> None:
    assert split(f"{THOUGHT}{end}e") == Spoken("e", THOUGHT)
    assert split(f"{THOUGHT}{end}e", opened=True) == Spoken("e", THOUGHT)


@pytest.mark.parametrize(("begin", "end"), [PAIRS[0], PAIRS[11], PAIRS[13]])
def test_thinking_with_nothing_behind_it_is_no_answer_and_not_cut(begin: str, end: str) -> None:
    assert split(f"{begin}{THOUGHT}{end}") == Spoken("", THOUGHT)


def test_a_thought_that_the_prompt_opened_and_the_reply_never_closes_is_cut() -> None:
    assert split(THOUGHT, opened=True) == Spoken("", THOUGHT, cut=True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a</think>First, <think>b</think>e", "First, e"),
        ("<think>a<think>b</think>c</think>e", "e"),
        ("<think>a<think>b</think>e", "e"),
        ("a</think>b</think>e", "e"),
        ("<think>a</think>e</think>", "e"),
        ("<thinking>a<reflection>b</reflection></thinking><output>e</output>", "e"),
        ("<answer>e</answer><reasoning>a is wrong</reasoning>", "<answer>e</answer>"),
        ("<think>a, so <answer>e</answer>", "<answer>e</answer>"),
        ("<analysis>a?</analysis>\n<answer>e</answer>", "<answer>e</answer>"),
        ("Here: <analysis>e is right</analysis>", "Here: <analysis>e is right</analysis>"),
    ],
)
def test_several_nested_and_unbalanced_blocks(text: str, answer: str) -> None:
    assert (split(text).answer, split(text).cut) == (answer, False)


@pytest.mark.parametrize(
    ("text", "answer", "cut"),
    [
        ("<|channel|>commentary to=functions.f<|message|>{}<|call|><|start|>functions.f to=assistant<|channel|>comment"
         "ary<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>e<|return|>", "e", False),
        ("<|channel|>final<|message|>e<|return|><|start|>user<|message|>and a?", "e", False),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>fin", "", True),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|message|>e<|end|>", "e", False),
        ("analysisa or b. assistantcommentarylook up assistantfinal json{\"answer\": \"e\"}", '{"answer": "e"}', False),
        ("analysis of the tracing shows e", "analysis of the tracing shows e", False),
    ],
)  # fmt: skip
def test_harmony(text: str, answer: str, cut: bool) -> None:
    assert (split(text).answer, split(text).cut) == (answer, cut)


@pytest.mark.parametrize(
    "end",
    ["<|END_RESPONSE|>", "<|im_end|>\n", "<unused95>", "</s>", "<|return|>", "<|eot_id|>", "<end_of_turn>",
     "<turn|>", "<｜end▁of▁sentence｜>", "<|endoftext|><|endoftext|>", "[|endofturn|]",
     "<|im_end|>\n<|im_start|>user\na?", "<|im_e"],
)  # fmt: skip
def test_the_turns_end_and_what_follows_it_is_dropped(end: str) -> None:
    assert split(f"Answer: e{end}") == Spoken("Answer: e")


@pytest.mark.parametrize("text", ["", "e", "SpO2 < 90 % and pH<7.1, so e", "[1] e", "思考の障害", "I think e"])
def test_text_without_marks_stays_as_it_is(text: str) -> None:
    assert split(text) == Spoken(text)


@pytest.mark.parametrize(
    ("prompt", "opened"),
    [
        ("x<|im_end|>\n<|im_start|>assistant\n<think>\n", True),
        ("x<|im_start|>assistant\n<think>\n\n</think>\n\n", False),
        ("think inside <think> tags<|im_end|>\n<|im_start|>assistant\n", False),
        ("x<|START_THINKING|>", True),
        ("x<|channel>thought\n", True),
        ("x<|start|>assistant<|channel|>analysis<|message|>", True),
        ("x<|start|>assistant<|channel|>final<|message|>", False),
        ("", False),
    ],
)
def test_a_prompt_that_opens_the_thinking(prompt: str, opened: bool) -> None:
    assert opens(prompt) is opened


@pytest.mark.parametrize(
    "unit",
    ["<", "< ", "<think", "<think>", "</think>", "<|channel|>", "<|start|>assistant", "<|im_start|>", "[think", "&lt;",
     "analysisA", "assistantfinal", "<answer>", "<analysis>", "<thinking ", "<|end|>", "a_", "## Thinking\n",
     "<unused95>"],
)  # fmt: skip
def test_hostile_text_takes_time_linear_in_its_length(unit: str) -> None:
    assert is_linear(split, "x" + unit * (40_000 // len(unit)))
