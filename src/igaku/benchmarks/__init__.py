"""WHAT is asked: one file per benchmark, and this static table of names (no scan, so start-up is instant)."""

import re
from functools import cache
from pathlib import Path

from igaku import plugins
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.checks import declared
from igaku.errors import IgakuError, UnknownNameError

__all__ = ["TABLE", "Benchmark", "benchmark_names", "family", "installed_benchmarks", "load_benchmark"]

TABLE = {
    "mini": "igaku.benchmarks.mini:Mini",
    "mini_hard": "igaku.benchmarks.mini_hard:MiniHard",
    "clinical_open": "igaku.benchmarks.clinical_open:ClinicalOpen",
    "igakuqa": "igaku.benchmarks.igakuqa:IgakuQA",
    "igakuqa119": "igaku.benchmarks.igakuqa119:IgakuQA119",
    "jmle2026": "igaku.benchmarks.jmle2026:JMLE2026",
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
    "medrect": "igaku.benchmarks.medrect:MedRECT",
    "medec": "igaku.benchmarks.medec:MEDEC",
    "medxpertqa": "igaku.benchmarks.medxpertqa:MedXpertQA",
    "jmle_text": "igaku.benchmarks.jmle_text:JMLEText",
    "dental_exam": "igaku.benchmarks.dental_exam:DentalExam",
    "keepha": "igaku.benchmarks.keepha:KEEPHA",
    "nursing_records": "igaku.benchmarks.nursing_records:NursingRecords",
    "j_clinicalbench": "igaku.benchmarks.j_clinicalbench:JClinicalBench",
    "kokushimd": "igaku.benchmarks.kokushimd:KokushiMD",
    "jmed48k": "igaku.benchmarks.jmed48k:JMed48k",
    "healthbench": "igaku.benchmarks.healthbench:HealthBench",
    "healthbench_jp": "igaku.benchmarks.healthbench:HealthBenchJP",
    "healthbench_professional": "igaku.benchmarks.healthbench:HealthBenchPro",
    "jbc": "igaku.benchmarks.healthbench:JBC",
    "harmless": "igaku.benchmarks.harmless:Harmless",
    "medsafetybench": "igaku.benchmarks.medsafetybench:MedSafetyBench",
    "jmedethicbench": "igaku.benchmarks.jmedethicbench:JMedEthicBench",
}


OWN_FILES = (".jsonl", ".csv", ".tsv", ".xlsx", ".xlsm")
"""How the names of files end that hold own questions."""
_TABLES = "save it as .xlsx, or as CSV UTF-8"
OTHER_FILES = {
    ".json": "own questions stand one JSON object a line: write a list so by jq -c '.[]' FILE > NEW.jsonl",
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers"), f"igaku does not read this kind of table: {_TABLES}"),
    ".txt": "own questions are .jsonl, .csv, .tsv or .xlsx: rename it, if it is one of these",
    **dict.fromkeys((".docx", ".doc"), "own questions are .jsonl, .csv or .xlsx: put the questions into a table"),
    ".pdf": "igaku data official reads the PDFs of official exams; own questions are .jsonl, .csv or .xlsx",
    ".parquet": "own questions are .jsonl, .csv or .xlsx: write it as JSON Lines, e.g. by pandas to_json(lines=True)",
}
"""Endings of other files that people give -> what to do."""
HINT = "(or give a .jsonl, .csv, .xlsx or .py file of your own, or package.module:Class)"
_FILE = re.compile(r"(.+\.py(?::\w+)?|[\w.]+:\w+)(?:-(.+))?")
_loaded: set[str] = set()
"""Names of the benchmarks outside the table that this process has loaded."""


def benchmark_names() -> list[str]:
    """Every name in igaku's own table, slices such as ``igakuqa-2018`` left out."""
    return list(TABLE)


def installed_benchmarks() -> list[str]:
    """The names that installed packages give (entry points ``igaku.benchmarks``)."""
    return [entry.name for entry in plugins.installed("benchmark")]


def family(label: str) -> str:
    """The benchmark a label belongs to: ``igakuqa`` for ``igakuqa-2018``; a file of your own is its own family.

    The slices of a coded benchmark outside the table are known once it is loaded, or where its package is installed.
    """
    base = label.split("-")[0]
    if base in TABLE or base == label:
        return base
    return base if base in _loaded or base in _installed() else label


@cache
def _installed() -> frozenset[str]:
    return frozenset(installed_benchmarks())


def load_benchmark(name: str) -> Benchmark:
    """A benchmark by name, by slice, by file or by class.

    ``igakuqa``; ``igakuqa-2018`` (one year), ``jmmlu-virology`` (one subject); ``my.jsonl``, ``my.csv`` or ``my.xlsx``
    (your own questions, see ``igaku.benchmarks.own``); ``my_exam.py``, ``my_exam.py:MyExam``, ``package.module:MyExam``
    or a name from an installed package's entry points ``igaku.benchmarks`` (your own code, which is run), and slices of
    these.

    Raises:
        IgakuError: an unknown name or slice, with near matches; or what is wrong with the file or class.
    """
    if name.lower().endswith(OWN_FILES):
        if Path(name).stem.partition("-")[0] in TABLE:
            raise IgakuError(f"{name}: {Path(name).stem!r} is the name of a benchmark; give your file another name")
        from igaku.benchmarks.own import UserBenchmark

        return UserBenchmark(Path(name))
    if advice := OTHER_FILES.get(Path(name).suffix.lower()):
        raise IgakuError(f"{name}: {advice}")
    base, part = _split(name)
    cls: type[Benchmark] = plugins.resolve("benchmark", base, TABLE, HINT)
    if base not in TABLE:
        _admit(cls, base)
    return _slice(cls, base, part) if part else cls()


def _split(name: str) -> tuple[str, str]:
    """A name as its benchmark and its slice (``igakuqa:2018`` and ``igakuqa/2018`` are ``igakuqa-2018``)."""
    if name in TABLE:
        return name, ""
    base, _, part = re.sub(r"[:/]", "-", name).partition("-")
    if base in TABLE:
        return base, part
    if found := _FILE.fullmatch(name):
        return found[1], found[2] or ""
    return (base, part) if base in installed_benchmarks() else (name, "")


def _admit(cls: object, where: str) -> None:
    """Let in a benchmark from outside the table."""
    if not isinstance(cls, type) or not issubclass(cls, Benchmark):
        raise IgakuError(f"{where}: expected a class derived from igaku.Benchmark, got {cls!r}")
    declared(cls, where, benchmark_names())
    if plugins.is_name(where) and cls.name != where:
        raise IgakuError(f"benchmark {where}: its package calls it {cls.name!r}; give both the same name")
    _loaded.add(cls.name)


def _slice(cls: type[Benchmark], base: str, part: str) -> Benchmark:
    if not cls.slices:
        raise IgakuError(f"benchmark {base!r} has no parts, so {base}-{part} is not known; use {base!r}")
    part = cls.aliases().get(part, part)
    if part not in cls.slices and part not in cls.parts():
        raise UnknownNameError(f"part of {base}", part, tuple(dict.fromkeys((*cls.slices, *cls.parts()))))
    return cls(part)
