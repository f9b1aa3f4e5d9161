import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.provenance import warning
from igaku.training import config_names, load_config, read_trained, train
from igaku.training.config import Base, Config, Data, Eval, Method, Train, config_text
from igaku.training.gate import checked
from igaku.training.networks import on_meta, toy, trainable
from igaku.training.updates import Saver, lr_factor

pytestmark = pytest.mark.torch
ASSET = Path(__file__).parents[1] / "assets" / "losses.json"
RECORDED: dict[str, list[float]] = json.loads(ASSET.read_text())


def config(base: Path, **more: object) -> Config:
    return Config(
        model=Base(base=str(base)),
        method=Method(r=4, alpha=8, dropout=0.1),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=12, batch=4, save_every=4, **more),
    )  # type: ignore[arg-type]


def losses(folder: Path) -> list[float]:
    return [r["loss"] for r in read_log(folder / "log.jsonl")]


@pytest.mark.parametrize("name", config_names())
def test_every_recipe_opens_with_its_command_and_marks_its_numbers(name: str) -> None:
    text = config_text(name)
    assert text.startswith(f"# igaku train {name}") and load_config(name).about
    for line in text.splitlines():
        value = line.partition(":")[2].partition("#")[0]
        if line.startswith("  ") and any(c.isdigit() for c in value) and not line.strip().startswith("base:"):
            assert any(f"# {origin}" in line for origin in ("read", "second-hand", "inferred", "ours")), line


