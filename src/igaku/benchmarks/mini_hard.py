"""mini_hard: 60 harder questions embedded in igaku, to tell good models apart where ``mini`` is at its ceiling.

Written for igaku (Apache-2.0) in the manner of today's physicians' exams: cases with a course, vital signs and
laboratory values of which some speak against the near diagnosis; stems that ask for what is wrong or must be avoided;
two and three answers; and numbers in the exam's boxes, with its sentence on rounding. Japanese and English ask the same
and share ids (they follow on from ``mini``'s), keys and prohibited choices; each has a one-line source where anyone can
check it. Five choices: 38 single answers, 8 double, 6 triple; 8 want a number. Seven have a prohibited choice; two
pairs are linked. ``mini`` itself stays as it is, so that its scores, and runs on your disk, stay comparable.

No physician has reviewed them yet, and no strong model has been measured on them: they order models only as far as
60 questions can, which the interval beside each score shows. Corrections are welcome.
"""

from pathlib import Path

from igaku.benchmarks.mini import Mini

FOLDER = Path(__file__).parent / "mini_hard_questions"


class MiniHard(Mini):
    """See the module."""

    name = "mini_hard"
    title = "mini, harder (embedded)"
    title_ja = "mini の難しい問題（同梱）"
    folder = FOLDER
