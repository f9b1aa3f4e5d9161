"""clinical_open: 18 open clinical questions with rubrics, embedded in igaku (6 of them in English too).

Written for igaku (Apache-2.0): classical emergencies and pitfalls of many fields; each has six to twelve points with
weights, one claim a point, of which one or two are dangerous statements with a negative weight, a reference answer,
and where the facts can be checked. A judge (any model, ``igaku judge``) or physicians (``igaku rate``) say which
points an answer meets; the score is the sum of the weights met over the sum of the positive ones, from 0 to 1. Your
own open questions, such as ClinicalQA25 (Zakka et al. 2024), go into a ``.jsonl`` file with the same fields
(``igaku.benchmarks.own``).
"""

from pathlib import Path

from igaku.benchmarks.mini import Mini

FOLDER = Path(__file__).parent / "open_questions"


class ClinicalOpen(Mini):
    """See the module."""

    name = "clinical_open"
    title = "open clinical questions (embedded)"
    title_ja = "記述式の臨床問題（同梱）"
    folder = FOLDER
    aggregate = "rubric"
    prompt = "open"
    method = "rubric"
