"""A site of 30 models x 2,000 questions (IgakuQA, Japanese) x 4 templates = 240,000 replies, in headless Chromium.

The replies are random (this measures pages, not models); questions, templates, grading and pages are the real ones.
First view: from navigation until the page is loaded and has drawn twice. Search: from the key stroke until the list is
drawn (a typing pause of 60 ms included).

python bench/report_site.py
"""

import random
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from common import keep

import igaku
from igaku.engines.replay import Replay
from igaku.question import Request
from igaku.report.site import build_site

MODELS, PROMPTS = 30, ["standard", "closing", "bracketed", "instructed"]
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
SEARCH = """async word => {
  const box = document.querySelector("input[name=search]"), found = document.querySelector("#found");
  const before = found.textContent;
  const start = performance.now();
  box.value = word; box.dispatchEvent(new Event("input"));
  while (found.textContent === before) await new Promise(done => requestAnimationFrame(done));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [performance.now() - start, found.textContent];
}"""


def make_runs(folder: Path) -> list[Path]:
    runs = []
    for k in range(MODELS):
        rng = random.Random(k)

        def script(_: Request, rng: random.Random = rng, skill: float = 0.2 + 0.02 * k) -> str:
            letter = "a" if rng.random() < skill else "bcde"[rng.randrange(4)]
            return "所見と経過から最も考えられるものを選ぶ。" * rng.randrange(1, 8) + f"\n答え: {letter}"

        out = folder / f"run{k}"
        igaku.evaluate(
            Replay(script, name=f"model-{k:02}"), "igakuqa", lang="ja", prompt=PROMPTS, method="letter", out=out
        )
        runs.append(out)
    return runs


def browse(site: Path) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    chromium = next(w for n in ("chromium", "chromium-browser", "google-chrome") if (w := shutil.which(n)))
    seconds: dict[str, list[float]] = {"first view": [], "viewer": [], "search": [], "open a question": []}
    with sync_playwright() as play:
        for _ in range(5):
            opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = opened.new_page()
            page.goto((site / "index.html").as_uri(), wait_until="load")
            seconds["first view"].append(page.evaluate(DRAWN) / 1000)
            page.goto((site / "q-igakuqa-ja.html").as_uri(), wait_until="load")
            page.wait_for_selector("[data-ready]")
            seconds["viewer"].append(page.evaluate(DRAWN) / 1000)
            for word in ("胸痛", "妊娠", "心電図 高血圧", "112A"):
                seconds["search"].append(page.evaluate(SEARCH, word)[0] / 1000)
            start = time.perf_counter()
            page.locator(".list li").nth(3).click()
            page.wait_for_selector(".detail .one")
            seconds["open a question"].append(time.perf_counter() - start)
            opened.close()
    return {name: statistics.median(values) if name != "search" else max(values) for name, values in seconds.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        runs = make_runs(Path(scratch))
        start = time.perf_counter()
        built = build_site(runs, Path(scratch) / "site")
        build = time.perf_counter() - start
        size = sum(f.stat().st_size for f in built.path.rglob("*") if f.is_file()) / 1e6
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        measured = browse(built.path)
    keep(
        "report_site",
        [
            {
                "what": f"site of {built.replies:,} replies built",
                "seconds": round(build, 1),
                "target": "under 60",
                "MB": round(size),
                "GB of memory": round(memory, 1),
            },
            {"what": "first view, headless Chromium", "seconds": round(measured["first view"], 2), "target": "under 2"},
            {"what": "question viewer ready", "seconds": round(measured["viewer"], 2), "target": "under 2"},
            {"what": "search, slowest of 20", "seconds": round(measured["search"], 2), "target": "under 0.3"},
            {
                "what": "question opened with 120 replies",
                "seconds": round(measured["open a question"], 2),
                "target": "",
            },
        ],
    )


if __name__ == "__main__":
    main()
