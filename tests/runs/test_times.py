from collections.abc import Iterator, Sequence
from pathlib import Path

import igaku
from igaku.engines.replay import Replay
from igaku.question import Answer, Request, Took
from igaku.runs.times import FILE, read_times, write_time
from igaku.studies.usage import usage
from igaku.tables import to_text


class Clocked(Replay):
    """Knows how long each of its replies took: 1 second, 2 seconds, ...; the first token after half of it."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        for i, answer in super().answer(requests):
            seconds = len(self.requests)
            self.took[i] = Took(seconds, seconds / 2)
            yield i, answer


def test_times_stand_beside_the_journal_and_not_in_it(tmp_path: Path) -> None:
    for engine, name in ((Clocked(lambda r: "答え: a"), "clocked"), (Replay(lambda r: "答え: a"), "plain")):
        igaku.evaluate(engine, "mini", lang="ja", limit=5, out=tmp_path / name)
    journals = [(tmp_path / name / "replies.jsonl").read_bytes() for name in ("clocked", "plain")]
    assert journals[0] == journals[1]
    times = read_times(tmp_path / "clocked")
    assert times == {key: Took(k, k / 2) for k, key in enumerate(igaku.open_run(tmp_path / "clocked").replies, 1)}
    assert not (tmp_path / "plain" / FILE).exists()


def test_the_report_has_their_median_and_95th_percentile(tmp_path: Path) -> None:
    run = igaku.evaluate(Clocked(lambda r: "答え: a"), "mini", lang="ja", limit=5, out=tmp_path / "run")
    report = usage(run)
    (row,) = report.rows
    assert row.first is not None and row.last is not None
    assert (row.timed, row.last.median, row.last.p95, row.first.median) == (row.n, 3.0, 4.8, 1.5)
    assert "seconds from a request to its reply's tokens" in to_text(report)


def test_a_line_that_a_kill_cut_off_says_nothing(tmp_path: Path) -> None:
    write_time(tmp_path, "a", Took(1.5))
    with (tmp_path / FILE).open("a") as file:
        file.write('not JSON\n{"key":"b"}\n{"key":"c","took":{"la')
    assert read_times(tmp_path) == {"a": Took(1.5)}
    assert read_times(tmp_path / "nowhere") == {}
