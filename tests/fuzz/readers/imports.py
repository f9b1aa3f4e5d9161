"""Recorded replies in every format that ``igaku import`` reads, and what may lie beside them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from ..reader import Reader
from .questions import lines

NEEDS = ("inspect", "parquet", "site")
QUESTIONS: list[dict[str, object]] = [
    {"id": f"q{n}", "stem": f"{n} 番の問いの答えはどれか。", "choices": [f"甲{n}", f"乙{n}", f"丙{n}"], "answer": "b"}
    for n in range(1, 5)
]
RUBRIC: list[dict[str, object]] = [
    {"id": f"q{n}", "stem": f"問 {n}", "rubric": [{"point": "水", "weight": 2}, {"point": "酒", "weight": -1}]}
    for n in (1, 2)
]
Value = dict[str, Any]


def _shown(q: Value) -> str:
    return q["stem"] + "\n" + "\n".join(f"{letter}. {c}" for letter, c in zip("ABC", q["choices"]))


def replies() -> list[dict[str, object]]:
    """igaku's own plain form."""
    about = {"effort": "low", "date": "2026-01-02", "temperature": 0.2, "model_id": "m-1", "seed": 3}
    every: list[dict[str, object]] = [
        {"id": q["id"], "model": "m", "reply": "答えは b", "lang": "ja", "confidence": 0.8, "finish": "stop"}
        for q in QUESTIONS
    ]
    every[0] |= about
    every[1] |= {
        "reasoning": "考えた",
        "prompt": "問い\n答え",
        "saw_images": False,
        "sampling": {"top_p": 1},
        "sample": 0,
    }
    return every


def inspect() -> Value:
    """A log of Inspect's."""
    samples: list[Value] = [
        {
            "id": q["id"],
            "epoch": 1,
            "input": q["stem"] if n else [{"role": "user", "content": q["stem"]}],
            "choices": q["choices"],
            "output": {"choices": [{"message": {"content": "ANSWER: B"}, "stop_reason": "stop"}]},
        }
        for n, q in enumerate(QUESTIONS)
    ]
    parts = [{"type": "reasoning", "reasoning": "a?"}, {"type": "text", "text": "ANSWER: B"}]
    samples[1]["output"] = {"choices": [{"message": {"content": parts}, "stop_reason": "max_tokens"}]}
    evaluation = {
        "model": "maker/m",
        "task": "exam",
        "eval_id": "e1",
        "dataset": {"samples": 4},
        "config": {"epochs": 1},
    }
    return {"status": "success", "eval": evaluation, "results": {"total_samples": 4}, "samples": samples}


