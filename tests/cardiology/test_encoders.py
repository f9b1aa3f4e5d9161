"""Published encoders on random checkpoints of the published shapes: no weights of theirs are at hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cli import app
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytestmark = pytest.mark.torch

from safetensors.torch import save_file  # noqa: E402

from igaku.cardiology.ecg.chains import Chained, ecgfounder, hubert_ecg, st_mem  # noqa: E402
from igaku.cardiology.ecg.config import load_config  # noqa: E402
from igaku.cardiology.ecg.encoders import crops  # noqa: E402
from igaku.cardiology.ecg.encoders.checkpoint import checkpoint_tensors  # noqa: E402
from igaku.cardiology.ecg.encoders.net1d import Net1d  # noqa: E402
from igaku.cardiology.ecg.encoders.published import PUBLISHED, named_file  # noqa: E402
from igaku.cardiology.ecg.encoders.st_mem import StMem  # noqa: E402
from igaku.cardiology.ecg.encoders.wav2vec import Wav2Vec  # noqa: E402
from igaku.cardiology.ecg.fit_label import fit  # noqa: E402
from igaku.cardiology.ecg.model import load, read_card  # noqa: E402
from igaku.cardiology.ecg.predict import predict_many  # noqa: E402
from igaku.cardiology.ecg.signal import Contract  # noqa: E402

Shapes = dict[str, tuple[int, ...]]


def pair(name: str, *shape: int) -> Shapes:
    return {f"{name}.weight": shape, f"{name}.bias": (shape[0],)}


def founder_shapes(widths: tuple[int, ...] = (64, 160, 160, 400, 400, 1024, 1024)) -> Shapes:
    out: Shapes = {**pair("first_conv.conv", widths[0], 12, 16), **pair("dense", 150, widths[-1])}
    out |= {f"first_bn.{k}": (widths[0],) for k in ("weight", "bias", "running_mean", "running_var")}
    before = widths[0]
    for i, (width, n) in enumerate(zip(widths, (2, 2, 2, 3, 3, 4, 4))):
        for k in range(n):
            block = f"stage_list.{i}.block_list.{k}"
            out |= pair(f"{block}.conv1.conv", width, before, 1) | pair(f"{block}.conv2.conv", width, 16, 16)
            out |= pair(f"{block}.conv3.conv", width, width, 1)
            out |= pair(f"{block}.se_fc1", width // 2, width) | pair(f"{block}.se_fc2", width, width // 2)
            out |= {f"{block}.bn1.weight": (before,), f"{block}.bn2.weight": (width,)}
            before = width
    return out


def ecg_fm_shapes() -> Shapes:
    out: Shapes = {f"feature_extractor.conv_layers.{i}.0.weight": (256, 12 if i == 0 else 256, 2) for i in range(4)}
    out |= pair("feature_extractor.conv_layers.0.2", 256) | pair("layer_norm", 256)
    out |= pair("post_extract_proj", 768, 256) | pair("encoder.layer_norm", 768)
    out |= {"conv_pos.pos_conv.0.weight_g": (1, 1, 128), "conv_pos.pos_conv.0.weight_v": (768, 48, 128)}
    out |= {"conv_pos.pos_conv.0.bias": (768,), "mask_emb": (768,), "quantizer.vars": (1, 640, 128)}
    out |= pair("project_q", 256, 256) | pair("final_proj", 256, 768)
    for k in range(12):
        layer = f"encoder.layers.{k}"
        for one in ("q_proj", "k_proj", "v_proj", "out_proj"):
            out |= pair(f"{layer}.self_attn.{one}", 768, 768)
        out |= pair(f"{layer}.self_attn_layer_norm", 768) | pair(f"{layer}.final_layer_norm", 768)
        out |= pair(f"{layer}.fc1", 3072, 768) | pair(f"{layer}.fc2", 768, 3072)
    return out


def st_mem_shapes(prefix: str = "", width: int = 768, blocks: int = 12) -> Shapes:
    out: Shapes = pair("to_patch_embedding.1", 75) | pair("to_patch_embedding.2", width, 75)
    out |= pair("to_patch_embedding.3", width) | pair("norm", width)
    out |= {"pos_embedding": (1, 32, width), "sep_embedding": (width,)}
    out |= {f"lead_embeddings.{k}": (width,) for k in range(12)}
    for k in range(blocks):
        out |= pair(f"block{k}.attn.norm", width) | pair(f"block{k}.attn.fn.to_qkv", 3 * width, width)
        out |= pair(f"block{k}.attn.fn.to_out.0", width, width) | pair(f"block{k}.ff.norm", width)
        out |= pair(f"block{k}.ff.fn.net.0", 4 * width, width) | pair(f"block{k}.ff.fn.net.3", width, 4 * width)
    return {prefix + k: v for k, v in out.items()}


def small_shapes(prefix: str = "") -> Shapes:
    return st_mem_shapes(prefix, 32, 2)


SMALL = PUBLISHED["st-mem"]._replace(build=lambda: crops.ByLead(StMem(32, 2, 4), 2250, (0, 125, 250)))
"""ST-MEM with its key table, and a network of two narrow blocks."""


def hubert_shapes(width: int = 512, blocks: int = 8) -> Shapes:
    kernels = (10, 3, 3, 2, 2)
    out: Shapes = {
        f"feature_extractor.conv_layers.{i}.conv.weight": (512, 1 if i == 0 else 512, k) for i, k in enumerate(kernels)
    }
    out |= pair("feature_extractor.conv_layers.0.layer_norm", 512) | pair("feature_projection.layer_norm", 512)
    out |= pair("feature_projection.projection", width, 512) | pair("encoder.layer_norm", width)
    conv = "encoder.pos_conv_embed.conv"
    out |= {f"{conv}.bias": (width,), f"{conv}.parametrizations.weight.original0": (1, 1, 128)}
    out |= {f"{conv}.parametrizations.weight.original1": (width, width // 16, 128), "masked_spec_embed": (width,)}
    out |= {"label_embedding.0.weight": (500, 256)} | pair("final_proj.0", 256, width)
    for k in range(blocks):
        layer = f"encoder.layers.{k}"
        for one in ("q_proj", "k_proj", "v_proj", "out_proj"):
            out |= pair(f"{layer}.attention.{one}", width, width)
        out |= pair(f"{layer}.layer_norm", width) | pair(f"{layer}.final_layer_norm", width)
        out |= pair(f"{layer}.feed_forward.intermediate_dense", 4 * width, width)
        out |= pair(f"{layer}.feed_forward.output_dense", width, 4 * width)
    return out


def drawn(shapes: Shapes, seed: int = 0) -> dict[str, "torch.Tensor"]:
    rng = torch.Generator().manual_seed(seed)
    around = {k: 1.0 if len(shape) == 1 and k.endswith("weight") else 0.0 for k, shape in shapes.items()}  # norms
    return {k: around[k] + 0.05 * torch.randn(shape, generator=rng) for k, shape in shapes.items()}


PUBLISHED_SHAPES: dict[str, Callable[[], Shapes]] = {
    "ecgfounder": founder_shapes,
    "ecg-fm": ecg_fm_shapes,
    "hubert-ecg-small": hubert_shapes,
    "st-mem": st_mem_shapes,
}


@pytest.mark.parametrize("name", PUBLISHED_SHAPES)
def test_a_checkpoint_of_the_published_shapes_gives_features(name: str, tmp_path: Path) -> None:
    one = PUBLISHED[name]
    save_file(drawn(PUBLISHED_SHAPES[name]()), tmp_path / "weights.safetensors")
    signal = torch.randn(2, 12, one.contract.samples)
    with torch.no_grad():
        encoder = one.load(tmp_path / "weights.safetensors")
        found = encoder.features(signal)
    assert found.isfinite().all() and found.shape == (2, encoder.width)
    assert not torch.allclose(found[0], found[1], atol=1e-4), "they depend on the signal"


def test_a_torch_file_and_parts_beside_the_encoder_change_nothing(tmp_path: Path) -> None:
    own = drawn(small_shapes("encoder."))
    decoder = drawn({"decoder_head.weight": (75, 256), **pair("decoder_blocks.0.attn.fn.to_qkv", 9, 3)})
    decoder |= drawn(pair("to_patch_embedding.2", 32, 75))  # the autoencoder names its encoder's own twice
    torch.save({"model": own | decoder, "epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "full.pth")
    torch.save({"model_state_dict": own}, tmp_path / "encoder.pth")
    save_file(drawn(small_shapes()) | drawn(pair("head", 3, 32)), tmp_path / "tuned.safetensors")
    signal = torch.randn(1, 12, 2500)
    with torch.no_grad():
        found = [SMALL.load(tmp_path / f).features(signal) for f in ("full.pth", "encoder.pth", "tuned.safetensors")]
    assert found[0].equal(found[1]) and found[0].equal(found[2])


def test_hubert_ecg_computes_what_transformers_computes(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    shape = {"conv_kernel": (10, 3, 3, 2, 2), "conv_stride": (4, 2, 2, 2, 2), "conv_dim": (512,) * 5}
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256}
    theirs = transformers.HubertModel(transformers.HubertConfig(**shape, **sizes)).eval()
    torch.nn.init.normal_(theirs.feature_extractor.conv_layers[0].layer_norm.weight)
    save_file({k: v.contiguous() for k, v in theirs.state_dict().items()}, tmp_path / "h.safetensors")
    convolutions = [(512, k, s) for k, s in zip(shape["conv_kernel"], shape["conv_stride"])]
    narrow = PUBLISHED["hubert-ecg-small"]._replace(
        build=lambda: crops.OneRow(Wav2Vec(1, convolutions, 64, 2, 4), 500, (0, 500))
    )
    ours, signal = narrow.load(tmp_path / "h.safetensors").eval(), torch.randn(2, 12, 1000)
    with torch.no_grad():
        rows = [theirs(signal[..., at : at + 500].flatten(1)).last_hidden_state.mean(1) for at in (0, 500)]
        assert torch.allclose(ours.features(signal), (rows[0] + rows[1]) / 2, atol=1e-5)


def test_st_mem_is_a_pre_norm_transformer_over_the_leads_patches() -> None:
    torch.manual_seed(0)
    net = StMem(width=32, blocks=1, heads=4, samples=150)
    for p in net.parameters():
        torch.nn.init.normal_(p, std=0.2)
    block, layer = net.blocks[0], torch.nn.TransformerEncoderLayer(32, 4, 128, 0.0, "gelu", 1e-5, True, True)
    names = {"in_proj_weight": block.qkv.weight, "in_proj_bias": block.qkv.bias}
    out = {f"out_proj.{k}": v for k, v in block.out.named_parameters()}
    state = {f"self_attn.{k}": v for k, v in (names | out).items()}
    parts = (("norm1", block.before), ("norm2", block.middle), ("linear1", block.mlp[0]), ("linear2", block.mlp[2]))
    state |= {f"{k}.{n}": v for k, part in parts for n, v in part.named_parameters()}
    layer.load_state_dict(state)
    x = torch.randn(2, 12, 150)
    rows = []
    for lead in range(12):
        patches = torch.stack([net.embed(x[:, lead, at : at + 75]) for at in (0, 75)], 1)
        ends = net.separator.expand(2, 1, -1)
        rows.append(torch.cat([ends, patches, ends], 1) + net.positions + net.leads[lead])
    wanted = layer(torch.cat(rows, 1)).reshape(2, 12, 4, 32)[:, :, 1:3]
    assert torch.allclose(net(x), wanted, atol=1e-5)


def test_net1d_s_length_halves_at_every_stage_and_a_block_adds_to_its_input() -> None:
    torch.manual_seed(0)
    net = Net1d(12, (16, 32), (1, 2)).eval()
    assert net(torch.randn(1, 12, 1001)).shape == (1, 126, 32)  # 501, 251, 126
    for block in net.stages[1]:  # type: ignore[union-attr]
        torch.nn.init.zeros_(block.leave.weight)
        torch.nn.init.zeros_(block.leave.bias)
    first = net.stages[0][0](
        torch.nn.functional.silu(net.first(torch.nn.functional.pad(torch.ones(1, 12, 64), (7, 7))))
    )  # type: ignore[index]
    out = net(torch.ones(1, 12, 64)).transpose(1, 2)
    assert torch.allclose(out[:, 8:24], torch.nn.functional.max_pool1d(first, 2), atol=1e-5), "channels padded evenly"
    assert not out[:, :8].any() and not out[:, 24:].any()


def test_the_docs_table_has_each_encoder_s_size_and_licence() -> None:
    """ECG-FM is published as 90.9 M with its quantizer, HuBERT-ECG large as 189 M with its codebook."""
    docs = Path(__file__).parents[2] / "docs"
    for page in ("cardiology.md", "cardiology.ja.md"):
        rows = [line for line in (docs / page).read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        for name, one in PUBLISHED.items():
            stem, _, size = name.partition("-lead-i")[0].rpartition("-" if "hubert" in name else "=")
            row = next(r for r in rows if r.startswith(f"| `{stem or size}"))
            with torch.device("meta"):
                net = one.build().net
            millions = sum(p.numel() for p in net.parameters()) / 1e6
            assert f"{millions:.1f}" in row and f"{net.width:,}" in row and one.licence[:12] in row, (name, millions)
            assert one.commercial != ("non-commercial" in row or "非商用" in row)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: {k: v for k, v in t.items() if "block1.ff" not in k}, r"lacks 6 tensors, the first blocks\.1"),
        (lambda t: t | {"decoder_head.weight": torch.zeros(2)}, "has also 1 tensors, the first decoder_head.weight"),
        (lambda t: t | {"norm.weight": torch.ones(3)}, r"norm.weight is of shape \[3\], ST-MEM has \[32\]"),
        (lambda t: t | {"norm.weight": torch.full((32,), float("nan"))}, "holds values that are no numbers"),
        (lambda t: {"weight": torch.ones(2)}, "no checkpoint of ST-MEM .no tensor block0.attn.fn.to_qkv.weight"),
    ],
)
def test_a_file_that_does_not_fit_is_one_line(
    change: Callable[[dict[str, "torch.Tensor"]], dict[str, "torch.Tensor"]], message: str, tmp_path: Path
) -> None:
    save_file(change(drawn(small_shapes())), tmp_path / "w.safetensors")
    with pytest.raises(IgakuError, match=message) as error:
        SMALL.load(tmp_path / "w.safetensors")
    assert "\n" not in str(error.value)


class Ran:
    """A pickle that would leave a file behind when it is loaded with code."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        import os

        return os.system, (f"touch {self.file}",)


