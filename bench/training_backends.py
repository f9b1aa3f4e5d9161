"""igaku's training by trl beside a plain PyTorch loop: the same losses on the same batches, tokens a second, and a run
that is killed.

The plain loop is what igaku's own loop did until it was given up: forward, the loss of labelled positions only, AdamW.
Both train an adapter in float32 on the same packed rows, in one process, an update of one after an update of the other.
trl's own head, which projects every position where there is no GPU, is the third line.

python bench/training_backends.py [--tiny]
"""

import argparse
import copy
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from common import folder_for_work, keep
from msgspec.structs import replace

from igaku.training.batches import order, pairs, sequences, weight_of
from igaku.training.config import Base, Config, Data, Method, Train
from igaku.training.examples import Packed, Pair, packed
from igaku.training.literal import IGNORED, Example
from igaku.training.losses import next_token
from igaku.training.networks import adapted

SMOLLM2_135M: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "tie_word_embeddings": True,
}
GEMMA_270M: dict[str, Any] = {
    "model_type": "gemma3_text",
    "vocab_size": 262144,
    "hidden_size": 640,
    "intermediate_size": 2048,
    "num_hidden_layers": 18,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "tie_word_embeddings": True,
}
SMALL: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "vocab_size": 512,
}
LEARNT = 0.3
"""Share of an instruction's tokens that are its answer's."""


def network(sizes: dict[str, Any]) -> Any:
    """Random weights of a published shape."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    given = dict(sizes)
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(given.pop("model_type"), **given))


def tokenizer(folder: Path) -> Any:
    """One of 512 bytes and pieces; rows are token ids already."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = {"<s>": 0, "</s>": 1} | {f"w{n}": n for n in range(2, 512)}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="<s>")), eos_token="</s>", pad_token="</s>"
    )


def rows(n: int, block: int, words: int) -> list[Packed]:
    """N packed sequences of four documents each, of which the last third is learnt."""
    rng = torch.Generator().manual_seed(0)
    length = block // 4
    ids = torch.randint(2, words, (4 * n, length), generator=rng).tolist()
    read = int(length * (1 - LEARNT))
    found = [Example(i, [IGNORED] * read + i[read:]) for i in ids]
    return packed(found, Data(block=block), 0)


def recipe(block: int, steps: int, **method: Any) -> Config:
    return Config(
        model=Base(base="none"),
        method=Method(r=16, alpha=32, **method),
        data=Data(block=block, form="preference" if method else "instruction"),
        train=Train(lr=2e-4, schedule="constant", warmup=0.0, batch=1, steps=steps, save_every=0, spike=0),
    )


