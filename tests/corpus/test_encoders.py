"""An encoder in a folder: a BERT of random weights, written as transformers writes any."""

import pickle
from pathlib import Path

import pytest

from igaku.corpus.decontaminate import decontaminate
from igaku.corpus.encoders import Folder, encoder
from igaku.errors import IgakuError

pytestmark = pytest.mark.torch
np = pytest.importorskip("numpy")
TEXTS = ["胸痛と発汗が続いている。", "a", "The kidney stone passed. " * 200, "胸痛と発汗が続いている。"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("encoder") / "my-e5", seed=0)


def written(path: Path, seed: int) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {t: i for i, t in enumerate(["[PAD]", "[UNK]", *letters])}
    tokens = Tokenizer(models.BPE(vocabulary, [], unk_token="[UNK]"))
    tokens.pre_tokenizer, tokens.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokens, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(path)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(path)
    return path


def test_every_text_gives_a_unit_vector_whatever_stands_in_its_batch(folder: Path) -> None:
    vectors = encoder(str(folder))(TEXTS)
    assert vectors.shape == (4, 32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert np.array_equal(vectors[0], vectors[3])
    assert encoder(str(folder))(TEXTS[1:2])[0] == pytest.approx(vectors[1], abs=1e-5)


def test_other_weights_are_another_encoder_and_a_prefix_too(folder: Path, tmp_path: Path) -> None:
    other = written(tmp_path / folder.name, seed=1)
    assert len({encoder(str(folder)).identity, encoder(str(other)).identity, Folder(folder).identity}) == 3
    assert encoder(str(folder)).identity == encoder(str(folder)).identity
    asked, plain = encoder(str(folder))(TEXTS[:1]), Folder(folder)(TEXTS[:1])
    assert np.abs(asked - plain).max() > 1e-3


def test_it_can_be_sent_to_another_process(folder: Path) -> None:
    first = encoder(str(folder))
    sent = pickle.loads(pickle.dumps(first))
    assert sent.identity == first.identity
    assert sent(TEXTS[:1]) == pytest.approx(first(TEXTS[:1]))


def test_the_step_looks_for_questions_by_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "in.txt").write_text("心電図の解説である。", encoding="utf-8")
    manifest = decontaminate([tmp_path / "in.txt"], tmp_path / "out", ["mini"], meaning=folder)
    assert str(manifest.settings["by meaning"]).startswith("my-e5 query: ")
    assert list((tmp_path / "cache" / "meaning").glob("*.f16"))


def test_a_folder_without_an_encoder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="cannot load its tokenizer"):
        encoder(str(tmp_path))(["a"])
