"""The command line: one thin file a command group; nothing heavy is imported until a command runs."""

import sys

import typer

from igaku._version import __version__
from igaku.cli import (
    angio,
    bench,
    catalog,
    compare,
    contamination,
    corpus,
    data,
    ecg,
    eval,
    exam,
    fair,
    import_,
    judge,
    merge,
    prompts,
    rate,
    recipes,
    report,
    reproduce,
    run,
    short_form,
    show,
    train,
)
from igaku.cli.output import say
from igaku.errors import IgakuError, missing_extra

app = typer.Typer(
    name="igaku",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Evaluate language models on the Japanese and English medical exams. 医学試験で言語モデルを評価する。",
)
app.command("eval")(eval.evaluate)
app.command("grade")(show.grade)
app.command("show")(show.show)
app.command("fair")(fair.fair)
app.command("contamination")(contamination.contamination)
app.command("compare")(compare.compare)
app.command("agree")(compare.agree)
app.command("mini")(short_form.mini)
app.command("graders")(short_form.graders)
app.command("agree-benchmarks")(short_form.agree_benchmarks)
app.command("report")(report.report)
app.command("view")(report.view)
app.command("publish-card")(report.publish_card)
app.command("reproduce")(reproduce.reproduce)
app.command("exam")(exam.exam)
app.command("train")(train.train)
app.command("merge")(merge.merge)
app.command("run")(run.run)
app.command("judge")(judge.judge)
app.command("import")(import_.import_replies)
app.command("export")(import_.export)
app.add_typer(bench.app, name="bench")
app.add_typer(catalog.app, name="catalog")
app.add_typer(corpus.app, name="corpus")
app.add_typer(recipes.app, name="recipes")
app.add_typer(prompts.app, name="prompts")
app.add_typer(data.app, name="data")
app.add_typer(angio.app, name="angio")
app.add_typer(ecg.app, name="ecg")
app.add_typer(rate.app, name="rate")


@app.callback(invoke_without_command=True)
def version(shown: bool = typer.Option(False, "--version", help="Print igaku's version.")) -> None:
    """Evaluate language models on the Japanese and English medical exams. 医学試験で言語モデルを評価する。"""
    if shown:
        print(__version__)
        raise typer.Exit


EXTRAS = {"corpus": "corpus", "train": "train", "merge": "train", "run": "train", "ecg": "ecg", "angio": "angio"}
"""Command -> the extra that all of it stands on."""


def main() -> None:
    """Run a command; what the user can mend is one line on stderr and exit code 2."""
    try:
        app()
    except ModuleNotFoundError as error:
        package, extra = (error.name or "").split(".")[0], EXTRAS.get(next(iter(sys.argv[1:]), ""))
        if extra is None or package == "igaku":
            raise
        say(f"igaku: {missing_extra(package, extra)}")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except IgakuError as error:
        say(f"igaku: {error}")
        sys.exit(2)
    except OSError as error:
        say(
            f"igaku: {error.filename or 'a file'}: {error.strerror or error}; check the path, its permissions and the space left"
        )
        sys.exit(2)
