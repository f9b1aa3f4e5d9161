"""A tokenizer from its files, read and tried in one function for engines, training and corpora."""

from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError, missing_extra

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerBase


def load_tokenizer(path: "str | Path", **at: Any) -> "PreTrainedTokenizerBase":
    """A tokenizer that has encoded a letter: transformers meets a wrong type in its files only then.

    Args:
        path: a folder or a hub id.
        at: revision and trust, as ``from_pretrained`` takes them.

    Raises:
        IgakuError: transformers is not installed, finds no tokenizer, or cannot encode with it.
    """
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise missing_extra("transformers", "hf") from None
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(path), **at)
        tokenizer("a")["input_ids"]
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{path}: transformers cannot load its tokenizer ({first_line(error)})") from None
    return tokenizer


def first_line(error: Exception) -> str:
    """What a library says about a fault, in one line; with the name of the error where its text alone says little."""
    lines = str(error).strip().splitlines()
    name = "" if isinstance(error, OSError | ValueError | RuntimeError) and lines else f"{type(error).__name__} "
    return f"{name}{lines[0][:300] if lines else ''}".strip()
