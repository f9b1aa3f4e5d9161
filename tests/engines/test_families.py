from hypothesis import given
from hypothesis import strategies as st

from igaku.engines.families import families, units, without
from igaku.engines.tree import Scored

token = st.integers(0, 1)
question = st.lists(token, min_size=3, max_size=12).flatmap(
    lambda t: st.integers(1, len(t) - 1).map(lambda s: [Scored(t, s), Scored([*t, 1], s)])
)


@given(st.lists(question, max_size=12), st.integers(1, 6))
def test_every_question_is_in_one_family_and_begins_with_its_stem(questions: list[list[Scored]], least: int) -> None:
    found = families(questions, least)
    assert sorted(i for f in found for i in f.members) == list(range(len(questions)))
    for f in found:
        assert (len(f.members) > 1) == bool(f.stem)
        assert not f.stem or len(f.stem) >= least
        for i in f.members:
            for s in without(questions[i], len(f.stem)):
                assert s.start >= 1  # something is left to predict the first scored token from
            assert all(list(s.tokens[: len(f.stem)]) == f.stem for s in questions[i])


def test_a_stem_and_its_orders_and_templates() -> None:
    stem, lists = list(range(100)), [list(range(200 + 50 * k, 240 + 50 * k)) for k in range(3)]
    rendered = [[Scored([*stem, *lists[k], 900 + t, c], 142) for c in (1, 2)] for k in range(3) for t in range(2)]
    other = [[Scored(list(range(500, 600)), 90)]]
    (family, single) = families([*rendered, *other])
    assert (family.stem, len(family.members), single.members) == (stem, 6, [6])
    rest = [without(q, 100) for q in rendered]
    assert units(rest) == [[0, 1], [2, 3], [4, 5]]


def test_a_wide_tree_is_not_grown_further() -> None:
    long = [[Scored([*range(40), k, *range(1000 * k, 1000 * k + 400)], 41)] for k in range(1, 4)]
    assert units(long) == [[0], [1], [2]]
