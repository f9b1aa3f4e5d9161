"""Licences go with the texts, from a source to the mix and the model's card; what may not be mixed stops."""

import json
from pathlib import Path

import pytest

from igaku.corpus.clean import clean
from igaku.corpus.licences import may_mix, of_benchmark, what_follows
from igaku.corpus.manifest import read_manifest
from igaku.corpus.mix import mix
from igaku.corpus.sources import Part, Source, gather, may_take
from igaku.errors import IgakuError

pytestmark = pytest.mark.torch
pytest.importorskip("sudachipy")


def corpus(tmp_path: Path, **licences: str) -> Path:
    sources = {}
    for name, licence in licences.items():
        rows = [{"id": f"{i}", "text": f"{name}の{i}番目の記事は循環器の診療について述べている。"} for i in range(5)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        sources[name] = Source(files=(f"{name}.jsonl",), licence=licence)
    gather(sources, tmp_path / "sources", base=tmp_path)
    clean([tmp_path / "sources"], tmp_path / "clean")
    return tmp_path / "clean"


def test_a_licence_goes_through_every_step_and_says_what_follows(tmp_path: Path, tiny_folder: Path) -> None:
    cleaned = corpus(tmp_path, a="CC BY 4.0", b="CC BY-NC-SA 4.0", c="")
    manifest = mix([cleaned], tmp_path / "mix", tokenizer=tiny_folder)
    assert manifest.licences == {"a": "CC BY 4.0", "b": "CC BY-NC-SA 4.0", "c": ""}
    said = " ".join(manifest.notes())
    assert "not for commercial use, because of b (CC BY-NC-SA 4.0)" in said and "no licence is known" in said
    page = (tmp_path / "mix/MANIFEST.md").read_text()
    assert "not for commercial use" in page and read_manifest(tmp_path / "mix") == manifest


def test_a_corpus_that_is_read_again_keeps_its_licences(tmp_path: Path) -> None:
    for name in ("texts", "plain"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": "1", "text": f"{name}: 浮腫を認めない。"}))
    gather({"texts": Source(files=["texts.jsonl"], licence="CC-BY-NC-4.0")}, tmp_path / "a", tmp_path)
    sources = {"before": Source(files=["a/documents.jsonl"]), "plain": Source(files=["plain.jsonl"])}
    gather(sources, tmp_path / "b", tmp_path)
    assert read_manifest(tmp_path / "b").licences == {"texts": "CC-BY-NC-4.0", "plain": ""}
    gather({"texts": Source(files=["a/documents.jsonl"], licence="CC0-1.0")}, tmp_path / "c", tmp_path)
    assert set(read_manifest(tmp_path / "c").licences.values()) == {"CC-BY-NC-4.0", "CC0-1.0"}


def test_licences_that_do_not_go_together_stop_the_mix(tmp_path: Path, tiny_folder: Path) -> None:
    cleaned = corpus(tmp_path, a="CC BY-SA 4.0", b="CC BY-NC-SA 4.0")
    with pytest.raises(IgakuError, match=r"CC BY-SA \(source a\) and CC BY-NC-SA \(source b\) each ask for the whole"):
        mix([cleaned], tmp_path / "mix", tokenizer=tiny_folder)
    assert not (tmp_path / "mix/manifest.json").exists()
    alone = mix([cleaned], tmp_path / "one", tokenizer=tiny_folder, weights={"a": 1.0})
    assert alone.licences == {"a": "CC BY-SA 4.0"}


def test_what_may_not_be_changed_is_not_mixed() -> None:
    with pytest.raises(IgakuError, match="allows no changed copies"):
        may_mix({"a": "MIT", "b": "CC BY-NC-ND 4.0"})
    for written in ("cc-by-nc-nd-4.0", "CC-BY-ND-4.0", "no derivatives", "改変禁止"):
        with pytest.raises(IgakuError, match="allows no changed copies"):
            may_mix({"a": written})
    with pytest.raises(IgakuError, match=r"CC BY-SA \(source a\) and CC BY-NC-SA \(source b\) each ask for the whole"):
        may_mix({"a": "cc-by-sa-4.0", "b": "CC-BY-NC-SA-4.0"})
    may_mix({"a": "CC-BY-SA-4.0", "b": "CC BY-SA 4.0"})
    may_mix({"a": "MIT", "b": "Apache-2.0", "c": "CC BY-SA 4.0", "d": "CC BY-SA 3.0", "e": ""})


def test_contexts_are_taken_only_where_the_catalog_opens_them(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="jmle2026: its contexts are for evaluation only"):
        gather({"x": Source(take="contexts", of="jmle2026")}, tmp_path / "x")
    may_take("contexts", Part.read("pubmedqa"))


def test_a_benchmarks_licence_is_the_catalogs() -> None:
    assert of_benchmark("yakugakuqa") == "CC BY-SA 4.0" and of_benchmark("nothing") == ""
    assert what_follows({"a": "MIT"}) == []


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("cc-by-nc-nd-4.0", "no changed copies"),
        ("クリエイティブ・コモンズ 表示-改変禁止 4.0", "no changed copies"),
        ("All rights reserved", "no copies"),
        ("無断転載を禁ず（無断転載禁止）", "no copies"),
        ("evaluation-only", "evaluation only"),
        ("評価専用", "evaluation only"),
    ],
)
def test_what_forbids_training_stops_however_it_is_written(licence: str, why: str) -> None:
    with pytest.raises(IgakuError, match=why):
        may_mix({"a": "MIT", "b": licence})


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("cc-by-sa-4.0", "CC BY-NC-SA 4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0", "cc_by_nc_sa"),
        ("表示-継承 4.0", "GPL-3.0"),
        ("Open Database License", "CC BY-SA 4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC BY-SA 4.0"),
        ("Creative Commons BY-SA 4.0", "GNU General Public License v3"),
        ("BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/deed.ja"),
        ("Attribution-Non-Commercial-Share-Alike 4.0", "表示-継承 4.0"),
        ("GNU Affero General Public License v3", "GNU Free Documentation License"),
    ],
)
def test_two_that_ask_for_the_whole_stop_however_they_are_written(one: str, two: str) -> None:
    with pytest.raises(IgakuError, match="each ask for the whole"):
        may_mix({"a": one, "b": two})
    may_mix({"a": one, "b": one.replace("4.0", "3.0")})


@pytest.mark.parametrize(
    "licence",
    [
        "Copyright 2020 X. All rights reserved. BSD-3-Clause",
        "MIT License, all rights reserved",
        "no derivative restrictions",
        "non-proprietary",
    ],
)
def test_a_licence_that_opens_the_text_is_not_refused(licence: str) -> None:
    may_mix({"a": licence})
    with pytest.raises(IgakuError, match="allows no copies"):
        may_mix({"a": "MIT Press. All rights reserved"})


def test_a_licence_that_nobody_knows_is_said() -> None:
    assert "no licence is known" in what_follows({"a": "unknown"})[0]
    assert "not for commercial use" in what_follows({"a": "表示-非営利 4.0"})[0]
    assert what_follows({"a": "ODC-By 1.0", "b": "CC0-1.0"}) == []
