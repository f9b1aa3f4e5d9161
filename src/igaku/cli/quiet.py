"""What libraries print of their own accord is left out; igaku's own lines, and a library's errors, stay."""

import os
import sys
import warnings

SETTINGS = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TQDM_DISABLE": "1",
}
"""What the libraries read when they are imported; one that the user has set stays."""
LOGGERS = ("transformers", "huggingface_hub", "bitsandbytes", "kernels", "accelerate", "peft", "torch", "httpx", "ray")
"""Loggers of libraries whose warnings are about themselves, not about what the user gave."""


def quiet() -> None:
    """Before any library is imported: no warnings and bars of theirs (``python -W`` brings warnings back)."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def quiet_loggers() -> None:
    """Once logging is needed anyway: the libraries' loggers pass on errors alone."""
    import logging

    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
