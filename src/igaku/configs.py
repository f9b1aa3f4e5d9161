"""Settings in YAML: a built-in file or one of the user's own, changed by ``--set``, read into a struct.

One reader for every kind (recipe, chain, corpus, ECG config, ECG plan, evaluation suite): an unknown field, a wrong
type or a value out of range is one line that names the file and the field.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.json_values import fault
from igaku.io.read import read_text
from igaku.io.yaml_files import read_yaml

YAML_SUFFIXES = (".yaml", ".yml")
T = TypeVar("T")


def builtin_names(package: str, folder: str) -> list[str]:
    """Names of a package's YAML files."""
    return sorted(
        f.name.removesuffix(".yaml") for f in files(package).joinpath(folder).iterdir() if f.name.endswith(".yaml")
    )


def config_text(kind: str, name: str, package: str, folder: str) -> str:
    """A built-in file, or one of the user's own, as it is written.

    Raises:
        IgakuError: the file cannot be read, or no such name, with the nearest ones.
    """
    if name.endswith(YAML_SUFFIXES):
        return read_text(Path(name), "SETTINGS_MB")
    known = builtin_names(package, folder)
    if name not in known:
        raise UnknownNameError(kind, name, known, "(or a .yaml file)")
    return files(package).joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")


def load(kind: str, name: str, into: type[T], package: str, folder: str, changes: Sequence[str] = ()) -> T:
    """A built-in file by name, or one of the user's own, as a struct.

    Args:
        kind: what it is, for errors: ``recipe``.
        changes: ``train.lr=1e-4``, or ``lr=1e-4`` where only one part has such a field.

    Raises:
        IgakuError: no such name or file, or a field or value that does not fit; the line says which.
    """
    return parse(kind, name, config_text(kind, name, package, folder), into, changes)


def read(kind: str, file: Path, into: type[T], changes: Sequence[str] = ()) -> T:
    """A file of the user's own as a struct; errors as of ``load``."""
    return parse(kind, str(file), read_text(file, "SETTINGS_MB"), into, changes)


def parse(kind: str, name: str, text: str, into: type[T], changes: Sequence[str] = ()) -> T:
    """YAML text as a struct; errors as of ``load``."""
    raw = read_yaml(text, name)
    if not isinstance(raw, dict):
        raise IgakuError(f"{name}: no {kind} in it; expected fields such as {', '.join(_fields(into)[:3])}")
    for change in changes:
        apply(raw, change, into)
    try:
        return msgspec.convert(raw, into)
    except msgspec.ValidationError as error:
        raise IgakuError(f"{kind} {name}: {fault(error)}{_near(str(error), into)}") from None


def apply(raw: dict[str, object], change: str, into: type) -> None:
    """Put one ``NAME=VALUE`` into what was read.

    Raises:
        IgakuError: it has no ``=``, or there is no such field.
    """
    key, equals, value = change.partition("=")
    if not equals:
        raise IgakuError(f"--set {change}: write NAME=VALUE")
    *parents, leaf = _full_path(key.strip().split("."), into)
    at = raw
    for parent in parents:
        inner = at.get(parent)
        if isinstance(inner, list):
            raise IgakuError(f"--set {change}: {parent} is a list; change it in the file, or set the whole list")
        at[parent] = inner = dict(inner) if isinstance(inner, dict) else {}
        at = inner
    at[leaf] = read_yaml(value, f"--set {change}")


def _full_path(path: list[str], into: type) -> list[str]:
    """The full path of a setting; a bare name is looked for in all parts."""
    if len(path) == 1 and path[0] not in _fields(into):
        return [_owner(path[0], into), path[0]]
    parts = [into]
    for i, name in enumerate(path):
        known = [field for part in parts for field in _fields(part)]
        if parts and name not in known:
            raise UnknownNameError("setting", ".".join(path), [".".join([*path[:i], field]) for field in known])
        parts = [inner for part in parts for inner in _parts(part, name)]
    return path


def _owner(name: str, into: type) -> str:
    """The one field of a struct whose part has a field of this name."""
    inner = {field: [f for part in _parts(into, field) for f in _fields(part)] for field in _fields(into)}
    owners = [field for field, names in inner.items() if name in names]
    if len(owners) > 1:
        raise IgakuError(f"--set {name}: several parts have it; write {' or '.join(f'{o}.{name}' for o in owners)}")
    if not owners:
        raise UnknownNameError("setting", name, {*_fields(into), *(f for names in inner.values() for f in names)})
    return owners[0]


def _fields(into: type) -> list[str]:
    """The names in a file of a struct's fields, and of its tag where it is one of a union."""
    if not issubclass(into, Struct):
        return []
    tag = into.__struct_config__.tag_field
    return [*([tag] if tag else []), *(f.encode_name for f in msgspec.structs.fields(into))]


def _parts(into: type, name: str) -> list[type]:
    """The structs that a field may hold; none where it holds something else (a mapping takes any name)."""
    field = next((f for f in msgspec.structs.fields(into) if f.encode_name == name), None)
    return [] if field is None else list(_structs(field.type))


def _structs(kind: object) -> Iterator[type]:
    """A struct, or those of a union; the items of a list are not a part that ``--set`` could name."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from _structs(one)
    elif get_origin(kind) is Annotated:
        yield from _structs(get_args(kind)[0])


def _near(message: str, into: type) -> str:
    """For an unknown field, the nearest ones of the part that it stands in."""
    found = re.search(r"unknown field `([^`]*)`(?: - at `\$\.([\w.]+)`)?", message)
    if not found:
        return ""
    parts = [into]
    for name in (found[2] or "").split(".") if found[2] else []:
        parts = [inner for part in parts for inner in _parts(part, name)]
    near = get_close_matches(found[1], [f for part in parts for f in _fields(part)], n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else ""
