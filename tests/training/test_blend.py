"""Merged weights against the same computed by hand; models of one base by their plain tensors."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from igaku.errors import IgakuError
from igaku.training.merging import Member, merge
from igaku.training.weights import Weights

from ..engines.conftest import SHAPE

pytestmark = pytest.mark.torch
Make = Callable[..., Path]
PROJECTION = "model.layers.0.self_attn.q_proj.weight"


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A tiny model in a folder: of a seed, or another one with noise on every weight."""
    pytest.importorskip("mergekit")
    work = tmp_path_factory.mktemp("models")

    def model(name: str, seed: int = 0, of: Path | None = None, dtype: str = "float32", **more: object) -> Path:
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM

        torch.manual_seed(seed)
        shape = SHAPE | {"num_hidden_layers": 1, "vocab_size": 100, "tie_word_embeddings": False} | more
        network = AutoModelForCausalLM.from_config(AutoConfig.for_model("qwen2", **shape))
        if of is not None:
            network.load_state_dict(AutoModelForCausalLM.from_pretrained(of).state_dict())
            for p in network.parameters():
                p.data += 0.02 * torch.randn_like(p)
        network.to(getattr(torch, dtype)).save_pretrained(work / name)
        return work / name

    return model


@pytest.fixture(scope="module")
def trio(make: Make) -> tuple[Path, Path, Path]:
    """A base and two models that go out from it."""
    base = make("base")
    return base, make("a", 1, base), make("b", 2, base)


def merged(base: Path, members: Sequence[Member], method: str, out: Path, **more: object) -> Any:
    return Weights(merge(base, members, out, method, **more)).tensor(PROJECTION)  # type: ignore[arg-type]


def tensors(*folders: Path) -> list[Any]:
    return [Weights(f).tensor(PROJECTION) for f in folders]


def largest(change: Any, density: float) -> Any:
    n = round(density * change.numel())
    least = change.abs().flatten().topk(n).values[-1]
    return change * (change.abs() >= least)


@pytest.mark.parametrize("method", ["linear", "slerp", "task-arithmetic", "ties", "dare-ties", "dare-linear", "della"])
def test_one_member_alone_is_that_member_by_every_method(
    trio: tuple[Path, Path, Path], tmp_path: Path, method: str
) -> None:
    base, a, _ = trio
    weights = Weights(merge(base, [Member(a)], tmp_path / "m", method))
    assert all((weights.tensor(n) - Weights(a).tensor(n)).abs().max() < 1e-6 for n in Weights(a))


@pytest.mark.parametrize("method", ["linear", "task-arithmetic", "ties", "dare-linear"])
def test_one_members_weight_scales_its_change(trio: tuple[Path, Path, Path], tmp_path: Path, method: str) -> None:
    base, a, _ = trio
    start, changed = tensors(base, a)
    found = merged(base, [Member(a, 0.3)], method, tmp_path / "m")
    assert (found - (start + 0.3 * (changed - start))).abs().max() < 1e-6


