"""``igaku run``: from records to a report, each step once."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cli import app
from igaku.errors import IgakuError

pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("lightgbm")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.config import load_config  # noqa: E402
from igaku.cardiology.ecg.model import read_card  # noqa: E402
from igaku.cardiology.ecg.plan import read_plan, run  # noqa: E402
from igaku.cardiology.ecg.report import form_of  # noqa: E402

PLAN = """about: "A <b>plan</b>"
config: c.yaml
records:
  home: {synthetic: 60}
  more: {synthetic: 10}
  away: {files: [away.csv]}
pretrain: [home, more]
train_on: home
external: [away]
labels: [age, "lvef<50"]
inits: [pre-trained, boosted tree]
label_efficiency: {labels: [age], fractions: [0.2, 1.0]}
"""
CONFIG = """contract: {rate: 100}
network: {size: tiny, patch: 100, decoder: [32, 1, 4]}
pretrain: {epochs: 1, warmup: 1}
finetune: {epochs: 1}
"""


class Done(NamedTuple):
    """A plan that has run."""

    plan: Path
    out: Path
    lines: list[str]


@pytest.mark.parametrize(
    ("changes", "said", "not_said"),
    [
        ([], "500 Hz, unfiltered, z-scores of each lead. Own encoder: huge", "chain|None|mask|chance"),
        (["contract.band=[0.67, 40]"], "500 Hz, band 0.67 to 40 Hz, z-scores", "chain|None|mask|chance"),
        (
            ["pretrain.mask_leads=0.5", "finetune.mask_leads=0.25"],
            "as a whole with chance 0.5. Fine-tuning: each",
            "None",
        ),
        (
            ["pretrain.objective=cmsc", "pretrain.mask_leads=0.5"],
            "(cmsc), nothing hidden, each half without 50 %",
            "75 %",
        ),
        (["contract.normalise=record"], "unfiltered, z-scores of all leads together", "None"),
        (["contract.lacking=true"], "; records may lack leads. Own", "None"),
    ],
)
def test_a_report_names_the_form_that_was_used(changes: list[str], said: str, not_said: str) -> None:
    form = form_of(load_config("sawano-2024", changes))
    assert said in form and not re.search(not_said, form), form


def test_a_report_names_a_published_encoder_s_chain() -> None:
    form = form_of(load_config("hubert-ecg"))
    assert "10 s at 100 Hz, filter and scaling of hubert-ecg. Own encoder" in form and "None" not in form, form


def write_plan(folder: Path) -> Path:
    (folder / "c.yaml").write_text(CONFIG)
    cohort = synthetic.cohort(20, seed=77)
    lines = ["path,patient,age,sex,lvef,fs"]
    for i, (r, ef) in enumerate(zip(cohort.records, cohort.ef)):
        np.save(folder / f"{i}.npy", r.signal)
        lines.append(f"{i}.npy,p{i},{r.age:g},{r.sex},{ef:.1f},500")
    (folder / "away.csv").write_text("\n".join(lines))
    (folder / "plan.yaml").write_text(PLAN)
    return folder / "plan.yaml"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    plan, lines = write_plan(tmp_path_factory.mktemp("plan")), list[str]()
    run(plan, plan.parent / "out", lines.append)
    return Done(plan, plan.parent / "out", lines)


def rerun(done: Done, *changes: str, redo: bool = False) -> list[str]:
    """The lines of another run in the same folder."""
    lines: list[str] = []
    run(done.plan, done.out, lines.append, redo=redo, changes=changes)
    return lines


def test_a_plan_goes_from_records_to_a_report(done: Done) -> None:
    report = (done.out / "report.md").read_text()
    assert "pre-train on 58 records" in done.lines, "12 test patients of home are left out of 70"
    assert "<b>" not in report and "### away: patients never seen" in report and "DeLong" in report
    for link in ("evaluated/age/away/age.svg", "label_efficiency/age/age.svg"):
        assert f"({link})" in report and (done.out / link).exists()
    assert len(list((done.out / "explained").rglob("*.svg"))) == 2


def test_nothing_is_done_twice(done: Done) -> None:
    before = (done.out / "report.md").read_text()
    lines = rerun(done)
    steps = [line for line in lines if not line.startswith("  ")]
    assert len(steps) == 3 + 1 + 4 + 4 + 2 + 4 and all(line.endswith(": already done") for line in steps)
    assert (done.out / "report.md").read_text() == before


def test_a_changed_plan_is_refused_with_the_change(done: Done) -> None:
    with pytest.raises(
        IgakuError, match=r"records/more: was made from other inputs \(synthetic: 10, now 11\); .*--redo"
    ):
        rerun(done, "records.more.synthetic=11")
    with pytest.raises(IgakuError, match=r"models/age/pre-trained: .*\(config.finetune.epochs: 1, now 2\)"):
        text = CONFIG.replace("finetune: {epochs: 1}", "finetune: {epochs: 2}")
        (done.plan.parent / "d.yaml").write_text(text)
        rerun(done, "config=d.yaml")


def test_a_changed_record_is_refused_with_its_name(done: Done) -> None:
    file = done.plan.parent / "3.npy"
    before = file.read_bytes()
    np.save(file, synthetic.cohort(5, seed=1).records[4].signal)
    try:
        with pytest.raises(IgakuError, match=r"records/away: was made from other inputs \(files\..*3\.npy: "):
            rerun(done)
    finally:
        file.write_bytes(before)
    assert "prepare away: 20 records: already done" in rerun(done), "the hash counts, not the time of the file"


def test_redo_does_what_has_changed_and_what_follows_from_it(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    plan.write_text(PLAN.split("label_efficiency")[0].replace(', "lvef<50"', ""))
    out = tmp_path / "out"
    run(plan, out, lambda _: None)
    lines: list[str] = []
    run(plan, out, lines.append, redo=True, changes=["records.more.synthetic=11"])
    assert {"generate home: already done", "fit age, boosted tree: already done"} <= set(lines)
    assert {"generate more", "pre-train on 59 records", "fit age, pre-trained", "evaluate age on away"} <= set(lines)


def test_a_plan_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)

    def cut(line: str) -> None:
        if line == "fit age, boosted tree":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path / "out", cut)
    lines: list[str] = []
    run(plan, tmp_path / "out", lines.append)
    assert {"pre-train on 58 records: already done", "fit age, pre-trained: already done"} <= set(lines)
    assert "fit age, boosted tree" in lines and (tmp_path / "out/report.md").exists()


def test_a_set_that_does_not_know_a_label_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    text = PLAN.split("label_efficiency")[0].replace("pretrain: [home, more]\n", "").replace("pre-trained, ", "")
    plan.write_text(text.replace('[age, "lvef<50"]', '["lvef<50"]'))
    table = tmp_path / "away.csv"
    table.write_text(table.read_text().replace(",lvef,", ",ef,"))
    report = run(plan, tmp_path / "out", lambda _: None).read_text()
    assert "Not evaluated: 0 records of patients that the model has not seen know 'lvef&lt;50'" in report


def test_too_few_patients_are_refused_before_pre_training_is_blamed(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    with pytest.raises(IgakuError, match="more are needed"):
        run(plan, tmp_path / "out", lambda _: None, changes=["train_on=more"])


def test_a_folder_with_other_files_is_not_touched(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    (tmp_path / "mine/encoder").mkdir(parents=True)
    (tmp_path / "mine/encoder/ecg.json").write_text("{}")
    with pytest.raises(IgakuError, match="encoder: holds files that step encoder did not write"):
        run(plan, tmp_path / "mine", lambda _: None)
    assert (tmp_path / "mine/encoder/ecg.json").read_text() == "{}"


def test_the_command_takes_set_and_redo(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, object] = {}

    def fake(plan: Path, out: Path, say: Callable[[str], None], **settings: object) -> Path:
        taken.update(settings)
        return out / "report.md"

    monkeypatch.setattr("igaku.cardiology.ecg.plan.run", fake)
    args = ["run", str(done.plan), "--out", str(done.out), "--redo", "--set", "explain=0"]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0 and taken == {"redo": True, "changes": ["explain=0"]}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("external: [away]", "external: [home]", "external and trained on"),
        ("train_on: home", "train_on: hom", "unknown set of records 'hom'"),
        ("boosted tree", "boosted", "unknown init 'boosted'"),
        ("pretrain: [home, more]", "pretrain: []", "needs `pretrain`"),
        ("train_on: home", "learn: home", "plan .*unknown field `learn`"),
        ("away.csv", "gone.csv", "not found beside the plan"),
        ("  more:", "  ../more:", r"a set of records named '\.\./more'"),
        ("inits: [pre-trained, boosted tree]", "inits: []", "one label and one init"),
        ("fractions: [0.2, 1.0]", "fractions: [0, 5]", "numbers above 0 and up to 1"),
        ("{synthetic: 10}", "{synthetic: -1}", "either `files`, a list, or `synthetic`"),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    (tmp_path / "plan.yaml").write_text(PLAN.replace(old, new).replace("home: {synthetic: 60}", "home: {synthetic: 2}"))
    with pytest.raises(IgakuError, match=message) as error:
        run(tmp_path / "plan.yaml", tmp_path / "out", lambda _: None)
    assert "\n" not in str(error.value)


def test_the_example_is_a_plan() -> None:
    plan = read_plan(Path(__file__).parents[2] / "examples/ecg.yaml", ["explain=0"])
    assert plan.train_on == "ludb" and plan.external == ["ptb-xl"] and plan.explain == 0


def test_step_records_name_their_inputs(done: Done) -> None:
    step = json.loads((done.out / "models/age/boosted-tree/step.json").read_text())
    assert step["done"] and step["inputs"]["init"] == "boosted tree" and "records/home" in step["inputs"]["upstream"]


def test_the_report_shows_parts_decisions_repeats_and_a_checklist(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    text = PLAN.split("label_efficiency")[0].replace('[age, "lvef<50"]', '["lvef<50"]')
    plan.write_text(text.replace("[pre-trained, boosted tree]", "[random probe, boosted tree]\nrepeats: 2\nexplain: 0"))
    report = run(plan, tmp_path / "out", lambda _: None).read_text()
    part = next(line for line in report.splitlines() if line.startswith("| records |"))
    assert part == "| records | 36 | 12 | 12 |" and "lvef&lt;50-decision" not in report
    assert "decision curve](evaluated/lvef-under-50/home/lvef-under-50-decision.svg)" in report
    assert (tmp_path / "out/evaluated/lvef-under-50/home/lvef-under-50-decision.svg").exists()
    assert "Repeats: the first measure of 2 models" in report and "| home | random probe |" in report
    assert (tmp_path / "out/models/lvef-under-50/random-probe-2/ecg.json").exists()
    for lang, word in (("en", "to be written by the authors"), ("ja", "著者が記載")):
        assert word in (tmp_path / f"out/checklist.{lang}.md").read_text()
    one, two = (read_card(tmp_path / f"out/models/lvef-under-50/random-probe{n}") for n in ("", "-2"))
    assert one["measures on test patients"] != two["measures on test patients"]
    assert one["fitted to"] == two["fitted to"] and not one["pre-trained"]
