"""Tokens stand where the model expects them: no end inside a prompt, special tokens as the template writes them."""

from collections.abc import Callable
from typing import Any

import pytest

from igaku.engines.chat_template import DATE
from igaku.engines.tokens import Tokens
from igaku.errors import IgakuError
from igaku.question import Message, Request

pytest.importorskip("transformers")
WORDS = [
    "<s>",
    "</s>",
    "A",
    "n",
    "s",
    "w",
    ":",
    "heart",
    "lung",
    "Ans",
    "w:",
    ":heart",
    " ",
    "\n",
    "[",
    "]",
    "u",
    "date",
]
HELLO = [Message("user", "Answ")]
Build = Callable[..., Any]


@pytest.fixture
def build() -> Build:
    """A tokenizer of a few merges, with what it puts around a text and its chat template."""

    def made(before: str = "", after: str = "", template: str = "", bos: bool = True) -> Any:
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
        from transformers import PreTrainedTokenizerFast

        letters = ["<s>", "</s>", *dict.fromkeys("".join(WORDS[2:])), *map(chr, range(33, 127))]
        vocabulary = {word: i for i, word in enumerate(dict.fromkeys(letters))}
        merges = [("A", "n"), ("An", "s"), (":", "h"), ("\n", "h")]
        for a, b in merges:
            vocabulary.setdefault(a + b, len(vocabulary))
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
        tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Split("\t", "isolated"), decoders.Fuse()
        pieces = [(t, vocabulary[t]) for t in dict.fromkeys((before, after)) if t]
        if pieces:
            single = " ".join(filter(None, (before, "$A", after)))
            tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=pieces)
        ends = {"bos_token": "<s>", "eos_token": "</s>"} if bos else {}
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **ends)
        if template:
            fast.chat_template = template
        return fast

    return made


@pytest.mark.parametrize(("before", "after"), [("", ""), ("<s>", ""), ("", "</s>"), ("<s>", "</s>")])
def test_nothing_ends_a_prompt_and_what_belongs_before_it_stands_there(build: Build, before: str, after: str) -> None:
    tokens = Tokens(build(before, after))
    bare = build()("Answ")["input_ids"]
    assert tokens.encode(["Answ"]) == [[*([0] if before else []), *bare]]
    (one, other) = tokens.pairs(Request(kind="likelihood", prompt="Answ", continuations=("s", "w")))
    assert one.tokens[: one.start] == other.tokens[: other.start] == tokens.encode(["Answ"])[0]
    assert [note for note in tokens.notes if "</s>" in note] == tokens.notes
    assert len(tokens.notes) == bool(after)


@pytest.mark.parametrize("beginning", ["", "{{ bos_token }}", "\n{{ bos_token }}", "[", " {{ bos_token }}["])
@pytest.mark.parametrize("before", ["", "<s>"])
def test_chat_text_is_tokenized_as_the_template_means_it(build: Build, beginning: str, before: str) -> None:
    template = beginning + "{% for m in messages %}[{{ m.role[0] }}]{{ m.content }}{% endfor %}"
    tokenizer = build(before, template=template)
    tokens = Tokens(tokenizer)
    given = [{"role": m.role, "content": m.content} for m in HELLO]
    right = tokenizer.apply_chat_template(given, add_generation_prompt=True, return_dict=False)
    assert tokens.encode([tokens.chat(HELLO)]) == [right]
    (one, _) = tokens.pairs(Request(kind="letters", prompt=tokens.chat(HELLO), continuations=("A", "n")))
    assert list(one.tokens[:-1]) == right


def test_a_beginning_that_a_plain_prompt_writes_itself_is_not_doubled(build: Build) -> None:
    tokens = Tokens(build("<s>"))
    assert tokens.encode(["<s>Answ"]) == tokens.encode(["Answ"])


def test_a_token_across_the_border_is_taken_apart_for_all_choices_and_noted(build: Build) -> None:
    tokenizer = build("<s>")
    tokens = Tokens(tokenizer)
    request = Request(kind="likelihood", prompt="u:", continuations=("heart", "lung"))
    alone = [tokenizer(c, add_special_tokens=False)["input_ids"] for c in request.continuations]
    context = tokenizer("u:")["input_ids"]
    assert [(list(s.tokens), s.start) for s in tokens.pairs(request)] == [([*context, *a], 3) for a in alone]
    assert ["apart" in note for note in tokens.late_notes] == [True]
    assert Tokens(tokenizer).late_notes == []


def test_a_prompt_that_would_become_one_token_with_its_continuation_is_scored(build: Build) -> None:
    tokens = Tokens(build())
    for s in tokens.pairs(Request(kind="likelihood", prompt="An", continuations=("s", "w"))):
        assert (len(s.tokens), s.start) == (2, 1)


def test_an_empty_prompt_is_scored_from_the_beginning_or_refused(build: Build) -> None:
    request = Request(kind="likelihood", prompt="", continuations=("s", "w"))
    assert [list(s.tokens)[:1] for s in Tokens(build()).pairs(request)] == [[0], [0]]
    with pytest.raises(IgakuError, match="nothing to score from"):
        Tokens(build(bos=False)).pairs(request)


def test_the_date_of_a_template_is_fixed_and_said(build: Build) -> None:
    plain, today = "{% for m in messages %}{{ m.content }}{% endfor %}", "{{ strftime_now('%Y/%m/%d') }}"
    tokens = Tokens(build(template=today + plain))
    assert tokens.chat(HELLO) == f"{DATE:%Y/%m/%d}Answ"
    assert tokens.is_dated and ["date" in note for note in tokens.notes] == [True]
    assert tokens.settings == f" date={DATE:%Y-%m-%d}"
    assert (Tokens(build(template=plain)).settings, Tokens(build(template=plain)).notes) == ("", [])


def test_letters_of_several_tokens_are_refused(build: Build) -> None:
    with pytest.raises(IgakuError, match="letters need one token each"):
        Tokens(build()).pairs(Request(kind="letters", prompt="u", continuations=("A", "lung")))
