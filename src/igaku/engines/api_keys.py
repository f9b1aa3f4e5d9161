"""API keys: from the environment, or from a file that nobody else can read. Never an argument, never in a log."""

import os
from urllib.parse import urlsplit

from igaku.errors import IgakuError
from igaku.io.hosts import host_of, is_this_machine, is_within
from igaku.io.paths import config_dir
from igaku.io.toml import read_toml

OPENAIS = ("openai.com", "openai.azure.com")
PLAIN = "IGAKU_HTTP_HOSTS"
"""The variable that names the hosts to which a key may go without encryption, comma-separated."""


def find_key(url: str) -> str:
    """The key for a server: its own in ``keys.toml`` (``"host" = "key"`` or ``"host:port" = "key"``, mode 600) in the
    configuration folder, else ``IGAKU_API_KEY``, else ``OPENAI_API_KEY``; empty where there is none, as local servers
    need. The last is OpenAI's, so it goes to that host and to this machine only.

    Raises:
        IgakuError: others can read the file, it is not such a table, the key is none, or it would go over plain http
            to another machine, where everyone between could read it.
    """
    host = host_of(url)
    key = _in_file(url, host) or os.environ.get("IGAKU_API_KEY", "").strip()
    if not key and (is_within(host, OPENAIS) or is_this_machine(host)):
        key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key:
        return ""
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise IgakuError(f"the key for {host} is not one word in ASCII letters; write it anew (it is not shown here)")
    if not (is_secret(url) or is_within(host, os.environ.get("IGAKU_HTTP_HOSTS", "").split(","))):
        raise IgakuError(
            f"the key for {host} would go over plain http, where others can read it: give https://..., or unset the "
            f"key if the server needs none, or allow it in a network of your own: {PLAIN}={host}"
        )
    return key


def is_secret(url: str) -> bool:
    """Whether nobody else can read what is sent there: over https, or to this machine."""
    return urlsplit(url).scheme == "https" or is_this_machine(host_of(url))


def _in_file(url: str, host: str) -> str:
    path = config_dir() / "keys.toml"
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise IgakuError(f"{path}: others can read it; chmod 600 it")
    table = read_toml(path, 'write lines such as "api.example.com" = "key"')
    named = {name.lower().removesuffix("."): key for name, key in table.items()}
    key = named.get(f"{host}:{urlsplit(url).port}", named.get(host, ""))
    if not isinstance(key, str):
        raise IgakuError(f'{path}: the entry of {host} is no text; write "{host}" = "key", the host in quotes')
    return key.strip()
