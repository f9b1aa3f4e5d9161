import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cli import app
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("lightgbm")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.config import Config, Finetune, Network, Pretrain  # noqa: E402
from igaku.cardiology.ecg.evaluate import Evaluation, compare, evaluate, fit, measure, write  # noqa: E402
from igaku.cardiology.ecg.explain import explain, occlusion  # noqa: E402
from igaku.cardiology.ecg.finetune import Part, finetune  # noqa: E402
from igaku.cardiology.ecg.model import Fitted, forward, fresh, load, read_card  # noqa: E402
from igaku.cardiology.ecg.predict import predict_many  # noqa: E402
from igaku.cardiology.ecg.pretrain import encoder_of, pretrain  # noqa: E402
from igaku.cardiology.ecg.signal import Contract  # noqa: E402
from igaku.cardiology.ecg.store import Store  # noqa: E402
from igaku.cardiology.ecg.tables import Row  # noqa: E402
from igaku.cardiology.ecg.targets import Target, target  # noqa: E402

CONFIG = Config(
    contract=Contract(rate=100),
    network=Network(size="tiny", patch=100, places="split", decoder=(32, 1, 4)),
    pretrain=Pretrain(epochs=1, warmup=1, batch=32),
    finetune=Finetune(epochs=2, batch=16),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return synthetic.store(synthetic.cohort(120, seed=2), CONFIG.contract, tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("kind", ["vit", "resnet", "tree"])
@pytest.mark.parametrize("label", ["age", "lvef<50", "lvef<50,sex"])
def test_every_kind_learns_every_sort_of_label_and_tells_the_same_when_read_again(
    store: Store, kind: str, label: str, tmp_path: Path
) -> None:
    lines = fit(store, CONFIG, label, tmp_path / "m", kind=kind)
    model = load(tmp_path / "m")
    told = model.told(store, [3, 1])
    assert told.shape == (2, len(model.parts)) and np.isfinite(told).all()
    assert label == "age" or ((told > 0) & (told < 1)).all()
    again = evaluate(model, store)
    assert [(x.label, x.group, x.measure, x.value) for x in again.lines] == [
        (x.label, x.group, x.measure, x.value) for x in lines
    ]
    card = read_card(tmp_path / "m")
    assert card["training records"] == 72 and card["test records"] == 24 and len(card["fitted to"]) == 96
    assert "not a medical device" in card["research"]
    if "," in label:
        assert lines[-1].label == "mean of labels" and {x.label for x in lines[:-1]} <= {"lvef<50", "sex"}


def test_a_tree_on_intervals_finds_what_the_generator_put_in(store: Store, tmp_path: Path) -> None:
    lines = fit(store, CONFIG, "lvef<50", tmp_path, kind="tree")
    assert lines[0].measure == "AUROC" and lines[0].value > 0.7


def test_labels_that_are_not_known_teach_nothing(store: Store) -> None:
    half = np.array([[1.0, np.nan]] * 8 + [[0.0, np.nan]] * 8, np.float32)
    part = Part(list(range(16)), half)
    model = finetune(store, part, part, Target("a,b", True), CONFIG)
    torch.manual_seed(CONFIG.seed)
    start = fresh("vit", CONFIG, 2, encoder_of(None, CONFIG)).out.weight
    shrunk = model.network.out.weight[1] / start[1]
    assert torch.allclose(shrunk, shrunk[0], atol=1e-4), "the unknown label's weights decay and learn nothing"
    assert not torch.allclose(model.network.out.weight[0] / start[0], shrunk[0], atol=1e-3)


def test_a_head_alone_leaves_the_encoder_as_it_was(store: Store, tmp_path: Path) -> None:
    from igaku.cardiology.ecg.evaluate import probing

    pretrain(store.signals, CONFIG, tmp_path / "e", places=range(40))
    fit(store, probing(CONFIG), "age", tmp_path / "m", encoder=tmp_path / "e")
    before, after = encoder_of(tmp_path / "e", CONFIG).state_dict(), load(tmp_path / "m").network.encoder.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)
    fit(store, CONFIG, "age", tmp_path / "n", encoder=tmp_path / "e")
    assert not torch.equal(before["embed.weight"], load(tmp_path / "n").network.encoder.state_dict()["embed.weight"])


def test_an_encoder_that_has_seen_test_patients_is_refused(store: Store, tmp_path: Path) -> None:
    card = {"seen in pre-training": [r.patient for r in store.rows]}
    pretrain(store.signals, CONFIG, tmp_path / "e", card=card)
    with pytest.raises(IgakuError, match="pre-trained on 24 of the test patients"):
        fit(store, CONFIG, "age", tmp_path / "m", encoder=tmp_path / "e")
    pretrain(store.signals, CONFIG, tmp_path / "e")
    with pytest.raises(IgakuError, match="an encoder was given, but the model is a tree"):
        fit(store, CONFIG, "age", tmp_path / "m", encoder=tmp_path / "e", kind="tree")
    with pytest.raises(IgakuError, match="unknown kind of model 'forest'"):
        fit(store, CONFIG, "age", tmp_path / "m", kind="forest")


def test_two_models_are_compared_on_the_same_patients() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((200, 1)) < 0.4).astype(np.float32)
    good, bad = truth + rng.normal(0, 0.7, truth.shape), truth + rng.normal(0, 3, truth.shape)

    def made(told: Any, of: int) -> Evaluation:
        rows = [Row(path=str(i), patient=str(i // of)) for i in range(200)]
        return Evaluation(Target("x<1", True), rows, truth, told, [])

    ((label, told),) = compare(made(good, 1), made(bad, 1))
    assert label == "x<1" and told.p is not None and told.p < 1e-4 and told.low is not None and told.low > 0
    ((_, several),) = compare(made(good, 2), made(bad, 2))
    assert several.p is None and several.difference == told.difference
    truth[:50] = np.nan
    ((_, fewer),) = compare(made(good, 1), made(bad, 1))
    assert fewer.one != told.one


def test_groups_leave_out_what_is_too_few_and_what_is_told() -> None:
    rows = [Row(path=str(i), patient=str(i), sex="FM"[i % 2], age=50.0 if i < 15 else 70.0) for i in range(24)]
    truth = np.array([[float(i % 3 == 0)] for i in range(24)])
    lines = measure(Target("lvef<40", True), truth, np.linspace(0, 1, 24)[:, None], rows, [0.5])
    groups = {x.group: x for x in lines}
    assert set(groups) == {"all", "sex F", "sex M", "under 60"} and groups["sex F"].records == 12
    assert [x.measure for x in lines if x.group == "all"][4:] == [
        f"{n} at the threshold set before" for n in ("sensitivity", "specificity", "PPV", "NPV")
    ]
    assert {x.group for x in measure(Target("sex", True), truth, np.linspace(0, 1, 24)[:, None], rows)} == {
        "all",
        "under 60",
    }


def test_what_cannot_be_measured_is_left_out_or_one_line(tmp_path: Path) -> None:
    rows = [Row(path=str(i), patient=str(i)) for i in range(20)]
    truth = np.array([[float(i == 0), np.nan] for i in range(20)])
    told = np.random.default_rng(0).random((20, 2))
    made = Evaluation(Target("a,b", True), rows, truth, told, measure(Target("a,b", True), truth, told, rows))
    assert {x.label for x in made.lines} == {"a", "mean of labels"} and made.lines[0].count == "20 (1 positive)"
    ((label, pair),) = compare(made, made)
    assert label == "a" and pair.p is None, "one positive says nothing of a variance"
    write([made], ["$\\frac$ _x"], tmp_path)
    assert [p.name for p in tmp_path.glob("*.svg")] == ["a.svg"]
    with pytest.raises(IgakuError, match="nothing can be measured"):
        measure(Target("a", True), np.zeros((20, 1)), told, rows)


def test_a_contract_is_enforced(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "age", tmp_path / "m")
    other = synthetic.store(synthetic.cohort(8), Contract(rate=125), tmp_path / "other")
    with pytest.raises(IgakuError, match="another form"):
        evaluate(load(tmp_path / "m"), other)


def test_what_is_shaded_is_what_the_network_reads() -> None:
    class Lead(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, 7, 300:400].mean(1, keepdim=True)

    model = Fitted(config=CONFIG, label="age", binary=False, kind="vit", centre=[(0.0, 1.0)], network=Lead())
    signal = np.random.default_rng(0).normal(0, 1, (12, 1000)).astype(np.float32)
    weight = occlusion(model, signal)
    assert weight[7, 300:400].min() == 1.0 and weight.sum() == pytest.approx(100)
    assert forward(Lead(), signal[None], [0]).shape == (1, 1)


def test_from_files_to_a_prediction_by_commands(tmp_path: Path) -> None:
    made = synthetic.cohort(60, seed=2)
    files = tmp_path / "records"
    files.mkdir()
    lines = ["path,patient,age,sex,lvef,fs"]
    for i, (r, ef) in enumerate(zip(made.records, made.ef)):
        np.save(files / f"{i}.npy", r.signal)
        lines.append(f"records/{i}.npy,p{i // 2},{r.age:g},{r.sex},{ef:.1f},500")
    (files / "broken.npy").write_bytes(b"no")
    lines.append("records/broken.npy,q,50,F,60,500")
    table, config, store = tmp_path / "table.csv", str(tmp_path / "c.yaml"), str(tmp_path / "store")
    table.write_text("\n".join(lines))
    Path(config).write_text(
        "contract: {rate: 125, band: [0.67, 40.0]}\nnetwork: {size: tiny, patch: 125, places: split, decoder: [32, 1, 4]}\npretrain: {epochs: 2, warmup: 1, batch: 16}\nfinetune: {epochs: 3, batch: 8}\n"
    )

    def good(*args: object) -> str:
        told = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert told.exit_code == 0, (args, told.output, told.exception)
        return told.stdout + told.stderr

    def bad(*args: object) -> str:
        told = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert isinstance(told.exception, IgakuError), (args, told.output)
        return str(told.exception)

    assert "60 records" in good("convert", table, "--config", config, "--out", store)
    assert json.loads((tmp_path / "store/errors.json").read_text())[0].count("broken.npy")
    e, m, b = (tmp_path / x for x in "emb")
    good("pretrain", config, "--records", store, "--out", e)
    told = json.loads(
        good("finetune", config, "--records", store, "--label", "lvef<45", "--encoder", e, "--out", m, "--json")
    )
    assert told["measures"][0]["measure"] == "AUROC" and read_card(m)["training records"] == 36
    good("finetune", config, "--records", store, "--label", "lvef<45", "--kind", "tree", "--out", b)
    assert "MAE" in good(
        "finetune", config, "--records", store, "--label", "age", "--kind", "resnet", "--out", tmp_path / "r"
    )
    both = json.loads(good("evaluate", m, b, "--records", store, "--out", tmp_path / "told", "--json"))
    assert len(both["models"]) == 2 and both["differences"][0]["name"] == "AUROC"
    assert both["differences"][0]["p"] is None, "two records a patient"
    drawn = (tmp_path / "told/lvef-under-45.svg").read_text()
    assert "calibration" in drawn and "<script" not in drawn
    with (tmp_path / "told/predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 and set(rows[0]) == {"patient", "age", "sex", "label", "truth", str(m), str(b)}
    few = ("efficiency", config, "--records", store, "--encoder", e, "--label", "age")
    assert "boosted tree" in good(*few, "--out", tmp_path / "few", "--shares", "0.2,1")
    assert (tmp_path / "few/age.svg").exists()
    one, broken = files / "3.npy", files / "broken.npy"
    told = CliRunner().invoke(
        app, ["ecg", "predict", str(broken), str(one), "--model", str(m), "--rate", "500", "--json"]
    )
    said = json.loads(told.stdout)
    assert "broken.npy" in told.stderr and "error" in said["predictions"][0] and told.exit_code == 0
    assert "none of 1 files could be read" in bad("predict", broken, "--model", m)
    assert {"chance", "error"} <= {k for p in said["predictions"] for k in p} and "not a medical device" in said["note"]
    assert predict_many([one], b, 500)[0]["chance"] > 0
    good("explain", one, "--model", m, "--rate", 500, "--out", tmp_path / "x.svg")
    assert "<rect" in (tmp_path / "x.svg").read_text()
    assert "a boosted tree reads intervals" in bad(
        "explain", one, "--model", b, "--rate", 500, "--out", tmp_path / "y.svg"
    )
    with pytest.raises(IgakuError, match="unknown label 'sex'"):
        explain(one, load(m), tmp_path / "y.svg", 500, "sex")
    assert "no record knows 'nothing'" in bad(
        "finetune", config, "--records", store, "--label", "nothing", "--out", tmp_path / "n"
    )
    assert "without a head" in bad("predict", one, "--model", e)
    assert "prepared in another form" in bad("pretrain", "sawano-2024", "--records", store, "--out", tmp_path / "n")
    assert "above 0" in bad(*few, "--out", tmp_path / "n", "--shares", "2")
    assert "only models of one label" in bad("evaluate", m, tmp_path / "r", "--records", store)
    (m / "head.safetensors").write_bytes(b"broken")
    assert "weights that cannot be read" in bad("predict", one, "--model", m)
    whole = (b / "tree-0.txt").read_text()
    for old, new in (
        (r"split_feature=\d+", "split_feature=900000000"),
        (r"left_child=-?\d+", "left_child=77777"),
        (r"left_child=-?\d+", "left_child=0"),
        (r"num_leaves=\d+", "num_leaves=800"),
        (r"max_feature_idx=\d+", "max_feature_idx=3"),
        (r"(?s).*", "tree\nversion=v4\nnum_class=999999999\n"),
    ):
        (b / "tree-0.txt").write_text(re.sub(old, new, whole, count=1))
        assert "a tree that cannot be read" in bad("predict", one, "--rate", 500, "--model", b), old
    card = json.loads((b / "ecg.json").read_text())
    for key, value, line in (
        ("label", 3, "cannot be read"),
        ("kind", "forest", "unknown kind"),
        ("centre", [], "0 centres for 1"),
        ("config", {"network": {"size": "giant"}}, "unknown size 'giant'"),
    ):
        (b / "ecg.json").write_text(json.dumps(card | {key: value}))
        assert line in bad("predict", one, "--rate", 500, "--model", b)


def test_records_go_out_as_wfdb_parquet_and_zarr(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    pq = pytest.importorskip("pyarrow.parquet")
    made = synthetic.cohort(70, seed=2)
    lines = ["path,patient,age,sex,labels,fs"]
    for i, r in enumerate(made.records):
        np.save(tmp_path / f"{i}.npy", r.signal)
        lines.append(f"{i}.npy,p{i},{r.age:g},{r.sex},{'AF;心房細動' if i == 1 else ''},500")
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")

    def good(*args: object) -> str:
        told = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert told.exit_code == 0, (args, told.output, told.exception)
        return told.stdout

    for name in ("w", "r.parquet", "r.zarr"):
        good("convert", tmp_path / "table.csv", "--out", tmp_path / name, *(["--wfdb"] if name == "w" else []))
    back = json.loads(good("inspect", tmp_path / "w/r000000.hea", "--json"))["records"][0]
    assert back["age"] == made.records[0].age and back["sex"] == made.records[0].sex
    group, rows = zarr.open_group(str(tmp_path / "r.zarr")), pq.read_table(tmp_path / "r.parquet").to_pylist()
    assert group["signal"].shape == (70, 12, 1250) and group.attrs["rate"] == 125 and len(rows) == 70
    assert np.allclose(group["signal"][69].ravel(), rows[69]["signal"]) and group["age"][3] == rows[3]["age"]
    assert json.loads(str(group["labels"][1])) == ["AF", "心房細動"] and "p1" not in {
        str(p) for p in group["patient"][:]
    }
    again = CliRunner().invoke(app, ["ecg", "convert", str(tmp_path / "table.csv"), "--out", str(tmp_path / "r.zarr")])
    assert "is there already" in str(again.exception)


PLAN = """about: "A <b>plan</b>"
config: {config}
records:
  home: {{synthetic: 60}}
  more: {{synthetic: 10}}
  away: {{of: [away.csv]}}
pretrain: [home, more]
learn: home
outside: [away]
labels: [age, "lvef<50"]
starts: [pre-trained, boosted tree]
efficiency: {{labels: [age], shares: [0.2, 1.0]}}
"""


def test_a_plan_goes_from_records_to_a_report_and_does_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "contract: {rate: 100}\nnetwork: {size: tiny, patch: 100, decoder: [32, 1, 4]}\npretrain: {epochs: 1, warmup: 1}\nfinetune: {epochs: 1}\n"
    )
    made = synthetic.cohort(20, seed=77)
    lines = ["path,patient,age,sex,lvef,fs"]
    for i, (r, ef) in enumerate(zip(made.records, made.ef)):
        np.save(tmp_path / f"{i}.npy", r.signal)
        lines.append(f"{i}.npy,p{i},{r.age:g},{r.sex},{ef:.1f},500")
    (tmp_path / "away.csv").write_text("\n".join(lines))
    plan, out = tmp_path / "plan.yaml", tmp_path / "out"
    plan.write_text(PLAN.format(config=tmp_path / "c.yaml"))

    def go() -> str:
        told = CliRunner().invoke(app, ["ecg", "run", str(plan), "--out", str(out)])
        assert told.exit_code == 0, (told.output, told.exception)
        return told.stderr

    assert "pre-train on 58 records" in go()
    report = (out / "report.md").read_text()
    assert "<b>" not in report and "### away: patients never seen" in report and "DeLong" in report
    for link in ("evaluated/age/away/age.svg", "few/age/age.svg"):
        assert f"({link})" in report and (out / link).exists()
    assert len(list((out / "explained").glob("*.svg"))) == 2
    again = go()
    assert again.count("done before") == 3 + 1 + 4 + 1 and (out / "report.md").read_text() == report
    plan.write_text(plan.read_text().replace("more: {synthetic: 10}", "more: {synthetic: 11}"))
    changed = go()
    assert "generate home: done before" in changed and "pre-train on 59 records" in changed
    assert "fit age, boosted tree: done before" in changed and "fit age, pre-trained\n" in changed
    np.save(tmp_path / "3.npy", made.records[4].signal)
    assert "prepare away: 20 records\n" in go(), "a file that was changed is read again"
    plan.write_text(plan.read_text().replace("learn: home", "learn: more"))
    error = CliRunner().invoke(app, ["ecg", "run", str(plan), "--out", str(out)]).exception
    assert "more are needed" in str(error) and "pre-trained on" not in str(error), "other patients are left out"
    plan.write_text(plan.read_text().replace("learn: more", "learn: home"))
    (tmp_path / "mine/encoder").mkdir(parents=True)
    (tmp_path / "mine/encoder/ecg.json").write_text("{}")
    error = CliRunner().invoke(app, ["ecg", "run", str(plan), "--out", str(tmp_path / "mine")]).exception
    assert "holds something that this plan did not make" in str(error) and (tmp_path / "mine/encoder/ecg.json").exists()
    for old, new, told in (
        ("outside: [away]", "outside: [home]", "external and learnt from"),
        ("learn: home", "learn: hom", "unknown set of records 'hom'"),
        ("boosted tree", "boosted", "unknown start 'boosted'"),
        ("pretrain: [home, more]", "pretrain: []", "needs `pretrain`"),
        ("learn: home", "lern: home", "cannot be read as a plan"),
        ("away.csv", "gone.csv", "neither beside the plan"),
        ("  more:", "  ../more:", "a set of records named '../more'"),
        ("starts: [pre-trained, boosted tree]", "starts: []", "one label and one start"),
        ("shares: [0.2, 1.0]", "shares: [0, 5]", "numbers above 0 and up to 1"),
        ("{synthetic: 10}", "{synthetic: -1}", "either `of`, a list of files, or `synthetic`"),
    ):
        plan.write_text(PLAN.format(config=tmp_path / "c.yaml").replace(old, new))
        error = CliRunner().invoke(app, ["ecg", "run", str(plan), "--out", str(out)]).exception
        assert isinstance(error, IgakuError) and told in str(error), (told, error)


def test_a_target_over_rows_of_a_store(store: Store) -> None:
    assert target("lvef", store.rows).binary is False and target("lvef<40,sex", store.rows).binary
