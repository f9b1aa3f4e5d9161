"""igaku on one GPU beside lm-eval and plain loops, in eight minutes: likelihood, loading, writing, training.

Nothing is fetched: weights are random in known shapes, the tokenizer is learnt from the questions inside the package.
First the numbers are compared in float32; a card on which they differ is not timed. Speeds stand beside the card's own
peak, a large matrix product. What is not installed is left out, with a row that names it. Loading and compiling are not
counted where the row does not say so.

    python bench/gpu.py            on a GPU; the table goes to bench/results/gpu.json
    python bench/gpu.py --tiny     small shapes on any machine, to try the script; nothing is stored
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from common import keep
from gpu_models import GEMMA_1B, QWEN_4B, Shape, make, plain, requests, tiny
from transformers.utils import logging

from igaku import build_engine
from igaku.engines.packed import packed
from igaku.engines.scoring import alone
from igaku.question import Request, Sampling

SECONDS = 8 * 60
ENOUGH = 2e-4
"""Nats by which a log-likelihood may differ in float32."""
Row = dict[str, object]


class Bench:
    """One pass over all rows: the device, the folder of models, and the time that is left."""

    def __init__(self, small: bool, folder: Path) -> None:
        self.small, self.folder = small, folder
        self.device = "cpu" if small else "cuda"
        self.dtype = torch.float32 if small else torch.bfloat16
        self.started, self.rows = time.perf_counter(), list[Row]()
        self.peak = 0.0

    def add(self, what: str, igaku: str = "", peer: str = "", ratio: str = "", note: str = "") -> None:
        """One row of the table, printed at once."""
        self.rows.append({"what": what, "igaku": igaku, "peer": peer, "ratio": ratio, "note": note})
        print("  ".join(filter(None, (what, igaku, peer, ratio, note))), flush=True)

    def run(self, what: str, do: Callable[[], None]) -> None:
        """A part of the table, unless the time is over; its failure is a row."""
        if time.perf_counter() - self.started > SECONDS:
            self.add(what, note=f"not run: {SECONDS // 60} minutes are over")
            return
        try:
            do()
        except Exception as error:  # one part must not take the others with it
            self.add(what, note=f"failed: {type(error).__name__}: {str(error)[:200]}")

    def seconds(self, do: Callable[[], Any]) -> float:
        """Seconds until all that was started has ended."""
        self.wait()
        start = time.perf_counter()
        do()
        self.wait()
        return time.perf_counter() - start

    def wait(self) -> None:
        """Until the card has nothing to do."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def model(self, shape: Shape) -> tuple[str, Path, int]:
        """Its name, its folder (made once), and the parameters of its layers."""
        shape = tiny(shape) if self.small else shape
        folder = self.folder / shape.kind
        count = folder / "body"
        if not count.exists():
            count.write_text(str(make(shape, folder, self.dtype, self.device)))
        return shape.name, folder, int(count.read_text())

    def engine(self, folder: Path) -> Any:
        """igaku's engine by its default settings."""
        return build_engine(str(folder), engine="transformers", device=self.device)


def peak(bench: Bench) -> None:
    """FLOP/s of a large matrix product in the numbers that the models have."""
    size, rounds = (512, 3) if bench.small else (8192, 20)
    a = torch.randn(size, size, device=bench.device, dtype=bench.dtype)
    best = min(bench.seconds(lambda: [a @ a for _ in range(rounds)]) / rounds for _ in range(4))
    bench.peak = 2 * size**3 / best
    bench.add("peak of a matrix product", f"{bench.peak / 1e12:.2f} TFLOP/s", note=str(bench.dtype).partition(".")[2])


def right(bench: Bench) -> None:
    """Packed trees against one pass a choice, in float32."""
    with tempfile.TemporaryDirectory() as work:
        for shape in (tiny(QWEN_4B), tiny(GEMMA_1B)):
            make(shape, Path(work, shape.kind), torch.float32, bench.device)
            engine: Any = build_engine(f"{work}/{shape.kind}", device=bench.device, dtype="float32")
            asked = engine._tokens.pairs_of(requests(8, 60, 2))
            truth: Any = dict(alone(engine.model, asked, engine.budget, 0))
            found: Any = dict(packed(engine.model, asked, engine.budget, 0))
            worst = max(abs(a - b) for i in truth for a, b in zip(truth[i], found[i]))
            engine.close()
            bench.add(f"{shape.name}: largest difference in float32", f"{worst:.1e} nat", note=f"at most {ENOUGH}")
            if worst > ENOUGH:
                raise SystemExit("the numbers are not right here, so nothing is timed")


