"""Two copies of a real model on a real Ray cluster of two nodes; one node is killed in the middle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.replicas import Replicas
from igaku.errors import IgakuError
from igaku.question import Reply

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    quick = {"health_check_initial_delay_ms": 500, "health_check_period_ms": 500, "health_check_failure_threshold": 3}
    nodes = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "_system_config": quick}
    )
    nodes.second = nodes.add_node(num_cpus=1)
    ray.init(address=nodes.address, log_to_driver=False, logging_level="error")
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.mark.slow
def test_a_node_killed_in_the_middle_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    engine = Replicas("smollm2-135m-instruct", replicas=2, inner="llamacpp", context=1024, threads=1)
    assert len(engine._copies) == 2
    seen: list[Reply] = []

    def watch(reply: Reply, tokens: int) -> None:
        seen.append(reply)
        if len(seen) == 20:
            cluster.remove_node(cluster.second, allow_graceful=False)

    try:
        run = igaku.evaluate(
            engine, "mini", lang="en", limit=70, method="letter-logprob", out=tmp_path / "run", on_reply=watch
        )
        assert len(engine._copies) == 1 and any("was lost" in n for n in engine.notes)
    finally:
        engine.close()
    keys = [r.key for r in seen]
    assert len(keys) == len(set(keys)) == len(run.replies) > 60
    assert not any(c.engine_error or c.unanswered for c in run.cells)
    assert run.manifest.identity and run.manifest.identity.engine == "llamacpp"
    alone = igaku.evaluate(
        "smollm2-135m-instruct",
        "mini",
        lang="en",
        limit=70,
        method="letter-logprob",
        context=1024,
        out=tmp_path / "alone",
    )
    assert set(alone.replies) == set(run.replies), "a run begun with one copy goes on with many"


def test_what_cannot_be_loaded_is_one_line(cluster: Any) -> None:
    with pytest.raises(IgakuError, match=r"unknown model 'nobody'|no local file"):
        Replicas("nobody", replicas=1, inner="llamacpp")
