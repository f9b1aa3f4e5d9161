"""API keys: from the environment, or from a file that nobody else can read. Never an argument, never in a log."""

import os
from urllib.parse import urlsplit

from igaku.errors import IgakuError
from igaku.io.paths import config_dir
from igaku.io.toml import read_toml

OPENAIS, LOCAL = ("openai.com", "openai.azure.com"), ("localhost", "127.0.0.1", "::1")


def find_key(url: str) -> str:
    """The key for a server: its own in ``keys.toml`` (``"host" = "key"``, mode 600) in the configuration folder, else
    ``IGAKU_API_KEY``, else ``OPENAI_API_KEY``; empty where there is none, as local servers need. The last is OpenAI's,
    so it goes to that host and to this machine only.

    Raises:
        IgakuError: others can read the file, or it is not such a table.
    """
    host = urlsplit(url).hostname or ""
    if key := _in_file(host) or os.environ.get("IGAKU_API_KEY", "").strip():
        return key
    return os.environ.get("OPENAI_API_KEY", "").strip() if host.endswith(OPENAIS) or host in LOCAL else ""


def _in_file(host: str) -> str:
    path = config_dir() / "keys.toml"
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise IgakuError(f"{path}: others can read it; chmod 600 it")
    table = read_toml(path, 'write lines such as "api.example.com" = "key"')
    return str(table.get(host, ""))
