"""``igaku catalog``."""

from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option, Typer

from igaku.cli.language import language
from igaku.cli.options import Json
from igaku.cli.output import emit, say, show_rows

if TYPE_CHECKING:
    from igaku.catalog.tables import Kind

app = Typer(no_args_is_help=True, help="The field's data and models, with sources.")
Lang = Annotated[str, Option(help="Language of the column titles: ja or en.")]


@app.command("models")
def models(lang: Lang = "", json: Json = False) -> None:
    """Models: who made them, from what, how they write their thoughts, and which exams they met in training.

    Example: igaku catalog models --lang ja
    """
    _show("models", lang, json)


@app.command("data")
def data(lang: Lang = "", json: Json = False) -> None:
    """Corpora, evaluation sets, dictionaries and tools: licence, size, allowed training, how to get them.

    Example: igaku catalog data --lang ja
    """
    _show("data", lang, json)


def _show(what: "Kind", lang: str, json: bool) -> None:
    import msgspec

    from igaku import catalog

    lang = lang or language()
    _known(lang)
    if json:
        emit({what: msgspec.to_builtins(list(getattr(catalog, what)().values()))})
        return
    entries = getattr(catalog, what)().values()
    heads, rows = catalog.render(what, lang)
    short = {"models": 9, "data": 9}[what]
    show_rows(heads[:short], [[e.names[0], *row[1:short]] for e, row in zip(entries, rows)], False, what)


@app.command("check")
def check(online: Annotated[bool, Option("--online", help="Check each link too.")] = False, json: Json = False) -> None:
    """Check the catalog: duplicates, unknown licences, broken dates (errors, exit code 1), missing facts.

    Example: igaku catalog check --online
    """
    import msgspec

    from igaku.catalog import check as run

    found = run(online)
    errors = sum(f.level == "error" for f in found)
    if json:
        emit({"findings": msgspec.to_builtins(found)})
    else:
        show_rows(["level", "entry", "what"], [[f.level, f.entry, f.what] for f in found], False, "findings")
    say(f"{errors} errors, {len(found) - errors} gaps")
    if errors:
        raise Exit(1)


@app.command("render")
def render(lang: Lang = "en") -> None:
    """Both tables as Markdown.

    Example: igaku catalog render --lang ja
    """
    from igaku.catalog import render as table
    from igaku.tables import markdown_table, text_table

    _known(lang)
    titles = {"en": ("Models", "Data"), "ja": ("モデル", "データ")}[lang]
    models, data = (markdown_table(text_table("", *rows)) for rows in (table("models", lang), table("data", lang)))
    print(f"## {titles[0]}\n\n{models}\n\n## {titles[1]}\n\n{data}")


def _known(lang: str) -> None:
    from igaku.errors import UnknownNameError

    if lang not in ("ja", "en"):
        raise UnknownNameError("--lang", lang, ("ja", "en"))
