"""A written reply becomes an answer: thinking apart, special tokens dropped, stop strings in the answer only."""

from igaku.engines.written import stops_here, written

SPECIALS = ("<|end|>", "<|start|>", "<|channel|>", "<|message|>", "<pad>", "</s>")


def test_a_special_token_in_a_text_without_thinking_is_dropped() -> None:
    assert written("e<pad>", specials=SPECIALS, ended=True).text == "e"


def test_blanks_of_a_text_without_thinking_stay() -> None:
    assert written(" Paris\n", specials=SPECIALS, ended=True).text == " Paris\n"


def test_a_thought_is_kept_beside_the_answer() -> None:
    raw = "<|channel|>analysis<|message|>a or b?<|end|><|start|>assistant<|channel|>final<|message|>e"
    found = written(raw, specials=SPECIALS, ended=True)
    assert (found.text, found.thinking, found.finish) == ("e", "a or b?", "stop")


def test_a_reply_that_ends_inside_its_thought_was_cut_whatever_ended_it() -> None:
    for ended in (True, False):
        found = written("<think>is it a", ended=ended)
        assert (found.text, found.thinking, found.finish) == ("", "is it a", "length")


def test_stop_strings_count_in_the_answer_only() -> None:
    found = written("first\n\nsecond</think>e\n\nQuestion 2", opened=True, stop=("\n\n",), ended=False)
    assert (found.text, found.thinking, found.finish) == ("e", "first\n\nsecond", "stop")
    assert not stops_here("<think>first\n\nsecond", False, ("\n\n",), ())
    assert stops_here("<think>first</think>e\n\nQ", False, ("\n\n",), ())
    assert stops_here(" e\n\n", False, ("\n\n",), ())


def test_what_the_tokenizer_decodes_is_taken_where_nothing_is_to_be_cut() -> None:
    assert written("caf<pad>é", plain="café", specials=SPECIALS, ended=True).text == "café"


def test_the_tokens_of_a_thought_are_counted_where_there_is_a_tokenizer() -> None:
    raw = "<think>まず考える</think>答え: a"
    assert written(raw, ended=True, new_tokens=20, count=len).thinking_tokens == len("まず考える")
    assert written(raw, ended=True, new_tokens=3, count=len).thinking_tokens == 3
    assert written(raw, ended=True, new_tokens=20).thinking_tokens is None
    assert written("答え: a", ended=True, new_tokens=5, count=len).thinking_tokens is None
