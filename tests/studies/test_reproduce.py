import pytest

from igaku.studies.reproduce import figures, reproduce


def test_every_figure_has_a_source_and_a_check_or_a_reason() -> None:
    rows = figures()
    assert len(rows) > 60
    assert all(f.source and f.value and (f.check or f.why) for f in rows)
    assert len({(f.benchmark, f.model, f.what) for f in rows}) == len(rows)


@pytest.mark.data
def test_every_figure_with_replies_at_hand_is_reproduced() -> None:
    rows = reproduce().figures
    checked = [f for f in rows if f.check]
    assert len(checked) == 29
    assert [f for f in checked if f.status == "differs"] == []
    assert {f.what.split(",")[0] for f in checked if f.status == "partly"} == {
        "accuracy in percent: one answer / several answers (2018-2022)"
    }
    assert sum(f.status == "reproduced" for f in checked) == 24


def test_without_the_replies_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from igaku.studies import reproduce as module

    module._graded.cache_clear()
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    rows = [f for f in reproduce().figures if f.check.startswith("igakuqa")]
    assert {f.status for f in rows} == {"not reproduced"}
    assert all("not here" in f.why for f in rows)
    module._graded.cache_clear()
