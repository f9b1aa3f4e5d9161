"""What a user wrote after ``--model``: an embedded name, a GGUF file, a folder with safetensors, or a hub id."""

from pathlib import Path

from igaku.engines import hub
from igaku.engines.embedded import EMBEDDED, embedded_file
from igaku.errors import IgakuError, UnknownNameError


def resolve(model: str) -> tuple[str, str, str]:
    """(name to show, path or hub id, revision) of what the user wrote after ``--model``."""
    if model in EMBEDDED:
        return model, str(embedded_file(model)), ""
    local = Path(model)
    if local.exists():
        return _local(local)
    name, _, revision = model.partition("@")
    if name in EMBEDDED:
        raise IgakuError(f"the embedded model {name} has no revision; leave out @{revision}")
    if Path(name).exists():
        raise IgakuError(f"{name} is a local model, which has no revision; leave out @{revision}")
    if model.endswith(".gguf") or model.startswith((".", "/", "~")) or name.count("/") != 1:
        near = UnknownNameError("model", name, EMBEDDED)
        raise IgakuError(f"{near}; it is no local file or folder either, and a hub id has the form OWNER/NAME")
    return name.split("/")[1], name, revision


def fetchable(model: str) -> tuple[str, str, str]:
    """Likewise, of a model that is here or on a hub that answers.

    Raises:
        IgakuError: as of ``resolve`` and of ``hub.check``.
    """
    name, path, revision = resolve(model)
    if not Path(path).exists():
        hub.check(path)
    return name, path, revision


def _local(path: Path) -> tuple[str, str, str]:
    if path.is_file():
        if path.suffix != ".gguf":
            raise IgakuError(f"{path}: not a model; give a .gguf file or a folder with config.json and safetensors")
        return path.stem, str(path), ""
    if not (path / "config.json").exists():
        gguf = sorted(path.glob("*.gguf"))
        if len(gguf) == 1:
            return gguf[0].stem, str(gguf[0]), ""
        raise IgakuError(f"{path}: no config.json in this folder; give a model's folder")
    if not any(path.glob("*.safetensors")):
        raise IgakuError(f"{path}: no *.safetensors in this folder (pickled weights are never loaded)")
    return path.resolve().name, str(path), ""
