"""Runs for ``scale.py``: questions and replies of our own, as long as those of fourteen models on the 2026 exam."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec

import igaku
from igaku.engines.replay import Replay
from igaku.question import Request

QUANTILES = (0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1)
LENGTHS = (
    (7, 7, 7, 7, 7, 7, 11, 726),
    (5, 5, 5, 5, 5, 9, 897, 1046),
    (5, 5, 5, 430, 633, 843, 1061, 1222),
    (5, 378, 564, 741, 979, 1181, 2654, 5466),
    (5, 291, 513, 663, 854, 1069, 2138, 3058),
    (5, 5, 479, 553, 628, 685, 862, 1241),
    (5, 445, 500, 563, 622, 691, 833, 1042),
    (5, 5, 5, 5, 5, 5, 9, 245),
    (5, 5, 5, 5, 5, 5, 7, 9),
    (5, 5, 5, 5, 5, 5, 8, 9),
    (5, 5, 5, 5, 5, 5, 8, 9),
    (5, 5, 370, 530, 685, 810, 1066, 1238),
    (5, 5, 86, 148, 217, 297, 545, 649),
    (7, 7, 7, 7, 115, 273, 454, 584),
)
"""Characters of the replies (without thinking) of each published model at ``QUANTILES``."""

FINDINGS = (
    "労作時の息切れが三日前から続く",
    "血圧は右腕と左腕で差がある",
    "胸部の聴診で雑音を聴く",
    "尿量が減り下腿がむくむ",
    "心電図で幅の広い波形を認める",
    "炎症反応は軽度に上がる",
    "腹部は平坦で圧痛はない",
    "意識は清明で会話ができる",
    "家族に同じ病気の人がいる",
    "薬を飲み始めてから症状が出た",
    "画像では片側だけに影がある",
    "体温は平熱で脈は速い",
)
THOUGHTS = (
    "{a}ことから{b}とは考えにくい。",
    "一方で{a}点は見逃せない。",
    "{a}ため、まず確かめるのは{b}かどうかである。",
    "選択肢{c}は{a}場合に当たる。",
    "{b}なら{c}を選ぶが、この例では当たらない。",
    "したがって{a}という所見が決め手になる。",
)
CLOSINGS = ("答え: {c}", "したがって正解は {c} です。", "ANSWER: {C}", "**答え：{c}**")
PROMPTS = ("standard", "closing", "bracketed", "instructed")


def write_questions(file: Path, n: int) -> Path:
    """``n`` choice questions, one in ten linked to the one before."""
    draw = random.Random(n)
    rows = []
    for i in range(n):
        findings = "。".join(draw.sample(FINDINGS, 4))
        rows.append(
            {
                "id": f"{i:06}",
                "stem": f"{draw.randrange(20, 90)}歳の人。{findings}。次に行うのはどれか。（{i}）",
                "choices": [f"{draw.choice(FINDINGS)[:8]}{k}" for k in range(1, 6)],
                "answer": draw.choice("abcde"),
                "section": ("required", "general", "clinical")[i % 3],
                "year": str(2018 + i % 8),
                "group": f"g{i // 10}" if i % 10 < 2 else "",
            }
        )
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return file


def _length(draw: random.Random, at: tuple[int, ...]) -> int:
    x = draw.random()
    k = next(i for i in range(1, len(QUANTILES)) if x <= QUANTILES[i])
    share = (x - QUANTILES[k - 1]) / (QUANTILES[k] - QUANTILES[k - 1])
    return round(at[k - 1] + share * (at[k] - at[k - 1]))


def writer(model: int, questions: list[dict[str, str]]) -> Callable[[Request], str]:
    """A script for the replay engine: right as often as the model's skill has it, as long as its kind writes."""
    draw, skill, lengths = random.Random(model), 0.25 + 0.6 * (model * 7 % 100) / 100, LENGTHS[model % len(LENGTHS)]
    keys = {row["stem"]: row["answer"] for row in questions}

    def script(request: Request) -> str:
        end = request.prompt.rindex("次に行うのはどれか。（")
        stem = request.prompt[request.prompt.rindex("歳の人。", 0, end) - 2 : request.prompt.index("）", end) + 1]
        letter = keys[stem] if draw.random() < skill else draw.choice("abcde")
        length = _length(draw, lengths)
        if length < 20:
            return draw.choice((letter, letter.upper(), f"答え: {letter}"))
        parts = []
        while length > 0:
            a, b = draw.sample(FINDINGS, 2)
            parts.append(draw.choice(THOUGHTS).format(a=a, b=b, c=draw.choice("abcde")))
            length -= len(parts[-1])
        return "".join(parts) + "\n" + draw.choice(CLOSINGS).format(c=letter, C=letter.upper())

    return script


def write_run(out: Path, file: Path, model: int, samples: int = 1) -> Path:
    """One model on all questions by the four templates, through ``igaku.evaluate``."""
    rows = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    engine = Replay(writer(model, rows), name=f"model-{model:03}")
    igaku.evaluate(
        engine,
        str(file),
        lang="ja",
        prompt=list(PROMPTS),
        method="letter",
        samples=samples,
        temperature=0.7 if samples > 1 else 0.0,
        out=out,
    )
    return out
