"""Whether a model's name can be looked up on a model hub at all, before a library tries again for a minute."""

import os
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.download import uses_proxy
from igaku.io.within import within

ENDPOINT = "https://huggingface.co"
SECONDS = 5.0
"""How long a hub may take for its first word."""


def check(name: str) -> None:
    """That a hub id can be fetched, or is in the hub's own cache on this machine; then nothing goes online.

    A name such as ``models/my-8b`` looks like a hub id and is mostly a folder that is not there.

    Raises:
        IgakuError: the first part is a folder here, or the hub does not answer and the model was never fetched.
    """
    if Path(name.split("/")[0]).is_dir():
        raise IgakuError(f"there is no folder {name} (in {Path.cwd()}); check the path, or give a hub id OWNER/NAME")
    if os.environ.get("HF_HUB_OFFLINE", "0").upper() in ("1", "TRUE", "YES", "ON") or not _answers():
        if not _cached(name):
            raise IgakuError(
                f"there is no folder {name} (in {Path.cwd()}), and as a hub id it cannot be fetched: the hub does not "
                "answer (offline?) and the model is not in its cache here; give the folder where the model lies"
            )
        os.environ["HF_HUB_OFFLINE"] = "1"


def _answers() -> bool:
    import httpx

    url = os.environ.get("HF_ENDPOINT", ENDPOINT)
    try:
        within(SECONDS, lambda: httpx.head(url, timeout=SECONDS, trust_env=uses_proxy(url)))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return False
    return True


def _cached(name: str) -> bool:
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    folder = Path(os.environ.get("HF_HUB_CACHE") or home / "hub") / f"models--{name.replace('/', '--')}" / "snapshots"
    return any(folder.glob("*/config.json"))
