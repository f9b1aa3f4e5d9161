"""Read a coronary angiogram (a DICOM XA cine loop, or a folder of frames), and choose the frames with filled vessels.

Decoders: pylibjpeg-openjpeg, pylibjpeg-rle and python-gdcm (JPEG Lossless, the usual one); not pylibjpeg-libjpeg, whose
licence is GPL. Letters burned into the picture can hold the patient's age and are masked before anything reads it.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from igaku.cardiology.angiography.frames import check_end, check_frames, frame_doubts
from igaku.cardiology.angiography.heads import age_of, angle, check_kind, frame_rate
from igaku.cardiology.limits import check_bytes, check_dicom, check_size
from igaku.cardiology.patients import sex_of
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Bools, Floats

IMAGES = (".png", ".pgm", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
FRAMES = 10
"""Frames of each video, as in the paper."""


class Cine(Struct, kw_only=True):
    """One video."""

    frames: "Floats"
    """float32 [n, height, width] between 0 (black) and 1."""
    source: str
    rate: float | None = None
    """Frames per second."""
    primary: float | None = None
    """Positioner angle, degrees: right anterior oblique negative, left positive (DICOM PS3.3 C.8.7.5)."""
    secondary: float | None = None
    """Cranial positive, caudal negative."""
    patient: str = ""
    study: str = ""
    """Its UID: videos of one study are of one patient, also where a de-identified file has no patient's number."""
    age: float | None = None
    sex: str = ""
    syntax: str = ""
    masked: int = 0
    """Pixels masked as burned-in letters."""
    declared_clean: bool = False
    """The file says that no letters are burned in."""
    checkable: bool = True
    """Whether letters that stand still differ from a picture that moves."""
    doubts: list[str] = []
    """What in the file does not fit together, though it was read; a contradiction is refused instead."""

    @property
    def view(self) -> str:
        """``RAO 30 CAU 20``, ``LAO 40``, ``AP CRA 30``, ``AP``; empty where an angle is not known."""
        if self.primary is None or self.secondary is None:
            return ""
        side = f"{'LAO' if self.primary > 0 else 'RAO'} {abs(self.primary):.0f}" if round(self.primary) else ""
        tilt = f"{'CRA' if self.secondary > 0 else 'CAU'} {abs(self.secondary):.0f}" if round(self.secondary) else ""
        return " ".join(filter(None, (side or "AP", tilt)))


def read_cine(path: str | Path, mask: bool = True) -> Cine:
    """A DICOM file, one picture, or a folder of pictures in the order of their names.

    Raises:
        IgakuError: not a picture, a transfer syntax that no decoder here reads, or damaged.
    """
    path = Path(path)
    if not path.exists():
        raise IgakuError(f"{path}: not found")
    try:
        cine = _pictures(path) if path.is_dir() or path.suffix.lower() in IMAGES else _dicom(path)
    except IgakuError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # whatever a damaged file makes a decoder do; a panic in Rust is no Exception
        first = (str(error).splitlines() or [""])[0][:160]
        raise IgakuError(f"{path}: damaged, or not an angiogram ({type(error).__name__}: {first})") from None
    return without_letters(cine) if mask else cine


def _dicom(path: Path) -> Cine:
    file, pixels = _decoded(path)
    return Cine(
        frames=_grey(pixels, file),
        source=str(path),
        rate=frame_rate(file),
        primary=angle(file, "Primary"),
        secondary=angle(file, "Secondary"),
        patient=str(file.get("PatientID") or ""),
        study=str(file.get("StudyInstanceUID") or ""),
        age=age_of(file),
        sex=sex_of(file.get("PatientSex")),
        syntax=file.file_meta.TransferSyntaxUID.name,
        declared_clean=file.get("BurnedInAnnotation") == "NO",
        doubts=[*frame_doubts(file, float(pixels.min()), float(pixels.max()))],
    )


