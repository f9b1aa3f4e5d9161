"""An exam.toml beside own questions says whose they are, and how they are credited wherever they are shown."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku import load_benchmark
from igaku.benchmarks.exam_file import about
from igaku.benchmarks.pass_marks import read_exams
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.report.site.collect import collect
from igaku.report.site.pages.counted import facts_notes
from igaku.runs.importers import import_run

SAID = """title = "Spring mock"
title_ja = "春の模試"
licence = "CC BY 4.0"
credit = "Spring mock (A. Author), CC BY 4.0"
key = "second, 2026-05"
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    rows = [{"id": f"q{i}", "stem": f"問{i}", "choices": ["甲の薬", "乙の薬"], "answer": "b"} for i in range(2)]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return str(tmp_path / "own.jsonl")


def test_it_describes_the_questions_without_demanding_anything(tmp_path: Path, own: str) -> None:
    (tmp_path / "exam.toml").write_text(SAID)
    b = load_benchmark(own)
    assert (b.title, b.title_ja, b.licence, b.key_version) == (
        "Spring mock",
        "春の模試",
        "CC BY 4.0",
        "second, 2026-05",
    )
    assert read_exams(tmp_path / "exam.toml") == []
    shown = CliRunner().invoke(app, ["bench", "show", own]).stdout
    assert all(text in shown for text in ("春の模試", "A. Author", "second, 2026-05"))
    assert json.loads(CliRunner().invoke(app, ["bench", "show", own, "--json"]).stdout)["credit"] == b.credit


def test_the_credit_line_and_the_key_stand_on_the_site(tmp_path: Path, own: str) -> None:
    (tmp_path / "exam.toml").write_text(SAID)
    (tmp_path / "r.jsonl").write_text(json.dumps({"id": "q0", "model": "m", "reply": "b"}))
    run = import_run("jsonl", tmp_path / "r.jsonl", bench=own, out=tmp_path / "r").run
    (tmp_path / "exam.toml").unlink()  # the run carries them
    text = "".join(facts_notes(collect([run]), ("own", "ja")))
    assert "Spring mock (A. Author), CC BY 4.0" in text and "second, 2026-05" in text


def test_several_exams_share_what_stands_above_them(tmp_path: Path, own: str) -> None:
    part = '[[exam.part]]\nname = "all"\nneeded = 1\n'
    exams = "".join(f'[[exam]]\nyear = "{y}"\nquestions = 2\n{part}' for y in (2024, 2025))
    (tmp_path / "exam.toml").write_text(SAID + exams + '[[exam]]\nbenchmark = "other"\ncredit = "theirs"\n')
    assert [(e.year, e.title) for e in read_exams(tmp_path / "exam.toml")] == [
        ("2024", "Spring mock"),
        ("2025", "Spring mock"),
    ]
    assert about(tmp_path / "exam.toml", "own").credit == "Spring mock (A. Author), CC BY 4.0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('license = "x"', "unknown field 'license': did you mean licence"),
        ('title = "x"\n[[part]]\nname = "a"\nneded = 1', "unknown field 'neded': did you mean needed"),
        ("credit = 3", "credit"),
        ("exam = 3", "field 'exam' must be list"),
        ("part = 3", "field 'part' must be list"),
        ("[[part]]\nname = 'a'\nneeded = 1\n", "field 'title' is missing"),
    ],
)
def test_a_wrong_field_is_one_line_with_near_matches(tmp_path: Path, own: str, text: str, message: str) -> None:
    (tmp_path / "exam.toml").write_text(text)
    with pytest.raises(IgakuError, match=message):
        load_benchmark(own)
        read_exams(tmp_path / "exam.toml")