class Plain:
    """The plain loop, an update at a time."""

    def __init__(self, made: Any, items: Sequence[Packed], config: Config) -> None:
        t = config.train
        self.made, self.items, self.clip = made, items, t.clip
        self.weights = [p for p in made.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.weights, lr=t.lr, weight_decay=t.weight_decay)
        self.order = order(len(items), t.batch, t.steps or 0, t.seed)

    def update(self) -> float:
        """The loss before it."""
        batch = [self.items[n] for n in next(self.order)]
        given = sequences(batch)
        base = self.made.get_base_model()
        total = next_token(base, base.forward, given["input_ids"], given["labels"], given["position_ids"])
        loss = total / sum(map(weight_of, batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, self.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())


def trained(made: Any, items: Any, config: Config, work: Path, on_step: Any = None) -> list[float]:
    """Losses by igaku's trainer."""
    from igaku.training.recipe import processes_here
    from igaku.training.trainer import fit

    processes_here()
    with tempfile.TemporaryDirectory(dir=work) as out:
        return [r["loss"] for r in fit(made, tokenizer(work), items, config, Path(out), "", on_step).rows]


def alternating(made: Any, items: Sequence[Packed], config: Config, work: Path) -> dict[str, Any]:
    """Losses and seconds of both, an update of one after an update of the other; the first of each warms up."""
    plain = Plain(copy.deepcopy(made), items, config)
    losses, seconds = list[float](), {"plain": list[float](), "trl": list[float]()}
    ended = [time.perf_counter()]

    def on_step(_: Any) -> None:
        began = time.perf_counter()
        seconds["trl"].append(began - ended[0])
        losses.append(plain.update())
        ended[0] = time.perf_counter()
        seconds["plain"].append(ended[0] - began)

    theirs = trained(made, items, config, work, on_step)
    tokens = config.data.block * (len(losses) - 1)
    speed = {name: tokens / sum(took[1:]) for name, took in seconds.items()}
    return {"difference": max(abs(a - b) for a, b in zip(losses, theirs)), "speed": speed, "updates": len(losses)}


def own_head(made: Any, items: Sequence[Packed], config: Config, work: Path) -> dict[str, Any]:
    """The same by trl's own loss."""
    from unittest.mock import patch

    from trl import SFTTrainer

    from igaku.training import trainer

    with patch.object(trainer._Sft, "compute_loss", SFTTrainer.compute_loss):
        return alternating(made, items, config, work)


def preferences(sizes: dict[str, Any], objective: str, steps: int, work: Path) -> float:
    """Largest difference of trl's loss from the formula's, while pairs are learnt."""
    rng = torch.Generator().manual_seed(1)
    found = []
    for n in range(4):
        prompt, good, bad = (torch.randint(2, 400, (k,), generator=rng).tolist() for k in (12, 5 + n, 9))
        found.append(Pair(*(Example(prompt + a, [IGNORED] * 12 + a) for a in (good, bad))))
    config = recipe(64, steps, objective=objective)
    made = adapted(network(sizes), config)
    other = copy.deepcopy(made)
    theirs = trained(made, found, config, work)
    weights = [p for p in other.parameters() if p.requires_grad]
    optimizer, ours = torch.optim.AdamW(weights, lr=config.train.lr, weight_decay=0.0), []
    for (n,) in order(len(found), 1, steps, 0):
        given = pairs([found[n]])

        def logprobs(given: dict[str, Any] = given) -> torch.Tensor:
            logits = other(input_ids=given["input_ids"], attention_mask=given["attention_mask"]).logits[:, :-1]
            chosen = torch.log_softmax(logits, -1).gather(-1, given["input_ids"][:, 1:, None]).squeeze(-1)
            return (chosen * given["completion_mask"][:, 1:]).sum(1)

        now = logprobs()
        with torch.no_grad(), other.disable_adapter():
            before = logprobs()
        margin = (now - before)[0] - (now - before)[1]
        loss = -torch.nn.functional.logsigmoid(config.method.beta * margin)
        if objective == "rpo":
            loss = loss - config.method.nll * now[0] / given["completion_mask"][0, 1:].sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, config.train.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        ours.append(float(loss.detach()))
    return max(abs(a - b) for a, b in zip(ours, theirs))


def resumed(work: Path, steps: int) -> tuple[int, int]:
    """(losses that are equal to the last bit, losses) of a run that was killed with SIGKILL, and one that was not."""
    from igaku.io.checkpoints import read_log

    whole, cut = work / "whole", work / "cut"
    for out, kill_after in ((whole, 0), (cut, steps // 2)):
        child = subprocess.Popen([sys.executable, __file__, "--child", str(out), str(steps)])
        while kill_after and child.poll() is None and len(read_log(out / "log.jsonl")) < kill_after:
            time.sleep(0.02)
        if kill_after:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            child = subprocess.Popen([sys.executable, __file__, "--child", str(out), str(steps)])
        if child.wait():
            raise SystemExit("the child failed")
    a, b = ([r["loss"] for r in read_log(out / "log.jsonl")] for out in (whole, cut))
    return sum(x == y for x, y in zip(a, b, strict=True)), len(a)


def child(out: Path, steps: int) -> None:
    """One run on a small network, slow enough to be killed."""
    from igaku.training.recipe import processes_here
    from igaku.training.trainer import fit

    processes_here()
    out.mkdir(exist_ok=True)
    config = recipe(64, steps)
    config = replace(config, method=replace(config.method, dropout=0.1), train=replace(config.train, save_every=3))
    made = adapted(network(SMOLLM2_135M | SMALL), config)
    fit(made, tokenizer(out), rows(8, 64, 512), config, out, "", lambda _: time.sleep(0.1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="small shapes; nothing is stored")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(Path(given.child[0]), int(given.child[1]))
        return
    small, block, updates = (SMALL, 64, 4) if given.tiny else ({}, 512, 4)
    table: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(dir=folder_for_work()) as folder:
        work = Path(folder)
        for name, shape in (("SmolLM2-135M", SMOLLM2_135M), ("gemma-3-270m", GEMMA_270M)):
            sizes, config = shape | small, recipe(block, updates)
            items = rows(updates, block, int(sizes["vocab_size"]))
            for head, measure in (("igaku's", alternating), ("trl's own", own_head)):
                found = measure(adapted(network(sizes), config), items, config, work)
                speed = found["speed"]
                table.append(
                    {
                        "shape": name,
                        "head": head,
                        "updates": found["updates"],
                        "largest difference of a loss": f"{found['difference']:.1e}",
                        "plain loop, tokens a second": f"{speed['plain']:.0f}",
                        "by trl": f"{speed['trl']:.0f}",
                        "ratio": f"{speed['trl'] / speed['plain']:.2f}x",
                    }
                )
        for objective in ("dpo", "rpo"):
            difference = preferences(SMOLLM2_135M | SMALL, objective, 12, work)
            table.append(
                {
                    "shape": "small",
                    "head": objective.upper(),
                    "updates": 12,
                    "largest difference of a loss": f"{difference:.1e}",
                }
            )
        equal, of = resumed(work, 20)
        table.append(
            {
                "shape": "small",
                "head": "killed with SIGKILL, the losses",
                "updates": of,
                "largest difference of a loss": "0" if equal == of else f"{of - equal} differ",
            }
        )
    if given.tiny:
        print(json.dumps(table, indent=1, ensure_ascii=False))
    else:
        keep("training_backends", table, "aim: at least 0.9x of the plain loop with igaku's head")


if __name__ == "__main__":
    main()
