"""Settings in YAML: a file that comes with a package or one of the user's own, changed by ``--set``, read into a struct.

One reader for every kind (recipe, chain, corpus, ECG config, ECG plan, evaluation suite): an unknown field, a wrong type or
a value out of range is one line that names the file and the field.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin

import msgspec
import yaml
from msgspec import Struct

from igaku.errors import IgakuError, UnknownNameError

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
        return _file_text(Path(name))
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
    return parse(kind, str(file), _file_text(file), into, changes)


def parse(kind: str, name: str, text: str, into: type[T], changes: Sequence[str] = ()) -> T:
    """YAML text as a struct; errors as of ``load``."""
    raw = read_yaml(text, name)
    if not isinstance(raw, dict):
        raise IgakuError(f"{name}: no {kind} in it; expected fields such as {', '.join(_fields(into)[:3])}")
    for change in changes:
        apply(raw, change, into)
    try:
        return msgspec.convert(_numbers(raw), into)
    except msgspec.ValidationError as error:
        raise IgakuError(f"{kind} {name}: {_one_line(error)}") from None


def apply(raw: dict[str, object], change: str, into: type) -> None:
    """Put one ``NAME=VALUE`` into what was read.

    Raises:
        IgakuError: it has no ``=``, or there is no such field.
    """
    key, equals, value = change.partition("=")
    if not equals:
        raise IgakuError(f"--set {change}: write NAME=VALUE")
    *parents, leaf = _place(key.strip().split("."), into)
    at = raw
    for parent in parents:
        inner = at.get(parent)
        at[parent] = inner = dict(inner) if isinstance(inner, dict) else {}
        at = inner
    at[leaf] = read_yaml(value, f"--set {change}")


def read_yaml(text: str, where: str) -> object:
    """What YAML text holds, by the safe loader.

    Raises:
        IgakuError: it is not YAML.
    """
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise IgakuError(f"{where}: not valid YAML ({_one_line(error)})") from None


def _file_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise IgakuError(f"{file}: not UTF-8; convert the file, e.g. iconv -f CP932 -t UTF-8") from None
    except OSError as error:
        raise IgakuError(f"{file}: cannot be read ({error.strerror})") from None


def _place(path: list[str], into: type) -> list[str]:
    """The full path of a setting; a bare name is looked for in all parts."""
    if len(path) == 1 and path[0] not in _fields(into):
        parts = {name: part for name in _fields(into) if (part := _part(into, name))}
        owners = [name for name, part in parts.items() if path[0] in _fields(part)]
        if len(owners) != 1:
            known = [*_fields(into), *(f for part in parts.values() for f in _fields(part))]
            raise UnknownNameError("setting", path[0], known)
        return [owners[0], path[0]]
    here: type | None = into
    for name in path:
        if here is not None and name not in _fields(here):
            raise UnknownNameError("setting", ".".join(path), [".".join([*path[:-1], f]) for f in _fields(here)])
        here = _part(here, name) if here is not None else None
    return path


def _fields(into: type) -> list[str]:
    return [f.encode_name for f in msgspec.structs.fields(into)] if issubclass(into, Struct) else []


def _part(into: type, name: str) -> type | None:
    """The struct that a field holds; None where it holds something else (a mapping takes any name)."""
    field = next((f for f in msgspec.structs.fields(into) if f.encode_name == name), None)
    if field is None:
        return None
    union = get_origin(field.type) in (Union, UnionType)
    kinds = get_args(field.type) if union else (field.type,)
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, Struct)), None)


def _numbers(value: object) -> object:
    """YAML 1.1 reads ``1e-4`` as text."""
    if isinstance(value, dict):
        return {k: _numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    if isinstance(value, str) and "e" in value.lower() and value[:1].isdigit():
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
