"""A tokenizer's chat template is tried in the bounded worker before transformers renders it."""

from pathlib import Path

import pytest

from igaku.engines.tokens import Tokens
from igaku.errors import IgakuError
from igaku.question import Message


def test_a_greedy_template_is_one_line_and_a_sound_one_is_rendered(tiny_folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(tiny_folder))
    assert Tokens(tokenizer).chat([Message("user", "hello")]) == "<s>[user] hello\n[assistant] "
    for greedy in ("{% for a in range(99999) %}" * 2 + "{% endfor %}" * 2, "{{ 'a' * 9999999999 }}"):
        tokenizer.chat_template = greedy
        with pytest.raises(IgakuError, match=r"its chat template: .*IGAKU_MAX_TEMPLATE_"):
            Tokens(tokenizer)
