import pytest

from igaku.statistics.variance import Rendering, balanced, variance_components

np = pytest.importorskip("numpy")
NAMES = [f"q{k}" for k in range(60)]


def test_the_standard_error_of_a_component_is_how_much_it_varies() -> None:
    """Right and wrong answers, four templates: the template's component varies about as much as it is large."""
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        logit = rng.normal(0, 1.5, (60, 1, 1)) + rng.normal(0, 0.5, (1, 4, 1)) + rng.normal(0, 0.8, (60, 1, 5))
        right = rng.random((60, 4, 5)) < 1 / (1 + np.exp(-logit))
        table = {
            Rendering(f"t{t}", f"o{o}"): dict(zip(NAMES, map(float, right[:, t, o])))
            for t in range(4)
            for o in range(5)
        }
        for c in variance_components(table, NAMES):
            found.setdefault(c.source, []).append((c.variance, c.error))
    for source in ("question", "template", "question x order", "rest"):
        estimates, errors = zip(*found[source])
        assert float(np.mean(errors)) == pytest.approx(float(np.std(estimates)), rel=0.35), source
    templates, errors = zip(*found["template"])
    assert float(np.mean(errors)) > 0.4 * float(np.mean(templates))


def test_what_a_missing_rendering_takes_along_is_named() -> None:
    design = [Rendering(f"t{t}", f"o{o}") for t in range(3) for o in range(4)]
    assert balanced(design)[1] == []
    levels, gone = balanced([r for r in design if str(r) != "t1 o2 ja"])
    assert gone == ["template t1"]
    assert levels["template"] == ["t0", "t2"]
    assert len(levels["order"]) == 4


def test_repeated_samples_are_a_source_of_their_own() -> None:
    rng = np.random.default_rng(1)
    table = {
        Rendering(f"t{t}", sample=f"s{s}"): dict(zip(NAMES, map(float, rng.random(60) < 0.5)))
        for t in range(2)
        for s in range(3)
    }
    sources = {c.source for c in variance_components(table, NAMES)}
    assert {"sample", "question x sample", "template x sample"} <= sources
