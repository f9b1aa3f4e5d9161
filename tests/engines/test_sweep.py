"""Architectures of transformers, hybrids among them: every number of the engine is that of a plain pass."""

import pytest

sweep = pytest.importorskip("sweep")
pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> "sweep.Sweep":
    import torch
    from transformers.utils import logging

    logging.set_verbosity_error()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield sweep.Sweep(tmp_path_factory.mktemp("sweep"), few=True)
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", sweep.TESTED)
def test_it_gives_the_numbers_of_a_plain_pass(name: str, all_of_them: "sweep.Sweep") -> None:
    found = all_of_them.result(name)
    assert found.verdict in ("right", "rounding"), found


def test_the_rule_keeps_each_kind_of_layer() -> None:
    fields = {"num_hidden_layers": 6, "layer_types": ["a", "a", "b"] * 2, "hidden_size": 512, "other": 3}
    small = sweep.shrunk(fields, 24)
    assert (small["num_hidden_layers"], small["hidden_size"]) == (sweep.LAYERS, 64)
    assert small["layer_types"] == ["a", "b", "a", "b"]
    assert "other" not in small
