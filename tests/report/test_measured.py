"""Length, samples and calibration on the pages: the studies' own numbers, in both languages, only where measured."""

import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import igaku
from igaku.engines.cost import Price
from igaku.engines.replay import Replay
from igaku.question import Answer, Request
from igaku.report.site import build_site
from igaku.report.site.collect import collect
from igaku.report.site.numbers import percent
from igaku.report.site.pages import iter_pages
from igaku.report.site.slugs import Slugs
from igaku.runs.sample_results import sample_results
from igaku.studies.calibration import calibration
from igaku.studies.usage import usage
from igaku.tables import interval
from tests.report.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

N = 24
PRICES = {"deep": Price(input=1, output=10), "brief": Price(input=1, output=2)}


def exam(folder: Path) -> str:
    rows = [
        {
            "id": f"q{i:02}",
            "stem": f"計器{i:02}の値はどれか。",
            "choices": ["高い", "低い", "なし"],
            "answer": "abc"[i % 3],
        }
        for i in range(N)
    ]
    (folder / "gauge.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(folder / "gauge.jsonl")


def thinker(name: str, per: int, right: float, *, cut: int = 0, counted: bool = True) -> Replay:
    """Thinks ``per`` tokens a question's number, states a confidence, and is cut in the last ``cut`` questions."""

    def reply(request: Request) -> Answer:
        i = int(re.findall(r"計器(\d\d)", request.prompt)[-1])
        lucky = random.Random(f"{name} {i} {request.sampling.seed}").random() < right
        whole = i < N - cut
        text = f"答え：{'abc'[(i + (not lucky)) % 3]}\n確信度：{60 + i}%" if whole else ""
        thinking = "考" * (per * (i + 1))
        tokens = {"prompt_tokens": 100, "new_tokens": len(thinking) + 10 * whole, "thinking_tokens": len(thinking)}
        return Answer(text=text, thinking=thinking, finish="stop" if whole else "length", **(tokens if counted else {}))

    return Replay(reply, name=name)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("gauge")
    bench = exam(root)
    for engine in (thinker("deep", 20, 0.9), thinker("brief", 2, 0.6), thinker("cut", 8, 0.9, cut=6)):
        igaku.evaluate(engine, bench, prompt="confidence", method="letter", out=root / engine.identity.model)
    sampled = {"samples": 4, "temperature": 0.7, "method": "letter"}
    igaku.evaluate(thinker("drawn", 5, 0.5), bench, out=root / "drawn", **sampled)
    return [root / name for name in ("deep", "brief", "cut", "drawn")]


@pytest.fixture(scope="module")
def pages(runs: list[Path]) -> dict[str, Any]:
    data = collect(runs, prices=PRICES)
    return {page.file: page.content for page in iter_pages(data, Slugs(data.items, data.models))}


@pytest.fixture(scope="module")
def site(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(runs, tmp_path_factory.mktemp("site") / "pages", prices=PRICES).path


def bench_page(pages: dict[str, Any]) -> Any:
    return next(content for name, content in pages.items() if name.startswith("b-"))


def test_lengths_are_those_of_usage(runs: list[Path], pages: dict[str, Any]) -> None:
    theirs = {r.model: r for r in usage(runs, prices=PRICES).rows}
    view = bench_page(pages).usage
    assert {c.row.model for c in view.rows} == set(theirs) == {"deep", "brief", "cut", "drawn"}
    for cells in view.rows:
        known = theirs[cells.row.model]
        for name in ("n", "accuracy", "ci95", "prompt", "thinking", "answer", "written", "truncated", "loops", "cost"):
            assert getattr(cells.row, name) == getattr(known, name), name
    assert view.lead == "took.lead_tokens" and view.parts == ["prompt", "thinking", "answer"]
    assert view.shown == ["loops", "cost"]


def test_a_score_over_samples_is_their_mean_within_its_interval(runs: list[Path]) -> None:
    (row,) = usage(runs[3]).rows
    (found,) = sample_results(igaku.open_run(runs[3]))
    assert row.accuracy == pytest.approx(found.found.mean.value)
    assert row.ci95[0] <= row.accuracy <= row.ci95[1]


def test_the_front_is_drawn_as_the_study_has_it(runs: list[Path], pages: dict[str, Any]) -> None:
    report, view = usage(runs, prices=PRICES), bench_page(pages).usage
    assert [s.by for s in view.pictures] == ["tokens", "cost"]
    (tokens, _), names = view.pictures, {c.number: c.row.model for c in view.rows}
    front = {f.row.model for f in report.fronts if f.by == "tokens" and not f.beaten_by}
    assert {names[p.number] for p in tokens.points if p.front} == front
    across = [float(p.x.rstrip("%")) for p in tokens.points]
    assert across == sorted(across) and all(0 < x < 100 for x in across)
    amounts = {f.row.model: f.amount for f in report.fronts if f.by == "tokens"}
    assert [names[p.number] for p in tokens.points] == sorted(amounts, key=lambda m: amounts[m])
    assert all(float(p.high.rstrip("%")) <= float(p.y.rstrip("%")) <= float(p.low.rstrip("%")) for p in tokens.points)


def test_who_was_cut_too_often_is_named_with_what_it_would_be(pages: dict[str, Any]) -> None:
    (cells,) = (c for c in bench_page(pages).usage.rows if c.row.model == "cut")
    assert cells.truncated == "25.0%"
    (note,) = (n for n in bench_page(pages).usage.notes if "too many replies cut off" in n)
    assert "cut confidence_ja has" in note and "6 of 24" in note and "打ち切りが多く" in note


def test_samples_are_those_of_show(runs: list[Path], pages: dict[str, Any]) -> None:
    (theirs,) = sample_results(igaku.open_run(runs[3]))
    for view in (bench_page(pages).samples, *pages["m-drawn.html"].samples):
        (cells,) = view.rows
        assert cells.result == theirs and cells.last.k == 4
    assert pages["m-deep.html"].samples == []


def test_calibration_is_the_studys_from_each_source(runs: list[Path], pages: dict[str, Any]) -> None:
    theirs = calibration(runs).rows
    found = bench_page(pages).calibration
    assert [c.row for c in found.rows if c.row.source == "stated"] == [r for r in theirs if r.source == "stated"]
    assert [c.row for c in found.rows if c.row.source == "agreement"] == [r for r in theirs if r.source == "agreement"]
    assert {c.row.model for c in found.rows if c.row.source == "agreement"} == {"drawn"}
    assert len(found.pictures) == len({(c.name, c.row.source) for c in found.rows})


def test_a_confidence_that_few_answers_state_is_not_shown(tmp_path: Path) -> None:
    count = iter(range(10_000))
    seldom = Replay(lambda _: f"答え：a{'。確信度：80%' if next(count) % 3 == 0 else ''}", name="seldom")
    run = igaku.evaluate(seldom, exam(tmp_path), method="letter", out=tmp_path / "r")
    assert calibration(run).rows and not collect([run]).measured.calibration


def test_log_probabilities_took_nothing_and_are_in_no_table_of_lengths(tmp_path: Path) -> None:
    def sure(request: Request) -> Answer:
        return Answer(logprobs=tuple(-0.1 - k for k in range(len(request.continuations))), prompt_tokens=50)

    run = igaku.evaluate(Replay(sure, name="sure"), exam(tmp_path), method="letter-logprob", out=tmp_path / "r")
    data = collect([run])
    assert not data.measured.usage and not data.measured.samples
    ((_, row),) = next(iter(data.measured.calibration.values()))
    assert row.source == "letters" and row == calibration(run).rows[0]


def test_without_counts_the_page_says_characters(tmp_path: Path) -> None:
    runs = [
        igaku.evaluate(thinker(name, 3, 0.5, counted=counted), exam(tmp_path), method="letter", out=tmp_path / name)
        for name, counted in (("plain", False), ("counted", True))
    ]
    views = [collect([run]).measured.usage for run in runs]
    assert [next(iter(v.values())).rows[0].unit for v in views] == ["characters", "tokens"]
    data = collect(runs)
    pages: dict[str, Any] = {p.file: p.content for p in iter_pages(data, Slugs(data.items, data.models))}
    assert bench_page(pages).usage.mixed and bench_page(pages).usage.lead == "took.lead_mixed"


@browser
@pytest.mark.parametrize(("lang", "scheme"), [("ja", "dark"), ("en", "light")])
def test_the_numbers_stand_on_the_pages_on_a_phone(
    chromium: "Browser", runs: list[Path], site: Path, lang: str, scheme: Any
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = chromium.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    words = {
        "ja": ("95 パーセンタイル", "サンプル間の SD", "平均確信度"),
        "en": ("95th percentile", "SD, samples", "mean confidence"),
    }
    for name in (next(site.glob("b-*.html")).name, "m-drawn.html"):
        page.goto((site / name).as_uri())
        if page.locator("html").get_attribute("lang") != lang:
            page.click("#switch")
        text = page.locator("main").inner_text().replace("\u00a0", " ")
        assert all(w in text for w in words[lang]), name
        (found,) = sample_results(igaku.open_run(runs[3]))
        assert percent(found.by_k[-1].passed.value) in text and interval(found.by_k[-1].all_right.ci95) in text
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.evaluate("[...document.querySelectorAll('.cards')].every(t => t.scrollWidth <= innerWidth)")
        bad = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in bad] == [], name
    page.close()


@browser
def test_without_javascript_the_numbers_are_there(chromium: "Browser", site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(next(site.glob("b-*.html")).as_uri())
    text = page.locator("main").inner_text()
    assert "回答の長さ・時間・費用" in text and "確信度と正答率" in text and "複数サンプルの成績" in text
    assert page.locator("figure.pareto circle").count() == 4 + 2 and page.locator(".panels svg:visible").count() > 1
    context.close()
