"""What makes reading fast changes no reading: only words that a reply holds are looked for, and one letter is read
without the grammar."""

import json

import pytest

from igaku.grading.reading import decide, mentions
from igaku.grading.reading.plain import plain
from igaku.question import LETTERS, Choices, Question

from ...conftest import ASSETS
from .conftest import CHEST

FORMS = (
    *("{}", "{}.", "({})", "{})", "{}。", "「{}」", "**{}**", "{}\n", "答え：{}", "答え: {}", "正解は{}", "【回答】{}"),
    *(
        "解答：{}",
        "答え：{}です",
        "答え：({})",
        "回答：{}",
        "Answer: {}",
        "**Answer:** {}",
        "answer：{}。",
        " {}です。",
    ),
)


@pytest.mark.parametrize("name", ["developed", "short", "short_2"])
def test_words_are_found_as_if_all_were_looked_for(name: str) -> None:
    found = 0
    for line in (ASSETS / "replies" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        choices, text = tuple(row["choices"]), plain(row["reply"])
        names = mentions._choice_names(choices)
        spans = [m.span() for m in mentions._compiled(names).finditer(text)] if names else []
        for _ in range(2):  # what the text holds, and after other replies the words of all
            some = mentions._pattern(text, choices)
            assert spans == ([m.span() for m in some.finditer(text)] if some else [])
            mentions._held_before(choices).add(())
        found += bool(spans)
    assert found > 50


@pytest.mark.parametrize("form", FORMS)
def test_one_letter_is_read_as_the_grammar_reads_it(form: str) -> None:
    question = Question(id="1", lang="ja", stem="最も考えられるのはどれか。", choices=CHEST, key=Choices.letters("a"))
    for i, letter in enumerate(LETTERS[:5]):
        for text in (plain(form.format(letter)), plain(form.format(letter.upper()))):
            read = decide.read_choices(text, question, cut=False)
            assert read == decide.read_statements(text, question, cut=False)
            assert read.positions == (i,)
    assert decide.read_choices(plain(form.format("f")), question, cut=False).positions == ()
