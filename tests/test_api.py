import ast
import subprocess
import sys
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError

from .conftest import always, needs

STUDIES = (
    "fair",
    "compare",
    "contamination",
    "consistency",
    "exam",
    "formats",
    "graders",
    "items",
    "rank_benchmarks",
    "short_form",
    "judge",
    "leaderboard",
    "reproduce",
    "verify",
)


def test_everything_public_is_listed_and_importable() -> None:
    names = set(dir(igaku))
    assert set(igaku.__all__) == names
    assert {"evaluate", "plan", "export", "train", "read_ecg", *STUDIES} <= names
    for name in names:
        assert getattr(igaku, name) is not None


def test_what_a_type_checker_sees_is_what_is_there() -> None:
    """The imports under TYPE_CHECKING and the lazy table name the same things."""
    tree = ast.parse(Path(igaku.__file__).read_text())
    block = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {a.asname or a.name for n in block.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert seen == set(igaku._API)
    assert (Path(igaku.__file__).parent / "py.typed").exists()


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        _ = igaku.evalute  # type: ignore[attr-defined]


@pytest.mark.parametrize("study", STUDIES)
def test_a_misspelt_argument_of_a_study_is_refused(study: str, tmp_path: Path) -> None:
    with pytest.raises((TypeError, IgakuError), match=r"lnag|unexpected|unknown"):
        if study == "fair":
            igaku.fair(always("b"), "mini", out=tmp_path / "r", lnag="ja")
        elif study == "contamination":
            igaku.contamination(always("b"), "mini", out=tmp_path / "r", lnag="ja")
        elif study == "judge":
            run = igaku.evaluate(always("b"), "clinical_open", lang="ja", limit=1, out=tmp_path / "o")
            igaku.judge(run, always("1: はい"), lnag="ja")
        else:
            getattr(igaku, study)(tmp_path, lnag="ja")


def test_a_run_shows_itself_and_becomes_a_data_frame(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=5, out=tmp_path / "r")
    assert "standard_ja" in repr(run) and "<table" in run._repr_html_()
    frame = pytest.importorskip("pandas") and run.to_dataframe()
    assert {"benchmark", "accuracy", "95 % low"} <= set(frame.columns) and frame["scored"].iloc[0] == 5


@needs("stats")
def test_compare_takes_runs_one_by_one_and_as_a_list(tmp_path: Path) -> None:
    for name, letter in (("a", 0), ("b", 1)):
        engine = always("abc"[letter])
        igaku.evaluate(engine, "mini", lang="ja", limit=20, out=tmp_path / name)
    runs = [tmp_path / "a", tmp_path / "b"]
    assert igaku.render(igaku.compare(*runs), "json") == igaku.render(igaku.compare(runs), "json")


def test_import_is_instant_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, igaku; print(sorted(m for m in ('numpy', 'torch', 'pandas', 'rich', 'msgspec', "
        "'jinja2') if m in sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize(
    ("study", "wrong", "right"),
    [("fair", "budgt", "budget"), ("contamination", "limt", "limit"), ("judge", "vots", "votes")],
)
def test_a_misspelt_argument_of_a_study_that_asks_has_near_matches(
    study: str, wrong: str, right: str, tmp_path: Path
) -> None:
    engine = always("b")
    first = (
        igaku.evaluate(engine, "clinical_open", lang="ja", limit=1, out=tmp_path / "o") if study == "judge" else engine
    )
    asked_before = len(engine.requests)
    arguments = (first, engine) if study == "judge" else (engine, "mini")
    given = {wrong: 1} if study == "judge" else {wrong: 1, "out": tmp_path / "r"}
    with pytest.raises(IgakuError, match=f"unknown argument '{wrong}': did you mean .*{right}"):
        getattr(igaku, study)(*arguments, **given)
    assert len(engine.requests) == asked_before


def test_misspelt_figures_and_one_run_instead_of_a_list(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="did you mean igakuqa"):
        igaku.reproduce("igakuqaa")
    ways = {"prompt": ["standard", "closing"], "order": ["original", "rotate-1"]}
    igaku.evaluate(always("b"), "mini", lang="ja", limit=5, out=tmp_path / "r", **ways)
    pytest.importorskip("scipy")
    assert igaku.summarise(str(tmp_path / "r")).fair[0].fair.renderings == 4
