"""A published encoder under our head: records of 10 s cut into its crops, whose features are averaged."""

from typing import TYPE_CHECKING

import torch
from torch import nn

from igaku.cardiology.ecg.encoders.st_mem import StMem
from igaku.cardiology.ecg.mae import mean_of, present_leads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from igaku.cardiology.ecg.encoders.net1d import Net1d
    from igaku.cardiology.ecg.encoders.wav2vec import Wav2Vec


class Cropped(nn.Module):
    """[b, leads, samples] → [b, width]: the mean over crops of the mean over tokens."""

    def __init__(self, net: "Net1d | Wav2Vec | StMem", length: int, starts: "Sequence[int]" = (0,)) -> None:
        """``length`` and ``starts`` of the crops in samples."""
        super().__init__()
        self.net, self.width, self.length, self.starts = net, net.width, length, tuple(starts)

    def features(self, signal: "Tensor") -> "Tensor":
        """A missing lead is NaN throughout."""
        crops = [signal[..., at : at + self.length] for at in self.starts]
        return mean_of(torch.stack([self.of_crop(crop) for crop in crops], 1))

    def of_crop(self, crop: "Tensor") -> "Tensor":
        """[b, leads, length] → [b, width]."""
        return mean_of(self.net(crop))

    def depths(self) -> "list[list[nn.Parameter]]":
        """Parameters from the signal upwards."""
        return self.net.depths()


class ZeroedLeads(Cropped):
    """ECG-FM: a missing lead is 0, as its pre-training with random leads masked has it (Oh et al. 2022)."""

    def of_crop(self, crop: "Tensor") -> "Tensor":
        """[b, leads, length] → [b, width]."""
        return mean_of(self.net(crop.nan_to_num()))


class OneRow(Cropped):
    """HuBERT-ECG: the leads one after another as one signal."""

    def of_crop(self, crop: "Tensor") -> "Tensor":
        """[b, leads, length] → [b, width]."""
        return mean_of(self.net(crop.flatten(1).unsqueeze(1)))


class ByLead(Cropped):
    """ST-MEM: a crop's leads share one mean and deviation; tokens of missing leads are left out."""

    net: StMem

    def of_crop(self, crop: "Tensor") -> "Tensor":
        """[b, leads, length] → [b, width]."""
        present = present_leads(crop)
        tokens: Tensor = self.net(standardised(crop), present)
        of_tokens = None if present is None else present.repeat_interleave(tokens.shape[2], 1)
        out: Tensor = self.net.norm(mean_of(tokens.flatten(1, 2), of_tokens))
        return out


def standardised(crop: "Tensor") -> "Tensor":
    """Around the mean of all leads that are present, in their deviations; missing leads are 0."""
    mean = crop.nanmean((1, 2), keepdim=True)
    deviation = (crop - mean).square().nanmean((1, 2), keepdim=True).sqrt()
    out: Tensor = ((crop - mean) / deviation.clamp_min(1e-6)).nan_to_num()
    return out
