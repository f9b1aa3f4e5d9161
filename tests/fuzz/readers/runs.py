"""Run folders, in every command that opens one: each file of a run is damaged in turn."""

import json
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from ..reader import Reader
from .questions import lines

NEEDS = ("stats", "site", "openai", "parquet")
YEARS = ("2021", "2022", "2023", "2024")
EXAM = """title = "模試"
[[exam]]
year = "2024"
questions = 8
[[exam.part]]
name = "必修"
sections = ["必修"]
needed = 2
of = 4
"""


def rows() -> list[dict[str, object]]:
    """Questions of several years and sections, with what some studies need."""
    every: list[dict[str, object]] = []
    for n in range(32):
        row: dict[str, object] = {
            "id": f"q{n:02}",
            "stem": f"設問{n:02}の答えはどれか。",
            "year": YEARS[n // 8],
            "answer": "abc"[n % 3],
        }
        row |= {
            "choices": [f"甲{n}", f"乙{n}", f"丙{n}"],
            "section": ("必修", "一般")[n % 2],
            "human_accuracy": 0.5 + n / 100,
        }
        row |= {"group": "g"} if n in (4, 5) else {}
        every.append(row | ({"prohibited": ["c"]} if n == 6 else {}))
    del every[7]["choices"]
    return [*every[:7], every[7] | {"answer": "42"}, *every[8:]]


def scripted(name: str) -> Callable[..., object]:
    """A respondent that is right more or less often, by its name."""
    from igaku.question import Answer, Request

    def answer(request: Request) -> Answer:
        chance = crc32(f"{name}{request.prompt[-60:]}{request.sampling.seed}".encode()) % 7
        if request.kind != "text":
            n = len(request.continuations)
            return Answer(
                logprobs=tuple(-0.5 - ((i + chance) % 4) / 3 for i in range(n)), tokens=(1,) * n, prompt_tokens=9
            )
        text = ("答え：a", "b", "正解は c です。確信度：80%", "わからない", "", "42", "a と b")[chance]
        return Answer(text=text, prompt_tokens=9, new_tokens=3, finish="length" if chance == 4 else "stop")

    return answer


def make(folder: Path) -> None:
    """Runs of two models asked in several ways, one with samples, one that was judged, one of refusals."""
    import igaku
    from igaku.engines.replay import Replay

    (folder / "q.jsonl").write_text(lines(rows()), encoding="utf-8")
    (folder / "exam.toml").write_text(EXAM, encoding="utf-8")
    (folder / "dates.toml").write_text('[A]\nreleased = "2023-06"\n[B]\nreleased = "2022-12"\n', encoding="utf-8")
    (folder / "prices.toml").write_text("".join(f'["{m}"]\ninput = 1\noutput = 2\n' for m in "ABC"), encoding="utf-8")
    bench = str(folder / "q.jsonl")
    for name in "AB":
        ways = {"prompt": ["standard", "closing"], "order": ["original", "rotate-1"]}
        methods = ["letter", "letter-logprob", "likelihood"]
        igaku.evaluate(Replay(scripted(name), name=name), bench, out=folder / name, method=methods, **ways)
    igaku.evaluate(
        Replay(scripted("C"), name="A"), bench, out=folder / "s", method="letter", samples=3, temperature=0.7
    )
    first = next(iter(igaku.open_run(folder / "A").replies))
    (folder / "A" / "times.jsonl").write_text(json.dumps({"key": first, "took": {"last": 1.5, "first": 0.2}}) + "\n")
    igaku.evaluate(
        Replay(scripted("A"), name="A"), bench, out=folder / "abstain-1", method="letter", prompt="abstain-1"
    )
    _judged(folder)


def _judged(folder: Path) -> None:
    import igaku
    from igaku.engines.replay import Replay

    (folder / "more").mkdir()
    rubric = [{"point": "水", "weight": 2}, {"point": "酒を勧める", "weight": -1}]
    (folder / "more" / "o.jsonl").write_text(
        lines([{"id": f"o{n}", "stem": f"問 {n}", "rubric": rubric} for n in range(4)])
    )
    harmful = [{"id": f"h{n}", "stem": f"頼み {n}", "harmful": n % 2 == 0} for n in range(6)]
    (folder / "more" / "h.jsonl").write_text(lines(harmful), encoding="utf-8")
    vote = Replay(lambda _: "1: はい\n2: いいえ", name="J")
    igaku.evaluate(Replay(lambda _: "水を飲む。", name="A"), str(folder / "more" / "o.jsonl"), out=folder / "o")
    igaku.judge(folder / "o", vote)
    talker = Replay(lambda _: "お応えできません。", name="A")
    talker.sends_messages = True  # type: ignore[attr-defined]
    igaku.evaluate(talker, str(folder / "more" / "h.jsonl"), out=folder / "h")
    igaku.judge(folder / "h", vote)
    igaku.export_sheets([folder / "o"], folder / "sheets", raters=2)
    for sheet in (folder / "sheets").glob("*.csv"):
        text = sheet.read_text(encoding="utf-8-sig")
        sheet.write_text(text.replace(",,", ",1,"), encoding="utf-8")
    card = {"cells": [json.loads(json.dumps(c)) for c in igaku.open_run(folder / "A").as_data()["cells"]]}
    (folder / "card.json").write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")


READ = (
    "show A", "show A --json --by section", "show A --question q03", "grade A --method letter,gestalt,likelihood",
    "exam A", "exam A --difficulty", "card A", "view A --no-open --out v", "report A B --out site",
    "report A --letters-only --out site", "leaderboard A B", "leaderboard A B --by way --format csv", "compare A B",
    "compare A B --by year", "fair A B", "calibration A B", "usage A B --budgets 5,50",
    "years A B --dates dates.toml", "items A B --bench q.jsonl", "graders A B", "consistency A B",
    "verify A --bench q.jsonl", "short-form --bench q.jsonl A B --limit 10", "grade A --keys q.jsonl", "abstain A",
    "show A --json",
)  # fmt: skip
SAMPLES = (
    "show s",
    "leaderboard s",
    "grade s",
    "compare s A",
    "report s --out site",
    "verify s",
    "calibration s",
    "usage s",
    "exam s",
)
VOTES = (
    "show o", "show o --question o1", "grade o", "report o --out site", "verify o", "rate export o --out e",
    "judge o --judge stub --base-url {server} --api chat",
)  # fmt: skip
FINE = (0, 1, 2)
WARM = (
    *(f"igaku.studies.{name}" for name in ("leaderboard", "compare", "usage", "verify", "exam", "calibration", "fair")),
    *("igaku.report.site", "altair", "igaku.report.card", "numpy", "scipy.stats", "statsmodels.stats.multitest"),
)


def _reader(name: str, file: str, kind: str, commands: tuple[str, ...], share: float = 1.0) -> Reader:
    return Reader(name, make, file, kind, commands, FINE, False, WARM, share)


READERS = [
    _reader("run.json", "A/run.json", "json", READ, 4),
    _reader("replies.jsonl", "A/replies.jsonl", "jsonl", READ, 4),
    _reader("questions.jsonl", "A/questions.jsonl", "jsonl", READ, 4),
    _reader("prompts.jsonl", "A/prompts.jsonl", "jsonl", READ, 2),
    _reader("sessions.jsonl", "A/sessions.jsonl", "jsonl", READ),
    _reader("seal.json", "A/seal.json", "json", ("verify A --bench q.jsonl", "show A")),
    _reader("times.jsonl", "A/times.jsonl", "jsonl", ("usage A", "verify A", "show A", "report A --out site")),
    _reader("replies.jsonl with samples", "s/replies.jsonl", "jsonl", SAMPLES),
    _reader("run.json with samples", "s/run.json", "json", SAMPLES),
    _reader("replies.jsonl with votes", "o/replies.jsonl", "jsonl", VOTES, 2),
    _reader("run.json with votes", "o/run.json", "json", VOTES, 2),
    _reader("replies.jsonl of refusals", "h/replies.jsonl", "jsonl", ("safety h", "show h", "grade h")),
    _reader(
        "run.json of abstentions",
        "abstain-1/run.json",
        "json",
        ("abstain abstain-1", "show abstain-1", "verify abstain-1"),
    ),
    _reader("sheet .csv", "sheets/sheet-1.csv", "csv", ("rate import sheets",)),
    _reader("sheets' key.json", "sheets/key.json", "json", ("rate import sheets",)),
    _reader("dates .toml", "dates.toml", "toml", ("years A B --dates dates.toml",)),
    _reader("prices .toml of usage", "prices.toml", "toml", ("usage A B --prices prices.toml",)),
    _reader("marks .toml", "exam.toml", "toml", ("exam A --marks exam.toml",)),
    _reader("keys of a run", "q.jsonl", "jsonl", ("grade A --keys q.jsonl", "verify A --bench q.jsonl"), 1),
    _reader("card .json", "card.json", "json", ("verify A --scores card.json",)),
]
