"""Structures that nobody would write: whatever JSON, YAML, CSV or reply, there is a result or one line."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igaku.benchmarks.own import FIELDS, UserBenchmark
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.grading.methods import grade_one
from igaku.question import Answer, Reply
from igaku.runs.suites import read_suite

from ..conftest import needs
from .mutate.replies import PIECES
from .readers.questions import ROWS, lines
from .readers.replies import Kinds

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
TEXT_METHODS = [m for m in METHODS.values() if m.kind == "text" and m.name not in ("bleu", "rouge")]
QUESTIONS = list(Kinds().questions("ja"))


def read(file: Path) -> None:
    """A question file, to its end or to its line."""
    try:
        list(UserBenchmark(file))
    except IgakuError as error:
        assert "\n" not in str(error)


@FEW
@given(row=st.sampled_from(ROWS), changed=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3))
def test_a_question_with_any_values_in_its_fields(tmp_path: Path, row: dict[str, object], changed: object) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({**row, **dict(changed)}), encoding="utf-8")  # type: ignore[call-overload]
    read(tmp_path / "q.jsonl")


@FEW
@given(cells=st.lists(st.lists(st.text(max_size=9), min_size=1, max_size=5), max_size=5))
def test_a_table_of_any_cells(tmp_path: Path, cells: list[list[str]]) -> None:
    body = "\n".join(",".join(row) for row in cells)
    (tmp_path / "q.csv").write_text(f"id,stem,a,b,answer\n{body}", encoding="utf-8", errors="surrogatepass")
    read(tmp_path / "q.csv")


@FEW
@given(raw=VALUES | st.fixed_dictionaries({"version": VALUES, "title": VALUES, "title_ja": VALUES, "tasks": VALUES}))
def test_a_suite_of_any_values(tmp_path: Path, raw: object) -> None:
    (tmp_path / "s.yaml").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        try:
            read_suite("s.yaml")
        except IgakuError as error:
            assert "\n" not in str(error)


@needs("mt")
@settings(FEW, max_examples=150)
@given(st.sampled_from(QUESTIONS), st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_any_reply_to_any_kind_of_key_gets_a_verdict(question: object, text: str) -> None:
    for method in TEXT_METHODS:
        reply = Reply(key="", model="m", bench="", lang="ja", id="", kind="text", answer=Answer(text=text))
        verdict = grade_one(method, question, reply)  # type: ignore[arg-type]
        assert verdict.outcome and 0 <= verdict.share_right <= 1


def test_the_sound_rows_are_questions(tmp_path: Path) -> None:
    (tmp_path / "p.png").touch()
    (tmp_path / "q.jsonl").write_text(lines(ROWS), encoding="utf-8")
    assert len(UserBenchmark(tmp_path / "q.jsonl").load("ja")) == 4
