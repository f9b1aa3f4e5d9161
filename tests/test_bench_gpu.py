"""``bench/gpu.py`` runs to its end without a card: with small shapes all rows, without them one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.needs("train", "ecg")]
SCRIPT = Path(__file__).parents[1] / "bench" / "gpu.py"
ROWS = (
    "peak of a matrix product",
    "largest difference in float32",
    "questions a second",
    "loading",
    "writing",
    "LoRA",
    "ECG",
)


def run(tmp_path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Without a card, a network or data."""
    settings = {
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "IGAKU_DATA": str(tmp_path / "no data"),
        "IGAKU_CACHE": str(tmp_path / "cache"),
    }
    return subprocess.run(
        [sys.executable, str(SCRIPT), *flags], capture_output=True, text=True, env={**os.environ, **settings}
    )


def test_small_shapes_fill_every_row_on_a_processor(tmp_path: Path) -> None:
    before = sorted((SCRIPT.parent / "results").iterdir())
    done = run(tmp_path, "--tiny")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for row in ROWS:
        assert row in done.stdout
    assert "failed" not in done.stdout
    assert done.stdout.startswith("no card: small shapes on the processor")
    assert sorted((SCRIPT.parent / "results").iterdir()) == before, "what was tried on a processor is not stored"


def test_without_a_card_it_says_so(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stdout.partition(" (")[0]) == (0, "not run: no card")