def test_the_mean_of_several_and_the_base_for_the_rest(trio: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, a, b = trio
    start, first, second = tensors(base, a, b)
    mean = merged(base, [Member(a), Member(b)], "linear", tmp_path / "1")
    assert (mean - (first + second) / 2).abs().max() < 1e-6
    part = merged(base, [Member(a, 0.2), Member(b, 0.3)], "linear", tmp_path / "2")
    assert (part - (0.5 * start + 0.2 * first + 0.3 * second)).abs().max() < 1e-6


def test_a_negative_weight_takes_a_change_away(trio: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, a, b = trio
    start, first, second = tensors(base, a, b)
    found = merged(base, [Member(a), Member(b, -0.5)], "task-arithmetic", tmp_path / "m")
    assert (found - (first - 0.5 * (second - start))).abs().max() < 1e-6
    with pytest.raises(IgakuError, match=r"linear takes none below 0, task-arithmetic does"):
        merge(base, [Member(a), Member(b, -0.5)], tmp_path / "n", "linear")


def test_ties_by_hand(trio: tuple[Path, Path, Path], tmp_path: Path) -> None:
    base, a, b = trio
    start, first, second = tensors(base, a, b)
    one, two = largest(first - start, 0.5), largest(second - start, 0.5)
    sign = (one + two).sign()
    agree = [(x.sign() == sign) & (x != 0) for x in (one, two)]
    mean = (one * agree[0] + two * agree[1]) / (agree[0].float() + agree[1].float()).clamp(min=1)
    assert (merged(base, [Member(a), Member(b)], "ties", tmp_path / "m") - (start + mean)).abs().max() < 1e-6


def test_dare_keeps_a_share_enlarged_and_adds_up(trio: tuple[Path, Path, Path], make: Make, tmp_path: Path) -> None:
    base, a, _ = trio
    start, first = tensors(base, a)
    found = merged(base, [Member(a, 1.0, 0.5)], "dare-ties", tmp_path / "1") - start
    share = float((found.abs() > 1e-7).float().mean())
    assert 0.4 < share < 0.6 and float(found.abs().sum()) == pytest.approx(float((first - start).abs().sum()), rel=1e-3)
    again = merged(base, [Member(a, 1.0, 0.5)], "dare-ties", tmp_path / "2") - start
    other = merged(base, [Member(a, 1.0, 0.5)], "dare-ties", tmp_path / "3", seed=1) - start
    assert again.equal(found) and not other.equal(found)
    twice = (
        merged(base, [Member(a, 1.0, 1.0), Member(make("same", 1, base), 1.0, 1.0)], "dare-ties", tmp_path / "4")
        - start
    )
    assert (twice - 2 * (first - start)).abs().max() < 1e-6


def test_slerp_goes_along_the_arc(trio: tuple[Path, Path, Path], tmp_path: Path) -> None:
    import torch

    base, a, b = trio
    _, first, second = tensors(base, a, b)
    angle = torch.acos((first * second).sum() / first.norm() / second.norm())
    wanted = (torch.sin(0.75 * angle) * first + torch.sin(0.25 * angle) * second) / torch.sin(angle)
    found = merged(base, [Member(a, 3.0), Member(b, 1.0)], "slerp", tmp_path / "m")
    assert (found - wanted).abs().max() < 1e-5
    for members in ([Member(a), Member(b), Member(a)], [Member(a, 2.0)]):
        with pytest.raises(IgakuError, match="slerp takes two members"):
            merge(base, members, tmp_path / "n", "slerp")


def test_a_member_that_changes_in_its_folder_is_merged_anew(make: Make, tmp_path: Path) -> None:
    base = make("base")
    first = merged(base, [Member(make("changing", 1, base))], "ties", tmp_path / "1")
    second = merged(base, [Member(make("changing", 2, base))], "ties", tmp_path / "2")
    assert not first.equal(second) and second.equal(tensors(base.parent / "changing")[0])


@pytest.mark.parametrize("base_is_tied", [True, False])
def test_a_head_of_its_own_stays_where_the_other_side_shares_it(make: Make, tmp_path: Path, base_is_tied: bool) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    tied, own = make("tied", 0, tie_word_embeddings=True), make("own", 3)
    base, member = (tied, own) if base_is_tied else (own, tied)
    out = merge(base, [Member(member)], tmp_path / "m", "linear")
    ids = torch.arange(3, 40)[None]
    wanted, found = (AutoModelForCausalLM.from_pretrained(f).eval()(input_ids=ids).logits for f in (member, out))
    assert (wanted - found).abs().max() < 1e-4


def test_every_tensor_has_the_bases_precision(make: Make, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    base, member = make("half", 0, dtype="bfloat16"), make("whole", 4)
    out = merge(base, [Member(member)], tmp_path / "1", "ties")
    assert set(Weights(out).dtypes.values()) == {"bfloat16"}
    file = base / "model.safetensors"
    mixed = {n: t.float() if "norm" in n else t for n, t in load_file(file).items()}
    save_file(mixed, file, metadata={"format": "pt"})
    assert Weights(merge(base, [Member(member)], tmp_path / "2", "ties")).dtypes == Weights(base).dtypes
    assert torch.equal(Weights(tmp_path / "2").tensor("model.norm.weight"), Weights(member).tensor("model.norm.weight"))


def test_other_vocabularies_are_aligned_by_token_or_refused(make: Make, tiny_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    base, member = make("few", 0, vocab_size=300), make("many", 1, vocab_size=302)
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    tokenizer.save_pretrained(base)
    tokenizer.add_tokens(["心不全", "心房細動"])
    tokenizer.chat_template = "own"
    tokenizer.save_pretrained(member)
    (member / "generation_config.json").write_text('{"eos_token_id": 7}')
    with pytest.raises(IgakuError, match=r"vocabulary of 302, the base has 300; --tokenizer-from .*many"):
        merge(base, [Member(member)], tmp_path / "x", "linear")
    out = merge(base, [Member(member, 0.5)], tmp_path / "m", "linear", tokenizer_from=member)
    weights, rows = Weights(out), tokenizer.convert_tokens_to_ids(["心不全", "心房細動"])
    assert json.loads((out / "config.json").read_text())["vocab_size"] == weights.words > max(rows)
    theirs, ours = (Weights(f).tensor("model.embed_tokens.weight") for f in (member, base))
    found = weights.tensor("model.embed_tokens.weight")
    assert (found[:200] - (ours[:200] + theirs[:200]) / 2).abs().max() < 1e-6
    assert AutoTokenizer.from_pretrained(out).chat_template == "own"
    assert json.loads((out / "generation_config.json").read_text())["eos_token_id"] == 7
    assert json.loads((out / "merge.json").read_text())["tokenizer"] == "many"


def test_the_stop_tokens_of_a_named_member_are_the_results(make: Make, tiny_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    base = make("plain", 0, vocab_size=300)
    member = make("chat", 1, base, vocab_size=300)
    for folder, template, end in ((base, "base", 1), (member, "member", 2)):
        tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
        tokenizer.chat_template = template
        tokenizer.save_pretrained(folder)
        (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": end}))
    for chosen, template, end in (("", "base", 1), (str(member), "member", 2)):
        out = merge(base, [Member(member)], tmp_path / template, "linear", tokenizer_from=chosen)
        assert AutoTokenizer.from_pretrained(out).chat_template == template
        assert json.loads((out / "generation_config.json").read_text())["eos_token_id"] == end


def test_what_cannot_be_merged_is_one_line(trio: tuple[Path, Path, Path], make: Make, tmp_path: Path) -> None:
    base, a, _ = trio
    with pytest.raises(IgakuError, match="cannot be merged with these members"):
        merge(base, [Member(make("wide", 0, hidden_size=64, head_dim=8))], tmp_path / "x", "linear")
    for member, message in ((Member(a, 0.0), "weight is not 0"), (Member(a, 1.0, 0.0), "density above 0")):
        with pytest.raises(IgakuError, match=message):
            merge(base, [member], tmp_path / "x")
    with pytest.raises(IgakuError, match="no tokenizer in it"):
        merge(base, [Member(a)], tmp_path / "x", tokenizer_from=a)
    four = make("four", 1, base)
    config = json.loads((four / "config.json").read_text())
    (four / "config.json").write_text(json.dumps(config | {"quantization_config": {"quant_method": "bitsandbytes"}}))
    with pytest.raises(IgakuError, match=r"four: its weights are quantized \(bitsandbytes\)"):
        merge(base, [Member(four)], tmp_path / "x")
