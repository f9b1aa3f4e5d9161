"""Fields of a configuration whose layers differ."""

import pytest

from igaku.engines.boundaries import longest_context
from igaku.engines.config_fields import field

pytestmark = pytest.mark.torch


def test_of_a_field_that_differs_by_layer_the_largest_is_taken() -> None:
    from transformers import Gemma4TextConfig

    kinds = ["sliding_attention", "full_attention"]
    config = Gemma4TextConfig(num_hidden_layers=2, layer_types=kinds, head_dim=16, global_head_dim=32)
    with pytest.raises(RuntimeError, match="per-layer"):
        _ = config.head_dim
    assert field(config, "head_dim") == 32
    assert field(config, "hidden_size") == config.hidden_size and field(config, "none_such") is None


def test_a_length_that_differs_by_layer_is_no_crash() -> None:
    class Layer:
        max_position_embeddings = 512

    class Mixed:
        per_layer_config = (Layer(), object())

        @property
        def max_position_embeddings(self) -> int:
            raise RuntimeError("per-layer attribute")

    assert longest_context(Mixed()) == 512
