"""YAML of others, by the safe loader: bounded in size, depth, aliases and time; every fault is one line."""

import re
from time import process_time

import yaml

from igaku.errors import IgakuError
from igaku.io.json_values import DIGITS, check_values, fault, too_deep
from igaku.io.limits import limit, most_bytes, over

VALUES = 1_000_000
"""Values that one text may stand for with its aliases written out; more than its bytes could hold otherwise."""
Node = yaml.Node


def read_yaml(text: str, where: str) -> object:
    """What YAML text holds.

    Raises:
        IgakuError: not YAML, too large, too deep, too slow, an alias inside itself, or half a character; with line.
    """
    if len(text) > most_bytes("SETTINGS_MB"):
        raise over(where, f"{len(text) / 2**20:,.0f} MB", "SETTINGS_MB")
    try:
        value: object = yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise too_deep(where) from None
    except _SlowError:
        raise over(where, "not read in time", "SECONDS") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:  # a date such as 2024-13-45
        raise IgakuError(f"{where}: not valid YAML ({fault(error)})") from None
    check_values(value, where, VALUES)
    return value


class _SlowError(Exception):
    """The time for one file is over."""


class _Loader(yaml.SafeLoader):
    """The safe loader, which also reads ``1e-4`` as a number, as YAML 1.2 does (1.1 takes it for text)."""

    def __init__(self, stream: str) -> None:
        self._deepest = limit("DEPTH")
        super().__init__(stream)
        self._until = process_time() + limit("SECONDS")

    def compose_node(self, parent: "Node | None", index: int) -> "Node | None":
        """As the loader's own, within the time."""
        if process_time() > self._until:
            raise _SlowError
        return super().compose_node(parent, index)

    def fetch_flow_collection_start(self, kind: type[yaml.Token]) -> None:
        """As the loader's own, to a depth: its look ahead takes the square of it."""
        if self.flow_level > self._deepest:
            raise RecursionError
        super().fetch_flow_collection_start(kind)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """As the loader's own; merges (``<<``) that double at each level end before they fill the memory."""
        if len(node.value) > VALUES // 10:
            raise yaml.YAMLError(f"merges (<<) of more than {VALUES // 10:,} fields")
        super().flatten_mapping(node)

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        """A number of no more digits than one can be computed with."""
        if len(str(node.value)) > DIGITS:
            raise yaml.YAMLError(f"a number of {len(node.value)} digits")
        whole = node.tag.endswith(":int")
        number: int | float = self.construct_yaml_int(node) if whole else self.construct_yaml_float(node)
        return number


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_number)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)
