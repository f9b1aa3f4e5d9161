"""``igaku card``."""

from igaku.cli.options import Methods, OneRun, split


def card(run: OneRun, method: Methods = "") -> None:
    """Print a run's scores for a model card.

    As evaluation results (model-index) for the head of a Hugging Face model card.

    Example: igaku card runs/try > card.yaml
    """
    from igaku.report.card import card as write
    from igaku.runs.store import open_run

    print(write(open_run(run), split(method)), end="")