def test_a_checkpoint_never_runs_code(tmp_path: Path) -> None:
    torch.save({"model": drawn({"a": (1,)}), "cfg": Ran(tmp_path / "ran")}, tmp_path / "evil.pt")
    with pytest.raises(IgakuError, match=r"holds Python objects .* is not loaded; write its tensors as safetensors"):
        checkpoint_tensors(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()
    for content in (b"", b"no checkpoint", b"PK\x03\x04 cut off", b"\x80\x02}"):
        (tmp_path / "w.pt").write_bytes(content)
        with pytest.raises(IgakuError):
            checkpoint_tensors(tmp_path / "w.pt")


def sine(rate: float, hertz: float, seconds: float = 10.0) -> np.ndarray:
    t = np.arange(round(rate * seconds)) / rate
    return np.tile(np.sin(2 * np.pi * hertz * t), (2, 1)).astype(np.float32)


def chained(chain: Callable[..., Chained], signal: np.ndarray, rate: float) -> Chained:
    return chain(signal, np.ones_like(signal, bool), rate, 10.0)


def test_chains_pass_what_their_authors_let_through() -> None:
    for chain, rate in ((ecgfounder, 500), (hubert_ecg, 100), (st_mem, 250)):
        for given in (500, 250, 1000):
            out, unit, _ = chained(chain, sine(given, 10), given)
            assert out.shape == (2, rate * 10) and (unit > 0).all()
            middle = out[0, 2 * rate : -2 * rate] * unit[0]
            assert middle.max() == pytest.approx(1.0, abs=0.12), (chain, given)
            drift, unit, _ = chained(chain, sine(given, 10) + 5 * sine(given, 0.01), given)
            assert abs(float((drift[0, 2 * rate : -2 * rate] * unit[0]).mean())) < (6 if chain is hubert_ecg else 0.1)
    assert np.abs(chained(ecgfounder, sine(500, 50), 500)[0][0, 1000:-1000]).max() < 0.01, "the notch"
    assert np.abs(chained(st_mem, sine(500, 80), 500)[0][0, 1000:-1000]).max() < 0.01, "above 40 Hz"


def test_hubert_s_leads_lie_between_minus_one_and_one() -> None:
    record = Record(signal=np.tile(3 * sine(500, 5)[0], (12, 1)), rate=500.0, source="a", format="npy")
    signal, scale = Contract(rate=100, band=None, normalise="none", chain="hubert-ecg").scaled(record)
    assert 0.9 < np.abs(signal).max() < 1.1 and scale == pytest.approx(3.0, abs=0.2)
    with pytest.raises(IgakuError, match="the chain hubert-ecg ends at 100 Hz, rate says 500"):
        Contract(chain="hubert-ecg")


def beats(seconds: int) -> np.ndarray:
    """[12, n] at 500 Hz: a spike of 1 mV a second over a resting line, so that the line is far from the middle."""
    one = np.exp(-np.square((np.arange(500) - 250) / 8)).astype(np.float32)
    return np.tile(np.tile(one, seconds), (12, 1))


def test_hubert_s_scale_is_that_of_what_the_network_sees() -> None:
    contract = Contract(rate=100, band=None, normalise="none", chain="hubert-ecg")

    def prepared(signal: np.ndarray) -> np.ndarray:
        return contract.prepare(Record(signal=signal, rate=500.0, source="a", format="npy"))

    ten, spiked = beats(10), beats(60)
    spiked[:, 2500:2520] += 20  # an artefact at 5 s of 60, far from the middle
    wanted = prepared(beats(60))
    assert np.allclose(prepared(spiked)[:, 100:-100], wanted[:, 100:-100], atol=0.02)
    assert np.abs(wanted).max() == pytest.approx(1, abs=0.1)
    resting = float(np.median(prepared(ten)))
    assert resting < -0.7
    ten[:, 3000:3700] = np.nan
    gap = prepared(ten)[:, 605:735]
    assert gap.std() < 0.02 and gap.mean() == pytest.approx(resting, abs=0.05)
    padded = prepared(beats(6))
    assert np.allclose(padded[:, :195], np.median(padded[:, 200:800]), atol=0.05) and padded[:, :195].mean() < -0.7


def small(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder with a network that a processor fits in seconds; everything around it as it is."""
    nets: dict[str, Callable[[], crops.Cropped]] = {
        "ecgfounder": lambda: crops.Cropped(Net1d(12, (16, 16), (1, 1)), 5000),
        "ecg-fm": lambda: crops.ZeroedLeads(Wav2Vec(12, [(16, 2, 2)] * 4, 32, 1, 4), 2500, (0, 2500)),
        "hubert-ecg-small": lambda: crops.OneRow(Wav2Vec(1, [(16, 10, 4), (16, 3, 2)], 32, 1, 4), 500, (0, 500)),
        "st-mem": lambda: crops.ByLead(StMem(32, 1, 4), 2250, (0, 125, 250)),
    }
    monkeypatch.setitem(PUBLISHED, name, PUBLISHED[name]._replace(build=nets[name], renaming=(), ignored=()))


ANCHORS = {"ecgfounder": "first.weight", "st-mem": "embed.1.weight"}


@pytest.mark.parametrize("name", PUBLISHED_SHAPES)
def test_a_published_encoder_is_fitted_measured_and_read_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(name, monkeypatch)
    anchor = ANCHORS.get(name, "convolutions.0.weight")
    monkeypatch.setitem(PUBLISHED, name, PUBLISHED[name]._replace(anchor=anchor))
    config = load_config(PUBLISHED[name].config, ["finetune.epochs=1", "finetune.batch=16"])
    store = synthetic.store(synthetic.cohort(40, seed=3), config.contract, tmp_path / "store")
    save_file(PUBLISHED[name].build().net.state_dict(), tmp_path / "w.safetensors")
    fit(store, config, "sex", tmp_path / "m", kind=name, encoder=tmp_path / "w.safetensors")
    card, model = read_card(tmp_path / "m"), load(tmp_path / "m")
    assert card["published encoder"]["licence"] == PUBLISHED[name].licence and card["kind"] == name
    assert len(card["published encoder"]["sha256"]) == 64 and model.predict(store, [0, 1]).shape == (2, 1)
    frozen = replace(config, finetune=replace(config.finetune, frozen=True))
    fit(store, frozen, "sex", tmp_path / "f", kind=name, encoder=tmp_path / "w.safetensors")
    before = PUBLISHED[name].load(tmp_path / "w.safetensors").state_dict()
    after = load(tmp_path / "f").module.encoder.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before), "a linear probe leaves the encoder as it was"


def test_a_non_commercial_encoder_says_so_at_every_prediction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small("st-mem", monkeypatch)
    monkeypatch.setitem(PUBLISHED, "st-mem", PUBLISHED["st-mem"]._replace(anchor="embed.1.weight"))
    config = load_config("st-mem")
    synthetic.store(synthetic.cohort(40, seed=3), config.contract, tmp_path / "store")
    save_file(PUBLISHED["st-mem"].build().net.state_dict(), tmp_path / "w.safetensors")
    command = ["ecg", "finetune", "st-mem", "--records", str(tmp_path / "store"), "--label", "sex"]
    command += ["--encoder", f"st-mem={tmp_path / 'w.safetensors'}", "--out", str(tmp_path / "m")]
    done = CliRunner().invoke(app, [*command, "--set", "finetune.epochs=1"])
    assert done.exit_code == 0 and "CC BY-NC 4.0" in done.output and "non-commercial use only" in done.output
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(0, 1, (12, 5000)).astype(np.float32))
    notes = predict_many([tmp_path / "a.npy"], tmp_path / "m", 500).notes()
    assert "non-commercial use only" in notes[-1]
    wrong = CliRunner().invoke(app, [*command[:-4], "--encoder", "st-men=w.pt", "--out", str(tmp_path / "n")])
    assert isinstance(wrong.exception, IgakuError) and "unknown published encoder 'st-men'" in str(wrong.exception)


def test_an_encoder_without_a_meaning_for_missing_leads_refuses_to_be_fitted_so(tmp_path: Path) -> None:
    config = load_config("hubert-ecg", ["finetune.mask_leads=0.5"])
    store = synthetic.store(synthetic.cohort(20, seed=3), config.contract, tmp_path / "store")
    with pytest.raises(IgakuError, match="HuBERT-ECG base has no meaning for a missing lead"):
        fit(store, config, "sex", tmp_path / "m", kind="hubert-ecg-base", encoder=tmp_path / "w.pt")
    with pytest.raises(IgakuError, match="needs its weights: --encoder hubert-ecg-base=FILE, from huggingface"):
        fit(store, config, "sex", tmp_path / "m", kind="hubert-ecg-base")
    with pytest.raises(IgakuError, match="leave --kind tree out"):
        named_file("st-mem=w.pt", "tree")


def test_records_in_another_form_than_the_encoder_s_are_refused(tmp_path: Path) -> None:
    config = load_config("tiny")
    store = synthetic.store(synthetic.cohort(20, seed=3), config.contract, tmp_path / "store")
    with pytest.raises(IgakuError, match=r"ECG-FM reads records in a form of its own: .* the config ecg-fm"):
        fit(store, config, "sex", tmp_path / "m", kind="ecg-fm", encoder=tmp_path / "w.pt")
    assert PUBLISHED["ecg-fm"].contract == load_config("ecg-fm").contract
    for name, one in PUBLISHED.items():
        assert one.contract == load_config(one.config).contract, name
        assert list(one.contract.leads) == (["I"] if name == "ecgfounder-lead-i" else list(LEADS))
