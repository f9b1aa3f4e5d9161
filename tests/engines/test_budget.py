"""What is computed at once, by numbers of machines that are not here."""

from pathlib import Path

import pytest

from igaku.engines.budget import Sizes, cache_bytes, logit_bytes, tokens_on_card, tokens_on_cores, written_on_card

GIB = 2**30
FOUR_B = Sizes(hidden=2560, inner=9728, layers=36, cached=2 * 8 * 128, number=2)
SMALL = Sizes(hidden=576, inner=1536, layers=30, cached=2 * 3 * 64, number=4)


@pytest.mark.parametrize(("gib", "tokens"), [(130, 131_072), (60, 65_536), (16, 32_768), (2, 4_096), (0, 1_024)])
def test_a_card_takes_what_half_of_its_free_memory_holds(gib: int, tokens: int) -> None:
    found = tokens_on_card(gib * GIB, FOUR_B)
    assert found == tokens
    assert found == 1_024 or found * (FOUR_B.pass_bytes + FOUR_B.stored_bytes) <= gib * GIB // 2


def test_a_cards_written_batch_leaves_a_third_of_the_free_memory() -> None:
    tokens = written_on_card(100 * GIB, FOUR_B)
    assert 0.6 * 100 * GIB < tokens * FOUR_B.stored_bytes <= 100 * GIB * 2 / 3


@pytest.mark.parametrize(("cores", "mib", "tokens"), [(2, 32, 1_024), (16, 256, 8_192), (1, 32, 512), (64, 8, 768)])
def test_processors_take_enough_for_each_core_and_not_much_more_than_the_cache(
    cores: int, mib: int, tokens: int
) -> None:
    assert tokens_on_cores(cores, mib * 2**20, SMALL) == tokens


def test_the_last_cache_is_the_largest_that_the_system_lists(tmp_path: Path) -> None:
    for i, size in enumerate(("32K", "1024K", "32M", "odd")):
        (tmp_path / f"index{i}").mkdir()
        (tmp_path / f"index{i}" / "size").write_text(size + "\n")
    assert cache_bytes(tmp_path) == 32 * 2**20
    assert cache_bytes(tmp_path / "nothing") > 2**20


def test_a_processor_holds_the_logits_it_always_held() -> None:
    assert logit_bytes("cpu") == 400_000_000
