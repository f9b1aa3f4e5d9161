"""Read a coronary angiogram: a DICOM XA cine loop, or a folder of frames; and choose the frames in which the vessels are filled.

Decoders: pylibjpeg-openjpeg, pylibjpeg-rle and python-gdcm (JPEG Lossless, the usual one); not pylibjpeg-libjpeg, whose licence is GPL. Letters burned into the picture can hold the
patient's age and are masked before anything looks at it.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from igaku.cardiology.ecg.record import sex_of, years
from igaku.errors import IgakuError, optional

IMAGES = (".png", ".pgm", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
FRAMES = 10
"""Of each video, as the paper."""


class Cine(Struct, kw_only=True):
    """One video."""

    frames: Any
    """float32 [n, height, width] between 0 (black) and 1."""
    source: str
    rate: float | None = None
    """Frames a second."""
    primary: float | None = None
    """Positioner angle in degrees: right anterior oblique is negative, left anterior oblique positive (DICOM PS3.3 C.8.7.5)."""
    secondary: float | None = None
    """Cranial positive, caudal negative."""
    patient: str = ""
    study: str = ""
    """Its UID: videos of one study are of one patient, also where a de-identified file has no patient's number."""
    age: float | None = None
    sex: str = ""
    syntax: str = ""
    masked: int = 0
    """Pixels taken out as burned-in letters."""

    @property
    def view(self) -> str:
        """``RAO 30 CAU 20``, as it is said in the laboratory."""
        if self.primary is None or self.secondary is None:
            return ""
        side = f"{'LAO' if self.primary > 0 else 'RAO'} {abs(self.primary):.0f}"
        return f"{side} {'CRA' if self.secondary > 0 else 'CAU'} {abs(self.secondary):.0f}"


def read_cine(path: str | Path, mask: bool = True) -> Cine:
    """A DICOM file, one picture, or a folder of pictures in the order of their names.

    Raises:
        IgakuError: not a picture, a transfer syntax that no decoder here reads, or damaged.
    """
    path = Path(path)
    if not path.exists():
        raise IgakuError(f"{path}: not here")
    try:
        cine = _pictures(path) if path.is_dir() or path.suffix.lower() in IMAGES else _dicom(path)
    except IgakuError:
        raise
    except Exception as error:  # whatever a damaged file makes a decoder do
        raise IgakuError(
            f"{path}: damaged, or no angiogram ({type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''})"
        ) from None
    return without_letters(cine) if mask else cine


def _dicom(path: Path) -> Cine:
    pydicom, np = optional("pydicom", "angio"), optional("numpy", "angio")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            file = pydicom.dcmread(path)
        except pydicom.errors.InvalidDicomError:
            raise IgakuError(f"{path}: no DICOM file") from None
        if "PixelData" not in file:
            raise IgakuError(f"{path}: a DICOM file without a picture ({file.get('Modality', '?')})")
        try:
            pixels = file.pixel_array
        except (RuntimeError, NotImplementedError, ValueError, AttributeError) as error:
            raise IgakuError(
                f"{path}: transfer syntax {file.file_meta.TransferSyntaxUID.name} is not decoded here ({str(error).splitlines()[0][:120]})"
            ) from None
    frames = (
        pixels
        if pixels.ndim == 3 and file.get("SamplesPerPixel", 1) == 1
        else pixels[None]
        if pixels.ndim == 2
        else pixels.mean(-1)
    )
    if frames.ndim == 2:
        frames = frames[None]
    frames = frames.astype(np.float32)
    low, high = float(frames.min()), float(frames.max())
    frames = (frames - low) / max(high - low, 1e-6)
    if file.get("PhotometricInterpretation") == "MONOCHROME1":
        frames = 1 - frames
    rate = _number(file, "CineRate") or (1000 / t if (t := _number(file, "FrameTime")) else None)
    return Cine(
        frames=frames,
        source=str(path),
        rate=rate,
        primary=_number(file, "PositionerPrimaryAngle"),
        secondary=_number(file, "PositionerSecondaryAngle"),
        patient=str(file.get("PatientID") or ""),
        study=str(file.get("StudyInstanceUID") or ""),
        age=years(file.get("PatientAge")),
        sex=sex_of(file.get("PatientSex")),
        syntax=file.file_meta.TransferSyntaxUID.name,
    )


def _pictures(path: Path) -> Cine:
    image, np = optional("PIL.Image", "angio"), optional("numpy", "angio")
    files = (
        sorted(f for f in path.iterdir() if f.suffix.lower() in IMAGES and not f.stem.endswith("_gt"))
        if path.is_dir()
        else [path]
    )
    if not files:
        raise IgakuError(f"{path}: no pictures in it ({', '.join(IMAGES)})")
    frames = [np.asarray(image.open(f).convert("F"), np.float32) for f in files]
    if len({f.shape for f in frames}) > 1:
        raise IgakuError(f"{path}: pictures of different sizes; one video a folder")
    whole = np.stack(frames)
    return Cine(frames=(whole - whole.min()) / max(float(np.ptp(whole)), 1e-6), source=str(path), syntax="pictures")


