"""``igaku bench``: what is in a benchmark, and own questions as a model sees them."""

import json
from pathlib import Path

from .conftest import Cli

MINE = "番号,問題文,選択肢1,選択肢2,正答,備考\n１,心拍数の単位はどれか。,回/分,mL,１,済\n2,何回か。,,,72,\n"


def own(tmp_path: Path, text: str = MINE, name: str = "my.csv") -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


def test_own_questions_are_shown_as_a_model_sees_them_with_what_is_right(cli: Cli, tmp_path: Path) -> None:
    done = cli("bench", "show", own(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (
        "with standard_ja, as a model sees it ---\n問題：心拍数の単位はどれか。\na. 回/分\nb. mL\n答え：\n"
        in done.stdout
    )
    assert "--- right ---\na (回/分)" in done.stdout and "--- right ---\n72" in done.stdout
    assert "``" not in done.stdout and "====" not in done.stdout and "済" not in done.stdout


def test_how_many_and_with_which_template_can_be_chosen(cli: Cli, tmp_path: Path) -> None:
    done = cli("bench", "show", own(tmp_path), "--limit", "1", "--prompt", "closing")
    assert done.stdout.count("as a model sees it") == 1 and "with closing_ja" in done.stdout
    data = json.loads(cli("bench", "show", own(tmp_path), "--json", "--lang", "ja").stdout)
    assert [q["key"] for q in data["first"]] == ["a (回/分)", "72"] and data["card"] == ""
    assert "as a model sees it" not in cli("bench", "show", "mini").stdout
    assert cli("bench", "show", "mini", "--limit", "2").stdout.count("as a model sees it") == 4


def test_how_a_file_was_read_is_said_where_there_was_a_choice(cli: Cli, tmp_path: Path) -> None:
    name = own(tmp_path, MINE.replace(",", ";"))
    assert "read as: cells are separated by semicolons" in cli("bench", "show", name).stdout
    assert "cells are separated by semicolons" in cli("bench", "check", name).stderr
    args = ("--model", "x", "--base-url", "http://localhost:9", "--bench", name, "--out", str(tmp_path / "r"))
    assert "cells are separated by semicolons" in cli("eval", *args, "--dry-run").stderr


def test_a_wrong_file_is_one_line_and_exit_code_2(cli: Cli, tmp_path: Path) -> None:
    for command in ("show", "check"):
        done = cli("bench", command, own(tmp_path, MINE.replace("１,済", "0,済")))
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
        assert "line 2: field 'answer' names '0'; choices are counted from 1" in done.stderr


def test_the_list_says_how_many_questions_each_has(cli: Cli) -> None:
    rows = {row["name"]: row for row in json.loads(cli("bench", "list", "--json").stdout)["benchmarks"]}
    assert (rows["mini"]["questions"], rows["igakuqa"]["questions"]) == (104, 2000)


def test_a_question_that_is_not_there_has_the_one_of_that_number(cli: Cli, tmp_path: Path) -> None:
    from igaku import evaluate

    from ..conftest import always

    evaluate(always("答え：a"), own(tmp_path), out=tmp_path / "r")
    assert cli("show", str(tmp_path / "r"), "--question", "2").returncode == 0
    evaluate(always("答え：a"), "mini", lang="ja", limit=12, out=tmp_path / "m")
    for given in ("3", "mini-3", "MINI_003", "ｍｉｎｉ-３"):
        assert "did you mean mini-003?" in cli("show", str(tmp_path / "m"), "--question", given).stderr
