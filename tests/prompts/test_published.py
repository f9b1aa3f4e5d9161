from pathlib import Path

import pytest

from igaku import load_benchmark, load_prompt
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.prompts.published import add

# written here in the shape of upstream's template.py: assignments of liquid templates, and code that must never run
TEMPLATES = '''
from liquid import Template
raise SystemExit("this file was executed")

plain = Template("""Say it.
### Q:
{{instruction}}
{{input}}
### A:
""")

frage_ja = Template("""えらぶ。
{{ instruction }}
{{input}}
{% raw %}こたえ""")

meditron_five_choice = Template("""
Q: {{instruction}}
{{input}}""")

def prepare(name):
    return plain
'''


def test_upstreams_words_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    file = tmp_path / "template.py"
    file.write_text(TEMPLATES)
    names = [p.name for p in add("med-harness", file)]
    assert names == ["med-harness/plain", "med-harness/frage_ja", "med-harness/meditron_five_choice"]
    q = load_benchmark("mini").load("ja")[0]
    prompt = load_prompt("med-harness/plain")
    assert prompt.render(q).text == f"Say it.\n### Q:\n{q.stem}\n{','.join(q.choices)}\n### A:\n"
    assert load_prompt("med-harness/frage_ja").render(q).text.endswith("\n{% raw %}こたえ")
    assert load_prompt("med-harness/frage_ja").card.lang == "ja"
    lettered = load_prompt("med-harness/meditron_five_choice").render(q).text
    assert lettered == f"\nQ: {q.stem}\n" + "\n".join(f"({a}){c}" for a, c in zip("ABCDE", q.choices))


def test_a_file_without_templates(tmp_path: Path) -> None:
    file = tmp_path / "template.py"
    file.write_text("x = 1")
    with pytest.raises(IgakuError, match="no template in this file"):
        add("med-harness", file)
    file.write_text("def (")
    with pytest.raises(IgakuError, match="line 1"):
        add("med-harness", file)
    with pytest.raises(IgakuError, match="cannot be read"):
        add("med-harness", tmp_path / "gone.py")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "file", "lang", "answer"),
    [
        ("igakuqa", "igakuqa/prompts/prompt.jsonl", "ja", "a, b"),
        ("igakuqa", "igakuqa/prompts/prompt_translate.jsonl", "en", "a, b"),
        ("yakugakuqa", "yakugakuqa/prompts/prompt_yakugaku.jsonl", "ja", "1, 2"),
    ],
)
def test_published_examples(name: str, file: str, lang: str, answer: str) -> None:
    (prompt,) = add(name, find_data(file))  # type: ignore[arg-type]
    from igaku.prompts import load_examples

    shots = load_examples(prompt.card.shots, lang)
    assert len(shots) == 3
    turns = prompt.render(load_benchmark("mini").load(lang)[0], shots).messages
    assert [m.role for m in turns] == ["system", "user", "assistant", "user", "assistant", "user", "assistant", "user"]
    assert turns[4].content == answer


def test_own_templates(tmp_path: Path) -> None:
    file = tmp_path / "x.jinja"
    file.write_text('+++\ntitle = "t"\nlang = "ja"\n+++\n{{ stem }}')
    add("team/mine", file)
    assert load_prompt("team/mine").render(load_benchmark("mini").load("ja")[0]).text
    for bad in ("../x", "a b", "standard_ja", "/x"):
        with pytest.raises(IgakuError, match="prompt name"):
            add(bad, file)
    file.write_text("no card")
    with pytest.raises(IgakuError):
        add("other", file)