def _decoded(path: Path) -> "tuple[Any, Floats]":
    """(data set, pixels)."""
    pydicom = optional("pydicom", "angio")
    check_bytes(path, "ANGIO_MB")
    check_dicom(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            file = pydicom.dcmread(path)
        except pydicom.errors.InvalidDicomError:
            raise IgakuError(f"{path}: not a DICOM file") from None
        if "PixelData" not in file:
            raise IgakuError(f"{path}: a DICOM file without a picture ({file.get('Modality', '?')})")
        check_kind(file, path)
        check_end(file, path)
        frames = check_frames(file, path)
        try:
            pixels = file.pixel_array
        except (RuntimeError, NotImplementedError, ValueError, AttributeError) as error:
            name, first = file.file_meta.TransferSyntaxUID.name, (str(error).splitlines() or [""])[0][:120]
            raise IgakuError(f"{path}: damaged, or transfer syntax {name} is not decoded here ({first})") from None
    if pixels.size != frames * file.Rows * file.Columns * file.get("SamplesPerPixel", 1):
        raise IgakuError(
            f"{path}: says {frames} frames of {file.Columns} x {file.Rows}, but decodes otherwise; damaged"
        )
    return file, pixels


def _grey(pixels: "Floats", file: Any) -> "Floats":
    """float32 [n, height, width] between 0 (black) and 1."""
    np = optional("numpy", "angio")
    if pixels.ndim == 2:
        frames = pixels[None]
    elif pixels.ndim == 3 and file.get("SamplesPerPixel", 1) == 1:
        frames = pixels
    else:
        frames = pixels.mean(-1)
    frames = (frames[None] if frames.ndim == 2 else frames).astype(np.float32)
    if file.get("PixelIntensityRelationship") == "LIN":  # as the others, whose values are logarithms of the dose
        frames = np.log(np.maximum(frames, 1.0))
    low, high = _ends(frames)
    grey: Floats = np.clip((frames - low) / max(high - low, 1e-6), 0, 1)
    return 1 - grey if file.get("PhotometricInterpretation") == "MONOCHROME1" else grey


def _ends(frames: "Floats") -> tuple[float, float]:
    """The least and the greatest value, where no few pixels stand far from all others, as broken ones of a detector."""
    np = optional("numpy", "angio")
    some = frames[:: max(1, len(frames) // 8)]
    low, high = (float(q) for q in np.quantile(some, (0.0005, 0.9995)))
    least, most, slack = float(frames.min()), float(frames.max()), 0.25 * (high - low)
    return (least if least > low - slack else low), (most if most < high + slack else high)


def _pictures(path: Path) -> Cine:
    image, np = optional("PIL.Image", "angio"), optional("numpy", "angio")
    files = [path]
    if path.is_dir():
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in IMAGES and not f.stem.endswith("_gt"))
    if not files:
        raise IgakuError(f"{path}: no pictures in it ({', '.join(IMAGES)})")
    opened = [image.open(f) for f in files]
    check_size(
        (len(files), *opened[0].size), path if path.is_file() else max(files, key=lambda f: f.stat().st_size), "PIXELS"
    )
    frames = [np.asarray(f.convert("F"), np.float32) for f in opened]
    if len({f.shape for f in frames}) > 1:
        raise IgakuError(f"{path}: pictures of different sizes; one video a folder")
    whole = np.stack(frames)
    return Cine(frames=(whole - whole.min()) / max(float(np.ptp(whole)), 1e-6), source=str(path), syntax="pictures")


def without_letters(cine: Cine) -> Cine:
    """Burned-in letters are replaced by the nearest pixels around them.

    Letters are what is white near an edge, and, where the picture moves, what stands still and differs from its
    surroundings, at any grey; also where the exposure changes, with the letters or without, and where they are there
    in a part of the film only. Only small parts are masked: what is large and still is a collimator or the table.
    Where there are too few frames, or nothing moves, still letters cannot be found: ``checkable`` is False, unless the
    file declares that there are none.
    """
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    frames = cine.frames
    _, height, width = frames.shape
    edge = np.ones((height, width), bool)
    edge[height // 6 : -height // 6, width // 6 : -width // 6] = False
    exposure = np.median(frames, axis=(1, 2), keepdims=True)
    even = frames * (float(np.median(exposure)) / np.maximum(exposure, 1e-3))
    changes = [(f[part], _change(f[part])) for part in _parts(len(frames)) for f in (frames, even)]
    moving = [float(np.median(change)) > 0.01 for _, change in changes]
    cine.checkable = any(moving[:2]) or cine.declared_clean
    white = [frames, *(frames[part] for part in _parts(len(frames)))]
    found = np.any([some.min(axis=0) > 0.97 for some in white], axis=0) & edge
    for (shown, change), moves in zip(changes, moving):
        if moves:
            found |= _still(shown, change)
    if 8 <= found.sum() < 0.1 * found.size:
        found = ndimage.binary_dilation(found, iterations=2)
        frames = frames.copy()
        frames[:, found] = _filled_in(frames, found)
        cine.frames, cine.masked = frames, int(found.sum())
    return cine


FEWEST = 4
"""Frames below which what stands still is not known."""


def _parts(frames: int) -> list[slice]:
    """The whole film, then its halves, the middle one among them; those with enough frames."""
    half = (frames + 1) // 2
    parts = [slice(0, frames), *(slice(at, at + half) for at in (0, (frames - half) // 2, frames - half))]
    return [p for p in parts if p.stop - p.start >= (FEWEST if p.start == 0 and p.stop == frames else 2 * FEWEST)]


def _change(frames: "Floats") -> "Floats":
    """[height, width] how far each pixel goes, its extremes left out."""
    np = optional("numpy", "angio")
    low, high = np.quantile(frames, (0.05, 0.95), axis=0)
    out: Floats = high - low
    return out


def _still(frames: "Floats", change: "Floats") -> "Bools":
    """[height, width] true in small parts that do not change though the picture does, and differ from what is around.

    A part is as low as a line of letters; larger ones are a collimator or the table.
    """
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    still: Bools = change < 0.4 * float(np.median(change))
    middle = np.median(frames, axis=0)
    contrast = np.abs(middle - ndimage.median_filter(middle, max(9, min(frames.shape[1:]) // 16)))
    labels, _ = ndimage.label(still, np.ones((3, 3)))
    out: Bools = np.zeros_like(still)
    for k, part in enumerate(ndimage.find_objects(labels), 1):
        own = labels[part] == k
        low = part[0].stop - part[0].start <= max(12, still.shape[0] // 8)
        if low and own.sum() >= 4 and contrast[part][own].max() > 0.05:
            out[part] |= own
    return out


def _filled_in(frames: "Floats", found: "Bools") -> "Floats":
    """[frames, pixels]: for each masked pixel the nearest unmasked one of its frame."""
    ndimage = optional("scipy.ndimage", "angio")
    rows, columns = ndimage.distance_transform_edt(found, return_distances=False, return_indices=True)
    return frames[:, rows[found], columns[found]]


def filled_frames(cine: Cine, n: int = FRAMES) -> "Floats":
    """float32 [n, height, width]: evenly from the half of the frames with most contrast agent (``filling``)."""
    np = optional("numpy", "angio")
    frames = cine.frames
    if len(frames) <= n:
        every: Floats = frames[np.linspace(0, len(frames) - 1, n).round().astype(int)]
        return every
    shares = np.array([filling(f) for f in frames])
    shares = np.convolve(np.pad(shares, 2, mode="edge"), np.ones(5) / 5, "valid")
    best = np.sort(np.argsort(-shares, kind="stable")[: max(n, len(frames) // 2)])
    chosen: Floats = frames[best[np.linspace(0, len(best) - 1, n).round().astype(int)]]
    return chosen


def filling(frame: "Floats") -> float:
    """Share of pixels that are clearly darker than their surroundings, as filled vessels are."""
    ndimage = optional("scipy.ndimage", "angio")
    small = frame[:: max(1, frame.shape[0] // 128), :: max(1, frame.shape[1] // 128)]
    return float((ndimage.gaussian_filter(small, 6) - small > 0.06).mean())


def sized(frames: "Floats", side: int = 96) -> "Floats":
    """float32 [n, side, side], each frame with mean 0 and deviation 1."""
    np = optional("numpy", "angio")
    ndimage = optional("scipy.ndimage", "angio")
    factors = (1, side / frames.shape[1], side / frames.shape[2])
    smooth = ndimage.gaussian_filter(frames, (0, max(0, 0.4 / factors[1] - 0.4), max(0, 0.4 / factors[2] - 0.4)))
    small = ndimage.zoom(smooth, factors, order=1)[:, :side, :side]
    mean, deviation = small.mean(axis=(1, 2), keepdims=True), small.std(axis=(1, 2), keepdims=True)
    out: Floats = ((small - mean) / np.maximum(deviation, 1e-3)).astype(np.float32)
    return out


def write_cine(cine: Cine, path: Path, age: float | None = None, sex: str = "") -> Path:
    """A DICOM XA cine loop (explicit little endian, uncompressed), for synthetic angiograms and tests."""
    pydicom, np = optional("pydicom", "angio"), optional("numpy", "angio")
    file = _new_dataset(path)
    file.PatientID, file.PatientName, file.PatientSex = cine.patient, "", sex
    if age is not None:
        file.PatientAge = f"{round(age):03d}Y"
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


def _new_dataset(path: Path) -> Any:
    uid, dataset = optional("pydicom.uid", "angio"), optional("pydicom.dataset", "angio")
    meta = dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.12.1", uid.generate_uid()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    file = dataset.FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    file.Modality = "XA"
    return file
