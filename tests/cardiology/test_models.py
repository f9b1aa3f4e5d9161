import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cli import app
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("lightgbm")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.config import Config, Finetune, Network, Pretrain, freeze_encoder  # noqa: E402
from igaku.cardiology.ecg.efficiency import efficiency  # noqa: E402
from igaku.cardiology.ecg.evaluate import Evaluation, compare, differences_of, evaluate, write  # noqa: E402
from igaku.cardiology.ecg.explain import explain, occlusion  # noqa: E402
from igaku.cardiology.ecg.finetune import finetune  # noqa: E402
from igaku.cardiology.ecg.fit_label import fit  # noqa: E402
from igaku.cardiology.ecg.inits import INITS, seen_in, untested  # noqa: E402
from igaku.cardiology.ecg.measures import cuts_of, measure  # noqa: E402
from igaku.cardiology.ecg.model import Fitted, forward, load, new_network, read_card  # noqa: E402
from igaku.cardiology.ecg.predict import predict_many  # noqa: E402
from igaku.cardiology.ecg.pretrain import encoder_of, pretrain  # noqa: E402
from igaku.cardiology.ecg.signal import Contract  # noqa: E402
from igaku.cardiology.ecg.store import Store, write_store  # noqa: E402
from igaku.cardiology.ecg.stress import CHANGES, stress  # noqa: E402
from igaku.cardiology.ecg.subgroups import subgroups  # noqa: E402
from igaku.cardiology.ecg.tables import RecordRow  # noqa: E402
from igaku.cardiology.ecg.targets import Subset, Target, split, target  # noqa: E402

