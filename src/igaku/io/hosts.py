"""Hosts in addresses: compared whole, never by how they end; and which of them are this machine."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


def host_of(url: str) -> str:
    """An address's host in lower case, without the dot that may end it; empty where there is none.

    A name in other letters stays as it is, so that it is equal to itself alone: two libraries may write one such name
    in ASCII in two ways.
    """
    try:
        return (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_host(host: str) -> bool:
    """Whether this is a name or a number that every library reads alike: no backslash, no percent sign."""
    return bool(_NAME.fullmatch(host)) or _number(host) is not None or (not host.isascii() and host.isprintable())


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of these, or below one of them: ``api.openai.com`` below ``openai.com``, and not
    ``evilopenai.com``."""
    names = [d.lower().strip().strip(".") for d in domains]
    return bool(_NAME.fullmatch(host) or _number(host)) and any(host == d or host.endswith(f".{d}") for d in names if d)


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine by its name or number alone; nothing is looked up."""
    number = _number(host)
    if isinstance(number, IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    if number is not None:
        return number.is_loopback or number.is_unspecified
    return host == "localhost" or host.endswith(".localhost")


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
