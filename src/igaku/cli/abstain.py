"""``igaku abstain``."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from igaku.cli.options import Methods, Runs, report_options, split

if TYPE_CHECKING:
    from igaku.tables import Report


@report_options
def abstain(
    runs: Runs,
    penalty: Annotated[
        float | None, Option(help="Points that a wrong answer costs; what each prompt stated if left out.")
    ] = None,
    prohibited: Annotated[
        float | None, Option(help="Points that a prohibited choice (禁忌肢) costs; as any wrong answer if left out.")
    ] = None,
    method: Methods = "",
) -> "Report":
    """Does a model know when it does not know? Abstentions, penalised scores, confidence.

    Of runs that may abstain (igaku eval --abstain 1): what was answered, how right that is, and the score with what
    wrong answers cost. Of runs with probabilities (--method letter-logprob) or several samples a question
    (--samples 8): the risk-coverage curve and its area.

    Example: igaku abstain runs/one runs/two --prohibited 5
    """
    from igaku.studies.abstain import abstain as study

    return study(*runs, penalty=penalty, prohibited=prohibited, method=split(method))
