"""igaku: evaluate language models on the Japanese and English medical exams.

The public API is small and loads on use, so that ``import igaku`` costs nothing::

    run = igaku.evaluate(model="gemma-3-270m", bench="mini", lang="ja", out="runs/try")
    print(run.show(method="letter-logprob"))
    run.cells                                   # the same as data
    igaku.open_run("runs/try").grade(["letter"])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from igaku._version import __version__

_API = {
    "Benchmark": "igaku.benchmarks",
    "load_benchmark": "igaku.benchmarks",
    "benchmark_names": "igaku.benchmarks",
    "load_prompt": "igaku.prompts",
    "build_engine": "igaku.engines",
    "evaluate": "igaku.runs.evaluate",
    "plan": "igaku.runs.evaluate",
    "EngineBase": "igaku.engines",
    "EngineSpec": "igaku.engines",
    "judge_run": "igaku.studies.judge",
    "agree": "igaku.studies.consistency",
    "build_site": "igaku.report.site",
    "compare": "igaku.studies.compare:compare_runs",
    "open_run": "igaku.runs.store",
    "import_run": "igaku.runs.importers",
    "grade": "igaku.grading",
    "Method": "igaku.grading",
    "register_method": "igaku.grading",
    "Question": "igaku.question",
    "Reply": "igaku.question",
    "Verdict": "igaku.question",
    "IgakuError": "igaku.errors",
}

__all__ = [
    "Benchmark",
    "IgakuError",
    "Method",
    "Question",
    "Reply",
    "Verdict",
    "__version__",
    "agree",
    "benchmark_names",
    "build_engine",
    "build_site",
    "compare",
    "evaluate",
    "grade",
    "import_run",
    "judge_run",
    "load_benchmark",
    "load_prompt",
    "open_run",
    "register_method",
]

if TYPE_CHECKING:
    from igaku.benchmarks import Benchmark, benchmark_names, load_benchmark
    from igaku.engines import build_engine
    from igaku.errors import IgakuError
    from igaku.grading import Method, grade, register_method
    from igaku.prompts import load_prompt
    from igaku.question import Question, Reply, Verdict
    from igaku.report.site import build_site
    from igaku.runs.evaluate import evaluate
    from igaku.runs.importers import import_run
    from igaku.runs.store import open_run
    from igaku.studies.consistency import agree
    from igaku.studies.judge import judge_run


def __getattr__(name: str) -> Any:
    if name not in _API:
        raise AttributeError(f"module 'igaku' has no attribute {name!r}")
    module, _, attribute = _API[name].partition(":")
    return getattr(import_module(module), attribute or name)
