import json
import random
from pathlib import Path

import pytest

from igaku.corpus import comparing, dedup
from igaku.corpus.semantic import duplicates, prototypes
from igaku.errors import IgakuError

pytest.importorskip("rensa")
SOURCE = Path(__file__).parents[1] / "assets" / "identities.txt"


def passages() -> list[str]:
    lines = [x for x in SOURCE.read_text().splitlines() if x and x[0] not in "#{"]
    return ["".join(lines[i : i + 6]) for i in range(0, len(lines) - 6, 6)]


def changed(text: str, share: float, rng: random.Random) -> str:
    """With reading errors."""
    return "".join(rng.choice("肝腎脾胃腸肺心脳") if rng.random() < share else c for c in text)


def run(tmp_path: Path, texts: list[str], **settings: object) -> tuple[list[str], dict[str, int]]:
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts)))
    manifest = dedup([source], tmp_path / f"out{len(list(tmp_path.iterdir()))}", **settings)  # type: ignore[arg-type]
    out = sorted(tmp_path.glob("out*/documents.jsonl"), key=lambda p: p.stat().st_mtime_ns)[-1]
    assert not list(out.parent.glob("scratch*"))
    return [json.loads(x)["id"] for x in out.read_text().splitlines()], manifest.dropped


def test_copies_go_and_the_first_stays(tmp_path: Path) -> None:
    rng, texts = random.Random(0), passages()
    n = len(texts)
    near = [changed(t, 0.1, rng) for t in texts]
    kept, dropped = run(tmp_path, [*texts, texts[0].replace("。", "．"), *near])
    assert kept[:n] == [str(i) for i in range(n)] and dropped["exact copy"] == 1 and dropped["near copy"] >= 0.8 * n
    kept, dropped = run(tmp_path, [*texts, texts[0], *near], exact=True)
    assert len(kept) == 2 * n and dropped == {"exact copy": 1}


def test_two_texts_with_a_common_half_stay_and_a_part_of_either_goes(tmp_path: Path) -> None:
    a, b, c = passages()[:3]
    assert run(tmp_path, [a + b, a + c, a])[0] == ["0", "1"]
    assert run(tmp_path, [a, a + b, a + c])[0] == ["1", "2"]


def test_odd_texts_do_no_harm(tmp_path: Path) -> None:
    assert run(tmp_path, ["", "", "あ", "い", "!!!", "!!!"])[0] == ["0", "2", "3", "4"]
    assert run(tmp_path, ["x"], workers=2)[0] == ["0"]


def test_a_common_phrase_does_not_hide_copies(tmp_path: Path) -> None:
    head = "本剤の添付文書には次のように記載されている。"
    texts = [head + t for t in passages()] * 20
    rng = random.Random(3)
    texts = [changed(t, 0.05, rng) if i >= len(passages()) else t for i, t in enumerate(texts)]
    kept, _ = run(tmp_path, texts)
    n = len(passages())
    assert [k for k in kept if int(k) < n] == [str(i) for i in range(n)]
    assert len(texts) - len(kept) >= 0.9 * (len(texts) - n)


def test_alike_must_make_sense(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"dedup\.alike 0\.1: expected 0\.3"):
        run(tmp_path, ["x"], alike=0.1)


def test_what_points_the_same_way_says_the_same() -> None:
    np = pytest.importorskip("numpy")
    vectors = np.random.default_rng(0).normal(size=(500, 16))
    vectors[7] = vectors[3] + 0.001
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert duplicates(vectors, 0.01) == {7: 3}
    assert len(prototypes(vectors, 0.9)) == 450


def _copies_of_many(file: Path) -> Path:
    """Every third text is a copy with other punctuation, every fifth a part of a longer page."""
    texts = [
        f"{i}例目の患者は{60 + i}歳で、{i + 2}日前から胸の痛みが続いていた。心電図でST上昇を認め、冠動脈造影を行った。"
        "左前下行枝に高度の狭窄があり、ステントを留置した。翌日には症状が消え、二週間後に歩いて退院した。"
        for i in range(40)
    ]
    rows = [
        *texts,
        *(t.replace("、", "，") + " " for t in texts[::3]),
        *(f"はじめに。{t}おわりに。" for t in texts[::5]),
    ]
    file.write_text("\n".join(json.dumps({"text": t}, ensure_ascii=False) for t in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize("workers", [2, "ray"])
def test_pairs_are_compared_by_others_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int | str
) -> None:
    monkeypatch.setattr(comparing, "BATCH", 3)
    source = _copies_of_many(tmp_path / "in.jsonl")
    alone = dedup([source], tmp_path / "1")
    assert alone.retained == 40
    if workers == "ray":
        ray = pytest.importorskip("ray")
        ray.init(address="local", num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        assert dedup([source], tmp_path / "n", workers=workers).output == alone.output
    finally:
        if workers == "ray":
            ray.shutdown()
