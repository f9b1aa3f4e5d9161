"""Key tables: the names of published tensors, and ours. A pattern fits a whole name; the first that fits counts.

Module names were read in the authors' public code: PKUDigitalHealth/ECGFounder ``net1d.py``, Jwoo5/fairseq-signals
``wav2vec2_cmsc.py`` (ECG-FM), transformers' HuBERT (HuBERT-ECG), bakqui/ST-MEM ``st_mem_vit.py``.
"""

from collections.abc import Mapping

from igaku.cardiology.ecg.encoders.checkpoint import Renaming

_END = r"\.(weight|bias)"
NET1D = [
    (r"first_conv\.conv" + _END, r"first.\1"),
    *(
        (r"stage_list\.(\d+)\.block_list\.(\d+)\." + theirs + _END, rf"stages.\1.\2.{ours}.\3")
        for theirs, ours in (
            (r"conv1\.conv", "enter"),
            (r"conv2\.conv", "across"),
            (r"conv3\.conv", "leave"),
            ("se_fc1", "squeeze"),
            ("se_fc2", "excite"),
        )
    ),
]
_PARTS = (
    ("weight_g", "length"),
    ("weight_v", "direction"),
    (r"parametrizations\.weight\.original0", "length"),
    (r"parametrizations\.weight\.original1", "direction"),
)
"""Weight norm as older and newer torch name it."""


def _wav2vec(names: Mapping[str, str], position: str) -> Renaming:
    whole = [(theirs + _END, rf"{ours}.\{2 if '(' in theirs else 1}") for theirs, ours in names.items()]
    parts = [(position + r"\." + theirs, f"position.weight.{ours}") for theirs, ours in _PARTS]
    return [*whole, *parts, (position + r"\.bias", "position.bias")]


ECG_FM = _wav2vec(
    {
        r"feature_extractor\.conv_layers\.0\.2": "by_channel",
        r"feature_extractor\.conv_layers\.(\d+)\.0": r"convolutions.\1",
        "layer_norm": "before",
        "post_extract_proj": "project",
        r"encoder\.layer_norm": "norm",
        **{
            rf"encoder\.layers\.(\d+)\.{theirs}": rf"blocks.\1.{ours}"
            for theirs, ours in (
                (r"self_attn\.q_proj", "query"),
                (r"self_attn\.k_proj", "key"),
                (r"self_attn\.v_proj", "value"),
                (r"self_attn\.out_proj", "out"),
                ("self_attn_layer_norm", "middle"),
                ("fc1", "wide"),
                ("fc2", "narrow"),
                ("final_layer_norm", "after"),
            )
        },
    },
    r"conv_pos\.pos_conv\.0",
)
HUBERT = _wav2vec(
    {
        r"feature_extractor\.conv_layers\.0\.layer_norm": "by_channel",
        r"feature_extractor\.conv_layers\.(\d+)\.conv": r"convolutions.\1",
        r"feature_projection\.layer_norm": "before",
        r"feature_projection\.projection": "project",
        r"encoder\.layer_norm": "norm",
        **{
            rf"encoder\.layers\.(\d+)\.{theirs}": rf"blocks.\1.{ours}"
            for theirs, ours in (
                (r"attention\.q_proj", "query"),
                (r"attention\.k_proj", "key"),
                (r"attention\.v_proj", "value"),
                (r"attention\.out_proj", "out"),
                ("layer_norm", "middle"),
                (r"feed_forward\.intermediate_dense", "wide"),
                (r"feed_forward\.output_dense", "narrow"),
                ("final_layer_norm", "after"),
            )
        },
    },
    r"encoder\.pos_conv_embed\.conv",
)
ST_MEM = [
    *((rf"to_patch_embedding\.{i + 1}" + _END, rf"embed.{i}.\1") for i in range(3)),
    ("pos_embedding", "positions"),
    ("sep_embedding", "separator"),
    (r"lead_embeddings\.(\d+)", r"leads.\1"),
    *(
        (r"block(\d+)\." + theirs + _END, rf"blocks.\1.{ours}.\2")
        for theirs, ours in (
            (r"attn\.norm", "before"),
            (r"attn\.fn\.to_qkv", "qkv"),
            (r"attn\.fn\.to_out\.0", "out"),
            (r"ff\.norm", "middle"),
            (r"ff\.fn\.net\.0", "mlp.0"),
            (r"ff\.fn\.net\.3", "mlp.2"),
        )
    ),
]
UNUSED_NET1D = (r"dense\..*", r"first_bn\..*", r".*\.bn[123]\..*")
UNUSED_ECG_FM = (r"mask_emb", r"quantizer\..*", r"project_q\..*", r"final_proj\..*")
UNUSED_HUBERT = (r"masked_spec_embed", r"final_proj\..*", r"label_embedding\..*")
