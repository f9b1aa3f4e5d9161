"""What a model may write: loops, nesting, all forms of answers at once, words of graders without sense."""

import json
from random import Random

from .trees import TEXTS

PIECES = (
    "変更前: ", "変更後: ", "->", "→", "答えは", "答え：", "正解は", "a", "b", "ａ", "と", "または", "、", ",", "。",
    "\n", "\n\n", "- ", "* ", "1. ", "①", "(", ")", "（", "）", "[", "]", "「", "」", "{", "}", '"', "'", "`",
    "```json\n", "<think>", "</think>", "<d>", "</d>", "|", "| --- ", ":", "：", "Answer: ", "The answer is ", "not ",
    "ない", "ではない", "誤り", "正しい", "わからない", "I cannot ", "申し訳ありません", "確信度：", "80%", "72.5",
    "7", "0", ".", "-", "10^5", "mg", "発熱", "陽性", "T1", "病名", "はい", "いいえ", "1: はい\n", "CORRECT",
    "\\boxed{", "$", "**", "#", "\u3000", "\u200b", "\u202e", "\ud83d\ude00", "ﾊﾟ", "が", "㌔", "\t", "\r", "\x00",
    "EOS", "null", "[1, 2]", '{"a": 1}', "選択肢", "肺炎",
)  # fmt: skip
"""What graders look for, and what they are asked to pass over."""
MOST = 24_000
"""Characters of a reply: what 8,000 tokens hold."""


def reply_text(rng: Random) -> str:
    """One reply: a few pieces again and again, a mix of all, one nested in itself, or an odd text."""
    few = rng.sample(PIECES, rng.choice((1, 1, 2, 3, 5)))
    length = rng.choice((20, 300, 3000, MOST))
    way = rng.randrange(5)
    if way == 0:
        return ("".join(few) * length)[:length]
    if way == 1:
        return "".join(rng.choices(PIECES, k=length // 3))
    if way == 2:
        left, right = rng.choice(
            (("(", ")"), ("[", "]"), ("{", "}"), ("「", "」"), ("<d>", "</d>"), ('{"a":', "}"), ("（", "）"))
        )
        return left * (length // 2) + few[0] + right * rng.choice((0, 1, length // 2))
    if way == 3:
        return "".join(few) + rng.choice(PIECES) * length + "".join(rng.choices(PIECES, k=20))
    return str(rng.choice(TEXTS))[:MOST]


def replies(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """Every reply of a journal says something else."""
    rows = [json.loads(line) for line in raw.splitlines() if line.strip()]
    same = reply_text(rng) if rng.random() < 0.6 else None
    for row in rows:
        row["answer"]["text"] = same if same is not None else reply_text(rng)
        row["answer"] |= {"thinking": reply_text(rng)} if rng.random() < 0.1 else {}
    return "reply", b"".join(json.dumps(row).encode() + b"\n" for row in rows)
