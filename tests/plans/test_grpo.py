"""Reinforcement learning on questions, rewarded by the graders: what may be asked, what is worth what, and that it
learns a synthetic exam.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.plans.grpo import kind_of, origin_of, prompted, train_on_questions, worths
from igaku.training import load_config, train
from igaku.training.config import Base, Config, Data, Grpo, Method, Train

pytestmark = pytest.mark.torch
LETTERS = "ABCDE"
GRPO: dict[str, object] = {"answers": 8, "tokens": 8, "method": "letter"}
PROMPT = "+++\ntitle = 'bare'\nlang = 'any'\nreply = 'letter'\nlabels = 'A'\nmax_tokens = 4\n+++\n{{ stem }}\nAnswer:"


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions of one's own: which letter is right is a word of the stem."""
    file = tmp_path_factory.mktemp("exam") / "exam.jsonl"
    rows = [
        {"id": f"q{n}", "stem": f"{word}?", "choices": [f"x{i}" for i in range(5)], "answer": letter.lower()}
        for n, (word, letter) in enumerate([("which one", "A"), ("Answer", "D")] * 4)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    (file.parent / "bare.jinja").write_text(PROMPT)
    return file


@pytest.fixture(autouse=True)
def few_benchmarks(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Own questions are searched for those of what igaku ships alone, which takes no minute."""
    if "looked_through" not in request.node.name:
        monkeypatch.setenv("IGAKU_DATA", str(Path(__file__).parent / "none"))


def settings(exam: Path, **grpo: object) -> Config:
    return Config(
        model=Base(base="x"),
        method=Method(kind="full", objective="grpo"),
        data=Data(form="questions", path=str(exam)),
        grpo=Grpo(
            **({"answers": 8, "tokens": 8, "prompt": str(exam.parent / "bare.jinja"), "method": "letter"} | grpo)
        ),  # type: ignore[arg-type]
        train=Train(lr=1e-3, schedule="constant", warmup=0.0, steps=2, batch=2),
    )


def test_questions_for_evaluation_are_refused(exam: Path, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"years 2023 are for evaluation only; open for training: 2012"):
        origin_of("yakugakuqa:2023")
    with pytest.raises(IgakuError, match=r"it is for evaluation only.*--contaminated"):
        origin_of("igakuqa")
    assert "evaluation only" in origin_of("igakuqa", contaminated=True).contaminated
    opened = origin_of("yakugakuqa:2012-2020")
    assert not opened.contaminated and opened.steps == [
        "grpo on yakugakuqa:" + ",".join(str(y) for y in range(2012, 2021))
    ]
    with pytest.raises(IgakuError, match="no questions to train on"):
        origin_of("")


def test_own_questions_are_looked_through_for_those_of_exams(exam: Path, tmp_path: Path) -> None:
    import igaku

    pytest.importorskip("numpy")
    assert not origin_of(str(exam)).contaminated
    q = igaku.load_benchmark("mini").load("ja")[7]
    row = {"id": "x", "stem": q.stem, "choices": list(q.choices), "answer": "a"}
    (tmp_path / "copied.jsonl").write_text(json.dumps(row, ensure_ascii=False))
    with pytest.raises(IgakuError, match=r"1 questions: holds mini"):
        origin_of(str(tmp_path / "copied.jsonl"))


def test_an_answer_is_worth_what_the_grader_says(exam: Path) -> None:
    config = settings(exam)
    questions = prompted(config)
    parts = worths(questions, config)
    texts = ["A", "B", "", "<think>B or C</think>A"]
    numbers, lengths = [0] * 4, [2, 2, 8, 5]
    assert parts["right"].of(numbers, texts, lengths) == [1.0, 0.0, 0.0, 1.0]
    assert parts["readable"].of(numbers, texts, lengths) == [1.0, 1.0, 0.0, 1.0]
    assert parts["ended"].of(numbers, texts, lengths) == [1.0, 1.0, 0.0, 1.0]
    assert [parts[n].weight for n in ("right", "readable", "ended")] == [1.0, 0.1, 0.1]
    with pytest.raises(IgakuError, match=r"letter-logprob reads no text; set grpo\.method"):
        prompted(settings(exam, method="letter-logprob"))


def test_a_recipe_of_grpo_takes_questions_and_only_it_does() -> None:
    assert load_config("qwen3-8b-grpo").data.form == "questions"
    for changes in (["data.form=instruction"], ["objective=dpo"]):
        with pytest.raises(IgakuError, match="grpo from questions, and only they do"):
            load_config("qwen3-8b-grpo", changes)
    with pytest.raises(IgakuError, match="compared with others: at least 2"):
        load_config("qwen3-8b-grpo", ["grpo.answers=1"])


def test_it_learns_a_synthetic_exam(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """From a model that answers with any letter, to one that mostly answers with the right one."""
    pytest.importorskip("trl")
    prompts = {str(a.prompt) for a in prompted(settings(exam))}
    rng = random.Random(0)
    rows = [{"id": f"{n}", "text": f"{p} {rng.choice(LETTERS)}"} for n, p in enumerate(sorted(prompts) * 60)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    start = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(kind="full"),
        data=Data(form="text", block=256, pack=False),
        train=Train(lr=5e-3, steps=250, batch=8, micro=8, save_every=0),
    )
    train(start, tmp_path / "any", data=tmp_path / "rows.jsonl", contaminated=True)
    (tmp_path / "grpo.yaml").write_text(
        f"model: {{base: {tmp_path / 'any'}}}\nmethod: {{kind: full, objective: grpo}}\n"
        f"data: {{form: questions, path: {exam}}}\n"
        f"grpo: {{answers: 8, tokens: 4, prompt: {exam.parent / 'bare.jinja'}, method: letter}}\n"
        "train: {lr: 2.0e-3, schedule: constant, warmup: 0.0, steps: 150, batch: 4, micro: 4, save_every: 50}\n"
    )
    lines: list[str] = []
    made = train_on_questions(str(tmp_path / "grpo.yaml"), tmp_path / "out", say=lines.append)
    rewards = [r["right"] for r in read_log(tmp_path / "out" / "log.jsonl")]
    assert len(rewards) == 150 and sum(rewards[:5]) / 5 < 0.5 < 0.8 < sum(rewards[-5:]) / 5, rewards
    assert made.first_reward is not None and made.last_reward is not None and made.last_reward > made.first_reward
    assert "<svg" in (tmp_path / "out/reward.svg").read_text() and "8 questions, 8 answers each" in lines
    assert "it has" not in made.origin.contaminated and made.origin.steps == [f"grpo on {exam}"]
    assert train_on_questions(str(tmp_path / "grpo.yaml"), tmp_path / "out").updates == 150, "done once"


def recipe(exam: Path, base: Path, file: Path, **train: object) -> list[str]:
    """The command of a short run on the tiny model."""
    numbers = {"lr": 1e-3, "schedule": "constant", "warmup": 0.0, "steps": 8, "batch": 2, "micro": 2, "save_every": 2}
    plain = {
        "model": {"base": str(base)},
        "method": {"kind": "lora", "r": 4, "objective": "grpo"},
        "data": {"form": "questions"},
        "grpo": {"answers": 4, "tokens": 4, "prompt": str(exam.parent / "bare.jinja"), "method": "letter"},
        "train": numbers | train,
    }
    file.write_text(json.dumps(plain))
    return [sys.executable, "-m", "igaku", "train", str(file), "--data", str(exam)]


def test_a_killed_run_goes_on_as_if_it_had_not_been(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """``kill -9`` after a checkpoint, with a later one cut off in the middle: the same updates to the last bit."""
    pytest.importorskip("trl")
    command = recipe(exam, tiny_folder, tmp_path / "r.yaml")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train_on_questions(str(tmp_path / "r.yaml"), whole, data=exam)
    child = subprocess.Popen([*command, "--out", str(cut)], stderr=subprocess.DEVNULL)
    while child.poll() is None and len(read_log(cut / "log.jsonl")) < 5:
        time.sleep(0.01)
    child.kill()
    child.wait()
    assert not (cut / "train.json").exists(), "killed before its end"
    torn = cut / "checkpoints" / "checkpoint-7"
    torn.mkdir(parents=True, exist_ok=True)
    (torn / "adapter_model.safetensors").write_bytes(b"half")
    train_on_questions(str(tmp_path / "r.yaml"), cut, data=exam)
    one, other = read_log(whole / "log.jsonl"), read_log(cut / "log.jsonl")
    assert [r["step"] for r in other] == list(range(1, 9)) and one == other
    (tmp_path / "r.yaml").write_text((tmp_path / "r.yaml").read_text().replace("0.001", "0.002"))
    with pytest.raises(IgakuError, match="another recipe or other data; give another --out"):
        train_on_questions(str(tmp_path / "r.yaml"), cut, data=exam)


def test_another_recipe_never_goes_on_in_a_folder_that_was_begun(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=2)
    out = tmp_path / "out"
    train_on_questions(str(tmp_path / "r.yaml"), out, data=exam)
    (out / "train.json").unlink()
    recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=2, lr=2e-3)
    with pytest.raises(IgakuError, match="another recipe, data or questions"):
        train_on_questions(str(tmp_path / "r.yaml"), out, data=exam)


def test_a_finished_run_goes_on_with_more_updates(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=2)
    assert train_on_questions(str(tmp_path / "r.yaml"), tmp_path / "out", data=exam).updates == 2
    recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=4)
    assert train_on_questions(str(tmp_path / "r.yaml"), tmp_path / "out", data=exam).updates == 4


def test_letters_and_numbers_are_rewarded_each_by_its_grader(exam: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "l", "stem": "Which?", "choices": ["x", "y"], "answer": "b"},
        {"id": "n", "stem": "How many valves has the heart?", "answer": "4"},
    ]
    (tmp_path / "mixed.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = settings(exam, prompt="")
    config.data.path = str(tmp_path / "mixed.jsonl")
    questions = prompted(config)
    assert [kind_of(q.question) for q in questions] == ["letter", "number"]
    parts = worths(questions, config)
    assert list(parts) == ["right", "letter", "number", "readable", "ended"]
    texts = ["Answer: B", "Answer: 5"]
    assert parts["right"].of([0, 1], texts, [1, 1]) == [1.0, 0.0]
    assert parts["letter"].of([0, 1], texts, [1, 1]) == [1.0, None]
    assert parts["number"].of([0, 1], texts, [1, 1]) == [None, 0.0]
    assert parts["letter"].weight == parts["number"].weight == 0.0, "shown, and counted once"


def test_a_batch_that_cannot_be_divided_is_refused() -> None:
    with pytest.raises(IgakuError, match=r"batch is 16, which is no multiple of micro \(3\)"):
        load_config("qwen3-8b-grpo", ["micro=3"])


def test_sharded_weights_are_refused() -> None:
    with pytest.raises(IgakuError, match=r"train\.shard is not for objective grpo"):
        load_config("qwen3-8b-grpo", ["train.shard=true"])


def test_processes_that_cannot_share_a_batch_are_refused(
    exam: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("trl")
    from igaku.training.reinforce import _settings

    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(IgakuError, match=r"train\.batch 2 cannot be shared by 3 processes; make it a multiple"):
        _settings(settings(exam), tmp_path, [1.0], 2)


def test_rates_are_the_recipe_s(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """Also of ``constant``, which warms up; the first update teaches."""
    pytest.importorskip("trl")
    from igaku.training.updates import lr_factor

    for schedule in ("constant", "cosine"):
        recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=4, schedule=schedule, warmup=0.5)
        train_on_questions(str(tmp_path / "r.yaml"), tmp_path / schedule, data=exam)
        config = load_config(str(tmp_path / "r.yaml"))
        rates = [r["lr"] for r in read_log(tmp_path / schedule / "log.jsonl")]
        assert rates == pytest.approx([1e-3 * lr_factor(n, 4, config) for n in range(1, 5)]) and rates[0] > 0


def test_a_loss_that_is_no_number_stops_the_run_with_one_line(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    recipe(exam, tiny_folder, tmp_path / "r.yaml", lr=1e30, clip=0.0, optimizer="adafactor")
    with pytest.raises(IgakuError, match=r"NaN or inf.*lower train\.lr"):
        train_on_questions(str(tmp_path / "r.yaml"), tmp_path / "out", data=exam)


def test_a_full_disk_is_one_line_and_the_checkpoint_before_is_kept(
    exam: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    """Short runs save after each update, whatever ``save_every`` is."""
    pytest.importorskip("trl")
    file, out = tmp_path / "r.yaml", tmp_path / "out"
    recipe(exam, tiny_folder, file, steps=2, save_every=100)
    train_on_questions(str(file), out, data=exam)
    assert [f.name for f in (out / "checkpoints").iterdir()] == ["checkpoint-2"]
    full = out / "checkpoints/checkpoint-3/optimizer.pt"
    full.parent.mkdir()
    full.symlink_to("/dev/full")
    recipe(exam, tiny_folder, file, steps=4, save_every=100)
    with pytest.raises(IgakuError, match=r"cannot write a checkpoint .*the one before is kept"):
        train_on_questions(str(file), out, data=exam)
    full.unlink()
    made = train_on_questions(str(file), out, data=exam)
    rows = read_log(out / "log.jsonl")
    assert made.updates == 4 and [f.name for f in (out / "checkpoints").iterdir()] == ["checkpoint-4"]
    assert made.per_second > 0 and made.tokens == rows[-1]["tokens"]
    assert made.per_second * made.seconds > rows[-1]["tokens"] - rows[1]["tokens"], "this session's, without loading"


def test_two_processes_write_one_log(exam: Path, tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    command = recipe(exam, tiny_folder, tmp_path / "r.yaml", steps=3)
    launch = ["-m", "torch.distributed.run", "--nproc-per-node=2", f"--master-port={29500 + os.getpid() % 400}"]
    done = subprocess.run(
        [command[0], *launch, *command[1:], "--out", str(tmp_path / "out")], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert [r["step"] for r in read_log(tmp_path / "out/log.jsonl")] == [1, 2, 3]
    assert done.stderr.count("8 questions, 4 answers each") == 1
    assert json.loads((tmp_path / "out/train.json").read_text())["updates"] == 3