def packed(log: Value) -> bytes:
    """The log as an .eval archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, sample in enumerate(log["samples"]):
            archive.writestr(f"samples/{n}_epoch_1.json", json.dumps(sample, ensure_ascii=False))
        archive.writestr("header.json", json.dumps({k: v for k, v in log.items() if k != "samples"}))
    return out.getvalue()


def lm_eval(letters: bool) -> list[dict[str, object]]:
    """Samples with log-likelihoods of letters, or with texts of our own task."""
    if not letters:
        docs = [{"id": q["id"], "query": _shown(q), "lang": "ja"} for q in QUESTIONS]
        sent = {"gen_args_0": {"arg_0": "p", "arg_1": {"until": ["\n"]}}}
        return [
            {"doc_id": n, "doc": d, "arguments": sent, "resps": [["b"]], "filter": "none"} for n, d in enumerate(docs)
        ]
    return [
        {
            "doc_id": n,
            "doc": {"question": q["stem"], "options": q["choices"]},
            "arguments": {
                f"gen_args_{i}": {"arg_0": _shown(q), "arg_1": f" {letter}"} for i, letter in enumerate("ABC")
            },
            "resps": [[["-1.5", "False"]], [["-0.5", "True"]], [["-2.5", "False"]]],
        }
        for n, q in enumerate(QUESTIONS)
    ]


def lighteval() -> bytes:
    """A details file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {
            "doc": {"query": q["stem"], "choices": q["choices"]},
            "model_response": {"text": ["b"], "logprobs": [-1.0, -0.5, -2.0]},
        }
        for q in QUESTIONS
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def _json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def make(folder: Path) -> None:
    """All of them in one folder, with the questions that they answer."""
    (folder / "q.jsonl").write_text(lines(QUESTIONS), encoding="utf-8")
    (folder / "r.jsonl").write_text(lines(RUBRIC), encoding="utf-8")
    (folder / "plain").mkdir()
    (folder / "plain" / "a.jsonl").write_text(lines(replies()), encoding="utf-8")
    (folder / "plain" / "models.toml").write_text(
        '["m"]\nvendor = "v"\nsize = "32B"\nlicence = "MIT"\nyear = 2025\nurl = "https://x"\n'
    )
    _json(folder / "list.json", {"replies": replies()})
    cells = "".join(f'{q["id"]},m,"b, と思う",ja,0.7,stop\n' for q in QUESTIONS)
    (folder / "a.csv").write_text(f"id,model,reply,lang,confidence,finish\n{cells}", encoding="utf-8")
    (folder / "keys.csv").write_text("id,answer\nq1,b\nq2,a/b\nq3,excluded\n", encoding="utf-8")
    (folder / "112-A_m.jsonl").write_text(lines([{"problem_id": q["id"], "prediction": "b"} for q in QUESTIONS]))
    results = [
        {"question_number": q["id"], "answers": [{"model": "m:latest", "answer": "b", "confidence": 0.9}]}
        for q in QUESTIONS
    ]
    _json(folder / "119.json", {"results": results})
    (folder / "119.csv").write_text(
        "model,question_number,model_answer,confidence\n" + "".join(f"m,{q['id']},b,0.5\n" for q in QUESTIONS)
    )
    rows: list[Value] = [
        {"question_id": q["id"], "raw_response": "b", "reasoning": "r", "gold": ["b"], "error": None} for q in QUESTIONS
    ]
    body = {"reasoning": {"effort": "high"}}
    _json(
        folder / "jmle.json",
        {"metadata": {"display_name": "M", "image_mode": "text", "extra_body": body}, "results": rows},
    )
    details = [
        {"problem_id": q["id"], "response": "b" * (200 if n else 1), "prediction": "b", "gold": "b"}
        for n, q in enumerate(QUESTIONS)
    ]
    _json(folder / "m_2022_A.json", {"details": {"p1": details}, "prompts": {"p1": "答えよ"}, "model": "m"})
    _json(folder / "j" / "m" / "zero_shot.json", [{"sample_id": q["id"], "generated": 1, "gold": 1} for q in QUESTIONS])
    harness = [{"problem_id": q["id"], "choices": q["choices"], "response": q["choices"][1]} for q in QUESTIONS]
    (folder / "m-IgakuQA-x.jsonl").write_text(lines(harness), encoding="utf-8")
    graded = [
        {"prompt_id": f"q{n}", "response": "水", "evaluations": [{"satisfied": True}, {"satisfied": False}]}
        for n in (1, 2)
    ]
    _json(folder / "x_results_y.json", {"summary": {"model": "m", "grader_model": "g"}, "results": graded})
    for kind in ("text", "letters"):
        (folder / kind).mkdir()
        (folder / kind / "samples_x.jsonl").write_text(lines(lm_eval(kind == "letters")), encoding="utf-8")
    _json(folder / "log.json", inspect())
    (folder / "log.eval").write_bytes(packed(inspect()))
    (folder / "details_x.parquet").write_bytes(lighteval())


WARM = ("igaku.report.site", "altair", "igaku.studies.verify", "pyarrow.parquet")


def _reader(name: str, file: str, kind: str, given: str, bench: str = "q.jsonl", share: float = 1.0) -> Reader:
    ask = f"import {given} --bench {bench} --lang ja --out o"
    then = ("show o --json", "report o --out s", "verify o", "grade o")
    return Reader(
        name, make, file, kind, (ask, *(f"{ask} && igaku {one}" for one in then)), (0, 1, 2), False, WARM, share
    )


READERS = [
    _reader("import jsonl", "plain/a.jsonl", "jsonl", "jsonl plain/a.jsonl"),
    _reader("import jsonl, a list", "list.json", "json", "jsonl list.json"),
    _reader("import csv", "a.csv", "csv", "csv a.csv"),
    _reader("import --models", "plain/models.toml", "toml", "jsonl plain/a.jsonl"),
    _reader("import --keys", "keys.csv", "csv", "jsonl plain/a.jsonl --keys keys.csv"),
    _reader("import igakuqa", "112-A_m.jsonl", "jsonl", "igakuqa 112-A_m.jsonl"),
    _reader("import igakuqa119", "119.json", "json", "igakuqa119 119.json"),
    _reader("import igakuqa119, graded", "119.csv", "csv", "igakuqa119 119.csv"),
    _reader("import jmle2026", "jmle.json", "json", "jmle2026 jmle.json"),
    _reader("import igakuqa-evaluation", "m_2022_A.json", "json", "igakuqa-evaluation m_2022_A.json"),
    _reader("import j-clinicalbench", "j/m/zero_shot.json", "json", "j-clinicalbench j/m/zero_shot.json"),
    _reader("import med-harness", "m-IgakuQA-x.jsonl", "jsonl", "med-harness m-IgakuQA-x.jsonl"),
    _reader("import healthbench", "x_results_y.json", "json", "healthbench x_results_y.json", "r.jsonl"),
    _reader("import lm-eval", "text/samples_x.jsonl", "jsonl", "lm-eval text --model m"),
    _reader("import lm-eval, letters", "letters/samples_x.jsonl", "jsonl", "lm-eval letters --model m"),
    _reader("import inspect .json", "log.json", "json", "inspect log.json", share=1.5),
    _reader("import inspect .eval", "log.eval", "zip", "inspect log.eval", share=2),
    _reader("import lighteval", "details_x.parquet", "parquet", "lighteval details_x.parquet", share=2),
]
