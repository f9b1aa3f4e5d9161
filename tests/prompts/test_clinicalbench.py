"""J-ClinicalBench's prompts become templates of the user's; the question that a prompt shows is not asked."""

import json
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.j_clinicalbench import ROOT
from igaku.errors import IgakuError
from igaku.prompts import load_prompt
from igaku.prompts.published import add
from igaku.runs.plan import blocks_of
from igaku.runs.specs import task_spec


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("IGAKU_DATA", "IGAKU_CACHE", "IGAKU_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / name if name != "IGAKU_DATA" else tmp_path))
    ade = tmp_path / ROOT / "CLU/DC_ADE"
    ade.mkdir(parents=True)
    rows = "1,甲薬,眠くて困る,有\n2,乙薬,よく眠れる,無\n3,丙薬,むくんだ,有\n"
    (ade / "data.csv").write_text("Unnamed: 0,medication,text,label\n" + rows, encoding="utf-8")
    (ade / "prompt_zero_shot.txt").write_text("判定せよ。{例}\n文: <text>\n薬: <medication>\n答: ", encoding="utf-8")
    (ade / "prompt_one_shot.txt").write_text(
        "例: よく眠れ\nる → 2\n文: <text>\n薬: <medication>\n答: ", encoding="utf-8"
    )
    return tmp_path / ROOT


def test_slots_are_filled_and_every_other_sign_stays(folder: Path) -> None:
    assert [p.name for p in add("j-clinicalbench", folder)] == [
        "j-clinicalbench/ade_zero_shot",
        "j-clinicalbench/ade_one_shot",
    ]
    q = load_benchmark("j_clinicalbench-ade").load()[0]
    rendered = load_prompt("j-clinicalbench/ade_zero_shot").render(q).text
    assert rendered == "判定せよ。{例}\n文: 眠くて困る\n薬: 甲薬\n答: "


def test_the_question_that_a_prompt_shows_is_not_asked(folder: Path) -> None:
    add("j-clinicalbench", folder)
    asked = {
        prompt: [q.id for q in block.questions]
        for prompt in ("zero_shot", "one_shot")
        for block in blocks_of("j_clinicalbench-ade", task_spec(prompt=f"j-clinicalbench/ade_{prompt}"))
    }
    assert asked == {"zero_shot": ["ade-1", "ade-2", "ade-3"], "one_shot": ["ade-1", "ade-3"]}


def test_a_folder_without_prompts_and_a_prompt_without_slots_are_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IgakuError, match=r"no prompt_zero_shot\.txt"):
        add("j-clinicalbench", tmp_path / "empty")
    (folder / "CLU/DC_ADE/prompt_zero_shot.txt").write_text("何もない", encoding="utf-8")
    with pytest.raises(IgakuError, match="none of its slots"):
        add("j-clinicalbench", folder)


@pytest.mark.data
def test_the_published_prompts_show_the_first_question_of_their_task(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from igaku.io.paths import find_data

    found = find_data(ROOT)
    assert found is not None
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path))
    prompts = {p.name.split("/")[1]: p for p in add("j-clinicalbench", found)}
    assert len(prompts) == 26
    shown = {name.removesuffix("_one_shot"): p.card.shows_questions for name, p in prompts.items() if "one" in name}
    assert shown["tnm"] == ("tnm-5764772",) and shown["mcqa"] == ("114D40",) and len(shown["hs_ds"]) == 10
    assert all(shown.values()) and not any(p.card.shows_questions for n, p in prompts.items() if "zero" in n)
    text = (found / "CLU/DC_TMN/prompt_zero_shot.txt").read_text(encoding="utf-8")
    q = load_benchmark("j_clinicalbench-tnm").load()[3]
    assert prompts["tnm_zero_shot"].render(q).text == text.replace("<text>", q.documents[0])
    assert json.dumps(text[:40], ensure_ascii=False)[1:-1] in prompts["tnm_zero_shot"].source
