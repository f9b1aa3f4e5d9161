"""A model's files before a library maps them: damaged, cut off, or of another model, each is one line."""

import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from igaku.engines.gguf_file import BLOCKS, check_gguf
from igaku.engines.model_files import check_folder
from igaku.errors import IgakuError
from igaku.io.safetensors_file import tensor_names


def safetensors(header: object, size: int = 32) -> bytes:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + bytes(size)


def tensor(shape: list[Any], span: list[Any], kind: str = "F32") -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": span}


GOOD = {"__metadata__": {"format": "pt"}, "a": tensor([2, 2], [0, 16]), "b": tensor([4], [16, 32])}


def test_the_names_of_a_sound_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(safetensors(GOOD))
    assert tensor_names(tmp_path / "a") == {"a", "b"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not safetensors"),
        (bytes(1_000), "not safetensors (a header of 0"),
        (struct.pack("<Q", 2**62) + bytes(90), "not safetensors"),
        (safetensors(b"x" * 10), "its header is not JSON"),
        (safetensors(b"[" * 9_000), "its header is not JSON (nested too deeply)"),
        (safetensors([1]), "its header is no JSON object"),
        (safetensors(GOOD, 20), "tensor 'b' ends at byte 32 of 20"),
        (safetensors({"a": tensor([2, 2], [0, 2**40])}), "tensor 'a' ends at byte"),
        (safetensors({"a": tensor([2**40, 2**20], [0, 16])}), "of shape"),
        (safetensors({"a": tensor([-1, -4], [0, 16])}), "has no dtype, shape and two offsets"),
        (safetensors({"a": tensor([True], [0, 4])}), "has no dtype, shape and two offsets"),
        (safetensors({"a": 5}), "has no dtype, shape and two offsets"),
    ],
)
def test_a_damaged_file_of_weights_is_named_with_its_tensor(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(IgakuError) as error:
        tensor_names(tmp_path / "a")
    assert why in str(error.value) and "get it again" in str(error.value)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"num_hidden_layers": 10**6}, "num_hidden_layers is 1,000,000, and the weights hold 2 tensors"),
        ({"vocab_size": -1}, "vocab_size is -1, which no model has"),
        ({"text_config": {"max_position_embeddings": 10**12}}, "which no model has"),
        ([], "expected a JSON object, found list"),
        (b'{"a": "\xff"}', "config.json, line 1: not UTF-8"),
        (b'{"a": ' + b"[" * 5_000, "nested too deeply"),
    ],
)
def test_a_configuration_of_no_model_or_another_is_refused(tmp_path: Path, config: object, why: str) -> None:
    (tmp_path / "model.safetensors").write_bytes(safetensors(GOOD))
    (tmp_path / "config.json").write_bytes(config if isinstance(config, bytes) else json.dumps(config).encode())
    with pytest.raises(IgakuError) as error:
        check_folder(tmp_path)
    assert why in str(error.value)


def test_a_sound_folder_and_a_hub_id_pass(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(safetensors(GOOD))
    (tmp_path / "config.json").write_text('{"num_hidden_layers": 2, "bos_token_id": -1, "vocab_size": 262144}')
    check_folder(tmp_path)
    check_folder(Path("owner/name"))


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(tensors: int = 1, size: int = 4 * 4, dims: tuple[int, ...] = (4,)) -> bytes:
    fields = text("general.alignment") + struct.pack("<II", 4, 32)
    fields += text("general.name") + struct.pack("<I", 8) + text("tiny")
    fields += text("tokenizer.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b")
    fields += text("scores") + struct.pack("<IIQ", 9, 6, 2) + bytes(8)
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, 4) + fields
    head += text("w") + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims)
    head += struct.pack("<IQ", 0, 0)
    return head + bytes(-len(head) % 32) + bytes(size)


def why_not(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        check_gguf(path)
    except IgakuError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a GGUF file (it has 0 bytes)"),
        (b"hello" * 9, "not a GGUF file; give a .gguf file"),
        (b"GGUF" + b"\xff" * 200, "damaged or cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60), "tensors and"),
        (b"GGUF" + struct.pack("<IQQ", 9, 1, 1), "version 9"),
        (gguf()[:-1], "tensor 'w' ends beyond the file's"),
        (gguf(dims=(2**40, 2**20)), "tensor 'w' ends beyond the file's"),
        (gguf(dims=(1,) * 5), "tensor 'w' of 5 dimensions"),
        (gguf()[:90], "beyond the file's 90 bytes"),
    ],
)
def test_a_gguf_file_that_is_none_is_named_with_the_byte(tmp_path: Path, content: bytes, why: str) -> None:
    assert why in why_not(tmp_path / "x.gguf", content)


def test_any_cut_of_a_gguf_file_is_seen_and_no_changed_byte_breaks_the_check(tmp_path: Path) -> None:
    whole, chance = gguf(), random.Random(4)
    assert why_not(tmp_path / "x.gguf", whole) == ""
    assert all(why_not(tmp_path / "x.gguf", whole[:n]) for n in range(len(whole)))
    for _ in range(300):
        changed = bytearray(whole)
        changed[chance.randrange(4, len(whole))] = chance.randrange(256)
        why_not(tmp_path / "x.gguf", bytes(changed))


def test_the_sizes_of_blocks_are_those_of_the_gguf_package() -> None:
    sizes = pytest.importorskip("gguf").GGML_QUANT_SIZES
    assert {int(kind): size for kind, size in sizes.items() if int(kind) in BLOCKS} == BLOCKS


@pytest.mark.torch
@pytest.mark.needs("hf")
def test_a_model_without_all_its_weights_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    from igaku.engines.hf_weights import load_model

    folder = shutil.copytree(tiny_folder, tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in sorted(weights) if "mlp" in name)
    save_file({k: v for k, v in weights.items() if k != lost}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(IgakuError, match=rf"1 weights of the model are not in its files \({lost}"):
        load_model(str(folder), "", "float32", "", False, False)
