"""WHAT is asked: one file per benchmark, and this static table of names (no scan, so start-up is instant)."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError, UnknownNameError

TABLE = {
    "mini": "igaku.benchmarks.mini:Mini",
    "clinical_open": "igaku.benchmarks.clinical_open:ClinicalOpen",
    "igakuqa": "igaku.benchmarks.igakuqa:IgakuQA",
    "igakuqa119": "igaku.benchmarks.igakuqa119:IgakuQA119",
    "denqa": "igaku.benchmarks.denqa:DenQA",
    "jjsimqa": "igaku.benchmarks.jjsimqa:JJSIMQA",
    "jmmlu": "igaku.benchmarks.jmmlu:JMMLU",
    "medqa": "igaku.benchmarks.medqa:MedQA",
    "medqa4": "igaku.benchmarks.medqa4:MedQA4",
    "medmcqa": "igaku.benchmarks.medmcqa:MedMCQA",
    "mmlu_medical": "igaku.benchmarks.mmlu_medical:MMLUMedical",
    "pubmedqa": "igaku.benchmarks.pubmedqa:PubMedQA",
    "medqa_zh": "igaku.benchmarks.medqa_zh:MedQAzh",
    "cmexam": "igaku.benchmarks.cmexam:CMExam",
    "jmedbench": "igaku.benchmarks.jmedbench:JMedBench",
    "yakugakuqa": "igaku.benchmarks.yakugakuqa:YakugakuQA",
    "nayose_qa": "igaku.benchmarks.nayose:NayoseQA",
    "nayose_instruct": "igaku.benchmarks.nayose:NayoseInstruct",
    "sogocheck": "igaku.benchmarks.sogocheck:SogoCheck",
    "jmed_llm": "igaku.benchmarks.jmed_llm:JMEDLLM",
}


def benchmark_names() -> list[str]:
    """Every name that ``load_benchmark`` takes, slices such as ``igakuqa-2018`` left out."""
    return list(TABLE)


def family(label: str) -> str:
    """The benchmark a label belongs to: ``igakuqa`` for ``igakuqa-2018``; a file of your own is its own family."""
    base = label.split("-")[0]
    return base if base in TABLE else label


def load_benchmark(name: str) -> Benchmark:
    """A benchmark by name, by slice or by file.

    ``igakuqa``; ``igakuqa-2018`` (one year), ``jmmlu-virology`` (one subject); ``my.jsonl`` or ``my.csv``
    (your own questions, see ``igaku.benchmarks.own``).

    Raises:
        UnknownNameError: no such name or slice, with near matches.
    """
    if name.endswith((".jsonl", ".csv")):
        if Path(name).stem.partition("-")[0] in TABLE:
            raise IgakuError(f"{name}: {Path(name).stem!r} is the name of a benchmark; call your file something else")
        return _cls("igaku.benchmarks.own:UserBenchmark")(Path(name))
    if name in TABLE:
        return _cls(TABLE[name])()
    base, _, part = re.sub(r"[:/]", "-", name).partition("-")
    if base in TABLE and part:
        cls = _cls(TABLE[base])
        if part not in cls.slices:
            if not cls.slices:
                raise IgakuError(f"benchmark {base!r} has no parts, so {name!r} is not known; use {base!r}")
            raise UnknownNameError(f"part of {base}", part, cls.slices)
        return cls(part)
    raise UnknownNameError("benchmark", name, TABLE, hint="(or give a .jsonl or .csv file of your own)")


def _cls(path: str) -> Any:
    module, _, cls = path.partition(":")
    return getattr(import_module(module), cls)
