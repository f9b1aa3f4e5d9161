"""Tokens a second of ``igaku train`` against trl's SFTTrainer as its documentation has it: the same rows, base,
adapters, rate and float32, both packed, both without logits in memory.

igaku trains by the same SFTTrainer, with its own sequences, order and, on a processor, its own head, which projects
only what is learnt (``bench/training_backends.py``). Tokens are counted without padding on both sides.
Loss is compared after both have read all rows once: on the same held-out rows, by one function.

python bench/training.py [ROWS]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import folder_for_work, keep

from igaku.benchmarks import load_benchmark
from igaku.corpus.instruct import as_instruction
from igaku.engines.hf import model_folder

BLOCK, LR = 512, 2e-4
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def rows(n: int) -> list[tuple[str, str]]:
    bench = load_benchmark("yakugakuqa-2019")
    explained = bench.explanations("ja")
    found = [
        t
        for q in bench.load("ja")
        if q.text_only and not q.void and (t := as_instruction(q, explained.get(q.id, "")[:200]))
    ]
    return found[: n + 12]


def ours(folder: str, data: Path, out: Path) -> dict[str, float]:
    from igaku.training import Config, train
    from igaku.training.config import Base, Data, Method, Train

    given = [json.loads(x) for x in data.read_text().splitlines()]
    config = Config(
        model=Base(base=folder),
        method=Method(r=16, alpha=32, targets=TARGETS),
        data=Data(block=BLOCK),
        train=Train(lr=LR, schedule="constant", warmup=0.0, batch=1, micro=1, epochs=1.0, clip=1.0, save_every=0),
    )
    made = train(config, out, data=data, contaminated=True)
    return {
        "seconds": made.tokens / made.per_second,
        "tokens": made.tokens,
        "updates": made.updates,
        "rows": len(given),
    }


def theirs(folder: str, data: Path, out: Path, block: int = BLOCK, card: bool = False) -> dict[str, float]:
    """By trl, packed; with ``card`` in bfloat16 on a GPU."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from igaku.training.forms import INSTRUCTION, RESPONSE

    torch.manual_seed(0)
    given = [json.loads(x) for x in data.read_text().splitlines()]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16 if card else torch.float32)
    config = SFTConfig(
        output_dir=str(out),
        per_device_train_batch_size=1,
        packing=True,
        num_train_epochs=1,
        learning_rate=LR,
        lr_scheduler_type="constant",
        max_length=block,
        completion_only_loss=True,
        gradient_checkpointing=False,
        logging_steps=1000,
        save_strategy="no",
        report_to=[],
        use_cpu=not card,
        disable_tqdm=True,
        bf16=card,
        weight_decay=0.0,
        max_grad_norm=1.0,
    )
    made = Dataset.from_list(
        [{"prompt": INSTRUCTION.format(r["instruction"]) + RESPONSE, "completion": r["output"]} for r in given]
    )
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=made,
        processing_class=tokenizer,
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules=TARGETS, task_type="CAUSAL_LM"),
    )
    packed: Any = trainer.train_dataset
    tokens = sum(len(r["input_ids"]) for r in packed)
    start = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - start
    trainer.save_model(str(out))
    return {"seconds": seconds, "tokens": tokens, "updates": trainer.state.global_step, "rows": len(given)}


def held_out(folder: str, adapter: Path, data: Path) -> float:
    """Nats a labelled token of rows that neither read."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from igaku.training.batches import sequences, weight_of
    from igaku.training.config import Data
    from igaku.training.examples import Reader, packed

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), str(adapter)
    ).eval()
    total = n = 0.0
    for item in packed(Reader(Data(block=BLOCK), tokenizer).examples(data), Data(block=BLOCK), 0):
        with torch.no_grad():
            given = sequences([item])
            logits = model(input_ids=given["input_ids"], position_ids=given["position_ids"]).logits[0, :-1].float()
            loss = torch.nn.functional.cross_entropy(logits, given["labels"][0, 1:], reduction="sum")
        total, n = total + float(loss), n + weight_of(item)
    return total / n


def child(kind: str, *args: str) -> dict[str, Any]:
    told = subprocess.run([sys.executable, __file__, kind, *args], capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(told.stderr[-3000:])
    return json.loads(told.stdout.strip().splitlines()[-1])


def main() -> None:
    if len(sys.argv) > 2:
        kind, folder, data, out = sys.argv[1:]
        made: Any = (
            ours(folder, Path(data), Path(out))
            if kind == "ours"
            else theirs(folder, Path(data), Path(out))
            if kind == "theirs"
            else {"loss": held_out(folder, Path(out), Path(data))}
        )
        print(json.dumps(made | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
        return
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    folder, made = model_folder("gemma-3-270m"), rows(n)
    with tempfile.TemporaryDirectory(dir=folder_for_work()) as work:
        files = [Path(work, "train.jsonl"), Path(work, "held.jsonl")]
        for file, part in zip(files, (made[:n], made[n:])):
            file.write_text("\n".join(json.dumps({"text": a + b, "instruction": a, "output": b}) for a, b in part))
        a = child("ours", folder, str(files[0]), f"{work}/ours")
        b = child("theirs", folder, str(files[0]), f"{work}/theirs")
        losses = [child("held", folder, str(files[1]), f"{work}/{k}")["loss"] for k in ("ours", "theirs")]
    speed = [x["tokens"] / x["seconds"] for x in (a, b)]
    table = [
        {
            "loop": name,
            "tokens": f"{x['tokens']:,}",
            "updates": int(x["updates"]),
            "tokens a second": f"{s:.0f}",
            "peak GB": f"{x['peak']:.2f}",
            "loss on held-out rows": f"{loss:.4f}",
        }
        for name, x, s, loss in zip(("igaku", "trl SFTTrainer"), (a, b), speed, losses)
    ]
    table.append(
        {
            "loop": "ratio",
            "tokens": "",
            "updates": "",
            "tokens a second": f"{speed[0] / speed[1]:.2f}x (aim 1x)",
            "peak GB": f"{a['peak'] / b['peak']:.2f}x (aim 1x)",
            "loss on held-out rows": f"{100 * (losses[0] / losses[1] - 1):+.2f} % (aim within 1 %)",
        }
    )
    keep("training", table)


if __name__ == "__main__":
    main()
