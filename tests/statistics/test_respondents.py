import pytest
from msgspec.structs import replace

from igaku.statistics.respondents import (
    RespondentId,
    differing,
    full_name,
    respondent_names,
    variant_label,
    variant_names,
)
from igaku.statistics.tally import CellKey

KEY = CellKey("m", "b", "ja", "standard", 0, "original", "letter")
CLOSING = replace(KEY, prompt="closing")
OTHER = replace(KEY, model="n")


def test_fields_that_differ_are_named_in_a_fixed_order() -> None:
    assert differing([KEY, replace(KEY, shots=2), OTHER]) == ["model", "shots"]
    assert differing([KEY, replace(KEY, shots=2)], ("model", "prompt")) == []


def test_variants_are_named_by_the_model_and_by_what_differs() -> None:
    assert list(variant_names([("0", KEY)]).values()) == ["m"]
    assert list(variant_names([("0", KEY), ("0", CLOSING)]).values()) == ["m standard", "m closing"]
    assert list(variant_names([("0", KEY), ("0", CLOSING), ("1", OTHER)]).values()) == [
        "m standard",
        "m closing",
        "n standard",
    ]


def test_the_same_variant_of_two_runs_gets_the_number_of_its_run() -> None:
    names = variant_names([("0", KEY), ("1", KEY), ("1", OTHER)])
    assert list(names.values()) == ["m (run 1)", "m (run 2)", "n (run 2)"]


def test_models_of_a_board_are_named_by_method_and_system_where_needed() -> None:
    one, four_bit, other = RespondentId("m", "letter"), RespondentId("m", "letter", "4bit"), RespondentId("n", "letter")
    assert list(respondent_names([one, four_bit, other]).values()) == ["m", "m (4bit)", "n"]
    assert list(respondent_names([one, RespondentId("n", "exact")]).values()) == ["m letter", "n exact"]
    assert list(respondent_names([four_bit, other]).values()) == ["m", "n"]


def test_variants_of_a_board_are_named_like_variants() -> None:
    ids = [RespondentId("m", "letter", variant=("0", key)) for key in (KEY, CLOSING)]
    assert list(respondent_names(ids).values()) == ["m standard", "m closing"]


@pytest.mark.parametrize(
    ("variants", "labels"),
    [
        ([("0", KEY), ("0", OTHER)], ["", ""]),
        ([("0", KEY), ("0", CLOSING), ("1", OTHER)], ["standard", "closing", ""]),
        ([("0", KEY), ("1", KEY), ("1", OTHER)], ["run 1", "run 2", ""]),
        ([("0", KEY), ("1", KEY), ("1", CLOSING)], ["standard run 1", "standard run 2", "closing"]),
    ],
)
def test_a_label_distinguishes_variants_of_one_model(variants: list[tuple[str, CellKey]], labels: list[str]) -> None:
    assert [variant_label(v, variants) for v in variants] == labels


def test_a_full_name_does_not_depend_on_others() -> None:
    fields = ("model", "prompt", "order")
    assert full_name(("0", KEY), fields, several_runs=False) == "m standard original"
    assert full_name(("0", KEY), fields, several_runs=False, original_order=False) == "m standard"
    turned = "2", replace(KEY, order="rotate-1")
    assert full_name(turned, fields, several_runs=True, original_order=False) == "m standard rotate-1 run 3"
