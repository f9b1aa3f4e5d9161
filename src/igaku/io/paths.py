"""Where data and downloads are, so that nothing else in the package knows a folder."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """``IGAKU_CACHE``, else ``~/.cache/igaku``: downloads, converted weights, hashes. Safe to delete."""
    return Path(os.environ.get("IGAKU_CACHE") or Path.home() / ".cache" / "igaku")


def config_dir() -> Path:
    """``IGAKU_CONFIG``, else ``~/.config/igaku``: prompts that the user registered."""
    return Path(os.environ.get("IGAKU_CONFIG") or Path.home() / ".config" / "igaku")


def data_dirs() -> list[Path]:
    """Folders searched for benchmark files, first hit wins.

    ``IGAKU_DATA`` (alone, when set), else ``shared/data`` beside the checkout or the working directory,
    then the download cache.
    """
    if given := os.environ.get("IGAKU_DATA"):
        return [Path(given), cache_dir() / "data"]
    checkout = Path(__file__).resolve().parents[3]
    beside = [checkout.parent / "shared" / "data", Path.cwd().parent / "shared" / "data"]
    return [*(d for d in beside if d.is_dir()), cache_dir() / "data"]


def find_data(relative: str) -> Path | None:
    """The first existing ``data_dir / relative``."""
    return next((d / relative for d in data_dirs() if (d / relative).exists()), None)
