"""A LaTeX table of several models for a paper, with intervals and ranks as ranges, and the paired tests beside it.

python examples/latex_table.py [MODEL ...]    writes table.tex and tests.tex
"""

import sys
from pathlib import Path

import igaku


def main(*models: str) -> None:
    """Ask every model the same questions, then write both tables."""
    runs = [
        igaku.evaluate(model, "mini", lang="ja", method="letter-logprob", limit=40, out=f"runs/table-{n}")
        for n, model in enumerate(models or ("gemma-3-270m", "smollm2-135m-instruct"))
    ]
    board, tests = igaku.leaderboard(*runs), igaku.compare(*runs)
    Path("table.tex").write_text(igaku.render(board, "latex"), encoding="utf-8")
    Path("tests.tex").write_text(igaku.render(tests, "latex"), encoding="utf-8")
    print(board)
    print(r"written: table.tex, tests.tex (in the preamble: \usepackage{booktabs})")


if __name__ == "__main__":
    main(*sys.argv[1:])
