"""One struct of settings: a flag for each field, an owner for each, and a constructor that takes exactly its own."""

import inspect
from importlib import import_module

import msgspec
import pytest

from igaku import build_engine
from igaku.cli.options import ENGINE
from igaku.engines import TABLE, EngineSpec, as_spec, using
from igaku.engines.spec import HINTS, OWNERS
from igaku.errors import IgakuError

FIELDS = [f.name for f in msgspec.structs.fields(EngineSpec)]
SETTINGS = [name for name in FIELDS if name not in ("model", "engine")]
NOT_SETTINGS = {"name", "path", "revision", "model", "inner", "address", "parallel", "memory", "budget", "settings"}
"""What constructors take besides settings: the weights, and what only Python and tests change."""
BUILT = {"effort"}
"""What is put around an engine once it is loaded."""


def constructor(engine: str) -> type:
    module, _, name = TABLE[engine].partition(":")
    found: type = getattr(import_module(module), name)
    return found


def test_each_field_has_a_flag_and_each_flag_a_field() -> None:
    assert set(ENGINE) == set(FIELDS) - {"model"}


def test_owners_are_real_engines_and_own_real_fields() -> None:
    assert set(OWNERS) == set(SETTINGS)
    assert {engine for owners in OWNERS.values() for engine in owners} <= set(TABLE)
    for engine, name in HINTS:
        assert engine in TABLE and name in OWNERS and engine not in OWNERS[name]


@pytest.mark.parametrize("engine", sorted(TABLE))
def test_a_constructor_takes_exactly_the_settings_of_its_engine(engine: str) -> None:
    if engine in ("transformers", "vllm"):
        pytest.importorskip("numpy")
    owned = {name for name, owners in OWNERS.items() if engine in owners} - BUILT
    parameters = set(inspect.signature(constructor(engine)).parameters) - NOT_SETTINGS
    if engine == "ray-vllm":  # hands all but its own on to the engine inside
        parameters |= {name for name, owners in OWNERS.items() if "vllm" in owners} - BUILT
    assert parameters == owned


GIVEN = {
    "adapter": "x",
    "dtype": "float32",
    "quantize": "4bit",
    "device": "cpu",
    "context": 512,
    "batch_tokens": 512,
    "threads": 1,
    "thinking": True,
    "effort": ("low",),
    "trust_remote_code": True,
    "tensor_parallel": 2,
    "pipeline_parallel": 2,
    "replicas": 2,
    "base_url": "http://localhost:1/v1",
    "api": "chat",
    "concurrency": 1,
    "prices": "prices.toml",
    "max_cost": 1.0,
    "vision": True,
    "served_as": "x",
}


@pytest.mark.parametrize("engine", sorted(TABLE))
@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_of_another_engine_is_refused_in_one_line(engine: str, name: str) -> None:
    spec = as_spec("x", engine=engine, **{name: GIVEN[name]})
    assert spec.given() == {name: GIVEN[name]}
    if engine in OWNERS[name]:
        assert spec.settings(engine) == {name: GIVEN[name]}
        return
    flag = f"--{name.replace('_', '-')}"
    with pytest.raises(IgakuError, match=rf"^{flag} is not a setting of --engine {engine}: ") as error:
        spec.settings(engine)
    assert "\n" not in str(error.value)


def test_unknown_settings_and_values_of_another_type() -> None:
    with pytest.raises(IgakuError, match="unknown engine setting 'adaptor': did you mean adapter"):
        as_spec("x", adaptor="y")
    with pytest.raises(IgakuError, match=r"engine settings: Expected `int`, got `str` - at `\$.context`"):
        as_spec("x", context="long")
    with (
        pytest.raises(IgakuError, match="dtype: a setting of a model given by name"),
        using(build_engine("diff"), dtype="float32"),
    ):
        pass


def test_changed_settings_are_checked_too() -> None:
    spec = EngineSpec(model="x", context=512)
    assert as_spec(spec, dtype="float32") == EngineSpec(model="x", context=512, dtype="float32")
    with pytest.raises(IgakuError, match="Expected `int`"):
        as_spec(spec, context="long")
