"""``igaku version``."""

from igaku._version import __version__
from igaku.cli.options import Json
from igaku.cli.output import emit


def version(json: Json = False) -> None:
    """Print igaku's version; as `igaku --version` and `igaku -V`.

    Example: igaku version
    """
    if json:
        emit({"igaku": __version__})
    else:
        print(__version__)
