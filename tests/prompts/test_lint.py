"""Every template, rendered against every form of question: its words fit what the question asks."""

import re
from dataclasses import dataclass
from functools import cache

import pytest

import igaku
from igaku.grading import METHODS, grade_one
from igaku.keys import gold_letters, gold_text
from igaku.prompts import Prompt, load_examples, prompt_names
from igaku.prompts.examples import Example
from igaku.question import Answer, Question, Reply
from tests.prompts.questions import COUNTS, FORMS, NUMBERS, question

load_prompt = cache(igaku.load_prompt)
NOT_EXAMS = ("conversation", "discrepancy_ja", "extract_ja", "judge_en", "judge_ja", "name_ja", "translate_ja")
"""Templates of other tasks: they are never shown a question of an exam."""
EXAMS = tuple(n for n in prompt_names() if n not in NOT_EXAMS and not n.endswith("_zh"))
PROTOCOLS = ("alpaca", "minimal", "meditron", "english_frame", "instructed", "fewshot")
"""Frames that resemble a paper's: theirs is the layout, and it asks in its own way."""
STEM_ONLY = ("alpaca", "minimal")
"""Frames that say nothing of their own about the answer."""
SUPERLATIVE = re.compile(
    r"最も|最善|最良|もっとも|正しいもの|正しい選択|適切なもの|\bbest\b|\bmost\b|\bcorrect\b|\bright\b|\btrue\b", re.I
)
SINGULAR = re.compile(
    r"記号1つ|記号を1つ|1つだけ|\b(?:the|a|its) letter\b(?! of every)|\bthe choice\b|\bone letter\b", re.I
)
A_COUNT = re.compile(r"[0-9０-９一二三四五]\s*つ|\b(?:\d|one|two|three|four|five) (?:letters?|answers)\b|exactly", re.I)


@dataclass
class Sheet:
    """A rendered prompt, and what of it is the template's own."""

    prompt: Prompt
    asked: Question
    text: str
    own: str


def sheet(name: str, form: str, with_case: bool = False, shots: int = 0) -> Sheet:
    prompt = load_prompt(name)
    lang = lang_of(name)
    n = prompt.card.n_choices[0] if prompt.card.n_choices else 5
    asked = question(form, lang, n, with_case)
    examples: list[Example] = load_examples(prompt.card.shots or "igaku", lang)[:shots]
    rendered = prompt.render(asked, examples)
    text = rendered.text or "\n".join(m.content for m in rendered.messages)
    own = text
    for shown in (asked, *examples):
        texts = [shown.context, shown.stem, getattr(shown, "reasoning", ""), *shown.choices, gold_text(shown)]
        for words in sorted((t for t in texts if t), key=len, reverse=True):
            own = own.replace(words, "")
    return Sheet(prompt, asked, text, own)


def lang_of(name: str) -> str:
    return "en" if load_prompt(name).card.lang == "en" else "ja"


def family(name: str) -> str:
    return re.sub(r"\d?_(ja|en)$", "", name)


@pytest.mark.parametrize("name", EXAMS)
def test_no_template_says_what_kind_of_choice_is_wanted(name: str) -> None:
    """The stem may ask for the wrong one, or for two: "the most appropriate" would contradict it."""
    for form in FORMS:
        for shots in (0, 3):
            found = SUPERLATIVE.search(sheet(name, form, shots=shots).own)
            assert not found, (form, found)


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize("form", COUNTS)
def test_the_number_that_the_stem_says_stands_in_the_instruction(name: str, form: str) -> None:
    one = sheet(name, form)
    assert not SINGULAR.search(one.own)
    if re.search(r"記号[^a-e]|[Ll]etter|Choose", one.own) or "closing" in name:
        assert re.search(rf"{COUNTS[form]}\s*つ|\b{COUNTS[form]} (?:letters|answers|of)\b", one.own), one.own


@pytest.mark.parametrize("name", EXAMS)
def test_all_that_apply_and_an_order_are_asked_for_as_such(name: str) -> None:
    if load_prompt(name).card.tells_count or family(name) in (*STEM_ONLY, "standard", "bracketed", "cloze", "open"):
        return
    assert re.search(r"すべて|every", sheet(name, "all").own)
    assert re.search(r"順に|in order", sheet(name, "order").own)


