"""``igaku ecg``: one file a command."""

from typer import Typer

from igaku.cli.ecg import (
    benchmark,
    cohort,
    convert,
    efficiency,
    evaluate,
    explain,
    finetune,
    inspect,
    predict,
    pretrain,
)

app = Typer(
    no_args_is_help=True,
    help="12-lead ECGs. Read any format, pre-train, fine-tune, evaluate, predict, explain. Research only.",
)
app.command("inspect")(inspect.inspect)
app.command("convert")(convert.convert)
app.command("cohort")(cohort.cohort)
app.command("pretrain")(pretrain.pretrain)
app.command("finetune")(finetune.finetune)
app.command("evaluate")(evaluate.evaluate)
app.command("efficiency")(efficiency.efficiency)
app.command("predict")(predict.predict)
app.command("explain")(explain.explain)
app.command("benchmark")(benchmark.benchmark)
