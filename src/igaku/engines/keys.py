"""API keys: from the environment, or from a file that nobody else can read. Never an argument, never in a log."""

import os
import tomllib
from urllib.parse import urlsplit

from igaku.errors import IgakuError
from igaku.paths import config_dir

VARIABLES = ("IGAKU_API_KEY", "OPENAI_API_KEY")


def find_key(url: str) -> str:
    """The key for a server: ``IGAKU_API_KEY``, ``OPENAI_API_KEY``, or ``keys.toml`` (``"host" = "key"``, mode 600) in the configuration
    folder; empty where there is none, as local servers need.

    Raises:
        IgakuError: others can read the file, or it is no such table.
    """
    for name in VARIABLES:
        if key := os.environ.get(name, "").strip():
            return key
    path = config_dir() / "keys.toml"
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise IgakuError(f"{path}: others can read it; chmod 600 it")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise IgakuError(f'{path}: not TOML; write lines such as "api.example.com" = "key"') from None
    return str(table.get(urlsplit(url).hostname or "", ""))
