"""64 new tokens on IgakuQA 2018 (text only, five choices): igaku's transformers engine against one prompt a call.

One prompt a call is what japanese-lm-med-harness does: tokenizer, ``model.generate``, decode, next question. Same model
object, same dtype, same prompts, one process, after a warm-up; greedy, and the texts are compared.
"""

import time
from typing import Any

import torch
from common import keep

from igaku import build_engine, load_benchmark, load_prompt
from igaku.engines.hf import Transformers
from igaku.question import Request, Sampling

N, NEW = 16, 64


def measure(model: str) -> dict:
    engine = build_engine(model, engine="transformers", device="cpu")
    assert isinstance(engine, Transformers)
    prompt = load_prompt("alpaca_ja")
    questions = [q for q in load_benchmark("igakuqa-2018").load("ja") if q.text_only and len(q.choices) == 5][:N]
    texts = [prompt.render(q).text for q in questions]
    sampling = Sampling(max_tokens=NEW)
    list(engine.answer([Request(kind="text", prompt=texts[0], sampling=Sampling(max_tokens=4))]))
    start = time.perf_counter()
    ours = dict(engine.answer([Request(kind="text", prompt=t, sampling=sampling) for t in texts]))
    batched = time.perf_counter() - start
    start = time.perf_counter()
    theirs = [one_call(engine, t) for t in texts]
    single = time.perf_counter() - start
    return {
        "model": model,
        "questions": N,
        "igaku seconds": round(batched, 1),
        "one prompt a call, seconds": round(single, 1),
        "ratio": round(single / batched, 1),
        "target": 3,
        "same text": sum(ours[i].text == t for i, t in enumerate(theirs)),
    }


def one_call(engine: Transformers, text: str) -> str:
    inputs = engine.tokenizer(text, return_tensors="pt")
    model: Any = engine.model  # its generate() is not typed
    with torch.no_grad():
        out = model.generate(**inputs, do_sample=False, max_new_tokens=NEW, pad_token_id=engine._tokens.pad)
    return str(engine.tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))


keep("generation", [measure("gemma-3-270m"), measure("smollm2-135m-instruct")], note="float32, greedy")
