from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from igaku import catalog
from igaku.benchmarks import TABLE
from igaku.catalog import checks as checking
from igaku.catalog import entries
from igaku.catalog.entries import Data, Model
from igaku.cli import app
from igaku.errors import IgakuError


def test_it_is_sound_and_large_enough() -> None:
    assert [f for f in catalog.check() if f.level == "error"] == []
    assert len(catalog.data()) >= 35 and len(catalog.models()) >= 40


def test_japanese_medical_models_come_first() -> None:
    order = [(m.medical, "ja" in m.languages) for m in catalog.models().values()]
    assert order[:10] == [(True, True)] * 10 and order.index((False, False)) > 20


def test_every_benchmark_of_ours_is_in_it_and_not_for_training() -> None:
    fetched = {d.fetch.removeprefix("igaku data get ") for d in catalog.data().values()} | {"mini", "clinical_open"}
    for name in set(TABLE) - fetched - {"medqa4"}:
        assert not catalog.find_data(name).fetch.startswith("igaku data get"), name  # the user's to fetch
    assert all(d.train is False for d in catalog.data().values() if d.kind == "evaluation")


def test_models_are_found_by_any_name_and_carry_what_they_have_seen() -> None:
    found = catalog.find_model("ＭｅｄＳｗａｌｌｏｗ 70B")
    assert found and found.id == "medswallow-70b" and {s.benchmark for s in found.seen} == {"medqa", "medqa4"}
    assert catalog.find_model("nobody") is None


def test_what_check_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Model(
        id="a",
        names=["One"],
        licence="my own",
        url="http://x",
        added="2026-13-01",
        reported=[entries.Reported(benchmark="igakqa", what="", value="1", source="")],
    )
    monkeypatch.setattr(
        checking, "models", lambda: {"a": bad, "b": msgspec.structs.replace(bad, id="b", licence="MIT")}
    )
    monkeypatch.setattr(
        checking, "data", lambda: {"c": Data(id="c", names=["C"], kind="evaluation", fetch="igaku data get nothing")}
    )
    message = {(f.level, f.entry, f.what.split()[0]) for f in checking.check()}
    assert (
        ("error", "a", "unknown") in message
        and ("error", "a", "added:") in message
        and ("error", "a", "'http://x'") in message
    )
    assert ("error", "b", "has") in message and ("error", "c", "an") in message and ("error", "c", "'igaku") in message
    assert ("gap", "c", "no") in message


@pytest.mark.parametrize(
    "text",
    [
        "id: other\nnames: [x]\n",
        "id: x\nnames: [x]\nlicense: MIT\n",
        "id: x\nnames: x\n",
        "id: [\n",
        "!!python/object/apply:os.system ['true']",
    ],
)
def test_a_broken_entry_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.yaml").write_text(text)
    monkeypatch.setattr(entries, "HERE", tmp_path)
    with pytest.raises(IgakuError, match=r"x\.yaml"):
        entries._load("models", Model)


def test_commands() -> None:
    run = CliRunner().invoke
    assert run(app, ["catalog", "check"]).exit_code == 0
    assert "MedSwallow-70B" in run(app, ["catalog", "models"]).stdout
    assert "| 名前 | 種類 |" in run(app, ["catalog", "render", "--lang", "ja"]).stdout
    assert len(msgspec.json.decode(run(app, ["catalog", "data", "--json"]).stdout)["data"]) == len(catalog.data())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("UMLS", "after an agreement is signed: https://"),
        ("CC100 (Japanese)", "igaku does not download"),
        ("igakqa", "did you mean"),
    ],
)
def test_what_may_not_be_fetched_says_where_to_go(name: str, message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        CliRunner().invoke(app, ["data", "get", name], catch_exceptions=False)
