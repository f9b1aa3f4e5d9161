"""YAML files that come with a package (recipes, chains, ECG configs), or files of the user's own, by one rule of names."""

from importlib.resources import files
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError

OWN = (".yaml", ".yml")


def shipped(package: str, folder: str) -> list[str]:
    """Names of a package's YAML files."""
    return sorted(
        f.name.removesuffix(".yaml") for f in files(package).joinpath(folder).iterdir() if f.name.endswith(".yaml")
    )


def shipped_text(kind: str, name: str, package: str, folder: str) -> str:
    """A shipped file, or one of the user's own, as it is written.

    Raises:
        IgakuError: the file cannot be read, or no such name, with the nearest ones.
    """
    if name.endswith(OWN):
        try:
            return Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise IgakuError(f"{name}: cannot be read ({error.strerror})") from None
    if name not in shipped(package, folder):
        raise UnknownNameError(kind, name, shipped(package, folder), "(or a .yaml file)")
    return files(package).joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")
