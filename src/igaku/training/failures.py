"""Memory or a disk that runs out while a model learns, as one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from igaku.errors import IgakuError
from igaku.training.config import Config

FULL_DISK = ("No space", "I/O error", "inline_container", "PytorchStreamWriter")
"""What libraries say of a disk that takes no more without an ``OSError``: safetensors, and torch's writer of archives,
which names only its own source file."""
FULL_MEMORY = ("can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
NO_CHANCES = "probability tensor contains"
"""torch, of weights whose answers cannot be drawn any more."""


@contextmanager
def memory(config: Config, out: Path) -> Iterator[None]:
    """While a model learns.

    Raises:
        IgakuError: memory is full, or answers cannot be drawn from the weights any more.
    """
    t, is_drawn = config.train, config.method.objective == "grpo"
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch's own error of a GPU is a RuntimeError
        if is_drawn and NO_CHANCES in str(error):
            raise IgakuError(
                f"the weights became NaN or inf; lower train.lr ({t.lr:g}) or raise train.warmup. "
                "The checkpoint before is kept"
            ) from None
        if isinstance(error, RuntimeError) and not any(says in str(error) for says in FULL_MEMORY):
            raise
        size = f"grpo.tokens ({config.grpo.tokens})" if is_drawn else f"data.block ({config.data.block})"
        raise IgakuError(
            f"out of memory: lower train.micro ({t.micro}) or {size}, or set "
            "train.recompute=true, model.quantize=nf4 or method.kind=lora; "
            f"the last checkpoint in {out} is kept"
        ) from None


@contextmanager
def saving(out: Path) -> Iterator[None]:
    """While a checkpoint is written.

    Raises:
        IgakuError: it cannot be written.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and not any(says in str(error) for says in FULL_DISK):
            raise
        reason = str(error).partition("\n")[0]
        raise IgakuError(
            f"{out}: cannot write a checkpoint ({reason}); the one before is kept: "
            "free space and give the same command again"
        ) from None
