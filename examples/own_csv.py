"""Your own questions from a CSV file: ask a model, print the table, and list what it got wrong.

python examples/own_csv.py [MODEL] [FILE.csv]    MODEL: an embedded name, a .gguf file, a folder, a hub id
"""

import sys
from pathlib import Path

import igaku

HERE = Path(__file__).parent


def main(model: str = "gemma-3-270m", file: str = str(HERE / "questions.csv")) -> None:
    """Ask every question, by the probability of its letters where it has choices and in words where it has none."""
    run = igaku.evaluate(model, file, method=["letter-logprob", "letter"], max_tokens=8, out="runs/own-csv")
    print(run)
    for _, graded in run.grade("letter"):
        if not graded.verdict.right:
            said = graded.reply.answer.text.strip() if graded.reply else ""
            print(f"{graded.question.id}  {graded.question.stem}\n    {graded.verdict.outcome}: {said[:60]!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
