import json
from pathlib import Path

import pytest

from igaku import build_engine, evaluate
from igaku.engines.diff import differences
from igaku.errors import IgakuError


def test_differences_are_readable_passages() -> None:
    first = "本品は表示量の 90.0 ～ 110.0 ％を含む．105 ℃で 3 時間乾燥する．白色の結晶である．"
    second = "本品は表示量の 95.0 ～ 105.0 ％を含む．100 ℃で 4 時間乾燥する．白色の結晶である．"
    found = differences(first, second)
    assert found[0] == ("90.0 ～ 110.0 ％", "95.0 ～ 105.0 ％")
    assert any(b.startswith("105 ℃") and a.startswith("100 ℃") for b, a in found)
    assert differences(first, first) == []


def test_it_refuses_what_is_no_comparison(tmp_path: Path) -> None:
    run = evaluate("diff", "mini", lang="ja", limit=2, out=tmp_path / "r")
    assert run.cells[0].engine_error == 2
    with pytest.raises(IgakuError, match="not a language model"):
        evaluate("diff", "mini", lang="ja", method="likelihood", out=tmp_path / "x")


@pytest.mark.data
def test_a_plain_diff_on_sogocheck(tmp_path: Path) -> None:
    run = evaluate(build_engine("diff"), "sogocheck-easy", limit=20, out=tmp_path / "r")
    (cell,) = run.cells
    assert cell.aggregate == "pair_f1"
    assert 0.1 < cell.metrics["pair_f1"] < 0.9
    assert cell.metrics["recall"] > cell.metrics["precision"] > 0.1
    assert any(name.startswith("recall:") for name in cell.metrics)
    reply = next(iter(run.replies.values()))
    assert isinstance(json.loads(reply.answer.text), list)
