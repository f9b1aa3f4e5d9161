"""A conversation goes through a local model's own chat template, turn by turn."""

from pathlib import Path

import pytest

import igaku

from ..runs.test_turns import talk

pytestmark = pytest.mark.torch


def test_a_local_model_reads_its_own_replies_in_its_chat_template(tiny_folder: Path, tmp_path: Path) -> None:
    run = igaku.evaluate(
        str(tiny_folder), str(talk(tmp_path, 1)), prompt="conversation", out=tmp_path / "r", max_tokens=4
    )
    (task,) = run.manifest.tasks
    replies = [run.replies[task.replies[f"c0-{n}"]["text"]] for n in (1, 2)]
    prompts = {r.id: run.prompts[r.prompt_hash] for r in run.replies.values()}
    assert prompts["c0-1"] == "<s>[user] 頭が痛い 0\n[assistant] "
    words = [r.answer.text.strip() or "（返答なし）" for r in replies]
    assert prompts["c0-2"].split("\n[assistant] ")[0] == "<s>[user] 頭が痛い 0"
    assert prompts["c0-2"].endswith("\n[user] 熱もある\n[assistant] ") and words[0].split()[0] in prompts["c0-2"]
    assert prompts["c0-3"].startswith(prompts["c0-2"].removesuffix("\n[assistant] "))
