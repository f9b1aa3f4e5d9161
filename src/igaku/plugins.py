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


def resolve(kind: Kind, name: str, table: Mapping[str, str], hint: str = "") -> Any:
    """The class (or object) of a name.

    Raises:
        IgakuError: the file or module is not there, or has no such class; or no such name, with near matches.
    """
    if name in table:
        return _import(table[name], kind)
    file, _, attribute = name.partition(":")
    if file.endswith(".py"):
        return _member(_file(Path(file)), attribute, kind, file)
    if attribute and "." in file:
        return _import(name, kind)
    found = {e.name: e for e in installed(kind)}
    if name in found:
        return found[name].load()
    raise UnknownNameError(kind, name, {*table, *found}, hint)


def installed(kind: Kind) -> list[EntryPoint]:
    """What installed packages offer."""
    return list(entry_points(group=f"igaku.{kind}s"))


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
        raise IgakuError(f"{path}: fails when it is run: {type(error).__name__}: {error}") from error
    return module


def _member(module: ModuleType, attribute: str, kind: Kind, path: str) -> Any:
    """A named class, or the only one that the module defines of this kind."""
    if attribute:
        if not hasattr(module, attribute):
            raise IgakuError(f"{kind} {path}: no {attribute} in it")
        return getattr(module, attribute)
    wanted = {"benchmark": "Benchmark", "engine": "EngineBase", "method": "Method"}[kind]
    found = [v for v in vars(module).values() if _is_own(v, wanted, module)]
    if len(found) != 1:
        what = "no class" if not found else f"{len(found)} classes"
        raise IgakuError(f"{path}: {what} of kind {wanted} in it; give the name as {path}:NAME")
    return found[0]


def _is_own(value: object, wanted: str, module: ModuleType) -> bool:
    if not isinstance(value, type):
        return type(value).__name__ == wanted
    return value.__module__ == module.__name__ and any(c.__name__ == wanted for c in value.__mro__[1:])
