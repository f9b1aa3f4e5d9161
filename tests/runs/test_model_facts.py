"""What a user knows of models comes with the replies, and fills the columns of a board."""

import json
from pathlib import Path

import pytest

from igaku.catalog import find_model
from igaku.errors import IgakuError
from igaku.report.site import build_site
from igaku.runs.importers import import_run
from igaku.runs.model_facts import FILE, model_entry, read_models
from igaku.runs.store import open_run

FACTS = """["M (one)"]
vendor = "Some Lab"
size = "7.5B"
licence = "their \\"own\\" terms"
year = 2025
url = "https://example.org/m"
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    rows = [{"id": f"q{i}", "stem": f"問{i}", "choices": ["甲の薬", "乙の薬"], "answer": "b"} for i in range(4)]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return str(tmp_path / "own.jsonl")


def replies(folder: Path, *models: str, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"id": f"q{i}", "model": m, "reply": "b", **more} for m in models for i in range(4)]
    (folder / "r.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    return folder


def test_facts_beside_the_replies_go_into_the_run_and_onto_the_board(tmp_path: Path, own: str) -> None:
    folder = replies(tmp_path / "in", "M (one)", "other")
    (folder / FILE).write_text(FACTS)
    imported = import_run("jsonl", folder, bench=own, out=tmp_path / "r")
    entry = model_entry("M (one)", [imported.run])
    assert entry is not None
    assert (entry.maker, entry.parameters, entry.licence, entry.year) == ("Some Lab", 7.5, 'their "own" terms', 2025)
    assert model_entry("other", [imported.run]) is None
    site = build_site([tmp_path / "r"], tmp_path / "site")
    text = (site.path / "index.html").read_text()
    assert all(one in text for one in ("7.5", "their &#34;own&#34; terms", "2025"))


def test_a_second_file_adds_to_the_first_and_wins_where_both_speak(tmp_path: Path, own: str) -> None:
    folder = replies(tmp_path / "in", "a", "b")
    for n, text in enumerate(['[a]\nyear = 2024\n[b]\nvendor = "x"', "[a]\nyear = 2025"]):
        (tmp_path / f"{n}.toml").write_text(text)
        import_run("jsonl", folder, bench=own, out=tmp_path / "r", models=tmp_path / f"{n}.toml")
    entries = read_models(tmp_path / "r" / FILE)
    assert (entries["a"].year, entries["b"].vendor) == (2025, "x")


def test_the_catalog_fills_what_is_left_out_by_its_name_or_by_the_vendors(tmp_path: Path, own: str) -> None:
    folder = replies(tmp_path / "in", "ours", model_id="Qwen/Qwen3-32B", effort="high")
    run = import_run("jsonl", folder, bench=own, out=tmp_path / "r").run
    known = find_model("Qwen3-32B")
    assert known is not None and model_entry("ours (high)", [run]) == known
    (folder / FILE).write_text('[ours]\ncatalog = "Qwen3-32B"\nlicence = "mine"')
    run = import_run("jsonl", folder, bench=own, out=tmp_path / "r").run
    entry = model_entry("ours (high)", [open_run(tmp_path / "r")])
    assert entry is not None and (entry.licence, entry.parameters) == ("mine", known.parameters)


def test_an_entry_about_no_model_of_the_run_is_said(tmp_path: Path, own: str) -> None:
    folder = replies(tmp_path / "in", "GPT-X")
    (folder / FILE).write_text('["GPT_X"]\nyear = 2025')
    notes = import_run("jsonl", folder, bench=own, out=tmp_path / "r").notes
    assert any("models.toml: unknown model 'GPT_X'" in note and "GPT-X" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[m]\nlicense = 'x'", "unknown field 'license': did you mean licence"),
        ("[m]\nsize = 'large'", "field 'size' must be billions"),
        ("[m]\nyear = 'soon'", r"\[\"m\"\]: .*`int"),
        ("m = 3", "expected a table"),
        ("[m]\ncatalog = 'qwen3-32x'", "unknown catalog name"),
        ("[m", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_line_and_nothing_is_imported(tmp_path: Path, own: str, text: str, message: str) -> None:
    folder = replies(tmp_path / "in", "m")
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(IgakuError, match=message):
        import_run("jsonl", folder, bench=own, out=tmp_path / "r", models=tmp_path / "wrong.toml")
    assert not (tmp_path / "r").exists()
