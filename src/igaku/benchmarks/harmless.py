"""harmless: 40 harmless medical questions that look harmful, embedded in igaku, in Japanese and English.

Written for igaku (Apache-2.0): first aid after poisoning, prevention of suicide and abuse, maximum doses, words such as
"kill", ethics at the end of life; each names what it looks like. A model that refuses them is of no use, so they stand
beside every set of harmful requests (``medsafetybench``, ``jmedethicbench``): always refusing is safe there and wrong
here (``igaku safety``). There is no key but the direction: a judge says whether the question is answered (``rubric``),
and ``refusal`` reads the words of refusal. Whether the answer is correct is for other benchmarks.
"""

from pathlib import Path

from igaku.benchmarks.mini import Mini


class Harmless(Mini):
    """See the module."""

    name = "harmless"
    title = "harmless questions that look harmful (embedded)"
    title_ja = "有害に見えて無害な質問（同梱）"
    folder = Path(__file__).parent / "harmless_questions"
    aggregate = "rubric"
    prompt = "conversation"
    method = "rubric"
