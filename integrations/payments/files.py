"""Reading the files of a day strictly: unpacked within bounds, every row whole, every sum as the file says itself."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from core import money
from core.calendar import SHANGHAI
from integrations.errors import BadStatement

DOWNLOAD_MAX_BYTES: Final = 20_000_000
UNPACKED_MAX_BYTES: Final = 100_000_000
MEMBERS_MAX: Final = 10
FIELD_MAX: Final = 512
AMOUNT: Final = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
NUMBER: Final = re.compile(r"[!-~]{1,64}", re.ASCII)


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP by name. BadStatement when it is none, is sealed, or unpacks to more than it may."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS_MAX or sum(one.file_size for one in members) > UNPACKED_MAX_BYTES:
                raise BadStatement("it unpacks to too much")
            return {_name(one): archive.read(one) for one in members if not one.is_dir()}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise BadStatement(f"not a readable ZIP: {type(error).__name__}") from error


def gunzipped(content: bytes) -> bytes:
    """The one file in a GZIP. BadStatement as above."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(content, UNPACKED_MAX_BYTES + 1)
    except zlib.error as error:
        raise BadStatement("not a readable GZIP") from error
    if len(found) > UNPACKED_MAX_BYTES:
        raise BadStatement("it unpacks to too much")
    if not unpacking.eof or unpacking.unused_data:
        raise BadStatement("the GZIP is not whole")
    return found


def text(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadStatement(f"not {encoding}") from error


def table(lines: Iterable[str], header: Sequence[str], strip: str) -> list[tuple[str, ...]]:
    """The rows beneath a header that must be the known one, each of its width, the cells without their padding."""
    try:
        rows = [tuple(cell.strip(strip) for cell in row) for row in csv.reader(lines, strict=True)]
    except csv.Error as error:
        raise BadStatement(f"not a table: {error}") from error
    if not rows or rows[0] != tuple(header):
        raise BadStatement("the columns are not the known ones")
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header) or any(len(cell) > FIELD_MAX for cell in row):
            raise BadStatement(f"row {number} is not whole")
    return rows[1:]


def amount(cell: str) -> Decimal:
    """Yuan, which may be negative."""
    if not AMOUNT.fullmatch(cell):
        raise BadStatement(f"not an amount: {cell[:30]!r}")
    size = money.exact(cell.removeprefix("-"))
    return -size if cell.startswith("-") else size


def number(cell: str) -> str:
    """A number of theirs or ours, which must be there."""
    if not NUMBER.fullmatch(cell):
        raise BadStatement(f"not a number: {cell[:30]!r}")
    return cell


def instant(cell: str) -> datetime:
    """Beijing time as UTC."""
    try:
        told = datetime.strptime(cell, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadStatement(f"not an instant: {cell[:30]!r}") from error
    if not 2000 <= told.year < 2100:
        raise BadStatement(f"not an instant of ours: {cell[:30]!r}")
    return told.astimezone(UTC)


def require_sum(what: str, said: Decimal | int, found: Decimal | int) -> None:
    if said != found:
        raise BadStatement(f"{what}: the file says {said}, its rows come to {found}")


def _name(member: zipfile.ZipInfo) -> str:
    """Chinese names stand in GBK, which the format has no mark for."""
    try:
        return member.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return member.filename
