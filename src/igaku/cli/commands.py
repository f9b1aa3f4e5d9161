"""The table of commands, and what becomes of their errors; nothing heavy is imported until a command runs."""

import errno
import os
import sys
from typing import Any, NoReturn

import typer

from igaku._version import __version__
from igaku.cli import (
    abstain,
    angio,
    bench,
    calibration,
    card,
    catalog,
    compare,
    consistency,
    contamination,
    corpus,
    data,
    demo,
    doctor,
    ecg,
    eval,
    exam,
    export,
    fair,
    formats,
    grade,
    graders,
    images,
    import_,
    inflation,
    items,
    judge,
    leaderboard,
    merge,
    prompts,
    rank_benchmarks,
    rate,
    recipes,
    report,
    reproduce,
    run,
    safety,
    short_form,
    show,
    suites,
    train,
    usage,
    verify,
    version,
    view,
    years,
)
from igaku.cli.help import Command, Front, Group, check_names
from igaku.cli.language import UI, ui_first, use
from igaku.cli.output import say
from igaku.cli.quiet import quiet
from igaku.cli.switches import check_switches
from igaku.errors import IgakuError, missing_extra

HELP = (
    "Evaluate language models on the Japanese and English medical exams and the ward's tasks; "
    "prepare data, train, and build cardiology models.\n\n"
    "医学・医療の試験と業務で言語モデルを評価し、データを整え、学習し、心電図・冠動脈造影のモデルを作ります。"
)
app = typer.Typer(
    name="igaku",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=Front,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=HELP,
)
COMMANDS: dict[str, dict[str, Any]] = {
    "Start": {"demo": demo.demo, "doctor": doctor.doctor, "version": version.version},
    "Ask": {"eval": eval.evaluate, "judge": judge.judge, "import": import_.import_replies, "run": run.run},
    "Read": {
        "show": show.show,
        "grade": grade.grade,
        "view": view.view,
        "leaderboard": leaderboard.leaderboard,
        "report": report.report,
        "exam": exam.exam,
        "formats": formats.formats,
        "card": card.card,
    },
    "Trust": {
        "fair": fair.fair,
        "compare": compare.compare,
        "images": images.images,
        "calibration": calibration.calibration,
        "abstain": abstain.abstain,
        "contamination": contamination.contamination,
        "years": years.years,
        "usage": usage.usage,
        "inflation": inflation.inflation,
        "consistency": consistency.consistency,
        "short-form": short_form.short_form,
        "safety": safety.safety,
        "items": items.items,
        "graders": graders.graders,
        "rank-benchmarks": rank_benchmarks.rank_benchmarks,
        "reproduce": reproduce.reproduce,
        "verify": verify.verify,
    },
    "Data": {
        "bench": bench.app,
        "suites": suites.app,
        "prompts": prompts.app,
        "data": data.app,
        "catalog": catalog.app,
        "export": export.export,
        "rate": rate.app,
    },
    "Build": {"train": train.train, "merge": merge.merge, "corpus": corpus.app, "recipes": recipes.app},
    "Cardiology": {"ecg": ecg.app, "angio": angio.app},
}
"""Panel of the help -> command -> its function, or the group it stands for."""
for panel, commands in COMMANDS.items():
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            check_names(command)
            app.add_typer(command, name=name, rich_help_panel=panel, cls=Group)
        else:
            app.command(name, rich_help_panel=panel, cls=Command)(command)


@app.callback(invoke_without_command=True)
def front(
    context: typer.Context,
    show_version: bool = typer.Option(False, "-V", "--version", help="Print igaku's version."),
    ui: str = typer.Option("", help=UI),
) -> None:
    """Print the version or the help, or go on to a command."""
    use(ui)
    if show_version:
        print(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


EXTRAS = {"corpus": "corpus", "train": "train", "merge": "merge", "run": "train", "ecg": "ecg", "angio": "angio"}
"""Command -> the extra that all of it stands on."""


FEW_FILES = (
    "too many open files: this process may open too few; raise it (ulimit -n 1024) and give the same command again; "
    "what was answered is kept"
)


def execute() -> None:
    """Run a command; what the user can correct is one line on stderr and exit code 2."""
    try:
        try:
            check_switches(sys.argv[1:])
            quiet()
            app(ui_first(sys.argv[1:]), prog_name="igaku")
        finally:
            _flush()
    except ModuleNotFoundError as error:
        package, extra = (error.name or "").split(".")[0], EXTRAS.get(_command())
        if extra is None or package == "igaku":
            raise
        _fail(str(missing_extra(package, extra)))
    except BrokenPipeError:
        _silence()
        sys.exit(141)
    except IgakuError as error:
        _fail(str(error))
    except OSError as error:
        _fail(file_error(error))
    except RuntimeError as error:
        if "Symlink loop" not in str(error):  # Path.resolve, before Python 3.13
            raise
        _fail(f"{error}; give a path that leads somewhere")


def _command() -> str:
    """The name of the command that was given; empty where there is none."""
    words = ui_first(sys.argv[1:])
    return next((word for word in words[2 * (words[:1] == ["--ui"]) :] if not word.startswith("-")), "")


def file_error(error: OSError) -> str:
    """The line of a file that could not be read or written; of two files (copied, renamed) it is the one written."""
    from igaku.io.files import FULL, unwritable

    why = error.strerror or str(error)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return FEW_FILES
    if error.errno in FULL:
        # every file that is written names itself (io.files, io.locks): what has no name is what is printed
        return unwritable(error.filename2 or error.filename or "standard output", why)
    where = error.filename or "a file"
    return f"{where}: {why}; check the path, its permissions and the space left"


def _fail(line: str) -> NoReturn:
    say(f"igaku: {line}")
    sys.exit(2)


def _flush() -> None:
    """What is still to be printed, now, where an error can be one line."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from igaku.io.files import unwritable

        _silence()
        raise IgakuError(unwritable("standard output", error.strerror or str(error))) from None


def _silence() -> None:
    """Nobody reads what is printed any more; the interpreter shall not try again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
