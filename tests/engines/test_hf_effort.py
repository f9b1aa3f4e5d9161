"""A local model at several efforts: its own chat template decides what they are called, and if they are anything."""

import shutil
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.studies.verify import verify

pytestmark = pytest.mark.torch
TURNS = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant] "
LEVELS = "<s>Reasoning: {{ reasoning_effort or 'medium' }}\n" + TURNS
SWITCH = "<s>" + TURNS + "{% if thinking is defined and not thinking %}</think>{% endif %}"


def templated(folder: Path, tiny_folder: Path, template: str) -> str:
    shutil.copytree(tiny_folder, folder)
    (folder / "chat_template.jinja").write_text(template)
    return str(folder)


def test_levels_are_rows_with_prompts_and_keys_of_their_own(tiny_folder: Path, tmp_path: Path) -> None:
    model = templated(tmp_path / "model", tiny_folder, LEVELS)
    (tmp_path / "q.jsonl").write_text('{"id": "1", "stem": "Which?", "choices": ["one", "two"], "answer": "a"}\n')
    out = tmp_path / "run"
    given = {"engine": "transformers", "device": "cpu", "prompt": "chat", "max_tokens": 4}
    run = igaku.evaluate(model, str(tmp_path / "q.jsonl"), out=out, effort=["low", "high"], **given)  # type: ignore[arg-type]
    assert [t.model for t in run.manifest.tasks] == ["model (low)", "model (high)"]
    starts = [text.partition("\n")[0] for text in run.prompts.values()]
    assert starts == ["<s>Reasoning: low", "<s>Reasoning: high"] and len(run.replies) == 2
    rows = {c.name: c for c in verify(out).checks}
    assert (rows["identity"].failing, rows["prompts"].failing) == (0, 0)


def test_the_switch_is_found_under_the_name_of_the_template(tiny_folder: Path, tmp_path: Path) -> None:
    model = templated(tmp_path / "model", tiny_folder, SWITCH)
    off = igaku.build_engine(model, engine="transformers", device="cpu", effort="off")
    assert off.chat([igaku.question.Message("user", "x")]).endswith("</think>")
    assert off.identity.model == "model (thinking off)"
    with pytest.raises(IgakuError, match=r"^--effort low: the chat template does nothing with it \(reasoning_effort\)"):
        igaku.build_engine(model, engine="transformers", device="cpu", effort="low")
