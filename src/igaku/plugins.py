"""Extension without editing igaku: a class from a package, a module or a file of the user's own.

A name in igaku's own table is taken from there, and nothing else is looked at, so that start-up stays instant. Then, in
this order: ``my_exam.py`` or ``my_exam.py:MyExam``, ``package.module:Class``, and names that installed packages give in
their entry points (``igaku.benchmarks``, ``igaku.engines``, ``igaku.methods``). A file or package that is named here is
run, like any Python program of the user's.
"""

import importlib.util
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from igaku.errors import IgakuError, UnknownNameError

Kind = Literal["benchmark", "engine", "method"]
_BASE = {"benchmark": "Benchmark", "engine": "EngineBase", "method": "Method"}
"""The class that a file's own class derives from, or is an instance of."""


def resolve(kind: Kind, name: str, table: Mapping[str, str], hint: str = "") -> Any:
    """The class (or object) of a name.

    Raises:
        IgakuError: the file, the module or a class in it is not found, it fails when it runs, or an unknown name (with
            near matches).
    """
    if name in table:
        return _import(table[name], kind)
    file, _, attribute = name.partition(":")
    if file.endswith(".py"):
        return _member(_file(Path(file)), attribute, kind, file)
    if attribute.isidentifier() and ("." in file or _is_module(file)):
        return _import(name, kind)
    found = {e.name: e for e in installed(kind)}
    if name in found:
        return _loaded(found[name], kind)
    raise UnknownNameError(kind, name, {*table, *found}, hint)


def installed(kind: Kind) -> list[EntryPoint]:
    """What installed packages offer."""
    return list(entry_points(group=f"igaku.{kind}s"))


def is_name(name: str) -> bool:
    """Whether it is a plain name: neither a ``.py`` file nor ``package.module:Class``."""
    return ":" not in name and not name.endswith(".py")


def _is_module(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def _loaded(entry: EntryPoint, kind: Kind) -> Any:
    try:
        return entry.load()
    except Exception as error:
        package = f" of package {entry.dist.name}" if entry.dist else ""
        raise IgakuError(
            f"{kind} {entry.name}{package}: {entry.value} fails to load: {type(error).__name__}: {error}; "
            "update or uninstall the package"
        ) from error


def _import(path: str, kind: Kind) -> Any:
    module, _, attribute = path.partition(":")
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        if error.name and not module.startswith(error.name):
            raise
        raise IgakuError(f"{kind} {path}: module {module} not found; install it, or give a .py file") from None
    return _member(loaded, attribute, kind, path)


def _file(path: Path) -> ModuleType:
    """The user's own file as a module, once a process."""
    if not path.is_file():
        raise IgakuError(f"{path}: file not found")
    name = f"igaku_user_{path.resolve().as_posix().replace('/', '_').removesuffix('.py')}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise IgakuError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise IgakuError(f"{path}: fails when it runs: {type(error).__name__}: {error}") from error
    return module


def _member(module: ModuleType, attribute: str, kind: Kind, path: str) -> Any:
    """A named class, or the only one that the module defines of this kind."""
    if attribute:
        if not hasattr(module, attribute):
            raise IgakuError(f"{kind} {path}: {attribute} not found in it")
        return getattr(module, attribute)
    wanted = _BASE[kind]
    found = [v for v in vars(module).values() if _is_own(v, wanted, module)]
    if len(found) != 1:
        if not found:
            raise IgakuError(f"{path}: no {wanted} found in it; define one, derived from igaku's {wanted}")
        raise IgakuError(f"{path}: {len(found)} of kind {wanted} found in it; choose one with {path}:NAME")
    return found[0]


def _is_own(value: object, wanted: str, module: ModuleType) -> bool:
    if not isinstance(value, type):
        return type(value).__name__ == wanted
    return value.__module__ == module.__name__ and any(c.__name__ == wanted for c in value.__mro__[1:])
