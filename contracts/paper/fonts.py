"""The bundled fonts and what they can print. A character that no font has is an error, never a silent box."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

if TYPE_CHECKING:
    import uharfbuzz

FOLDER = Path(__file__).resolve().parent.parent / "fonts"
REGULAR = FOLDER / "XinzuPaperSans-Regular.otf"
BOLD = FOLDER / "XinzuPaperSans-Bold.otf"
SONG = FOLDER / "XinzuPaperSong-Regular.otf"
LAYOUT = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx")  # tables that three lines of a stamp do without
RARE_PACKAGE = "pylopdf_fonts_zh_cn"  # optional: the full font, for the rare characters of some names


class UnprintableCharacter(DomainError):
    code = "unprintable_character"
    message = _("The document cannot be printed: no font for %(characters)s. Install pylopdf-fonts-zh-cn.")


def rare() -> Path | None:
    """The full font of the optional package, None when it is not installed."""
    spec = importlib.util.find_spec(RARE_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "NotoSansSC-Regular.otf"


def require(text: str) -> None:
    """UnprintableCharacter when `text` holds a character that neither the bundled nor the full font has."""
    missing = lacking(text)
    full = rare() if missing else None
    if full is not None:
        missing -= coverage(full)
    if missing:
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in sorted(missing)[:10])
        raise UnprintableCharacter(characters=named)


def lacking(text: str) -> set[str]:
    """The characters of `text` that the bundled text fonts do not have; white space needs no glyph."""
    seen = {c for c in text if not c.isspace() and unicodedata.category(c) != "Mn"}
    marks = {c for c in text if unicodedata.category(c) == "Mn"}
    return (seen | marks) - (coverage(REGULAR) & coverage(BOLD))


def for_stamp(text: str) -> Path:
    """The one font that sets all of a signature stamp."""
    require(text)
    full = rare()
    return full if lacking(text) and full is not None else REGULAR


def with_only(text: str, font: Path) -> bytes:
    """The font with the glyphs and widths of `text`: choosing among them all is fifty times the work."""
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set({ord(c) for c in text})
    tables = {int.from_bytes(tag.encode(), "big") for tag in LAYOUT}
    wanted.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(tables)
    return bytes(uharfbuzz.subset(_face(font), wanted).blob.data)


@cache
def _face(font: Path) -> "uharfbuzz.Face":
    import uharfbuzz

    return uharfbuzz.Face(font.read_bytes())


@cache
def coverage(font: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(font, lazy=True) as face:
        return frozenset(map(chr, face.getBestCmap() or ()))
