"""Pictures of strangers: every class of bad image of reliability.md, and what is left of a good one."""

import io
import zlib

import pytest
from PIL import Image

from core import images
from tests.evidence import picture

SCRIPT = b"<script>alert(1)</script><?php system($_GET[0]); ?>"


def png_of(width: int, height: int) -> bytes:
    """A header that promises so many pixels, and next to nothing behind it: a pixel bomb in 70 bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", images.ImageEmpty),
        (b"\xff\xd8\xff" + b"\0" * images.MOST_BYTES, images.ImageTooLarge),
        (b"GIF89a" + b"\0" * 100, images.ImageNotSupported),
        (b"%PDF-1.7\n", images.ImageNotSupported),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", images.ImageNotSupported),
        (b"MZ" + b"\0" * 100, images.ImageNotSupported),
        (picture(kind="WEBP"), images.ImageNotSupported),
        (picture(kind="GIF"), images.ImageNotSupported),
        (picture(kind="TIFF"), images.ImageNotSupported),
        (picture()[:-200], images.ImageDamaged),
        (picture()[:40], images.ImageDamaged),
        (picture(kind="PNG")[:-40], images.ImageDamaged),
        (b"\xff\xd8\xff", images.ImageDamaged),
        (b"\x89PNG\r\n\x1a\n", images.ImageDamaged),
        (b"\x89PNG\r\n\x1a\n" + picture(), images.ImageDamaged),
        (png_of(6000, 4001), images.ImageTooManyPixels),
        (png_of(50_000, 50_000), images.ImageTooManyPixels),
        (png_of(2**31 - 1, 2**31 - 1), images.ImageTooManyPixels),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value[:8].hex() + f"-{len(value)}",
)
def test_a_bad_picture_is_refused_with_its_reason(raw: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        images.drawn_anew(raw)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(images.ImageTooManyPixels):
        images.drawn_anew(png_of(6000, 4001))
    with pytest.raises(AssertionError):  # the twin: a picture within the limit gets there
        images.drawn_anew(png_of(600, 400))


def test_exactly_24_million_pixels_pass_and_come_out_smaller() -> None:
    made = images.drawn_anew(picture((6000, 4000)))
    assert (made.width, made.height) == (2400, 1600)


def test_what_the_camera_noted_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "Camera of Lin", "at home"  # maker, comment
    exif.get_ifd(0x8825)[1] = "N"  # the place
    raw = picture(exif=exif)
    assert b"Camera of Lin" in raw
    clean = images.drawn_anew(raw).content
    assert b"Camera of Lin" not in clean
    assert not Image.open(io.BytesIO(clean)).getexif()


def test_a_picture_that_lies_on_its_side_stands_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    made = images.drawn_anew(picture((400, 300), exif=exif))
    assert (made.width, made.height) == (300, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_hides_behind_a_picture_or_in_it_is_gone(kind: str) -> None:
    polyglot = picture(kind=kind) + b"PK\x03\x04" + SCRIPT
    if kind == "JPEG":
        polyglot = picture(comment=SCRIPT) + SCRIPT
        assert polyglot.count(SCRIPT) == 2
    clean = images.drawn_anew(polyglot).content
    assert clean.startswith(b"\xff\xd8\xff")
    assert SCRIPT not in clean
    assert b"PK\x03\x04" not in clean
    assert clean.endswith(b"\xff\xd9")


def test_transparent_and_grey_and_paletted_pictures_become_plain_ones() -> None:
    for mode in ("RGBA", "L", "P", "LA", "1", "I;16"):
        out = io.BytesIO()
        Image.new(mode, (50, 40)).save(out, "PNG")
        assert images.drawn_anew(out.getvalue()).width == 50
