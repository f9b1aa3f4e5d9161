"""Is model A really better than model B? The same questions, the paired test, and the questions that decide it.

python examples/compare_two_models.py [MODEL_A MODEL_B]
"""

import sys

import igaku


def main(first: str = "gemma-3-270m", second: str = "smollm2-135m-instruct") -> None:
    """Ask both the embedded Japanese questions, compare, and name what only one of them got right."""
    runs = [
        igaku.evaluate(model, "mini", lang="ja", method="letter-logprob", limit=40, out=f"runs/pair-{name}")
        for model, name in ((first, "a"), (second, "b"))
    ]
    print(igaku.compare(*runs))
    right = [{g.question.id for _, g in run.grade() if g.verdict.right} for run in runs]
    print(f"only {first}: {', '.join(sorted(right[0] - right[1])) or 'none'}")
    print(f"only {second}: {', '.join(sorted(right[1] - right[0])) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
