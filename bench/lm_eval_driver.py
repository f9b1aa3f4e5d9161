"""Run in lm-eval's own environment: log-likelihoods by its ``hf`` model, timed without loading.

Arguments: TASK.json RESULT.json.
"""

import json
import sys
import time
from pathlib import Path

from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

task = json.loads(Path(sys.argv[1]).read_text())
model = HFLM(pretrained=task["model"], dtype="float32", device="cpu", batch_size=8)


def instances(tasks: list) -> list:
    return [
        Instance("loglikelihood", doc={}, arguments=(prompt, choice), idx=k)
        for prompt, choices in tasks
        for k, choice in enumerate(choices)
    ]


model.loglikelihood(instances(task["tasks"][:1]))
start = time.perf_counter()
scores = [logprob for logprob, _ in model.loglikelihood(instances(task["tasks"]))]
seconds = time.perf_counter() - start
out, at = [], 0
for _, choices in task["tasks"]:
    out.append(scores[at : at + len(choices)])
    at += len(choices)
Path(sys.argv[2]).write_text(json.dumps({"seconds": seconds, "scores": out}))