def without_letters(cine: Cine) -> Cine:
    """Burned-in letters take their surroundings' level. Letters are what is white near an edge, or, where the picture moves, anywhere what stands still and stands out, bright or dark.

    Too much of it (a tenth of the picture) is no letters: then nothing is masked.
    """
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    frames = cine.frames
    _, height, width = frames.shape
    edge = np.ones((height, width), bool)
    edge[height // 6 : -height // 6, width // 6 : -width // 6] = False
    white = (frames.min(axis=0) > 0.97) & edge
    still = _still(frames)
    for found in (white | still, white):
        if 8 <= found.sum() < 0.1 * found.size:
            found = ndimage.binary_dilation(found, iterations=2)
            frames = frames.copy()
            frames[:, found] = _filled_in(frames, found)
            cine.frames, cine.masked = frames, int(found.sum())
            break
    return cine


def _still(frames: Any) -> Any:
    """[height, width]: what does not change over the frames though most of the picture does, and differs from its surroundings as letters do."""
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    if len(frames) < 4:
        return np.zeros(frames.shape[1:], bool)
    change = np.ptp(frames, axis=0)
    usual = float(np.median(change))
    middle = np.median(frames, axis=0)
    apart = np.abs(middle - ndimage.median_filter(middle, max(9, min(frames.shape[1:]) // 16)))
    return (change < 0.25 * usual) & (apart > 0.15) if usual > 0.01 else np.zeros(frames.shape[1:], bool)


def _filled_in(frames: Any, found: Any) -> Any:
    """[frames, pixels]: for each masked pixel the nearest unmasked one of its frame."""
    ndimage = optional("scipy.ndimage", "angio")
    rows, columns = ndimage.distance_transform_edt(found, return_distances=False, return_indices=True)
    return frames[:, rows[found], columns[found]]


def filled(cine: Cine, n: int = FRAMES) -> Any:
    """[n, height, width] float32: evenly from the half of the frames with most contrast agent.

    Vessels are darker than what is around them: a frame's filling is the share of pixels darker than their surroundings by more than a little.
    """
    np = optional("numpy", "angio")
    frames = cine.frames
    if len(frames) <= n:
        return frames[np.linspace(0, len(frames) - 1, n).round().astype(int)]
    told = np.array([filling(f) for f in frames])
    told = np.convolve(np.pad(told, 2, mode="edge"), np.ones(5) / 5, "valid")
    best = np.sort(np.argsort(-told, kind="stable")[: max(n, len(frames) // 2)])
    return frames[best[np.linspace(0, len(best) - 1, n).round().astype(int)]]


def filling(frame: Any) -> float:
    """Share of dark, thin structure."""
    ndimage = optional("scipy.ndimage", "angio")
    small = frame[:: max(1, frame.shape[0] // 128), :: max(1, frame.shape[1] // 128)]
    return float((ndimage.gaussian_filter(small, 6) - small > 0.06).mean())


def sized(frames: Any, side: int = 96) -> Any:
    """[n, side, side] float32, each frame with mean 0 and deviation 1."""
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    factors = (1, side / frames.shape[1], side / frames.shape[2])
    smooth = ndimage.gaussian_filter(frames, (0, max(0, 0.4 / factors[1] - 0.4), max(0, 0.4 / factors[2] - 0.4)))
    small = ndimage.zoom(smooth, factors, order=1)[:, :side, :side]
    mean, deviation = small.mean(axis=(1, 2), keepdims=True), small.std(axis=(1, 2), keepdims=True)
    return ((small - mean) / np.maximum(deviation, 1e-3)).astype(np.float32)


def write_cine(cine: Cine, path: Path, years_: float | None = None, sex: str = "") -> Path:
    """A DICOM XA cine loop (explicit little endian, uncompressed), for synthetic angiograms and tests."""
    pydicom, np = optional("pydicom", "angio"), optional("numpy", "angio")
    uid = optional("pydicom.uid", "angio")
    dataset_ = optional("pydicom.dataset", "angio")
    meta = dataset_.FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.12.1", uid.generate_uid()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    file = dataset_.FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID, file.Modality = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
        "XA",
    )
    file.PatientID, file.PatientName, file.PatientSex = cine.patient, "", sex
    if years_ is not None:
        file.PatientAge = f"{round(years_):03d}Y"
    n, height, width = cine.frames.shape
    file.NumberOfFrames, file.Rows, file.Columns = n, height, width
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8
    file.HighBit, file.PixelRepresentation = 7, 0
    file.CineRate = round(cine.rate or 15)
    if cine.primary is not None:
        file.PositionerPrimaryAngle, file.PositionerSecondaryAngle = cine.primary, cine.secondary
    file.PixelData = (np.clip(cine.frames, 0, 1) * 255).round().astype(np.uint8).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, file, enforce_file_format=True)
    return path


def _number(file: Any, name: str) -> float | None:
    value = file.get(name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else None
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None