CONFIG = Config(
    contract=Contract(rate=100),
    network=Network(size="tiny", patch=100, pos_embed="split", decoder=(32, 1, 4)),
    pretrain=Pretrain(epochs=1, warmup=1, batch=32),
    finetune=Finetune(epochs=2, batch=16),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return synthetic.store(synthetic.cohort(120, seed=2), CONFIG.contract, tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("kind", ["vit", "resnet", "tree"])
@pytest.mark.parametrize("label", ["age", "lvef<50", "lvef<50,sex"])
def test_every_kind_learns_every_sort_of_label_and_predicts_the_same_when_read_again(
    store: Store, kind: str, label: str, tmp_path: Path
) -> None:
    lines = fit(store, CONFIG, label, tmp_path / "m", kind=kind)
    model = load(tmp_path / "m")
    predictions = model.predict(store, [3, 1])
    assert predictions.shape == (2, len(model.parts)) and np.isfinite(predictions).all()
    assert label == "age" or ((predictions > 0) & (predictions < 1)).all()
    again = evaluate(model, store)
    assert [(x.label, x.group, x.measure, x.value) for x in again.measures] == [
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
    part = Subset(list(range(16)), half)
    model = finetune(store, part, part, Target("a,b", True), CONFIG)
    torch.manual_seed(CONFIG.seed)
    start = new_network("vit", CONFIG, 2, encoder_of(None, CONFIG)).out.weight
    shrunk = model.module.out.weight[1] / start[1]
    assert torch.allclose(shrunk, shrunk[0], atol=1e-4), "the unknown label's weights decay and learn nothing"
    assert not torch.allclose(model.module.out.weight[0] / start[0], shrunk[0], atol=1e-3)


def test_a_head_alone_leaves_the_encoder_as_it_was(store: Store, tmp_path: Path) -> None:
    pretrain(store.signals, CONFIG, tmp_path / "e", indices=range(40))
    fit(store, freeze_encoder(CONFIG), "age", tmp_path / "m", encoder=tmp_path / "e")
    before, after = encoder_of(tmp_path / "e", CONFIG).state_dict(), load(tmp_path / "m").module.encoder.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)
    fit(store, CONFIG, "age", tmp_path / "n", encoder=tmp_path / "e")
    assert not torch.equal(before["embed.weight"], load(tmp_path / "n").module.encoder.state_dict()["embed.weight"])


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


def renamed(store: Store, out: Path, prefix: str = "renamed/", **more: str) -> Store:
    """The same records under other patients' names, as another table has them."""
    rows = [
        (replace(r, patient=prefix + r.patient, **more), store.signals[i].tobytes()) for i, r in enumerate(store.rows)
    ]
    write_store(rows, store.contract, out)
    return Store(out)


def test_a_renamed_table_is_no_new_patient(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "sex", tmp_path / "m", kind="tree")
    model, other = load(tmp_path / "m"), renamed(store, tmp_path / "other")
    own, found = evaluate(model, store), evaluate(model, other)
    assert (own.left_out, own.by_signal) == (96, 0) and (found.left_out, found.by_signal) == (96, 96)
    assert np.array_equal(found.predictions, own.predictions)
    (note,) = compare([found], ["m"]).notes()
    assert note.endswith("left out; 96 of them under other names, known by their signals")


def test_all_records_of_a_patient_are_left_out_once_one_is_known(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "sex", tmp_path / "m", kind="tree")
    fitted = set(read_card(tmp_path / "m")["fitted to"])
    one = next(i for i, r in enumerate(store.rows) if r.patient in fitted)
    new = synthetic.store(synthetic.cohort(30, seed=55), CONFIG.contract, tmp_path / "new")
    rows = [(replace(r, patient=f"n{i}"), new.signals[i].tobytes()) for i, r in enumerate(new.rows)]
    rows.append((replace(store.rows[one], patient="n3"), store.signals[one].tobytes()))
    write_store(rows, new.contract, tmp_path / "mixed")
    found = evaluate(load(tmp_path / "m"), Store(tmp_path / "mixed"))
    assert found.left_out == 2 and "n3" not in {r.patient for r in found.rows}


def test_an_encoder_never_reads_a_test_record_under_another_name(store: Store, tmp_path: Path) -> None:
    other = renamed(store, tmp_path / "other")
    allowed = untested(other, [store], CONFIG)
    assert len(allowed.indices) == 96
    pretrain(other.signals, CONFIG, tmp_path / "e", card=seen_in(other.rows))
    with pytest.raises(IgakuError, match="24 of the test patients, known by their signals under other names"):
        fit(store, CONFIG, "age", tmp_path / "m", encoder=tmp_path / "e")


def test_one_record_under_two_names_is_on_one_side(store: Store, tmp_path: Path) -> None:
    rows = [(r, store.signals[i].tobytes()) for i, r in enumerate(store.rows)]
    rows += [(replace(r, patient=f"again/{r.patient}"), signal) for r, signal in rows]
    write_store(rows, store.contract, tmp_path / "twice")
    train, valid, test = split(Store(tmp_path / "twice").rows)
    assert [len(train), len(valid), len(test)] == [144, 48, 48]
    assert all(sorted(i % 120 for i in part)[::2] == sorted({i % 120 for i in part}) for part in (train, valid, test))
    sides = [(replace(r, split="train" if i < 120 else "test"), s) for i, (r, s) in enumerate(rows)]
    write_store(sides, store.contract, tmp_path / "sides")
    with pytest.raises(IgakuError, match=r"120 records on two sides under two names .*leave one of the two out"):
        split(Store(tmp_path / "sides").rows)


def test_a_store_of_before_the_hashes_gets_them_when_it_is_read(store: Store, tmp_path: Path) -> None:
    rows = [(replace(r, signal_hash=""), store.signals[i].tobytes()) for i, r in enumerate(store.rows[:5])]
    write_store(rows, store.contract, tmp_path / "old")
    assert [r.signal_hash for r in Store(tmp_path / "old").rows] == [r.signal_hash for r in store.rows[:5]]


def test_two_models_are_compared_on_the_same_patients() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((200, 1)) < 0.4).astype(np.float32)
    good, bad = truth + rng.normal(0, 0.7, truth.shape), truth + rng.normal(0, 3, truth.shape)

    def evaluation(predictions: Any, of: int) -> Evaluation:
        rows = [RecordRow(path=str(i), patient=str(i // of)) for i in range(200)]
        return Evaluation(Target("x<1", True), rows, truth, predictions, [])

    ((label, found),) = differences_of(evaluation(good, 1), evaluation(bad, 1))
    assert label == "x<1" and found.p is not None and found.p < 1e-4 and found.low is not None and found.low > 0
    ((_, several),) = differences_of(evaluation(good, 2), evaluation(bad, 2))
    assert several.p is None and several.difference == found.difference
    truth[:50] = np.nan
    ((_, fewer),) = differences_of(evaluation(good, 1), evaluation(bad, 1))
    assert fewer.one != found.one


def test_a_comparison_names_both_models_and_prints_itself() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((60, 1)) < 0.4).astype(np.float32)
    rows = [RecordRow(path=str(i), patient=str(i)) for i in range(60)]
    target, scores = Target("x<1", True), [truth + rng.normal(0, s, truth.shape) for s in (0.7, 3, 9)]
    found = compare([Evaluation(target, rows, truth, p, measure(target, truth, p, rows), 2) for p in scores], "abc")
    assert [(d.first, d.model) for d in found.differences] == [("a", "b"), ("a", "c")]
    assert found.differences[0].difference == found.differences[0].one - found.differences[0].other
    assert [t.name for t in found.tables()] == ["measures"] * 3 + ["differences"]
    assert "a minus" in repr(found) and "2 records of patients" in repr(found)


def test_groups_leave_out_what_is_too_few_and_the_label_itself() -> None:
    rows = [RecordRow(path=str(i), patient=str(i), sex="FM"[i % 2], age=50.0 if i < 15 else 70.0) for i in range(24)]
    truth = np.array([[float(i % 3 == 0)] for i in range(24)])
    lines = measure(Target("lvef<40", True), truth, np.linspace(0, 1, 24)[:, None], rows, [0.5])
    groups = {x.group: x for x in lines}
    assert set(groups) == {"all", "sex F", "sex M", "under 60"} and groups["sex F"].records == 12
    assert [x.measure for x in lines if x.group == "all"][4:] == [
        *(f"{n} at the threshold set before" for n in ("sensitivity", "specificity", "PPV", "NPV")),
        *("calibration slope", "calibration in the large", "observed : expected"),
        *("LR+ at the threshold set before", "LR- at the threshold set before"),
    ]
    assert {x.group for x in measure(Target("sex", True), truth, np.linspace(0, 1, 24)[:, None], rows)} == {
        "all",
        "under 60",
    }


def test_groups_that_matter_to_a_reviewer_are_measured_by_themselves() -> None:
    labels = [["AFIB"], ["No AF", "LBBB"], ["ventricular pacing"], []]
    rows = [
        RecordRow(
            path=str(i), patient=str(i), labels=labels[i % 4], dataset="ab"[i % 2], extra={"lvef": str(30 + i % 30)},
            groups={"site": "xyz"[i % 3]}, faults=["pacing"] if i % 8 == 0 else [],
        )
        for i in range(120)
    ]  # fmt: skip
    found = {g: len(k) for g, k in subgroups(rows, np.arange(120), "lvef<40").items()}
    assert found["paced"] == 45 and found["no paced"] == 75 and found["atrial fibrillation"] == 30
    assert found["bundle branch block"] == 30 and found["EF 40 to 50"] == 44 and found["EF below 40 or above 50"] == 76
    assert found["data set a"] == 60 and found["site x"] == 40 and found["all"] == 120
    assert "atrial fibrillation" not in subgroups(rows, np.arange(120), "has:AFIB|AF")


def test_an_ef_as_a_number_has_agreement_and_its_auroc_at_the_cuts(store: Store) -> None:
    rows = list(store.rows)
    truth = np.array([[float(r.extra["lvef"])] for r in rows], np.float32)
    lines = measure(Target("lvef", False), truth, 0.5 * truth + 28, rows)
    found = {x.measure: x.value for x in lines if x.group == "all"}
    assert found["AUROC of EF < 40"] == found["AUROC of EF < 50"] == 1.0
    assert found["slope of the difference on the truth"] == pytest.approx(-0.5, abs=1e-4)
    assert found["lower limit of agreement"] < found["bias"] < found["upper limit of agreement"]


def test_a_prediction_names_its_class_threshold_and_interval(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "sex", tmp_path / "m", kind="tree")
    fit(store, CONFIG, "age", tmp_path / "n", kind="tree")
    np.save(tmp_path / "a.npy", synthetic.cohort(1, seed=3).records[0].signal)
    predicted = predict_many([tmp_path / "a.npy"], tmp_path / "m", 500)
    (found,) = predicted.predictions
    assert found.positive == "male" and found.result in ("male", "not male") and found.threshold is not None
    low, high = found.interval or (0, 0)
    assert 0 <= low < high <= 1 and (found.result == "male") == (found.probability > found.threshold)  # type: ignore[operator]
    assert "validation patients of the model's own data" in predicted.notes()[0]
    (number,) = predict_many([tmp_path / "a.npy"], tmp_path / "n", 500).predictions
    ends = number.interval or (0, 0)
    assert ends[0] < number.value < ends[1] and number.positive == ""  # type: ignore[operator]
    card = read_card(tmp_path / "m")
    assert set(card["further thresholds on validation patients"]) == {"Youden", "90 % sensitivity"}
    assert sum(n for _, n, _ in card["validation patients"][0]["groups"]) == card["validation records"]


def test_what_cannot_be_measured_is_left_out_or_one_line(tmp_path: Path) -> None:
    rows = [RecordRow(path=str(i), patient=str(i)) for i in range(20)]
    truth = np.array([[float(i == 0), np.nan] for i in range(20)])
    scores = np.random.default_rng(0).random((20, 2))
    found = Evaluation(Target("a,b", True), rows, truth, scores, measure(Target("a,b", True), truth, scores, rows))
    assert {x.label for x in found.measures} == {"a", "mean of labels"}
    assert found.measures[0].count == "20 (1 positive)"
    ((label, pair),) = differences_of(found, found)
    assert label == "a" and pair.p is None, "one positive says nothing of a variance"
    write([found], ["$\\frac$ _x"], tmp_path)
    assert sorted(p.name for p in tmp_path.glob("*.svg")) == ["a-calibration.svg", "a-decision.svg", "a.svg"]
    found.cuts = {"90 % specificity": [None, None], "Youden": [float("nan"), 0.5], "90 % sensitivity": [0.5]}
    write([found], ["m"], tmp_path / "cuts")  # a threshold that is not a number is saved as null
    assert cuts_of(0, found.cuts) == {"90 % sensitivity": 0.5} and cuts_of(1, found.cuts) == {"Youden": 0.5}
    assert measure(Target("a,b", True), truth, scores, rows, [None, None], (), {"Youden": [None, 0.5]}) == [
        x for x in found.measures if "threshold set before" not in x.measure
    ]
    with pytest.raises(IgakuError, match="nothing can be measured"):
        measure(Target("a", True), np.zeros((20, 1)), scores, rows)


def test_a_contract_is_enforced(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "age", tmp_path / "m")
    other = synthetic.store(synthetic.cohort(8), Contract(rate=125), tmp_path / "other")
    with pytest.raises(IgakuError, match="another form"):
        evaluate(load(tmp_path / "m"), other)


def test_what_is_shaded_is_what_the_network_reads() -> None:
    class Lead(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, 7, 300:400].mean(1, keepdim=True)

    model = Fitted(config=CONFIG, label="age", binary=False, kind="vit", scaling=[(0.0, 1.0)], network=Lead())
    signal = np.random.default_rng(0).normal(0, 1, (12, 1000)).astype(np.float32)
    weight = occlusion(model, signal)
    patch, rest = signal[7, 300:400].mean(), signal[7].mean()
    assert weight[7, 300:400] == pytest.approx(patch - rest, abs=1e-5), "in the label's unit, with its sign"
    weight[7, 300:400] = 0
    assert not weight.any()
    assert forward(Lead(), signal[None], [0]).shape == (1, 1)


def test_from_files_to_a_prediction_by_commands(tmp_path: Path) -> None:
    patients = synthetic.cohort(60, seed=2)
    files = tmp_path / "records"
    files.mkdir()
    lines = ["path,patient,age,sex,lvef,fs"]
    for i, (r, ef) in enumerate(zip(patients.records, patients.ef)):
        np.save(files / f"{i}.npy", r.signal)
        lines.append(f"records/{i}.npy,p{i // 2},{r.age:g},{r.sex},{ef:.1f},500")
    (files / "broken.npy").write_bytes(b"no")
    lines.append("records/broken.npy,q,50,F,60,500")
    table, config, store = tmp_path / "table.csv", str(tmp_path / "c.yaml"), str(tmp_path / "store")
    table.write_text("\n".join(lines))
    Path(config).write_text(
        "contract: {rate: 125, band: [0.67, 40.0]}\n"
        "network: {size: tiny, patch: 125, pos_embed: split, decoder: [32, 1, 4]}\n"
        "pretrain: {epochs: 2, warmup: 1, batch: 16}\nfinetune: {epochs: 3, batch: 8}\n"
    )

    def good(*args: object) -> str:
        result = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert result.exit_code == 0, (args, result.output, result.exception)
        return result.stdout + ("" if "--json" in args else result.stderr)

    def bad(*args: object) -> str:
        result = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert isinstance(result.exception, IgakuError), (args, result.output)
        return str(result.exception)

    assert "60 records" in good("convert", table, "--config", config, "--out", store)
    assert json.loads((tmp_path / "store/errors.json").read_text())[0].count("broken.npy")
    e, m, b = (tmp_path / x for x in "emb")
    good("pretrain", config, "--records", store, "--out", e)
    tuned = json.loads(
        good("finetune", config, "--records", store, "--label", "lvef<45", "--encoder", e, "--out", m, "--json")
    )
    assert tuned["measures"][0]["measure"] == "AUROC" and read_card(m)["training records"] == 36
    good("finetune", config, "--records", store, "--label", "lvef<45", "--kind", "tree", "--out", b)
    assert "MAE" in good(
        "finetune", config, "--records", store, "--label", "age", "--kind", "resnet", "--out", tmp_path / "r"
    )
    both = json.loads(good("evaluate", m, b, "--records", store, "--out", tmp_path / "evaluated", "--json"))
    assert len(both["models"]) == 2 and both["differences"][0]["name"] == "AUROC"
    assert both["differences"][0]["p"] is None, "two records a patient"
    for kind, word in (("", "threshold set before"), ("-calibration", "share of positives"), ("-decision", "nobody")):
        drawn = (tmp_path / f"evaluated/lvef-under-45{kind}.svg").read_text()
        assert word in drawn and "<script" not in drawn
    with (tmp_path / "evaluated/predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 and set(rows[0]) == {"patient", "age", "sex", "label", "truth", str(m), str(b)}
    few = ("efficiency", config, "--records", store, "--encoder", e, "--label", "age")
    assert "boosted tree" in good(*few, "--out", tmp_path / "few", "--fractions", "0.2,1")
    again = good(*few, "--out", tmp_path / "few", "--fractions", "0.2, 1")
    assert again.count("already done") == 2 * len(INITS), "no model is fitted twice"
    assert (tmp_path / "few/age.svg").exists()
    one, broken = files / "3.npy", files / "broken.npy"
    result = CliRunner().invoke(
        app, ["ecg", "predict", str(broken), str(one), "--model", str(m), "--rate", "500", "--json"]
    )
    answer = json.loads(result.stdout)
    assert "broken.npy" in result.stderr and set(answer["predictions"][0]) == {"file", "error"}
    named = {"file", "label", "chance", "positive", "threshold", "result"}
    assert named <= set(answer["predictions"][1]) and result.exit_code == 0
    assert "none of 1 files could be read" in bad("predict", broken, "--model", m)
    assert "not a medical device" in answer["note"]
    assert (predict_many([one], b, 500).predictions[0].number or 0) > 0
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
    assert "above 0" in bad(*few, "--out", tmp_path / "n", "--fractions", "2")
    assert "only models of one label" in bad("evaluate", m, tmp_path / "r", "--records", store)
    (m / "head.safetensors").write_bytes(b"broken")
    assert "not safetensors" in bad("predict", one, "--model", m)
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
    patients = synthetic.cohort(70, seed=2)
    lines = ["path,patient,age,sex,labels,fs"]
    for i, r in enumerate(patients.records):
        np.save(tmp_path / f"{i}.npy", r.signal)
        lines.append(f"{i}.npy,p{i},{r.age:g},{r.sex},{'AF;心房細動' if i == 1 else ''},500")
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")

    def good(*args: object) -> str:
        result = CliRunner().invoke(app, ["ecg", *map(str, args)])
        assert result.exit_code == 0, (args, result.output, result.exception)
        return result.stdout

    for name in ("w", "r.parquet", "r.zarr"):
        good("convert", tmp_path / "table.csv", "--out", tmp_path / name, *(["--wfdb"] if name == "w" else []))
    back = json.loads(good("inspect", tmp_path / "w/r000000.hea", "--json"))["records"][0]
    assert back["age"] == patients.records[0].age and back["sex"] == patients.records[0].sex
    group, rows = zarr.open_group(str(tmp_path / "r.zarr")), pq.read_table(tmp_path / "r.parquet").to_pylist()
    assert group["signal"].shape == (70, 12, 1250) and group.attrs["rate"] == 125 and len(rows) == 70
    assert np.allclose(group["signal"][69].ravel(), rows[69]["signal"]) and group["age"][3] == rows[3]["age"]
    assert json.loads(str(group["labels"][1])) == ["AF", "心房細動"] and "p1" not in {
        str(p) for p in group["patient"][:]
    }
    again = CliRunner().invoke(app, ["ecg", "convert", str(tmp_path / "table.csv"), "--out", str(tmp_path / "r.zarr")])
    assert "already exists" in str(again.exception)


def test_a_second_study_of_label_efficiency_fits_only_what_is_missing(store: Store, tmp_path: Path) -> None:
    lines: list[str] = []

    def study(config: Config, fractions: list[float], redo: bool = False) -> list[str]:
        lines.clear()
        inits = ["boosted tree"]
        found = efficiency(store, config, "sex", tmp_path, tmp_path, fractions, inits, say=lines.append, redo=redo)
        assert [p.init for p in found.efficiency] == inits * len(fractions)
        return lines

    assert study(CONFIG, [0.5]) == ["fit sex, boosted tree, 50 % of labels"]
    assert study(CONFIG, [0.5, 1.0]) == [
        "fit sex, boosted tree, 50 % of labels: already done",
        "fit sex, boosted tree, 100 % of labels",
    ]
    other = replace(CONFIG, seed=1)
    with pytest.raises(IgakuError, match=r"made from other inputs \(config.seed: 0, now 1\); .*--redo"):
        study(other, [0.5])
    assert study(other, [0.5], redo=True) == ["fit sex, boosted tree, 50 % of labels"]


def test_models_of_before_the_renaming_are_read(store: Store, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    pretrain(store.signals, CONFIG, tmp_path / "e", indices=range(40))
    fit(store, CONFIG, "age", tmp_path / "m", encoder=tmp_path / "e")
    wanted, encoder = load(tmp_path / "m").predict(store, [0, 1]), encoder_of(tmp_path / "e", CONFIG).state_dict()
    for file in (tmp_path / "m/head.safetensors", tmp_path / "e/autoencoder.safetensors"):
        names = (("pos_embed.", "places."), ("to_patch.", "foretell."), ("mask_token", "hidden"))
        old = {}
        for name, value in load_file(file).items():
            for now, before in names:
                name = name.replace(now, before)
            old[name] = value
        save_file(old, file)
        card = json.loads((file.parent / "ecg.json").read_text())
        card["config"]["network"]["places"] = card["config"]["network"].pop("pos_embed")
        (file.parent / "ecg.json").write_text(json.dumps(card))
    assert np.array_equal(load(tmp_path / "m").predict(store, [0, 1]), wanted)
    again = encoder_of(tmp_path / "e", CONFIG).state_dict()
    assert all(torch.equal(encoder[k], again[k]) for k in encoder)


def test_a_target_over_rows_of_a_store(store: Store) -> None:
    assert target("lvef", store.rows).binary is False and target("lvef<40,sex", store.rows).binary


def test_a_model_is_measured_on_worse_signals(store: Store, tmp_path: Path) -> None:
    fit(store, CONFIG, "lvef<50", tmp_path / "m", kind="tree")
    model = load(tmp_path / "m")
    found = {r.change: r for r in stress(model, store).stress}
    assert list(found) == list(CHANGES) and {r.measure for r in found.values()} == {"AUROC"}
    assert found["as it is"].value == evaluate(model, store).measures[0].value
    assert len({r.value for r in found.values()}) > 4, "the changes reach the model"
    signals = store.signals[[0, 1]]
    for name, change in CHANGES.items():
        changed = change(signals, store.contract)
        assert np.array_equal(changed, change(signals, store.contract)), "the same each time"
        assert np.array_equal(changed, signals) == (name == "as it is")
    assert not CHANGES["limb leads only"](signals, store.contract)[:, 6:].any()
    arms = CHANGES["arm electrodes reversed"](signals, store.contract)
    assert np.array_equal(arms[:, 0], -signals[:, 0]) and np.array_equal(arms[:, 3], signals[:, 4])
    assert (CHANGES["2.5 seconds only"](signals, store.contract) != 0).any(axis=(0, 1)).sum() == 250
