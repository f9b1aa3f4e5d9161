"""Extension without editing igaku: files, classes, installed packages, and what docs/extending.md says of them."""

import importlib
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku import benchmarks
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.grading import METHODS, methods_for
from igaku.grading.methods import BUILTIN

from .conftest import always

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "my_benchmark"


@pytest.fixture(autouse=True)
def clean_tables() -> Iterator[None]:
    """What a test registers or imports is gone after it."""
    modules = set(sys.modules)
    yield
    forget_methods()
    for name in set(sys.modules) - modules:
        if name.startswith(("igaku_user_", "my_")):
            del sys.modules[name]
    benchmarks._loaded.clear()
    benchmarks._installed.cache_clear()


def forget_methods() -> None:
    for name in set(METHODS) - {m.name for m in BUILTIN}:
        del METHODS[name]


def offer(monkeypatch: pytest.MonkeyPatch, folder: Path, toml: str) -> None:
    """Install a package: its folder on the path, and a distribution with its entry points."""
    info = folder / "my_benchmark-0.1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-benchmark\nVersion: 0.1.0\n")
    groups = tomllib.loads(toml)["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in groups.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()


def example(tmp_path: Path) -> Path:
    """A copy of the example package's module."""
    (tmp_path / "my_exam.py").write_text((EXAMPLE / "my_exam.py").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["my_exam.py", "./my_exam.py", "my_exam.py:MyExam"])
def test_the_example_is_asked_by_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    bench = igaku.load_benchmark(name)
    assert (bench.label, len(bench), next(q.id for q in bench)) == ("my_exam", 5, "q1")
    assert "my_exam" in repr(bench) and bool(bench)
    run = igaku.evaluate(always("答え：b"), name, out=tmp_path / "r")
    assert [c.correct for c in run.cells] == [2]
    monkeypatch.chdir(tmp_path)
    assert igaku.open_run(tmp_path / "r").results("exact")[0].benchmark == "my_exam"  # the file is not needed again


def test_the_example_passes_its_acceptance_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    done = CliRunner().invoke(app, ["bench", "check", "./my_exam.py"])
    assert done.exit_code == 0, done.output
    assert done.stderr == ""


def test_an_installed_benchmark_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, example(tmp_path), (EXAMPLE / "pyproject.toml").read_text())
    assert igaku.load_benchmark("my_exam").title == "basic physiology (example)"
    assert "my_exam" in CliRunner().invoke(app, ["bench", "list"]).stdout
    with pytest.raises(IgakuError, match="did you mean my_exam"):
        igaku.load_benchmark("my_exma")
    with pytest.raises(IgakuError, match="has no parts"):
        igaku.load_benchmark("my_exam-2024")


SLICED = """
from igaku import Benchmark, Question
from igaku.question import Choices

class Years(Benchmark):
    name = "years"
    slices = ("2023", "2024")

    def questions(self, lang):
        for year in [self.part] if self.part else self.slices:
            yield Question(id=year, lang=lang, stem="?", choices=["甲", "乙"], key=Choices.letters("a"), year=year)
"""


def test_slices_of_a_file_and_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_years.py").write_text(SLICED)
    assert benchmarks.family("years-2024") == "years-2024"
    for name in ("my_years.py-2024", "./my_years.py:Years-2024"):
        bench = igaku.load_benchmark(name)
        assert (bench.label, [q.id for q in bench.load()]) == ("years-2024", ["2024"])
    assert benchmarks.family("years-2024") == "years"
    assert igaku.load_benchmark("my_years.py").load()[0].choices == ("甲", "乙")  # a list is taken for a tuple
    with pytest.raises(IgakuError, match="2023"):
        igaku.load_benchmark("my_years.py-2025")
    benchmarks._loaded.clear()
    offer(monkeypatch, tmp_path, '[project.entry-points."igaku.benchmarks"]\nyears = "my_years:Years"')
    benchmarks._installed.cache_clear()
    assert benchmarks.family("years-2024") == "years"
    assert igaku.load_benchmark("years-2024").label == "years-2024"
    assert igaku.load_benchmark("my_years:Years-2023").label == "years-2023"


