"""Pictures that strangers send: known by their content, measured before they are decoded, drawn anew (reliability.md).

What comes out is a JPEG of our own encoder: no EXIF with a place and a device, no second file behind the picture, no
name. Pillow is imported where it is used: a starting web server does not need it.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 24_000_000
LONGEST_SIDE: Final = 2400  # px kept: a page of A4 stays legible
QUALITY: Final = 85
MARKS: Final = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
ENDS: Final = {"JPEG": (b"\xff\xd9", b"\xff\xda"), "PNG": (b"IEND", b"IDAT")}  # the end, and where pixels begin


class ImageEmpty(DomainError):
    code = "image_empty"
    message = _("The file is empty. Please choose the picture again.")


class ImageTooLarge(DomainError):
    code = "image_too_large"
    message = _("The picture is larger than 8 MB. Please take it with a lower resolution.")


class ImageNotSupported(DomainError):
    code = "image_not_supported"
    message = _("Only JPEG and PNG pictures can be read. This file is something else, whatever its name says.")


class ImageTooManyPixels(DomainError):
    code = "image_too_many_pixels"
    message = _("The picture has more than 24 million pixels. Please take it with a lower resolution.")


class ImageDamaged(DomainError):
    code = "image_damaged"
    message = _("The picture is damaged or not complete. Please take it again.")


@dataclass(frozen=True, slots=True)
class Image:
    """A JPEG drawn by us."""

    content: bytes
    width: int
    height: int


def drawn_anew(raw: bytes) -> Image:
    """ImageEmpty, ImageTooLarge, ImageNotSupported, ImageTooManyPixels (from the header alone), ImageDamaged."""
    if not raw:
        raise ImageEmpty
    if len(raw) > MOST_BYTES:
        raise ImageTooLarge
    kind = next((kind for mark, kind in MARKS.items() if raw.startswith(mark)), None)
    if kind is None:
        raise ImageNotSupported
    if not _is_whole(raw, kind):
        raise ImageDamaged
    return _draw(raw, kind)


def _is_whole(raw: bytes, kind: str) -> bool:
    """Whether the mark of its end follows its pixels; libraries that print PDF make Pillow take half a picture."""
    end, pixels = ENDS[kind]
    return raw.rfind(end) > raw.rfind(pixels) >= 0


def _draw(raw: bytes, kind: str) -> Image:
    import PIL.Image
    from PIL import ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limit of pixels is our own, and lower
            with PIL.Image.open(io.BytesIO(raw), formats=[kind]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise ImageTooManyPixels
                opened.load()
                upright = ImageOps.exif_transpose(opened).convert("RGB")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        clean = PIL.Image.frombytes("RGB", upright.size, upright.tobytes())  # nothing but its pixels goes on
        out = io.BytesIO()
        clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    except PIL.Image.DecompressionBombError as error:
        raise ImageTooManyPixels from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise ImageDamaged from error
    return Image(out.getvalue(), *clean.size)
