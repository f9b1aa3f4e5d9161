from pathlib import Path

from igaku.provenance import Origin, joined, source_of, stamp


def stamped(folder: Path, **licences: str) -> Path:
    folder.mkdir()
    stamp(folder, Origin({}, licences=licences))
    return folder


def test_a_licence_stays_where_the_models_data_have_a_source_of_that_name(tmp_path: Path) -> None:
    base = stamped(tmp_path / "base", texts="CC-BY-NC-4.0", notes="MIT")
    own = Origin({}, licences={"texts": "CC0-1.0"}).after(base)
    both = {"texts": "CC0-1.0", "texts (of the model base)": "CC-BY-NC-4.0", "notes": "MIT"}
    assert own.licences == both
    stamp(base, own)
    assert Origin({}, licences={"texts": "CC0-1.0"}).after(base).licences == both, "what is known comes once"


def test_a_merge_names_the_licence_of_every_member(tmp_path: Path) -> None:
    folders = [stamped(tmp_path / name, texts=licence) for name, licence in (("a", "MIT"), ("b", "CC-BY-NC-4.0"))]
    (tmp_path / "x").mkdir()
    folders.append(stamped(tmp_path / "x/b", texts="CC-BY-SA-4.0"))
    assert Origin({}, ["merge"]).after(*folders).licences == {
        "texts": "MIT",
        "texts (of the model b)": "CC-BY-NC-4.0",
        "texts (of the model b, 2)": "CC-BY-SA-4.0",
    }


def test_a_licence_that_is_not_known_does_not_stand_in_for_one_that_is() -> None:
    for one, other in (("", "CC-BY-NC-4.0"), ("CC-BY-NC-4.0", "")):
        assert set(joined({"texts": one}, {"texts": other}, "b").values()) == {"", "CC-BY-NC-4.0"}
    assert source_of("texts (of b)") == source_of("texts") == "texts"