BODY = "from igaku import Benchmark, Question\nfrom igaku.question import Choices\nclass X(Benchmark):\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "no Benchmark found in it"),
        ("1 / 0", "fails when it runs: ZeroDivisionError"),
        (BODY + "    pass", "needs a name of lower-case letters"),
        (BODY + "    name = 'My-Exam'", "got 'My-Exam'"),
        (BODY + "    name = 'igakuqa'", "is the name of a benchmark of igaku"),
        (BODY + "    name = 'x'\n    languages = 'ja'", "languages must be a tuple"),
        (BODY + "    name = 'x'", "does not define questions"),
        (
            BODY + "    name = 'x'\n    def questions(self, lang):\n        yield {}['gone']",
            r"KeyError: 'gone' .*line 6",
        ),
        (
            BODY + "    name = 'x'\n    def questions(self, lang):\n        yield 'q'",
            "expected an igaku.Question, got str",
        ),
        (
            BODY + "    name = 'x'\n    def questions(self, lang):\n"
            "        yield Question(id=1, lang=lang, stem='?', choices=('a', 'b'), key=Choices.letters('a'))",
            "question 1 of ja: Expected `str`, got `int`",
        ),
        (
            BODY + "    name = 'x'\n    def questions(self, lang):\n"
            "        yield Question(id='1', lang='en', stem='?', choices=('a', 'b'), key=Choices.letters('a'))",
            "expected lang='ja', got 'en'",
        ),
        (
            BODY + "    name = 'x'\n    def questions(self, lang):\n"
            "        yield Question(id='1', lang='ja', stem='?', choices=('a', 'b'), key=Choices.letters('c'))",
            "names a choice beyond its 2 choices",
        ),
        (BODY + "    name = 'x'\nclass Y(X):\n    name = 'y'", "2 of kind Benchmark found in it"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(
    source: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_x.py").write_text(source)
    with pytest.raises(IgakuError, match=message) as error:
        igaku.load_benchmark("my_x.py").load()
    assert "\n" not in str(error.value)


def test_check_names_each_faulty_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    faulty = BODY + (
        "    name = 'x'\n    prompt = 'standart'\n    def questions(self, lang):\n"
        "        yield Question(id='1', lang='ja', stem='?', choices=('。', '甲'), key=Choices.letters('a'))\n"
    )
    Path("my_x.py").write_text(faulty)
    done = CliRunner().invoke(app, ["bench", "check", "my_x.py"])
    assert done.exit_code == 1
    assert "x (ja), method gestalt, question 1: its gold answer '。' is unparsed" in done.stderr
    assert "x (ja): unknown prompt 'standart': did you mean" in done.stderr


def method(name: str = "mine", kind: str = "text") -> igaku.Method:
    return igaku.Method(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        about="",
        applies=lambda q: q.is_choice,
        grade=lambda q, shown, reply: igaku.Verdict(outcome="right", score=1.0),
        gold=lambda q: "a",
    )


def test_register_method_is_the_one_door() -> None:
    igaku.register_method(method())
    assert methods_for("mine") == ["mine"]
    with pytest.raises(IgakuError, match="already exists"):
        igaku.register_method(method())
    with pytest.raises(IgakuError, match="already exists"):
        igaku.register_method(method("letter"))
    with pytest.raises(IgakuError, match="lower-case"):
        igaku.register_method(method("a, b"))
    with pytest.raises(IgakuError, match="did you mean letters"):
        igaku.register_method(method("other", "lettres"))
    with pytest.raises(IgakuError, match="did you mean mine"):
        methods_for("mien")


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_registered_method_grades_in_other_processes(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing

    from igaku.grading import grade
    from igaku.grading.methods import letters

    default = multiprocessing.get_start_method()
    own = igaku.Method(
        name="mine", kind="text", about="", applies=letters.is_choice, grade=letters._letter, gold=letters.gold_letters
    )
    igaku.register_method(own)
    q = igaku.Question(id="1", lang="ja", stem="?", choices=("甲", "乙"), key=letters_key())
    pairs = [(q, reply("ab"[i % 2])) for i in range(40)]
    multiprocessing.set_start_method(start, force=True)
    try:
        for names in (["mine"], ["mine", "letter"]):
            one, two = ([g.verdict for g in grade(pairs, names, workers=n)] for n in (1, 2))
            assert one == two and sum(v.right for v in two) == 20 * len(names)
    finally:
        multiprocessing.set_start_method(default, force=True)


def letters_key() -> igaku.question.Choices:  # type: ignore[name-defined]
    from igaku.question import Choices

    return Choices.letters("a")


def reply(text: str) -> igaku.Reply:
    from igaku.question import Answer

    return igaku.Reply(key="k", model="m", bench="b", lang="ja", id="1", answer=Answer(text=text))


BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("page", ["docs/extending.md", "docs/extending.ja.md"])
def test_every_block_of_the_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert len(blocks) == 12
    for language, file, text in blocks:
        forget_methods()  # each command and script is a process of its own
        if file:
            Path(file).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, page, "exec"), {})
        else:
            for line in text.splitlines():
                forget_methods()
                done = CliRunner().invoke(app, shlex.split(line)[1:])
                assert done.exit_code == 0, (line, done.output, done.exception)
    forget_methods()
    offer(monkeypatch, tmp_path, Path("pyproject.toml").read_text())
    assert len(igaku.load_benchmark("my_exam").load("en")) == 1
    assert methods_for("first-letter") == ["first-letter"]
    run = igaku.evaluate("x", "my_exam", out=tmp_path / "e", engine="always-b", method=["letter", "first-letter"])
    assert {c.method: c.accuracy for c in run.cells} == {"letter": 1.0, "first-letter": 1.0}


def test_both_languages_of_the_page_hold_the_same_code() -> None:
    pages = [(ROOT / f"docs/extending{s}.md").read_text(encoding="utf-8") for s in ("", ".ja")]
    commands = [[text for language, _, text in BLOCK.findall(page) if language == "sh"] for page in pages]
    assert commands[0] == commands[1]


def test_a_plugin_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_broken.py").write_text("raise ValueError('old')")
    offer(monkeypatch, tmp_path, '[project.entry-points."igaku.benchmarks"]\nbroken = "my_broken:X"')
    with pytest.raises(IgakuError, match=r"benchmark broken of package my-benchmark: .* ValueError: old; update"):
        igaku.load_benchmark("broken")
    assert CliRunner().invoke(app, ["bench", "list"]).exit_code == 0


def test_a_name_must_be_the_same_in_package_and_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, example(tmp_path), '[project.entry-points."igaku.benchmarks"]\nother = "my_exam:MyExam"')
    with pytest.raises(IgakuError, match="its package calls it 'my_exam'"):
        igaku.load_benchmark("other")


def test_missing_files_and_modules_are_named() -> None:
    for name, message in {
        "gone.py": "gone.py: file not found",
        "no_such.module:X": "module no_such.module not found",
        "igaku.errors:Gone": "Gone not found in it",
        "igaku.errors:IgakuError": "expected a class derived from igaku.Benchmark",
    }.items():
        with pytest.raises(IgakuError, match=message):
            igaku.load_benchmark(name)
