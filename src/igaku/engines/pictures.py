"""Picture files as engines are given them: checked by what they hold, whatever their names."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_MB = 10
KINDS = (
    (re.compile(rb"\x89PNG"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"GIF8"), "gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.S), "webp"),
)
"""How an image file begins, and its kind."""
SIXTEEN_BITS = ("I", "I;16", "I;16L", "I;16B")
"""Modes in which Pillow opens grey pictures of 16 bits."""


class Picture(NamedTuple):
    """A file's content, and its kind: ``png``, ``jpeg``, ``gif`` or ``webp``."""

    content: bytes
    kind: str


def read_picture(path: str) -> Picture:
    """A picture file.

    Raises:
        IgakuError: it cannot be read, is larger than 10 MB, or is of no kind that servers take.
    """
    content = read_bytes(path, IMAGE_MB << 20)
    kind = next((kind for begin, kind in KINDS if begin.match(content)), "")
    if not kind:
        raise IgakuError(f"{path}: no PNG, JPEG, GIF or WebP image, which is what servers take; convert it to .png")
    return Picture(content, kind)


def read_bytes(path: str, most: int = 0) -> bytes:
    """A picture file's bytes.

    Args:
        most: bytes that it may have; 0 for any number.

    Raises:
        IgakuError: it cannot be read, or is larger.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if most and size > most:
            raise IgakuError(
                f"{file}: {size / 1e6:.1f} MB, more than the {most >> 20} MB that are sent; make it smaller"
            )
        return file.read_bytes()
    except OSError as error:
        raise IgakuError(f"{file}: cannot be read ({error.strerror})") from None


def check_pictures(paths: Iterable[str]) -> None:
    """That all of them can be sent.

    Raises:
        IgakuError: as ``read_picture``, of the first that cannot.
    """
    for path in dict.fromkeys(paths):
        read_picture(path)


def opened(path: str) -> "Image":
    """A picture in red, green and blue, upright, on white where it is transparent, 16 bits of grey brought to 8.

    Raises:
        IgakuError: as ``read_picture``, or it is damaged.
    """
    import io

    pillow = optional("PIL", "hf")
    from PIL import Image, ImageOps

    content = read_picture(path).content
    try:
        with Image.open(io.BytesIO(content)) as image:
            upright = ImageOps.exif_transpose(image)
            return _in_colour(upright)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, pillow.UnidentifiedImageError) as error:
        raise IgakuError(f"{path}: cannot be read as a picture ({error}); save it anew as .png") from None


def _in_colour(image: "Image") -> "Image":
    from PIL import Image

    if image.mode in SIXTEEN_BITS:
        return image.convert("F").point(lambda v: v / 257).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        whole = image.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(white, whole).convert("RGB")
    return image.convert("RGB")
