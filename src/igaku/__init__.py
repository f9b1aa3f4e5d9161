"""igaku: evaluate language models on the Japanese and English medical exams and the ward's tasks.

The public API loads on use, so that ``import igaku`` costs nothing::

    run = igaku.evaluate("gemma-3-270m", "mini", lang="ja", out="runs/try")
    print(run)                                    # the table that `igaku show` prints; run.to_dataframe() as pandas
    igaku.compare("runs/base", "runs/tuned")      # every study returns a report: print it, or igaku.render(report,
    "latex") igaku.fair("gemma-3-270m", "igakuqa-2018", out="runs/fair", base_url="http://localhost:8000/v1")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from igaku._version import __version__

_API = {
    "Benchmark": "igaku.benchmarks",
    "EngineBase": "igaku.engines",
    "EngineSpec": "igaku.engines",
    "IgakuError": "igaku.errors",
    "Method": "igaku.grading.methods",
    "Question": "igaku.question",
    "Reply": "igaku.question",
    "Run": "igaku.runs.store",
    "TaskSpec": "igaku.runs.specs",
    "Verdict": "igaku.question",
    "abstain": "igaku.studies.abstain",
    "benchmark_names": "igaku.benchmarks",
    "build_engine": "igaku.engines",
    "build_site": "igaku.report.site",
    "calibration": "igaku.studies.calibration",
    "compare": "igaku.studies.compare",
    "consistency": "igaku.studies.consistency",
    "contamination": "igaku.studies.contamination",
    "evaluate": "igaku.runs.evaluate",
    "evaluate_suite": "igaku.runs.evaluate_suite",
    "exam": "igaku.studies.exam",
    "export": "igaku.runs.export:export_lm_eval",
    "export_sheets": "igaku.studies.rate",
    "fair": "igaku.studies.fair",
    "formats": "igaku.studies.formats",
    "grade": "igaku.runs.grade",
    "graders": "igaku.studies.graders",
    "images": "igaku.studies.images",
    "import_run": "igaku.runs.importers",
    "inflation": "igaku.studies.inflation",
    "items": "igaku.studies.items",
    "judge": "igaku.studies.judge",
    "leaderboard": "igaku.studies.leaderboard",
    "load_benchmark": "igaku.benchmarks",
    "load_prompt": "igaku.prompts",
    "open_run": "igaku.runs.store",
    "plan": "igaku.runs.evaluate",
    "rank_benchmarks": "igaku.studies.rank_benchmarks",
    "read_ecg": "igaku.cardiology.ecg:read",
    "read_sheets": "igaku.studies.rate",
    "register_method": "igaku.grading",
    "render": "igaku.tables",
    "reproduce": "igaku.studies.reproduce",
    "run_plan": "igaku.plans",
    "safety": "igaku.studies.safety",
    "save_report": "igaku.tables:save",
    "short_form": "igaku.studies.short_form",
    "summarise": "igaku.studies.fair",
    "train": "igaku.training.recipe",
    "usage": "igaku.studies.usage",
    "verify": "igaku.studies.verify",
    "years": "igaku.studies.years",
}
"""Public name -> module, and the name in it where that differs."""

__all__ = ["__version__", *_API]

if TYPE_CHECKING:
    from igaku.benchmarks import Benchmark as Benchmark
    from igaku.benchmarks import benchmark_names as benchmark_names
    from igaku.benchmarks import load_benchmark as load_benchmark
    from igaku.cardiology.ecg import read as read_ecg
    from igaku.engines import EngineBase as EngineBase
    from igaku.engines import EngineSpec as EngineSpec
    from igaku.engines import build_engine as build_engine
    from igaku.errors import IgakuError as IgakuError
    from igaku.grading import register_method as register_method
    from igaku.grading.methods import Method as Method
    from igaku.plans import run_plan as run_plan
    from igaku.prompts import load_prompt as load_prompt
    from igaku.question import Question as Question
    from igaku.question import Reply as Reply
    from igaku.question import Verdict as Verdict
    from igaku.report.site import build_site as build_site
    from igaku.runs.evaluate import evaluate as evaluate
    from igaku.runs.evaluate import plan as plan
    from igaku.runs.evaluate_suite import evaluate_suite as evaluate_suite
    from igaku.runs.export import export_lm_eval as export
    from igaku.runs.grade import grade as grade
    from igaku.runs.importers import import_run as import_run
    from igaku.runs.specs import TaskSpec as TaskSpec
    from igaku.runs.store import Run as Run
    from igaku.runs.store import open_run as open_run
    from igaku.studies.abstain import abstain as abstain
    from igaku.studies.calibration import calibration as calibration
    from igaku.studies.compare import compare as compare
    from igaku.studies.consistency import consistency as consistency
    from igaku.studies.contamination import contamination as contamination
    from igaku.studies.exam import exam as exam
    from igaku.studies.fair import fair as fair
    from igaku.studies.fair import summarise as summarise
    from igaku.studies.formats import formats as formats
    from igaku.studies.graders import graders as graders
    from igaku.studies.images import images as images
    from igaku.studies.inflation import inflation as inflation
    from igaku.studies.items import items as items
    from igaku.studies.judge import judge as judge
    from igaku.studies.leaderboard import leaderboard as leaderboard
    from igaku.studies.rank_benchmarks import rank_benchmarks as rank_benchmarks
    from igaku.studies.rate import export_sheets as export_sheets
    from igaku.studies.rate import read_sheets as read_sheets
    from igaku.studies.reproduce import reproduce as reproduce
    from igaku.studies.safety import safety as safety
    from igaku.studies.short_form import short_form as short_form
    from igaku.studies.usage import usage as usage
    from igaku.studies.verify import verify as verify
    from igaku.studies.years import years as years
    from igaku.tables import render as render
    from igaku.tables import save as save_report
    from igaku.training.recipe import train as train


def __getattr__(name: str) -> Any:
    if name not in _API:
        raise AttributeError(f"module 'igaku' has no attribute {name!r}")
    module, _, attribute = _API[name].partition(":")
    return getattr(import_module(module), attribute or name)


def __dir__() -> list[str]:
    return sorted(__all__)
