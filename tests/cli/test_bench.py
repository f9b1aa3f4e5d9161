"""``igaku bench``: what is in a benchmark, and own questions as a model sees them."""

import json
from pathlib import Path

import pytest

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


def test_a_key_of_another_size_than_its_stem_asks_for_is_pointed_out(cli: Cli, tmp_path: Path) -> None:
    text = "番号,問題文,a,b,c,正答\n1,2つ選べ。,甲,乙,丙,①\n2,2つ選べ。,甲,乙,丙,1・3\n"
    done = cli("bench", "check", own(tmp_path, text))
    assert done.returncode == 0 and "another number of choices than the key has in 1 of its questions: 1" in done.stderr


def test_keys_beside_the_questions_are_written_as_keys_are(cli: Cli, tmp_path: Path) -> None:
    own(tmp_path, "id,answer\n１,②\n", "my.keys.csv")
    data = json.loads(cli("bench", "show", own(tmp_path), "--json").stdout)
    assert [q["key"] for q in data["first"]] == ["b (mL)", "72"]
    own(tmp_path, "id,answer\n１,３\n", "my.keys.csv")
    done = cli("bench", "show", own(tmp_path))
    assert done.returncode == 2 and "'３' is no key of it (letters of ab)" in done.stderr


@pytest.mark.parametrize("page", ["docs/own-questions.md", "docs/own-questions.ja.md"])
def test_the_table_of_the_documentation_is_read(page: str, cli: Cli, tmp_path: Path) -> None:
    lines = (Path(__file__).parents[2] / page).read_text(encoding="utf-8").splitlines()
    at = lines.index(next(line for line in lines if line.startswith("| 番号")))
    rows = [[cell.strip() for cell in lines[k].strip("|").split("|")] for k in (at, at + 2, at + 3)]
    data = json.loads(cli("bench", "show", own(tmp_path, "\n".join(map(",".join, rows))), "--json").stdout)
    assert [q["key"] for q in data["first"]] == ["b (5 L/分)", "72"]


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
