"""Run in lm-eval's own environment: texts by its ``local-completions`` model, timed.

Arguments: URL N CONCURRENT TOKENIZER RESULT.json. TOKENIZER is a folder (lm-eval's default: requests as token ids) or
"none" (as text, its fastest).
"""

import json
import sys
import time
from pathlib import Path

from lm_eval.api.instance import Instance
from lm_eval.models.openai_completions import LocalCompletionsAPI

url, n, concurrent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
how = {"tokenizer_backend": None, "tokenized_requests": False} if sys.argv[4] == "none" else {"tokenizer": sys.argv[4]}
model = LocalCompletionsAPI(base_url=url + "/completions", model="stub", num_concurrent=concurrent, batch_size=1, **how)


def instances(prompts: list[str]) -> list:
    more = {"max_gen_toks": 16, "temperature": 0.0, "until": ["\n"]}
    return [Instance("generate_until", doc={}, arguments=(p, dict(more)), idx=0) for p in prompts]


model.generate_until(instances(["warm-up"]))
start, cpu = time.perf_counter(), time.process_time()
texts = model.generate_until(instances([f"Question {i}: which of these is right?\nAnswer:" for i in range(n)]))
seconds, used = time.perf_counter() - start, time.process_time() - cpu
assert len(texts) == n
Path(sys.argv[5]).write_text(json.dumps({"seconds": seconds, "cpu": used}))
