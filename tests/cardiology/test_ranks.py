"""Several processes learn what one does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.ranks import Share

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytestmark = pytest.mark.torch

SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np
from igaku.cardiology.ecg.config import Config, Network, Pretrain
from igaku.cardiology.ecg.pretrain import pretrain
from igaku.cardiology.ecg.signal import Contract

config = Config(
    contract=Contract(rate=50),
    network=Network(size="tiny", patch=100, decoder=(32, 1, 4)),
    pretrain=Pretrain(epochs=3, warmup=1, batch=4),
)
seen = []
losses = pretrain(np.load(sys.argv[1]), config, Path(sys.argv[2]), lambda epoch, *_: seen.append(epoch))
print(json.dumps([losses, seen]))
"""


def test_every_record_is_somebodys_once_and_the_weights_of_a_batch_are_one() -> None:
    for n in (1, 2, 3, 4, 9):
        shares = [Share(rank, 3).of(n) for rank in range(3)]
        counted = sorted(i for mine, weight in shares if weight for i in range(n)[mine])
        assert counted == list(range(n))
        assert sum(weight for _, weight in shares) == pytest.approx(1)
        assert all(len(range(n)[mine]) for mine, _ in shares)
    assert Share().of(5) == (slice(0, 5, 1), 1.0)


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    """Nine records in batches of four: in the last batch one process has none of its own."""
    np.save(tmp_path / "signals.npy", np.random.default_rng(0).normal(0, 1, (9, 12, 500)).astype(np.float32))
    (tmp_path / "run.py").write_text(SCRIPT)
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    found = {}
    for name, how in (("one", []), ("two", several)):
        command = [sys.executable, *how, str(tmp_path / "run.py"), str(tmp_path / "signals.npy"), str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, env=settings)
        assert done.returncode == 0, done.stderr[-2000:]
        found[name] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[[")]
    (losses, _), (first, second) = found["one"][0], found["two"]
    assert first[0] == second[0] == pytest.approx(losses, abs=1e-5)
    assert sorted((first[1], second[1])) == [[], [1, 2, 3]], "one of them reports"
    from safetensors.torch import load_file

    one, two = (load_file(tmp_path / name / "autoencoder.safetensors") for name in ("one", "two"))
    assert all(torch.allclose(one[name], two[name], atol=1e-4) for name in one)
