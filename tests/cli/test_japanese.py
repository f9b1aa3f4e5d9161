"""--ui ja and a Japanese locale: whoever reads gets Japanese, whoever parses gets what they had."""

import re
import tomllib
from pathlib import Path

import pytest

import igaku
from igaku.cli import japanese
from igaku.cli.language import language, ui_first, use
from igaku.report.site.words import phrase
from tests.growth import is_linear

from ..conftest import always
from .conftest import Cli

LIST = tomllib.loads((Path(japanese.__file__).with_name("japanese.toml")).read_text(encoding="utf-8"))
PAIRS = [(group, en, ja) for group, texts in LIST.items() for en, ja in texts.items()]
JAPANESE = re.compile(r"[ぁ-ヿ一-鿿]")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("one") / "r"
    igaku.evaluate(always("答え：b"), "mini", lang="ja", limit=9, out=folder)
    return str(folder)


@pytest.mark.parametrize("args", [["--ui", "ja", "show"], ["show", "--ui", "ja"], ["show", "--ui=ja"]], ids=" ".join)
def test_the_option_stands_anywhere(args: list[str], run: str, cli: Cli) -> None:
    shown = cli(*args, run)
    assert "正答率" in shown.stdout and "95%信頼区間" in shown.stdout and "accuracy" not in shown.stdout


def test_behind_two_dashes_nothing_is_an_option() -> None:
    assert ui_first(["show", "--", "--ui", "ja"]) == ["show", "--", "--ui", "ja"]
    assert ui_first(["show", "r", "--ui"]) == ["--ui", "show", "r"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_else_it_is_the_locales(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    use("")
    assert language() == expected


def test_english_is_to_be_had_in_a_japanese_locale(run: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "正答率" in cli("show", run).stdout
    assert "accuracy" in cli("--ui", "en", "show", run).stdout


def test_another_language_is_refused_with_those_there_are(cli: Cli) -> None:
    done = cli("--ui", "jp", "doctor")
    assert done.returncode == 2 and "did you mean ja?" in done.stderr


@pytest.mark.parametrize(
    "args", ["show RUN --json", "leaderboard RUN --format csv", "leaderboard RUN --format md", "show gone"]
)
def test_what_programs_read_and_errors_are_the_same_in_both(args: str, run: str, cli: Cli) -> None:
    words = args.replace("RUN", run).split()
    assert cli(*words, "--ui", "ja") == cli(*words, "--ui", "en")


def test_hints_are_in_japanese_too(run: str, cli: Cli) -> None:
    assert "採点結果を" in cli("grade", run, "--ui", "ja").stderr


def test_terms_that_mislead_are_not_in_the_list() -> None:
    texts = [ja for _, _, ja in PAIRS]
    assert not [t for t in texts if re.search("打ち切|平均心拍|当て推量|95% ?区間|95 %|サーバ(?!ー)", t)]
    assert japanese.head("95 %") == "95%信頼区間"
    assert japanese.cell("physicians 120") == "第120回医師国家試験"
    assert [japanese.cell(x) for x in ("required", "general", "clinical", "prohibited")] == [
        *("必修問題", "一般問題", "臨床実地問題", "禁忌肢")
    ]


def test_every_text_of_the_list_is_japanese_or_a_name() -> None:
    names = {"A", "B", "k", "p", "mid-p", "Holm", "BH", "pass@k", "A − B", "AURC", "AUROC", "ECE", "SHA-256"}
    names |= {"p（{when}）", "RStd（{when}）", "p（mid-p）"}
    own = [ja for _, _, ja in PAIRS if not ja.startswith("@") and ja not in names]
    own = [re.sub(r"{\w+}", "", ja) for ja in own]
    assert [ja for ja in own if re.search("[A-Za-z]", ja) and not JAPANESE.search(ja)] == []


def test_sentences_are_polite() -> None:
    ends = [s for g, _, ja in PAIRS if g == "lines" for s in re.findall(r"[^。]{9,}(?=。)", ja)]
    noun = re.compile(r"[一-鿿ァ-ヿー）}]$")
    polite = re.compile(r"(です|ます|ました|ません|ませんでした|でした|ください)(（.*）)?$")
    assert len(ends) > 50 and [s for s in ends if not polite.search(s) and not noun.search(s)] == []


def test_each_hole_is_filled_on_both_sides() -> None:
    for _, en, ja in PAIRS:
        assert set(re.findall(r"{(\w+)}", ja)) <= set(re.findall(r"{(\w+)}", en)), en


def test_a_phrase_of_the_pages_is_taken_from_their_list() -> None:
    assert japanese.head("accuracy") == phrase("col.accuracy", "ja")
    shared = [ja[1:] for _, _, ja in PAIRS if ja.startswith("@")]
    assert len(shared) > 15 and all(JAPANESE.search(phrase(key, "ja")) for key in shared)


def test_numbers_are_written_as_in_japanese() -> None:
    assert japanese.cell("18.8 %", "share") == "18.8%"
    assert japanese.cell("-18.2 to +18.2", "points interval") == "-18.2〜+18.2"
    assert japanese.cell("3 truncated, 12 unparsed") == "途切れ 3、解析不能 12"


def test_a_text_that_means_something_else_in_a_column_is_that_there() -> None:
    assert japanese.cell("not shown", column="verdict") == "有意差なし"
    assert japanese.cell("not shown", column="pictures") == "提示せず"


@pytest.mark.parametrize("column", ["reply", "model", "source", "prompt"])
def test_what_others_wrote_stays_as_it_is(column: str) -> None:
    assert [japanese.cell(text, column=column) for text in ("none", "required", "99 %")] == ["none", "required", "99 %"]


def test_what_a_hole_holds_is_in_japanese_too() -> None:
    assert japanese.line("7 of 40 answered, about 12 min 04 s to go") == "40 件中 7 件が終わりました。残り約 12分04秒"
    assert japanese.line("note: engine llamacpp: the model is a GGUF file") == (
        "注意：エンジン llamacpp（GGUF ファイルのため）"
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("2 of 3, 1 not known", "3条件中2、不明1"), ("37 of 103 shown", "103問中37問を提示")]
)
def test_a_hole_of_one_letter_holds_a_number_only(text: str, expected: str) -> None:
    assert japanese.cell(text) == expected
    assert japanese.cell(f"all {text}") == f"all {text}"


def test_a_name_that_looks_like_a_word_of_the_list_is_all_that_can_change() -> None:
    assert japanese.cell("a-model {x} %s \\1") == "a-model {x} %s \\1"
    assert japanese.line("nobody knows {this} line") == "nobody knows {this} line"


def test_hostile_lines_are_read_in_linear_time() -> None:
    for text in ("; " * 1900, "a of " * 700, "note: " * 600, "(" * 3999, "x" * 10**6):
        assert is_linear(japanese.line, text) and is_linear(japanese.cell, text)
