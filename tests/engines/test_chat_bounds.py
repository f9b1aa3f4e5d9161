"""A model's chat template that does not end, or writes without end, is refused before the model is loaded."""

from pathlib import Path

import pytest

from igaku.engines.chat_bounds import KEY, bound_of, gguf_template, try_gguf
from igaku.engines.chat_template import ChatTemplate
from igaku.errors import IgakuError
from igaku.question import Message

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
SOUND = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"


def gguf(folder: Path, template: str) -> Path:
    """A file with a GGUF head, some other field, and a chat template."""
    raw = template.encode()
    text, size = (8).to_bytes(4, "little"), len(raw).to_bytes(8, "little")
    path = folder / "x.gguf"
    other = b"GGUF" + bytes(20) + b"about tokenizer.chat_template.rag"
    path.write_bytes(other + len(KEY).to_bytes(8, "little") + KEY + text + size + raw + b"rest")
    return path


def test_the_template_of_a_gguf_file_is_found(tmp_path: Path) -> None:
    assert gguf_template(gguf(tmp_path, SOUND)) == SOUND
    try_gguf(gguf(tmp_path, SOUND))


@pytest.mark.parametrize("cut", [30, 60, 90])
def test_a_file_that_is_cut_off_has_none_or_a_part(cut: int, tmp_path: Path) -> None:
    path = gguf(tmp_path, SOUND)
    path.write_bytes(path.read_bytes()[:cut])
    assert SOUND.startswith(gguf_template(path))


@pytest.mark.parametrize("template", [ENDLESS, "{{ messages[0].content * 999999999 }}"])
def test_a_greedy_one_is_refused_in_a_line_that_names_the_file(template: str, tmp_path: Path) -> None:
    path = gguf(tmp_path, template)
    with pytest.raises(IgakuError, match=rf"{path}, its chat template: .*IGAKU_MAX_TEMPLATE_"):
        try_gguf(path)


def test_the_refusal_comes_through_and_other_forms_are_not_tried() -> None:
    tried = []
    bound = bound_of(ENDLESS, "m, its chat template", {})

    def render(turns: list[dict[str, object]]) -> str:
        tried.append(turns)
        bound(turns, {})
        return "x"

    with pytest.raises(IgakuError, match="takes too long"):
        ChatTemplate(render)
    assert len(tried) == 1


def test_what_a_template_refuses_by_itself_is_left_to_the_engine() -> None:
    bound = bound_of("{{ raise_exception('no') }}{% unknown %}", "m", {})
    bound([{"role": "user", "content": "x"}], {"thinking": True})
    bound_of(None, "m", {})([], {})


def test_a_greedy_answer_to_one_turn_alone_is_found_as_well() -> None:
    sly = "{% if messages[0].content == 'go' %}" + ENDLESS + "{% endif %}" + SOUND
    bound = bound_of(sly, "m", {})
    bound([{"role": "user", "content": Message("user", "x").content}], {})
    with pytest.raises(IgakuError, match="takes too long"):
        bound([{"role": "user", "content": "go"}], {})
