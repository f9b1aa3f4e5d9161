"""Large runs and boards as whole commands: wall time, processor time, peak memory, bytes, and the site's first view.

Two sizes: one run of 1,000,000 replies (62,500 questions x 4 templates x 4 samples), and a board of 300 models x 2,000
questions x 4 templates = 2,400,000 replies. What stands in them: ``scale_runs.py``.

Each command is a process of its own. Peak memory is the largest sum of what it and its children hold (proportional set
size, where shared pages count once), read five times a second. Runs that are in the folder already are taken as they
are.

python bench/scale.py FOLDER [--share 0.1] [--questions 40] [--only run|board] [--keep NAME]
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import psutil
from common import keep
from scale_runs import write_questions, write_run

MODELS, QUESTIONS, MANY, SAMPLES = 300, 2_000, 62_500, 4
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def held(process: psutil.Process) -> int:
    """Bytes that a process and its children hold now."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def command(*arguments: str) -> dict[str, object]:
    """Run one command of igaku; its times and peak memory, and the last line of what it says if it fails."""
    before, start = os.times(), time.perf_counter()
    main = [sys.executable, "-c", "from igaku.cli import main; main()", *arguments]
    with subprocess.Popen(main, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        peak, process = 0, psutil.Process(running.pid)
        while running.poll() is None:
            try:
                peak = max(peak, held(process))
            except psutil.Error:
                break
            time.sleep(0.2)
        error = running.stderr.read() if running.stderr else ""
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    found: dict[str, object] = {
        "what": " ".join(["igaku", *(Path(a).name if "/" in a else a for a in arguments[:2])]),
        "seconds": round(time.perf_counter() - start, 1),
        "processor seconds": round(cpu, 1),
        "peak MB": round(peak / 1e6),
    }
    return found | ({"failed": error.strip().splitlines()[-1:]} if running.returncode else {})


def size(folder: Path) -> int:
    """Bytes of all files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def browse(site: Path) -> dict[str, float]:
    """Seconds to the first view of three pages, and to an opened question, in a fresh headless Chromium each."""
    from playwright.sync_api import sync_playwright

    chromium = next(w for n in ("chromium", "chromium-browser", "google-chrome") if (w := shutil.which(n)))
    found: dict[str, float] = {}
    with sync_playwright() as play:
        for name, pattern in (("first view", "index.html"), ("board", "b-*.html"), ("questions", "q-*.html")):
            opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = opened.new_page()
            page.goto(next(site.glob(pattern)).as_uri(), wait_until="load")
            if name == "questions":
                page.wait_for_selector("[data-ready]")
            found[name] = round(page.evaluate(DRAWN) / 1000, 2)
            if name == "questions":
                start = time.perf_counter()
                page.locator(".list li").nth(3).click()
                page.wait_for_selector(".detail .one")
                found["a question with all replies"] = round(time.perf_counter() - start, 2)
            opened.close()
    return found


def one_run(folder: Path, share: float) -> list[dict[str, object]]:
    """One run of a million replies (times ``share``)."""
    folder.mkdir(parents=True, exist_ok=True)
    run, file = folder / "run", folder / "scale.jsonl"
    if not (run / "run.json").exists():
        write_run(run, write_questions(file, round(MANY * share)), 12, samples=SAMPLES)
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    rows = [
        command("show", str(run)),
        command("grade", str(run)),
        command("leaderboard", str(run)),
        command("report", str(run), "--out", str(site)),
        command("verify", str(run), "--bench", str(file)),
    ]
    return [row | {"replies": round(MANY * share) * 4 * SAMPLES} for row in rows] + [_weighed(site, run)]


def board(folder: Path, share: float, questions: int = QUESTIONS) -> list[dict[str, object]]:
    """300 models (times ``share``) on 2,000 questions (or ``questions``) by four templates."""
    folder.mkdir(parents=True, exist_ok=True)
    models = round(MODELS * share)
    file = folder / "scale.jsonl"
    if not file.exists():
        write_questions(file, questions)
    runs = [folder / f"m{k:03}" for k in range(models)]
    missing = [k for k, run in enumerate(runs) if not (run / "seal.json").exists()]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(write_run, [runs[k] for k in missing], [file] * len(missing), missing))
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    rows = [command("leaderboard", *map(str, runs)), command("report", *map(str, runs), "--out", str(site))]
    seen = [{"what": name, "seconds": seconds} for name, seconds in browse(site).items()]
    return [row | {"replies": models * questions * 4} for row in rows] + [_weighed(site, *runs), *seen]


def _weighed(site: Path, *runs: Path) -> dict[str, object]:
    journals = sum((run / "replies.jsonl").stat().st_size for run in runs)
    return {"what": "site", "MB": round(size(site) / 1e6), "MB of journals": round(journals / 1e6)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and store the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="of the board")
    parser.add_argument("--only", choices=("run", "board"))
    parser.add_argument("--keep", default="")
    given = parser.parse_args(arguments)
    rows: list[dict[str, object]] = []
    for name, measure in (("run", one_run), ("board", partial(board, questions=given.questions))):
        if given.only in (None, name):
            of = "" if name == "run" or given.questions == QUESTIONS else f"-{given.questions}"
            rows += (mine := measure(given.folder / f"{name}-{given.share:g}{of}", given.share))
            for row in mine:
                print(row, flush=True)
    if given.keep:
        keep(given.keep, rows)


if __name__ == "__main__":
    main()
