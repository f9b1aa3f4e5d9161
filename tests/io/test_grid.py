"""Cells of tables, without what stands around their texts."""

import sys

from igaku.io.grid import cell


def test_every_space_around_a_text_is_no_part_of_it() -> None:
    spaces = [chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace()]
    assert len(spaces) > 20
    assert all(cell(f"{s}赤 血球{s}{s}") == "赤 血球" for s in [*spaces, "\u200b", "\ufeff"])
