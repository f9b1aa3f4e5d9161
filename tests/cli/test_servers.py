"""Commands that ask a model, against a real server (llama.cpp's own, with the small chat model) and a real adapter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import igaku
from igaku.engines.embedded import embedded_file

from ..conftest import always, needs
from ..engines.conftest import tiny_folder
from .conftest import Cli

__all__ = ["tiny_folder"]
NAME = "smollm2-135m-instruct"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    xllamacpp = pytest.importorskip("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_file(NAME))
    params.n_parallel, params.n_ctx, params.port, params.verbosity = 4, 8192, 0, -1
    running = xllamacpp.Server(params)
    yield running.listening_address + "/v1"
    del running


@pytest.mark.slow
@pytest.mark.model
@needs("openai", "stats")
def test_fair_asks_a_server_and_python_gives_what_the_command_prints(cli: Cli, server: str, tmp_path: Path) -> None:
    out = str(tmp_path / "fair")
    done = cli(
        "fair",
        "--model",
        NAME,
        "--base-url",
        server,
        "--bench",
        "mini",
        "--lang",
        "en",
        "--budget",
        "2 questions",
        "--prompt",
        "standard,closing",
        "--order",
        "original,rotate-1",
        "--concurrency",
        "2",
        "--out",
        out,
        "--json",
    )
    assert done.returncode == 0, done.stderr
    ways = {"prompt": ["standard", "closing"], "order": ["original", "rotate-1"]}
    report = igaku.fair(NAME, "mini", base_url=server, lang="en", budget="2 questions", out=out, **ways)
    assert igaku.render(report, "json") == done.stdout
    assert report.fair[0].fair.questions == 2 and report.fair[0].fair.renderings == 4


@pytest.mark.slow
@pytest.mark.model
@needs("openai")
def test_judge_asks_a_server(cli: Cli, server: str, tmp_path: Path) -> None:
    igaku.evaluate(always("安静にする。"), "clinical_open", lang="ja", limit=1, out=tmp_path / "r")
    done = cli(
        "judge", str(tmp_path / "r"), "--judge", NAME, "--base-url", server, "--votes", "2", "--max-tokens", "16"
    )
    assert done.returncode == 0, done.stderr
    (judge,) = igaku.open_run(tmp_path / "r").manifest.judges
    assert judge.judge.engine == "openai" and sum(map(len, judge.votes.values())) == 2


@pytest.mark.torch
@needs("hf", "stats")
def test_contamination_compares_an_adapted_model_with_its_base(cli: Cli, tiny_folder: Path, tmp_path: Path) -> None:
    peft, transformers = pytest.importorskip("peft"), pytest.importorskip("transformers")
    base = transformers.AutoModelForCausalLM.from_pretrained(tiny_folder)
    layers = [n for n, m in base.named_modules() if n.endswith("q_proj")]
    config = peft.LoraConfig(r=2, target_modules=layers, init_lora_weights=False)
    peft.get_peft_model(base, config).save_pretrained(tmp_path / "adapter")
    done = cli(
        "contamination",
        "--model",
        str(tiny_folder),
        "--adapter",
        str(tmp_path / "adapter"),
        "--reference",
        str(tiny_folder),
        "--device",
        "cpu",
        "--bench",
        "mini",
        "--lang",
        "en",
        "--limit",
        "10",
        "--out",
        str(tmp_path / "probes"),
    )
    assert done.returncode == 0, done.stderr
    assert "likelihood" in done.stdout and "answered already" in done.stderr
