"""Every table and line that the commands print, each command run once on small runs of its own."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import igaku
from igaku.benchmarks import load_benchmark
from igaku.cli import output
from igaku.engines import build
from igaku.engines.replay import Replay
from igaku.question import Answer, Request
from igaku.tables import Table

from .conftest import Cli


class Screen(NamedTuple):
    """What one command showed."""

    tables: list[Table]
    lines: list[str]
    """On stderr: notes and hints."""


RUNS = "{one} {two} {three}"
COMMANDS = {
    "show": "show {one}",
    "show of samples": "show {samples}",
    "show --by section": "show {one} --by section",
    "show --by year": "show {years} --by year",
    "show --question": "show {one} --question mini-001",
    "grade": "grade {one} --method letter,gestalt",
    "exam": "exam {exam}",
    "leaderboard": f"leaderboard {RUNS}",
    "leaderboard --by way": f"leaderboard {RUNS} --by way",
    "leaderboard of an exam": "leaderboard {exam} {exam2}",
    "compare": f"compare {RUNS}",
    "compare --margin": "compare {one} {two} --margin 5 --by section",
    "fair": "fair {one}",
    "formats": "formats {forms}",
    "calibration": "calibration {one}",
    "abstain": "abstain {abstain}",
    "years": "years {years}",
    "usage": f"usage {RUNS}",
    "consistency": "consistency {one} {one}",
    "short-form": f"short-form {RUNS} --bench mini --limit 20 --lang ja",
    "items": f"items {RUNS} --bench mini --lang ja",
    "graders": f"graders {RUNS} --method letter,exact,gestalt",
    "rank-benchmarks": f"rank-benchmarks {RUNS}",
    "verify": "verify {one}",
    "bench list": "bench list",
    "bench show": "bench show mini",
    "bench check": "bench check mini",
    "suites list": "suites list",
    "suites show": "suites show quick",
    "prompts list": "prompts list",
    "recipes list": "recipes list",
    "data list": "data list",
    "catalog models": "catalog models",
    "catalog data": "catalog data",
    "safety": "safety {safety}",
    "judge": "judge {rubric} --judge j",
    "import": "import jsonl {replies} --bench mini --lang ja --out {imported}",
    "doctor": "doctor",
}
"""A name for a command -> its arguments; a run's name stands in braces."""
MAIN = [name for name in COMMANDS if name.split()[0] in ("show", "grade", "compare", "exam", "leaderboard")]
"""The commands whose tables are in Japanese as well."""


def written(letter: str) -> Replay:
    """A model that answers one letter, some replies otherwise; letters by their probabilities."""

    def reply(request: Request) -> Answer:
        n = len(request.prompt)
        if request.kind == "text":
            text = {0: "わかりません。", 1: f"{letter}{letter} または b", 2: ""}.get(n % 9, f"答え：{letter}")
            return Answer(text=text, finish="length" if n % 9 == 2 else "stop", prompt_tokens=9, new_tokens=3)
        k = len(request.continuations)
        return Answer(logprobs=tuple(-1.0 - (n + i) % k for i in range(k)), tokens=(1,) * k, prompt_tokens=9)

    return Replay(reply, name=f"a-model-{letter}")


def own_questions(folder: Path) -> str:
    """A file of one's own with years, sections and pass marks."""
    rows = [
        {
            "id": f"{year}-{i}",
            "stem": f"{year}年の{i}番目の問題で正しいのはどれか。",
            "choices": ["甲", "乙", "丙", "丁", "戊"],
            "answer": "abcde"[i % 5],
            "year": str(year),
            "section": "required" if i < 6 else "general" if i < 12 else "clinical",
            "points": 3 if i == 5 else 1,
        }
        for year in (2024, 2025)
        for i in range(18)
    ]
    file = folder / "own.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return str(file)


def build_runs(folder: Path) -> dict[str, str]:
    """Folders of small runs by name."""
    own = own_questions(folder)
    both = {
        "prompt": ["standard", "closing"],
        "order": ["original", "rotate-1"],
        "method": ["letter", "letter-logprob"],
    }
    for name, letter in (("one", "a"), ("two", "b"), ("three", "e")):
        igaku.evaluate(written(letter), "mini", lang=["ja", "en"], limit=30, out=folder / name, **both)
    igaku.evaluate(written("a"), own, out=folder / "years")
    igaku.evaluate(written("c"), "mini", lang="ja", limit=6, samples=4, temperature=0.7, out=folder / "samples")
    for form in ("choices", "open"):
        igaku.evaluate(written("a"), "mini", lang="ja", limit=30, question_format=form, out=folder / "forms")
    igaku.evaluate(written("a"), "mini", lang="ja", limit=30, prompt=["abstain-1"], out=folder / "abstain")
    igaku.evaluate(written("a"), "harmless", lang="ja", limit=9, method="refusal", out=folder / "safety")
    igaku.evaluate(written("a"), "clinical_open", lang="ja", limit=2, out=folder / "rubric")
    ids = [question.id for question in load_benchmark("mini").load("ja")[:9]]
    rows = [json.dumps({"id": id, "model": "a-model-a", "reply": "答え：b"}, ensure_ascii=False) for id in ids]
    (folder / "replies.jsonl").write_text("\n".join(rows))
    found = {p.name: str(p) for p in folder.iterdir() if p.is_dir()}
    return found | {"replies": str(folder / "replies.jsonl"), "imported": str(folder / "imported")}


def published_runs(folder: Path, cli: Cli) -> dict[str, str]:
    """Two models' published replies to a whole exam; empty where the data are not here."""
    from igaku.io.paths import find_data

    found = find_data("jmle2026/results")
    if found is None:
        return {}
    files = sorted(found.rglob("*.json"))[:2]
    for name, file in zip(("exam", "exam2"), files):
        cli("import", "jmle2026", str(file), "--bench", "jmle2026", "--out", str(folder / name))
    return {name: str(folder / name) for name in ("exam", "exam2") if (folder / name / "run.json").exists()}


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Table]]:
    """The tables that are shown meanwhile."""
    tables: list[Table] = []
    show = output.show_table

    def record(table: Table) -> None:
        tables.append(table)
        show(table)

    with monkeypatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("igaku.cli") and getattr(module, "show_table", None) is show:
                patch.setattr(module, "show_table", record)
        yield tables


def all_screens(cli: Cli, monkeypatch: pytest.MonkeyPatch, folder: Path) -> dict[str, Screen]:
    """Command -> what it showed; commands whose runs cannot be had here are left out."""
    runs = build_runs(folder)
    runs |= published_runs(folder, cli)
    monkeypatch.setattr(build, "build_engine", lambda *_, **__: Replay(lambda _: "1: はい 本人の言葉", name="j"))
    found: dict[str, Screen] = {}
    for name, words in COMMANDS.items():
        try:
            arguments = words.format(**runs).split()
        except KeyError:
            continue
        with recorded(monkeypatch) as tables:
            done = cli(*arguments)
        assert done.returncode in (0, 1) and "igaku:" not in done.stderr, f"{name}: {done.stderr}"
        found[name] = Screen(tables, done.stderr.splitlines())
    return found
