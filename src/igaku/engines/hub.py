"""Whether a model's name can be looked up on a model hub at all, before a library tries again for a minute."""

import os
import re
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.download import uses_proxy
from igaku.io.within import within

ON = ("1", "TRUE", "YES", "ON")
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
    if _offline():
        if not _cached(name):
            raise IgakuError(
                f"there is no folder {name} (in {Path.cwd()}), and as a hub id it cannot be fetched: the hub does not "
                "answer (offline?) and the model is not in its cache here; give the folder where the model lies"
            )
        os.environ["HF_HUB_OFFLINE"] = "1"


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "0").upper() in ON or not _answers()


def _answers() -> bool:
    import httpx

    url = os.environ.get("HF_ENDPOINT", ENDPOINT)
    try:
        within(SECONDS, lambda: httpx.head(url, timeout=SECONDS, trust_env=uses_proxy(url)))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return False
    return True


def _cached(name: str) -> bool:
    return any((_cache_of(name) / "snapshots").glob("*/config.json"))


def _cache_of(name: str) -> Path:
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub") / f"models--{name.replace('/', '--')}"


def snapshot(name: str, revision: str = "") -> Path | None:
    """The folder of the hub's own cache that a hub id would be loaded from now; None where that is not known.

    A commit stays what it is. Of a branch the hub is asked which commit it is at, if it answers; offline it is the one
    that was fetched last, which the libraries take too.
    """
    folder = _cache_of(name)
    if not folder.is_dir():
        return None
    commit = revision if re.fullmatch(r"[0-9a-f]{40}", revision) else _commit(name, revision or "main", folder)
    found = folder / "snapshots" / commit
    return found if commit and (found / "config.json").exists() else None


def _commit(name: str, branch: str, folder: Path) -> str:
    if _offline():
        ref = folder / "refs" / branch
        return ref.read_text().strip() if ref.is_file() else ""
    return _at_hub(name, branch)


def _at_hub(name: str, branch: str) -> str:
    try:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        url = hf_hub_url(name, "config.json", revision=branch)
        return str(within(SECONDS, lambda: get_hf_file_metadata(url, timeout=SECONDS)).commit_hash or "")
    except Exception:  # whatever the library raises: then the model is loaded, which says what is wrong
        return ""
