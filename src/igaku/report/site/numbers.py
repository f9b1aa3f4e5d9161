"""Numbers as the pages write them: a percent sign without a space, which no line can end before."""


def percent(share: float | None) -> str:
    """``0.4217`` as ``42.2%``; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{100 * share:.1f}%"
