"""Memory and time by arithmetic, for recipes whose sizes are known from their papers."""

import pytest

from igaku.training import load_config
from igaku.training.memory import GIB, hours, needed
from igaku.training.networks import on_meta

pytestmark = pytest.mark.torch


def test_all_weights_of_7_billion_need_sixteen_bytes_each_beside_activations() -> None:
    config = load_config("jpharmatron-7b-cpt")
    memory = needed(on_meta(config), config)
    assert (memory.weights + memory.optimizer) / 7.6156e9 == pytest.approx(16, rel=0.001)
    line = memory.line(config, 80 * GIB)
    assert line.startswith("memory: about 1") and "the device has 80: set method.kind=lora" in line
    small = load_config("jpharmatron-7b-cpt", ["hold=bfloat16", "optimizer=adamw-8bit"])
    less = needed(on_meta(small), small)
    assert (less.weights + less.optimizer) / 7.6156e9 == pytest.approx(6, rel=0.001)
    parts = load_config("jpharmatron-7b-cpt", ["shard=true"])
    assert needed(on_meta(parts), parts, 8).optimizer == pytest.approx(memory.optimizer / 8)
    assert "the device" not in memory.line(config, 200 * GIB) and "the device" not in memory.line(config)


def test_an_adapter_in_4_bits_needs_little_more_than_the_weights() -> None:
    config = load_config("jmedlora-llama2-70b")
    memory = needed(on_meta(config), config)
    assert 36 < memory.weights / GIB < 42 and memory.optimizer == 12 * 828_375_040
    more = load_config("jmedlora-llama2-70b", ["recompute=false"])
    assert needed(on_meta(more), more).activations > 20 * memory.activations / 4


def test_hours_are_those_of_the_operations() -> None:
    network = on_meta(load_config("jpharmatron-7b-cpt"))
    assert hours(network, 9e9, 989e12) == pytest.approx(7.6156e9 * 6 * 9e9 / (0.4 * 989e12) / 3600, rel=0.001)