@pytest.mark.parametrize("name", EXAMS)
def test_the_keys_number_is_never_given_away(name: str) -> None:
    one = sheet(name, "silent")
    assert one.asked.n_right == 2
    leaks = bool(A_COUNT.search(one.own))
    assert leaks == one.prompt.card.tells_count


@pytest.mark.parametrize("name", EXAMS)
@pytest.mark.parametrize("form", NUMBERS)
def test_a_number_is_asked_for_as_a_number(name: str, form: str) -> None:
    one = sheet(name, form)
    assert "記号" not in one.own
    assert "letter" not in one.own.lower()
    if family(name) not in STEM_ONLY:
        assert re.search(r"数値|数字|number", one.own), one.own
    if form == "boxes" and family(name) not in (*PROTOCOLS, "open"):
        assert "①②.③" in one.own


@pytest.mark.parametrize("name", EXAMS)
def test_no_section_is_empty_and_nothing_is_left_unrendered(name: str) -> None:
    for form in FORMS:
        for with_case in (False, True):
            text = sheet(name, form, with_case).text
            lines = text.split("\n")
            last = max(i for i, line in enumerate(lines) if line.strip())
            headings = [x for i, x in enumerate(lines[:last]) if x[-1:] in tuple(":：】]") and not lines[i + 1].strip()]
            assert [x for x in headings if not x.endswith(question(form, lang_of(name)).stem)] == []
            assert not re.search(r"\{\{|\{%|%\}|\}\}|\bNone\b|Undefined|\x00", text)
            assert not re.search(r"[ \t　]\n|\n\n\n", text), text


@pytest.mark.parametrize("name", EXAMS)
def test_a_prompt_ends_where_its_continuation_begins(name: str) -> None:
    """A blank at the end and a blank before the continuation would be two."""
    prompt = load_prompt(name)
    for form in FORMS:
        text = sheet(name, form).text
        assert text.lstrip() == text
        if not prompt.render(question(form, "ja")).messages:
            assert not text.endswith(" ")
            assert re.search(r"(?:[:：】\]>]|[:：]\n|(?<=.)\n)$", text), text[-20:]


@pytest.mark.parametrize("name", [n for n in EXAMS if load_prompt(n).card.labels])
def test_labels_are_those_of_the_exam_and_are_read_back(name: str) -> None:
    one = sheet(name, "two")
    card = one.prompt.card
    labels = one.prompt.labels(len(one.asked.choices))
    if one.asked.choices[0] in one.text:
        assert card.labels == ("a" if card.lang == "ja" or name == "fewshot_en" else "A")
        for label, choice in zip(labels, one.asked.choices):
            assert re.search(rf"^\(?{label}(?:\)|\.|:) {re.escape(choice)}$", one.text, re.M)
    anchor = "答え：" if card.lang == "ja" else "Answer: "
    said = anchor + gold_letters(one.asked, labels)
    reply = Reply(key="k", model="m", bench="b", lang=one.asked.lang, id="two", answer=Answer(text=said))
    assert grade_one(METHODS["letter"], one.asked, reply).right


@pytest.mark.parametrize("name", [n for n in prompt_names() if load_prompt(n).card.shows_steps])
def test_step_by_step_examples_show_steps(name: str) -> None:
    one = sheet(name, "single", shots=4)
    for example in load_examples(one.prompt.card.shots or "igaku", one.asked.lang)[:4]:
        assert isinstance(example, Example)
        assert re.search(re.escape(example.reasoning) + r"\n(?:答え：|Answer: )", one.text)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_examples_are_of_every_form_and_their_keys_of_every_letter(lang: str) -> None:
    for name, letters in (("igaku", "abcde"), ("igaku4", "abcd")):
        examples = load_examples(name, lang)
        right = "".join(gold_letters(e) for e in examples if e.choices)
        assert set(letters) <= set(right)
        assert {e.stated for e in examples if e.choices} == {None, 2, 3}
        assert all(e.reasoning and e.source for e in examples)
        assert any(e.context for e in examples)
        assert any(not e.choices for e in examples)
        assert any("誤って" in e.stem or "NOT" in e.stem for e in examples)
        assert {len(e.choices) for e in examples if e.choices} == {len(letters)}
        assert not any("上皮小体" in str(e) for e in examples)
    counts = [len(e.key.choice_sets[0]) for e in load_examples("igaku", lang)[:3]]
    assert counts == [1, 2, 1]