@pytest.mark.parametrize("name", [n for n in config_names() if load_config(n).data.form != "questions"])
def test_every_recipe_is_built_empty_and_runs_two_updates_small(
    name: str, mix: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    import shutil

    recipe = load_config(name)
    built = on_meta(recipe)
    assert all(p.is_meta for p in built.parameters()) and (trainable(built) or recipe.method.kind == "full")
    folder = toy(recipe, tmp_path / "toy", 300)
    for file in tiny_folder.iterdir():
        if file.name.startswith(("tokenizer", "special", "chat")):
            shutil.copy(file, folder)
    data = mix
    if recipe.data.form == "preference":
        data = tmp_path / "pairs.jsonl"
        data.write_text(
            "\n".join(
                json.dumps({"text": "x", "prompt": f"which {n}?", "chosen": "Answer: A", "rejected": "Answer: B"})
                for n in range(8)
            )
        )
    made = train(
        name,
        tmp_path / "out",
        data=data,
        model=str(folder),
        changes=["steps=2", "block=64", "micro=4"],
        contaminated=recipe.data.form == "preference",
    )
    found = losses(tmp_path / "out")
    assert len(found) == 2 and made.config.method == recipe.method and made.config.train.lr == recipe.train.lr
    if os.environ.get("IGAKU_RECORD"):  # after a change that is meant to change them, and only then
        RECORDED[name] = [round(x, 4) for x in found]
        ASSET.write_text(json.dumps(RECORDED, indent=1, sort_keys=True) + "\n")
    assert found == pytest.approx(RECORDED[name], abs=2e-3), f"recorded losses differ: {found}"
    assert (
        tmp_path / "out" / ("adapter_model.safetensors" if recipe.method.kind == "lora" else "model.safetensors")
    ).exists()


def test_the_adapter_of_r_64_on_all_linear_layers_of_llama_2_70b_has_the_published_size() -> None:
    assert sum(p.numel() for p in trainable(on_meta(load_config("jmedlora-llama2-70b"))).values()) == 828_375_040


def killed(tmp_path: Path, updates: int, more: str = "") -> list[int]:
    """Train in another process, kill it with SIGKILL after so many updates; the updates in its log."""
    script = (
        "import sys, time; from tests.training.test_recipe import config; from igaku.training import train\n"
        "from msgspec.structs import replace\nc = config(sys.argv[1])\n"
        f"c = replace(c, train=replace(c.train{more}))\n"
        "train(c, sys.argv[3], data=sys.argv[2], on_step=lambda s: time.sleep(0.3))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "base"), str(tmp_path / "mix"), str(tmp_path / "cut")],
        cwd=Path(__file__).parents[2],
    )
    log, deadline = tmp_path / "cut" / "log.jsonl", time.time() + 120
    while time.time() < deadline and len(read_log(log)) < updates:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert not (tmp_path / "cut" / "train.json").exists()
    return [r["step"] for r in read_log(log)]


@pytest.mark.parametrize(("steps", "save_every", "updates"), [(12, 4, 6), (7, 20, 2)])
def test_a_killed_run_goes_on_with_the_same_losses(
    mix: Path, tiny_folder: Path, tmp_path: Path, steps: int, save_every: int, updates: int
) -> None:
    """Also one that has fewer updates than ``save_every``."""
    (tmp_path / "base").symlink_to(tiny_folder)
    (tmp_path / "mix").symlink_to(mix)
    c = config(tmp_path / "base")
    c = replace(c, train=replace(c.train, steps=steps, save_every=save_every))
    train(c, tmp_path / "whole", data=tmp_path / "mix")
    logged = killed(tmp_path, updates, f", steps={steps}, save_every={save_every}")
    assert updates <= len(logged) < steps
    state = json.loads((tmp_path / "cut/checkpoint/state.json").read_text())
    assert 1 <= state["step"] <= len(logged)
    trained: list[int] = []
    train(c, tmp_path / "cut", data=tmp_path / "mix", on_step=lambda s: trained.append(s.step))
    assert trained == list(range(state["step"] + 1, steps + 1)), "it does not begin again"
    assert losses(tmp_path / "cut") == pytest.approx(losses(tmp_path / "whole"), abs=1e-5)
    assert [r["step"] for r in read_log(tmp_path / "cut" / "log.jsonl")] == list(range(1, steps + 1))


def test_checkpoints_are_due_ten_times_a_run_and_cost_no_more_than_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("igaku.training.updates.time.perf_counter", lambda: clock[0])

    def saved(steps: int, save_every: int, update: float, cost: float) -> list[int]:
        saver, found = Saver(steps, save_every), []
        for step in range(1, steps + 1):
            clock[0] += update
            if saver.due(step):
                clock[0] += cost
                saver.saved()
                found.append(step)
        return found

    assert saved(7, 20, 1.0, 0.0) == [1, 2, 3, 4, 5, 6, 7]
    assert saved(100, 1000, 1.0, 0.5) == list(range(10, 101, 10))
    assert len(saved(100, 100, 1.0, 50.0)) <= 2, "a checkpoint that takes long is written seldom"
    assert saved(1000, 1000, 100.0, 1.0)[:2] == [1, 2], "slow updates are saved every minute"
    assert saved(50, 20, 1.0, 1000.0)[-3:] == [20, 40, 50] and saved(5, 0, 1.0, 0.0) == [5]


def test_two_processes_learn_as_one(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    one = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=6, batch=4),
        eval=Eval(share=0.25, every=3),
    )
    train(one, tmp_path / "one", data=mix)
    (tmp_path / "two.yaml").write_text(
        "method: {r: 4}\ndata: {block: 64}\ntrain: {lr: 5.0e-3, steps: 6, batch: 4}\nmodel: {base: x}\n"
        "eval: {share: 0.25, every: 3}"
    )
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node=2",
        f"--master-port={29500 + os.getpid() % 400}",
        "-m",
        "igaku",
        "train",
        str(tmp_path / "two.yaml"),
    ]
    done = subprocess.run(
        [*command, "--model", str(tiny_folder), "--data", str(mix), "--out", str(tmp_path / "two")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-5)
    logs = [read_log(tmp_path / f / "log.jsonl") for f in ("one", "two")]
    measured = [[r["held_out"] for r in rows if "held_out" in r] for rows in logs]
    assert len(measured[0]) == 2 and measured[1] == pytest.approx(measured[0], abs=1e-5)


def test_full_training_packing_and_recomputing(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    full = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(kind="full"),
        data=Data(block=64, form="text"),
        train=Train(lr=1e-3, steps=6, batch=4, micro=4),
    )
    made = train(full, tmp_path / "a", data=mix)
    assert made.trained == made.parameters and 0.5 < made.filled <= 1 and made.last_loss < made.first_loss
    again = Config(
        model=full.model,
        method=full.method,
        data=full.data,
        train=Train(lr=1e-3, steps=6, batch=4, micro=1, recompute=True),
    )
    train(again, tmp_path / "b", data=mix)
    assert losses(tmp_path / "b") == pytest.approx(losses(tmp_path / "a"), abs=1e-5)
    assert train(full, tmp_path / "a", data=mix).seconds == made.seconds
    with pytest.raises(IgakuError, match="another recipe or other data"):
        train(again, tmp_path / "a", data=mix)


def test_four_bits_on_a_processor(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    qlora = Config(
        model=Base(base=str(tiny_folder), quantize="nf4"),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=4, batch=4),
    )
    made = train(qlora, tmp_path / "q", data=mix)
    assert made.last_loss < made.first_loss
    with pytest.raises(IgakuError, match="4 bits cannot be trained"):
        train(Config(model=qlora.model, method=Method(kind="full")), tmp_path / "f", data=mix)


def test_preferences_are_learnt(tiny_folder: Path, tmp_path: Path) -> None:
    rows = [{"text": "x", "prompt": f"which {n}?", "chosen": "Answer: A", "rejected": "Answer: B"} for n in range(8)]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for objective in ("dpo", "rpo"):
        for kind in ("lora", "full"):
            c = Config(
                model=Base(base=str(tiny_folder)),
                method=Method(kind=kind, r=4, objective=objective),
                data=Data(form="preference"),
                train=Train(lr=5e-3, warmup=0, steps=10, batch=4, spike=0),
            )  # type: ignore[arg-type]
            train(c, tmp_path / f"{objective}-{kind}", data=tmp_path / "p.jsonl", contaminated=True)
            found = losses(tmp_path / f"{objective}-{kind}")
            assert found[-1] < (0.9 if objective == "dpo" else 0.98) * found[0]
            if objective == "dpo":
                assert found[0] == pytest.approx(0.6931, abs=1e-3)


def test_the_gate_lets_in_only_what_was_checked(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    assert checked(mix).contaminated == ""
    loose = tmp_path / "loose.jsonl"
    loose.write_text((mix / "documents.jsonl").read_text())
    with pytest.raises(IgakuError, match="has not been through decontamination"):
        train(config(tiny_folder), tmp_path / "out", data=loose)
    made = train(config(tiny_folder), tmp_path / "out", data=loose, contaminated=True)
    assert made.origin.contaminated and "CONTAMINATED" in (tmp_path / "out/README.md").read_text()
    assert "prove nothing" in warning(tmp_path / "out")
    import igaku

    run = igaku.evaluate(
        str(tiny_folder),
        "mini",
        adapter=str(tmp_path / "out"),
        lang="en",
        limit=2,
        method="letter-logprob",
        engine="transformers",
        out=tmp_path / "run",
    )
    assert any("CONTAMINATED" in n for n in run.manifest.notes)


def test_steps_that_saw_fewer_benchmarks_do_not_count(tmp_path: Path) -> None:
    from igaku.corpus import decontaminate

    (tmp_path / "in.txt").write_text("a passage of text that holds nothing")
    decontaminate([tmp_path / "in.txt"], tmp_path / "out", ["mini"])
    with pytest.raises(IgakuError, match="has not been through decontamination against"):
        checked(tmp_path / "out")


def test_an_unchecked_part_cannot_be_washed_by_a_later_step(mix: Path, tmp_path: Path) -> None:
    from igaku.corpus import dedup

    (tmp_path / "raw.txt").write_text("a passage that nobody has looked at")
    dedup([mix / "documents.jsonl", tmp_path / "raw.txt"], tmp_path / "both", exact=True)
    dedup([tmp_path / "both" / "documents.jsonl"], tmp_path / "again", exact=True)
    for folder in ("both", "again"):
        with pytest.raises(IgakuError, match="has not been through decontamination"):
            checked(tmp_path / folder)
    dedup([mix / "documents.jsonl"], tmp_path / "clean", exact=True)
    assert checked(tmp_path / "clean").contaminated == ""


def test_what_is_learnt_is_what_was_looked_at(tmp_path: Path) -> None:
    import igaku
    from igaku.corpus import decontaminate

    q = igaku.load_benchmark("mini").load("ja")[7]
    row = {"id": "x", "text": "harmless", "instruction": q.stem + "\n".join(q.choices), "output": "b"}
    (tmp_path / "in.jsonl").write_text(json.dumps(row))
    assert decontaminate([tmp_path / "in.jsonl"], tmp_path / "out", ["mini"]).dropped == {"holds mini": 1}


def test_contamination_is_inherited(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    from igaku.training import read_texts

    read_texts(tiny_folder, ["Question: which one? Answer: C"] * 4, tmp_path / "seen", epochs=1, block=32)
    made = train(config(tmp_path / "seen"), tmp_path / "out", data=mix)
    assert made.origin.contaminated == "it has read these texts on purpose"
    (tmp_path / "seen" / "igaku.json").write_text("{")
    assert "cannot be read" in warning(tmp_path / "seen")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["lr"], "write NAME=VALUE"),
        (["lrr=1"], "did you mean lr"),
        (["lr=fast"], "Expected `float`"),
        (["method.kind=half"], "Invalid enum value"),
        (["train.lrr=1"], "unknown setting"),
        (["lr=["], "not valid YAML"),
        (["batch=0"], "more than 0"),
        (["objective=dpo"], "does not fit data.form"),
    ],
)
def test_a_wrong_setting_is_one_line(changes: list[str], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        load_config("tiny", changes)
    assert load_config("tiny", ["lr=1e-3", "method.r=4"]).train.lr == 1e-3


def test_a_loss_that_jumps_stops_the_run(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    wild = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(kind="full"),
        data=Data(block=64),
        train=Train(lr=1e4, steps=8, batch=4, clip=0.0, warmup=0.0),
    )
    with pytest.raises(IgakuError, match=r"NaN or inf|jumped"):
        train(wild, tmp_path / "w", data=mix)


def test_the_rate_follows_its_schedule() -> None:
    c = load_config("tiny")
    assert lr_factor(1, 100, c) == pytest.approx(0.2) and lr_factor(5, 100, c) == lr_factor(6, 100, c) == 1.0
    assert 0 < lr_factor(100, 100, c) < 1e-3  # the last update still teaches
    assert lr_factor(1, 1, c) == 1.0


def test_the_commands(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert "jmedlora-llama2-70b" in run(app, ["recipes", "list"]).stdout
    assert run(app, ["recipes", "show", "tiny"]).stdout.startswith("# igaku train tiny")
    shown = run(app, ["recipes", "preview", "tiny", "--data", str(mix), "--model", str(tiny_folder)])
    assert "【" in shown.stdout, shown.output
    result = run(
        app,
        [
            "train",
            "tiny",
            "--data",
            str(mix),
            "--model",
            str(tiny_folder),
            "--set",
            "steps=2",
            "--set",
            "block=64",
            "--out",
            str(tmp_path / "o"),
            "--json",
        ],
    )
    assert result.exit_code == 0 and json.loads(result.stdout)["updates"] == 2
    assert read_trained(tmp_path / "o").updates == 2 and "<svg" in (tmp_path / "o/loss.svg").read_text()
    unknown = run(app, ["train", "tinny", "--out", str(tmp_path / "n")]).exception
    assert isinstance(unknown, IgakuError) and "did you mean tiny" in str(unknown)
    assert run(app, ["train", "tiny"]).exit_code == 2, "--out is required"
    assert json.loads(run(app, ["recipes", "list", "--json"]).stdout)["recipes"]
