"""The table of published encoders: what each wants, whose it is, and under which names its tensors lie."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.encoders.checkpoint import Renaming, fill
from igaku.cardiology.ecg.encoders.names import (
    ECG_FM,
    HUBERT,
    NET1D,
    ST_MEM,
    UNUSED_ECG_FM,
    UNUSED_HUBERT,
    UNUSED_NET1D,
)
from igaku.cardiology.ecg.signal import Contract
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import file_sha256

if TYPE_CHECKING:
    from igaku.cardiology.ecg.encoders.crops import Cropped


class Published(NamedTuple):
    """One encoder."""

    title: str
    licence: str
    commercial: bool
    """False: its licence allows no commercial use."""
    source: str
    """Where the user gets it."""
    trained_on: str
    """Data sets that its authors name; whoever tests on one of them has no outside test."""
    config: str
    """The built-in config with its contract."""
    contract: Contract
    build: "Callable[[], Cropped]"
    anchor: str
    renaming: Renaming
    ignored: tuple[str, ...]
    subsets: bool = False
    """It has a meaning for missing leads."""

    def load(self, file: Path) -> "Cropped":
        """The encoder with a file's weights.

        Raises:
            IgakuError: the file does not fit.
        """
        encoder = self.build()
        fill(encoder.net, file, self.title, self.anchor, self.renaming, self.ignored)
        return encoder

    def card(self, file: Path) -> dict[str, object]:
        """For a model's card."""
        use = "any use that the licence allows" if self.commercial else "non-commercial use only"
        names = {"title": self.title, "licence": self.licence, "use": use, "source": self.source}
        return {**names, "trained on": self.trained_on, "file": file.name, "sha256": file_sha256(file)}

    def refuse_other_form(self, config: Config) -> None:
        """Pass where a config prepares records as the encoder wants them.

        Raises:
            IgakuError: it does not.
        """
        if config.contract.whole != self.contract:
            raise IgakuError(
                f"{self.title} reads records in a form of its own: prepare and fit them with the config {self.config}"
            )


ENCODER = "published encoder"
"""Entry of a card."""


def named_file(text: str, kind: str) -> tuple[str, Path | None]:
    """(kind, file or folder) of what was given as an encoder: ``NAME=FILE`` of a published one, or a folder.

    Raises:
        UnknownNameError: there is no published encoder of that name.
        IgakuError: another kind of model was given too.
    """
    name, sign, file = text.partition("=")
    if not sign or Path(text).exists():
        return kind, Path(text) if text else None
    if name not in PUBLISHED:
        raise UnknownNameError("published encoder", name, PUBLISHED)
    if kind not in ("vit", name):
        raise IgakuError(f"--encoder {name} is a model of its own kind; leave --kind {kind} out")
    return name, Path(file)


def published_in(card: Mapping[str, object]) -> str:
    """One line on a model's published encoder and its licence; empty where it has none."""
    found = card.get(ENCODER)
    return f"encoder {found['title']}: {found['licence']}, {found['use']}" if isinstance(found, dict) else ""


def _net1d(leads: int) -> "Callable[[], Cropped]":
    def build() -> "Cropped":
        from igaku.cardiology.ecg.encoders.crops import Cropped
        from igaku.cardiology.ecg.encoders.net1d import Net1d

        return Cropped(Net1d(leads), 5000)

    return build


def _ecg_fm() -> "Cropped":
    from igaku.cardiology.ecg.encoders.crops import ZeroedLeads
    from igaku.cardiology.ecg.encoders.wav2vec import Wav2Vec

    return ZeroedLeads(Wav2Vec(12, [(256, 2, 2)] * 4, 768, 12, 12), 2500, (0, 2500))


def _hubert(width: int, blocks: int, heads: int) -> "Callable[[], Cropped]":
    def build() -> "Cropped":
        from igaku.cardiology.ecg.encoders.crops import OneRow
        from igaku.cardiology.ecg.encoders.wav2vec import Wav2Vec

        convolutions = [(512, k, s) for k, s in ((10, 4), (3, 2), (3, 2), (2, 2), (2, 2))]
        return OneRow(Wav2Vec(1, convolutions, width, blocks, heads), 500, (0, 500))

    return build


def _st_mem() -> "Cropped":
    from igaku.cardiology.ecg.encoders.crops import ByLead
    from igaku.cardiology.ecg.encoders.st_mem import StMem

    return ByLead(StMem(), 2250, (0, 125, 250))


_HUBERT_FORM = Contract(rate=100, band=None, normalise="none", chain="hubert-ecg")


def _hubert_of(size: str, width: int, blocks: int, heads: int) -> Published:
    return Published(
        title=f"HuBERT-ECG {size}",
        licence="CC BY-NC 4.0",
        commercial=False,
        source=f"huggingface.co/Edoardo-BS/hubert-ecg-{size}",
        trained_on="9.1 million ECGs from four countries; its paper names the sets",
        config="hubert-ecg",
        contract=_HUBERT_FORM,
        build=_hubert(width, blocks, heads),
        anchor="feature_extractor.conv_layers.0.conv.weight",
        renaming=HUBERT,
        ignored=UNUSED_HUBERT,
    )


def _founder_of(title: str, leads: tuple[str, ...]) -> Published:
    return Published(
        title=title,
        licence="MIT",
        commercial=True,
        source="huggingface.co/PKUDigitalHealth/ECGFounder",
        trained_on="HEEDB (Harvard-Emory), 10.8 million ECGs with 150 labels",
        config="ecgfounder" if len(leads) > 1 else "ecgfounder-lead-i",
        contract=Contract(rate=500, band=None, normalise="record", chain="ecgfounder", leads=leads),
        build=_net1d(len(leads)),
        anchor="first_conv.conv.weight",
        renaming=NET1D,
        ignored=UNUSED_NET1D,
    )


PUBLISHED = {
    "ecgfounder": _founder_of("ECGFounder", Contract().leads),
    "ecgfounder-lead-i": _founder_of("ECGFounder of lead I", ("I",)),
    "ecg-fm": Published(
        title="ECG-FM",
        licence="MIT",
        commercial=True,
        source="huggingface.co/wanglab/ecg-fm",
        trained_on="MIMIC-IV-ECG and the CinC 2021 sets (PTB-XL, CPSC, Georgia, Chapman, Ningbo)",
        config="ecg-fm",
        contract=Contract(rate=500, band=None, normalise="lead"),
        build=_ecg_fm,
        anchor="feature_extractor.conv_layers.0.0.weight",
        renaming=ECG_FM,
        ignored=UNUSED_ECG_FM,
        subsets=True,
    ),
    "hubert-ecg-small": _hubert_of("small", 512, 8, 8),
    "hubert-ecg-base": _hubert_of("base", 768, 12, 12),
    "hubert-ecg-large": _hubert_of("large", 960, 16, 12),
    "st-mem": Published(
        title="ST-MEM",
        licence="CC BY-NC 4.0, and a notice of VUNO Inc.",
        commercial=False,
        source="the links in github.com/bakqui/ST-MEM",
        trained_on="CODE-15, Chapman and Ningbo",
        config="st-mem",
        contract=Contract(rate=250, band=None, normalise="record", chain="st-mem"),
        build=_st_mem,
        anchor="block0.attn.fn.to_qkv.weight",
        renaming=ST_MEM,
        ignored=(r"head\..*",),
        subsets=True,
    ),
}
"""Name -> encoder."""