def likelihood(bench: Bench, shape: Shape, shots: int) -> None:
    """Questions a second: igaku by its defaults, a plain loop, lm-eval."""
    name, folder, body = bench.model(shape)
    n, size = (12, 80) if bench.small else (1120, 109)
    asked = requests(n, size, shots)
    engine = bench.engine(folder)
    list(engine.answer(sorted(asked, key=lambda r: -len(r.prompt))[: n // 4]))
    found: dict[int, Any] = {}
    with counted(engine.model) as tokens:
        ours = n / bench.seconds(lambda: found.update(engine.answer(asked)))
    done = 2 * body * tokens() * ours / n
    few = asked[: max(4, n // 8)]
    pairs = engine._tokens.pairs_of(few)
    theirs: dict[tuple[int, int], float] = {}
    plain(engine.model, pairs[:2], 8)
    loop = len(few) / bench.seconds(lambda: theirs.update(plain(engine.model, pairs, 64)))
    apart = sorted(abs(found[i].logprobs[k] - value) for (i, k), value in theirs.items())
    engine.close()
    what = f"{name}, {shots} examples: questions a second"
    share = f"{100 * done / bench.peak:.0f} % of the peak"
    bench.add(
        what,
        f"{ours:.1f}",
        f"plain loop, batch 64: {loop:.1f}",
        f"{ours / loop:.1f}",
        f"{share}; median difference {apart[len(apart) // 2]:.1e}, largest {apart[-1]:.1e} nat",
    )
    if peer := lm_eval(bench, folder, few):
        bench.add(what, f"{ours:.1f}", f"lm-eval, batch 64: {peer:.1f}", f"{ours / peer:.1f}")
    else:
        bench.add(what, note="lm-eval is not installed")


@contextmanager
def counted(model: Any) -> Iterator[Callable[[], int]]:
    """How many tokens go through a model, padding left out, without waiting for the card."""
    seen: list[torch.Tensor] = []
    hook = model.register_forward_pre_hook(
        lambda _m, _a, given: seen.append((given["input_ids"] != 0).sum()), with_kwargs=True
    )
    try:
        yield lambda: int(sum(int(x) for x in seen))
    finally:
        hook.remove()


def lm_eval(bench: Bench, folder: Path, asked: list[Request]) -> float:
    """Its questions a second; 0 where it is not installed."""
    if find_spec("lm_eval") is None:
        return 0.0
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    kind = "float32" if bench.small else "bfloat16"
    model = HFLM(pretrained=str(folder), dtype=kind, device=bench.device, batch_size=64)

    def instances(some: list[Request]) -> list[Any]:
        return [
            Instance("loglikelihood", doc={}, arguments=(r.prompt, c), idx=k)
            for r in some
            for k, c in enumerate(r.continuations)
        ]

    model.loglikelihood(instances(asked[:2]))
    return len(asked) / bench.seconds(lambda: model.loglikelihood(instances(asked)))


def loading(bench: Bench) -> None:
    """A folder from the disk's cache: igaku the first time, again, and transformers alone."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    name, folder, _ = bench.model(QWEN_4B)
    size = sum(f.stat().st_size for f in folder.glob("*.safetensors")) / 1e9

    def theirs() -> None:
        AutoTokenizer.from_pretrained(folder)
        AutoModelForCausalLM.from_pretrained(folder, dtype=bench.dtype, device_map=bench.device)

    bench.seconds(theirs)
    before = os.environ.get("IGAKU_CACHE")
    with tempfile.TemporaryDirectory() as work:
        os.environ["IGAKU_CACHE"] = work
        try:
            first, again = (bench.seconds(lambda: bench.engine(folder).close()) for _ in range(2))
        finally:
            os.environ.pop("IGAKU_CACHE") if before is None else os.environ.update(IGAKU_CACHE=before)
    alone_ = bench.seconds(theirs)
    for when, mine in (("first, hashed", first), ("again", again)):
        bench.add(f"{name}: loading {size:.1f} GB, {when}", f"{mine:.1f} s", f"transformers: {alone_:.1f} s",
                  f"{mine / alone_:.1f}", "with igaku's check of the architecture")  # fmt: skip


def writing(bench: Bench) -> None:
    """New tokens a second of greedy replies with a stop string: igaku, and one prompt a call."""
    name, folder, _ = bench.model(QWEN_4B)
    rows, new = (6, 16) if bench.small else (128, 128)
    engine = bench.engine(folder)
    engine.model.generation_config.eos_token_id = None
    sampling = Sampling(max_tokens=new, stop=("\n\n\n\n",))
    asked = [Request(kind="text", prompt=r.prompt, sampling=sampling) for r in requests(rows, 109, 0)]
    first = bench.seconds(lambda: dict(engine.answer(asked)))
    found: dict[int, Any] = {}
    took = bench.seconds(lambda: found.update(engine.answer(asked)))
    ours = sum(a.new_tokens for a in found.values()) / took
    ids = [engine.tokenizer(r.prompt, return_tensors="pt").to(engine.model.device) for r in asked[:2]]

    def one_a_call() -> None:
        for one in ids:
            engine.model.generate(**one, do_sample=False, max_new_tokens=new, pad_token_id=0)

    theirs = len(ids) * new / bench.seconds(one_a_call)
    way = ", ".join(engine.used[1])
    engine.close()
    bench.add(f"{name}: writing {rows} x {new}, tokens a second", f"{ours:.0f}", f"one prompt a call: {theirs:.0f}",
              f"{ours / theirs:.1f}", f"{way}; the first time {first:.0f} s, compiling included")  # fmt: skip


def training(bench: Bench) -> None:
    """LoRA of rank 16, tokens a second: igaku by trl, and trl alone."""
    from igaku.training import Config, train
    from igaku.training.config import Base, Data, Method, Train

    name, folder, body = bench.model(QWEN_4B)
    n, block = (8, 256) if bench.small else (512, 2048)
    texts = [(r.prompt, r.continuations[0] * 8) for r in requests(n, 100 if bench.small else 300, 0)]
    with tempfile.TemporaryDirectory(dir=bench.folder) as work:
        data = Path(work, "train.jsonl")
        lines = [{"text": a + b, "instruction": a, "output": b} for a, b in texts]
        data.write_text("\n".join(json.dumps(line) for line in lines))
        targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
        config = Config(
            model=Base(base=str(folder)),
            method=Method(r=16, alpha=32, targets=targets),
            data=Data(block=block),
            train=Train(lr=1e-4, batch=1, micro=1, steps=2 if bench.small else 40, save_every=0),
        )
        trained = train(config, Path(work, "out"), data=data, contaminated=True)
        peer = 0.0
        if find_spec("trl") is not None:
            from training import theirs

            few = Path(work, "few.jsonl")
            few.write_text("\n".join(json.dumps(line) for line in lines[: 4 if bench.small else 128]))
            found = theirs(str(folder), few, Path(work, "trl"), block, card=not bench.small)
            peer = found["tokens"] / found["seconds"]
    bench.add(
        f"{name}: LoRA, block {block}, tokens a second",
        f"{trained.per_second:.0f}",
        f"trl alone, packed: {peer:.0f}" if peer else "",
        f"{trained.per_second / peer:.1f}" if peer else "",
        f"{100 * 6 * body * trained.per_second / bench.peak:.0f} % of the peak, counted as 6 a parameter"
        + ("" if peer else "; trl is not installed"),
    )


def ecg(bench: Bench) -> None:
    """Masked autoencoder of ECGs, records a second: pre-training as it runs, and its step alone."""
    import numpy as np

    from igaku.cardiology.ecg.config import Config, Network, Pretrain
    from igaku.cardiology.ecg.mae import MaskedAutoencoder
    from igaku.cardiology.ecg.pretrain import _compiled, pretrain
    from igaku.cardiology.ecg.signal import Contract
    from igaku.cardiology.networks import bf16_autocast

    batch, batches = (4, 2) if bench.small else (512, 6)
    network = Network(size="tiny", decoder=(32, 1, 4)) if bench.small else Network(size="base")
    config = Config(contract=Contract(rate=500), network=network, pretrain=Pretrain(epochs=3, warmup=1, batch=batch))
    signals = np.random.default_rng(0).normal(0, 1, (batch * batches, 12, 5000)).astype(np.float32)
    ends = [0.0]
    with tempfile.TemporaryDirectory(dir=bench.folder) as work:
        pretrain(signals, config, Path(work), lambda _e, _l, seconds: ends.append(seconds))
    ours = len(signals) / (ends[-1] - ends[-2])
    model = MaskedAutoencoder(network.size, config.shape, network.pos_embed, network.ratio, network.decoder)
    model = model.train().to(bench.device)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True if bench.device == "cuda" else None)
    loss_of, given = _compiled(model), torch.from_numpy(signals[:batch]).to(bench.device)
    visible, hidden = model.draw(batch, None, given.device)

    def step() -> None:
        with bf16_autocast(bench.device):
            loss = loss_of(given, visible, hidden)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def steps(n: int) -> None:
        for _ in range(n):
            step()

    bench.seconds(step)
    alone_ = batch * batches / bench.seconds(partial(steps, batches))
    bench.add(f"ECG, ViT-{network.size}, batch {batch}: records a second", f"{ours:.0f}",
              f"its step alone: {alone_:.0f}", f"{ours / alone_:.2f}", "the last of three epochs")  # fmt: skip


def main() -> None:
    """All rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="small shapes on the processor; nothing is stored")
    small = parser.parse_args().tiny
    if not small and not torch.cuda.is_available():
        print("not run: no card (python bench/gpu.py --tiny tries the script without one)")
        return
    card = "no card: small shapes on the processor" if small else torch.cuda.get_device_name()
    print(f"{card}, torch {torch.__version__}", flush=True)
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(small, Path(work))
        bench.run("peak of a matrix product", lambda: peak(bench))
        right(bench)
        for shape in (QWEN_4B, GEMMA_1B):
            for shots in (0, 3):
                bench.run(f"{shape.name}, {shots} examples", partial(likelihood, bench, shape, shots))
        for part in (loading, writing, ecg, training):
            bench.run(part.__name__, partial(part, bench))
        took = time.perf_counter() - bench.started
    print(f"{took:.0f} s")
    if not small:
        keep(
            "gpu", bench.rows, note=f"{card}, torch {torch.__version__}; bfloat16, random weights; {took:.0f} s in all"
        )
    if any("failed" in str(row["note"]) for row in bench.rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
