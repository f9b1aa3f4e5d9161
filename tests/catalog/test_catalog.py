import re
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from typer.testing import CliRunner

from igaku import catalog
from igaku.benchmarks import TABLE
from igaku.catalog import checks as checking
from igaku.catalog import entries
from igaku.catalog.entries import Data, Model
from igaku.catalog.japanese import japanese
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.paths import find_data

from ..conftest import needs


def test_it_is_sound_and_large_enough() -> None:
    assert [f for f in catalog.check() if f.level == "error"] == []
    assert len(catalog.data()) >= 80 and len(catalog.models()) >= 130


def test_japanese_medical_models_come_first() -> None:
    order = [(m.medical, "ja" in m.languages) for m in catalog.models().values()]
    assert order[:10] == [(True, True)] * 10 and order.index((False, False)) > 20


def test_every_benchmark_of_ours_is_in_it_and_not_for_training() -> None:
    inside = {"mini", "mini_hard", "clinical_open", "harmless"}
    fetched = {d.fetch.removeprefix("igaku data get ") for d in catalog.data().values()} | inside
    for name in set(TABLE) - fetched - {"medqa4"}:
        assert not catalog.find_data(name).fetch.startswith("igaku data get"), name  # the user's to fetch
    assert all(d.train is False for d in catalog.data().values() if d.kind == "evaluation")


def test_models_are_found_by_any_name_and_carry_what_they_have_seen() -> None:
    found = catalog.find_model("ＭｅｄＳｗａｌｌｏｗ 70B")
    assert found and found.id == "medswallow-70b" and {s.benchmark for s in found.seen} == {"medqa", "medqa4"}
    assert catalog.find_model("nobody") is None


def test_what_a_model_has_seen_is_told_from_other_years_of_the_same_exam() -> None:
    met = {
        name: m.seen
        for name in ("jmedllm-v1-7b", "sip-jmed-llm-2-8x13b-op-instruct")
        if (m := catalog.find_model(name))
    }
    assert len(met) == 2 and all({"medqa", "medqa4"} <= {s.benchmark for s in seen} for seen in met.values())
    preferred = catalog.find_model("Preferred-MedLLM-Qwen-72B")
    assert preferred and [(s.benchmark, s.other_years) for s in preferred.seen] == [("igakuqa", True)]
    heads, rows = catalog.render("models")
    row = next(r for r in rows if "Preferred-MedLLM" in r[0])
    assert row[heads.index("seen in training")] == "igakuqa (other years)"


def test_what_is_unsure_has_a_mark_and_is_never_counted_as_verified() -> None:
    heads, rows = catalog.render("data")
    row = next(r for r in rows if r[0].startswith("[HealthBench]"))
    assert row[heads.index("licence")] == "MIT ?" and not row[heads.index("verified")]
    shown = catalog.find_model("MedGemma-1.5-4B")
    assert shown and {"licence", "year"} <= set(shown.unsure) and not shown.verified


@pytest.mark.parametrize("kind", ["models", "data"])
def test_japanese_tables_are_in_japanese(kind: Literal["models", "data"]) -> None:
    heads, rows = catalog.render(kind, "ja")
    words = [h for h in heads if h not in ("モデル", "名前", "元のモデル", "入手方法", "作成元", "開発元")]
    english = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){3}")
    for row in rows:
        for head, cell in zip(heads, row):
            assert head not in words or not english.search(cell), (row[0], head, cell)
    assert any("記述式" in cell or "思考" in cell for row in rows for cell in row)


def test_a_phrase_takes_numbers_and_names_with_it() -> None:
    assert japanese("1,234 questions") == "1,234 問"
    assert japanese("README of someone/else") == "someone/else の README"
    assert japanese("a text without a phrase") == "a text without a phrase"


def the_real(path: str) -> Path:
    found = find_data(path)
    assert found, path
    return found


@pytest.mark.data
def test_scores_of_the_120th_exam_are_those_of_its_board() -> None:
    board = the_real("jmle2026/README.md").read_text(encoding="utf-8")
    board = board[: board.index("### Text-only")]
    scores = set(re.findall(r"\| (\d{3})/500", board))
    reported = [
        (m.id, r.value)
        for m in catalog.models().values()
        for r in m.reported
        if r.benchmark == "jmle2026" and "key of February" in r.source
    ]
    assert len(reported) == 22 and {value for _, value in reported} == scores


@pytest.mark.data
def test_data_are_verified_only_where_a_folder_shows_them() -> None:
    elsewhere = {
        "jmle2026-bench": "jmle2026",
        "medrect-exam-cases": "medrect",
        "dental-exam-app": "dental_exam",
        "igakuqa-evaluation": "igakuqa2022_localllm",
    }
    for d in catalog.data().values():
        if d.verified:
            assert the_real(elsewhere.get(d.id, d.id.replace("-", "_"))).is_dir(), d.id


@needs("data")
def test_no_network_is_one_line_and_no_list_of_dead_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_dead", lambda client, link: f"{checking.UNREACHED} (ConnectError)")
    with pytest.raises(IgakuError, match="no network here"):
        checking.check(online=True)
    monkeypatch.setattr(checking, "_dead", lambda client, link: "answers 404" if "Qwen3-32B" in link else "")
    assert [f.entry for f in checking.check(online=True) if f.level == "error"] == ["qwen3-32b"]


def test_what_check_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Model(
        id="a",
        names=["One"],
        licence="my own",
        url="http://x",
        added="2026-13-01",
        reported=[entries.Reported(benchmark="igakqa", what="", value="1", source="")],
        thinking="<thought>",
        unsure=["year"],
        method="some way without a phrase",
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
    assert ("error", "a", "unsure:") in message and sum(kind == "no" and who == "a" for _, who, kind in message) == 1
    whole = {f.what for f in checking.check() if f.entry == "a"}
    assert any("format of thinking" in w for w in whole) and any("no Japanese for" in w for w in whole)
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
