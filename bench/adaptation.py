"""The experiment of docs/experiments/adaptation: small models adapted on open exam years and medical text, measured on
later years, the physicians' exam, and general questions. Every step is kept in its folder under runs/adaptation and
done once, so a run that was cut off goes on.

python bench/adaptation.py [TOKENS]       (trained tokens an arm; 20,000 if left out)
"""

import csv
import json
import math
import random
import sys
from pathlib import Path
from typing import Any

from common import ROOT, keep

import igaku
from igaku.benchmarks import load_benchmark
from igaku.corpus.clean import Clean
from igaku.corpus.dedup import Dedup
from igaku.corpus.instruct import instruct
from igaku.corpus.mix import mix
from igaku.corpus.pipeline import Plan, build
from igaku.corpus.sources import Source
from igaku.io.paths import find_data
from igaku.studies.fair import fair
from igaku.training import train

OUT = ROOT / "runs" / "adaptation"
MODELS = ("gemma-3-270m", "smollm2-135m-instruct")
YEARS = "yakugakuqa:2012-2020"
GENERAL = (
    "japanese_history",
    "high_school_geography",
    "world_religions",
    "prehistory",
    "astronomy",
    "marketing",
    "sociology",
    "philosophy",
)
ARMS = ("base", "text", "exam")


def corpus() -> Path:
    plan = Plan(
        sources={
            "explanations": Source(take="explanations", of=YEARS),
            "abstracts": Source(take="contexts", of="pubmedqa"),
        },
        clean=Clean(languages=["ja", "en"]),
        dedup=Dedup(),
    )
    build(plan, OUT / "corpus", workers=2)
    documents = OUT / "corpus" / "3-decontaminate" / "documents.jsonl"
    instruct([documents], OUT / "corpus" / "exam", exams=[YEARS])
    return documents


def mixes(model: str, tokens: int, documents: Path) -> dict[str, Path]:
    text, exam = OUT / f"mix-text-{model}", OUT / f"mix-exam-{model}"
    mix([documents], text, tokenizer=model, weights={"explanations": 3, "abstracts": 1}, tokens=tokens)
    mix(
        [OUT / "corpus" / "exam" / "documents.jsonl"],
        exam,
        tokenizer=model,
        weights={"yakugakuqa-exam": 1},
        tokens=tokens,
    )
    return {"text": text, "exam": exam}


def adapt(model: str, arm: str, data: Path) -> dict[str, str]:
    """``text``: all weights go on with pre-training; ``exam``: LoRA on questions with answer and explanation, learning
    the answer."""
    out = OUT / f"{model}-{arm}"
    changes = ["lr=2e-5", "kind=full", "form=text"] if arm == "text" else ["lr=2e-4"]
    made = train(
        "tiny",
        out,
        data=data,
        model=model,
        changes=[*changes, "save_every=3"],
        on_step=lambda s: print(
            f"{model} {arm} {s.step}/{s.steps} loss {s.loss:.3f} {s.per_second:.0f} tokens/s", flush=True
        ),
    )
    print(f"{model} {arm}: loss {made.first_loss:.3f} -> {made.last_loss:.3f}", flush=True)
    return {"model": str(out)} if arm == "text" else {"model": model, "adapter": str(out)}


def general() -> Path:
    """Questions on other subjects, drawn from JMMLU, as a file of one's own."""
    file, rng = OUT / "general.jsonl", random.Random(0)
    if not file.exists():
        rows = []
        for subject in GENERAL:
            text = (find_data(f"jmmlu/{subject}.csv") or Path()).read_text(encoding="utf-8-sig")
            found = [r for r in csv.reader(text.splitlines()) if len(r) == 6]
            for n, r in enumerate(rng.sample(found, 10)):
                rows.append(
                    {
                        "id": f"{subject}-{n}",
                        "stem": r[0],
                        "choices": [c.strip() for c in r[1:5]],
                        "answer": r[5].strip().lower(),
                    }
                )
        file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return file


def held_out() -> dict[str, list[str]]:
    """Texts that no arm read: explanations of later years, other abstracts, general stems."""
    rng = random.Random(1)
    later = [
        t
        for y in ("2021", "2022", "2023")
        for t in load_benchmark(f"yakugakuqa-{y}").explanations("ja").values()
        if len(t) > 150
    ]
    stems = [json.loads(line)["stem"] for line in general().read_text().splitlines()]
    english = [q.stem for q in load_benchmark("medqa").load("en") if len(q.stem) > 300]
    return {
        "explanations 2021-2023": rng.sample(later, 24),
        "MedQA stems (en)": rng.sample(english, 24),
        "general stems (ja)": rng.sample(stems, 48),
    }


def likelihood(engine: Any, texts: list[str]) -> float:
    """Bits a character of texts cut at 400 characters."""
    from igaku.question import Request

    cut = [t[:400] for t in texts]
    answers = [a for _, a in engine.answer([Request(kind="tokens", prompt=t) for t in cut])]
    return -sum(sum(a.logprobs) for a in answers) / sum(map(len, cut)) / math.log(2)


def measure(model: str, arm: str, which: dict[str, str]) -> dict[str, Any]:
    file = OUT / f"scores-{model}-{arm}.json"
    if file.exists():
        return json.loads(file.read_text())
    engine = igaku.build_engine(which["model"], engine="transformers", adapter=which.get("adapter", ""))
    row: dict[str, Any] = {"model": model, "arm": arm}
    try:
        for name, texts in held_out().items():
            row[f"bits a character: {name}"] = f"{likelihood(engine, texts):.3f}"
        for label, bench, limit in (
            ("YakugakuQA 2021", "yakugakuqa-2021", 40),
            ("2022", "yakugakuqa-2022", 40),
            ("2023", "yakugakuqa-2023", 40),
            ("IgakuQA 2022", "igakuqa-2022", 40),
            ("general", str(general()), 80),
        ):
            run = igaku.evaluate(
                engine,
                bench,
                out=OUT / "runs" / f"{model}-{arm}-{label.replace(' ', '')}",
                method="letter-logprob",
                lang="ja",
                limit=limit,
                text_only=True,
            )
            cell = next(c for c in run.cells if c.text_only is not False)
            low, high = cell.ci95 or (0, 0)
            row[label] = f"{100 * (cell.accuracy or 0):.1f} ({100 * low:.0f}-{100 * high:.0f})"
            print(model, arm, label, row[label], flush=True)
        report = fair(engine, "yakugakuqa-2021", out=OUT / "runs" / f"{model}-{arm}-fair", budget="8 questions")
        told = report.fair[0].fair
        row["fair score, 8 questions of 2021"] = (
            f"{100 * told.score:.1f} ({100 * told.ci95[0]:.0f}-{100 * told.ci95[1]:.0f}), {told.renderings} renderings"
        )
    finally:
        engine.close()
    file.write_text(json.dumps(row, ensure_ascii=False))
    return row


def main() -> None:
    tokens = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    documents = corpus()
    rows = []
    for model in MODELS:
        data = mixes(model, tokens, documents)
        for arm in ARMS:
            which = {"model": model} if arm == "base" else adapt(model, arm, data[arm])
            rows.append(measure(model, arm, which))
            keep("adaptation", rows, f"{tokens:,} tokens an arm")


if __name__ == "__main__":
    main()
