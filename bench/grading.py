"""240,000 replies graded by every method, and the Gestalt ratio against difflib in the same run.

The replies are made of IgakuQA's own stems and choices (letters, anchored letters, choice texts with noise, rambling
paragraphs of 40 to 400 characters), so that the Gestalt grader meets long texts; 80,000 each are texts, letters' and
texts' log-probabilities, and each text is graded by all text methods, each score by its own.
"""

import difflib
import random
import time

from common import keep

from igaku import load_benchmark
from igaku.grading import METHODS, grade_all
from igaku.grading.gestalt import gestalt_ratio
from igaku.question import Answer, Question, Reply, RequestKind

N = 240_000


def replies(n: int) -> list:
    draw = random.Random(1)
    questions = [q for lang in ("ja", "en") for q in load_benchmark("igakuqa").load(lang) if q.choices]
    out = []
    for i in range(n):
        q = questions[i % len(questions)]
        kind = draw.random()
        choice = draw.choice(q.choices)
        other = draw.choice(questions).stem
        text = (
            draw.choice("abcde")
            if kind < 0.2
            else f"答え：{draw.choice('ABCDE')}\n解説：{other[:80]}"
            if kind < 0.4
            else choice[: max(2, len(choice) - draw.randrange(3))]
            if kind < 0.6
            else f"{other[: draw.randrange(40, 400)]}\n{choice}"
        )
        out.append((q, Reply(key="", model="m", bench="b", lang=q.lang, id=q.id, answer=Answer(text=text))))
    return out


def scored(n: int, kind: RequestKind) -> list[tuple[Question, Reply]]:
    draw = random.Random(2)
    questions = [q for q in load_benchmark("igakuqa").load("ja") if q.choices]
    out = []
    for i in range(n):
        q = questions[i % len(questions)]
        k = len(q.choices)
        answer = Answer(
            logprobs=tuple(-20 * draw.random() for _ in range(k)), tokens=tuple(draw.randrange(1, 12) for _ in range(k))
        )
        out.append((q, Reply(key="", model="m", bench="b", lang=q.lang, id=q.id, kind=kind, answer=answer)))
    return out


def main() -> None:
    questions = [q for q in load_benchmark("igakuqa").load("ja") if q.choices]
    methods = [m for m in METHODS.values() if all(map(m.applies, questions)) and not m.needs_votes]
    pairs = replies(N // 3) + scored(N // 3, "letters") + scored(N // 3, "likelihood")
    jobs = [(q, r, m.name) for m in methods for q, r in pairs if r.kind == m.kind]
    start = time.perf_counter()
    grade_all(jobs)
    mixed = time.perf_counter() - start

    texts = replies(N)
    letter_jobs = [(q, r, "letter") for q, r in texts]
    start = time.perf_counter()
    grade_all(letter_jobs)
    by_letter = time.perf_counter() - start
    text_jobs = [(q, r, m.name) for m in methods if m.kind == "text" for q, r in texts]
    start = time.perf_counter()
    grade_all(text_jobs)
    all_text = time.perf_counter() - start

    sample = [(c, r.answer.text) for q, r in texts[:20000:4] for c in q.choices[:2]]
    start = time.perf_counter()
    ours = [gestalt_ratio(a, b) for a, b in sample]
    fast = time.perf_counter() - start
    start = time.perf_counter()
    theirs = [difflib.SequenceMatcher(None, a, b).ratio() for a, b in sample]
    slow = time.perf_counter() - start
    n = sum(m.kind == "text" for m in methods)
    keep(
        "grading",
        [
            {
                "what": f"{N:,} replies of three kinds, each by all methods of its kind",
                "verdicts": f"{len(jobs):,}",
                "seconds": round(mixed, 1),
                "target": "under 60",
            },
            {
                "what": f"{N:,} written replies by the method letter",
                "verdicts": f"{len(letter_jobs):,}",
                "seconds": round(by_letter, 1),
                "target": "under 60",
            },
            {
                "what": f"{N:,} written replies, each by all {n} text methods",
                "verdicts": f"{len(text_jobs):,}",
                "seconds": round(all_text, 1),
                "target": "under 60",
            },
            {
                "what": "Gestalt ratio, difflib / ours on the same pairs",
                "pairs": f"{len(sample):,}",
                "ratio": round(slow / fast, 1),
                "equal": sum(a == b for a, b in zip(ours, theirs)),
                "target": "",
            },
        ],
    )


if __name__ == "__main__":
    main()
