"""Past applications from a CSV file: read strictly, every bad line named, nothing taken of a file with one."""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import money
from credit.rules.backtest import Case
from credit.rules.grading import HIGHEST, LOWEST, Inputs

ENCODINGS = ("utf-8-sig", "gb18030")
MOST_BYTES, MOST_ROWS = 4_000_000, 50_000
NEEDED = ("on", "score", "deposit", "bad")
AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
LABELS: Mapping[str, bool | None] = {"0": False, "1": True, "": None}


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the file (1 is the header), its column ("" for the line itself) and what is wrong, as a code."""

    line: int
    column: str
    code: str


@dataclass(frozen=True, slots=True)
class Read:
    """`cases` is empty when there is one fault."""

    cases: list[Case]
    faults: list[Fault]


def read(content: bytes, factors: Collection[str]) -> Read:
    """Columns on, score, deposit, bad, and any of `factors`; `bad` is 0, 1 or empty. All faults, in their order."""
    if len(content) > MOST_BYTES:
        return Read([], [Fault(1, "", "too_large")])
    text = _decoded(content)
    if text is None:
        return Read([], [Fault(1, "", "encoding")])
    rows = csv.DictReader(io.StringIO(text), strict=True)
    header = _header_faults(rows.fieldnames, factors)
    return Read([], header) if header else _rows(rows, [name for name in rows.fieldnames or () if name not in NEEDED])


def _decoded(content: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _header_faults(names: object, factors: Collection[str]) -> list[Fault]:
    given = list(names) if isinstance(names, (list, tuple)) else []
    found = [Fault(1, name, "missing_column") for name in NEEDED if name not in given]
    found += [Fault(1, str(name)[:40], "unknown_column") for name in given if name not in (*NEEDED, *factors)]
    return found + [Fault(1, name, "twice") for name in sorted(set(given)) if given.count(name) > 1]


def _rows(rows: "csv.DictReader[str]", factors: list[str]) -> Read:
    cases: list[Case] = []
    faults: list[Fault] = []
    try:
        for row in rows:
            if rows.line_num > MOST_ROWS + 1:
                return Read([], [Fault(rows.line_num, "", "too_many")])
            wrong = _faults(row, rows.line_num, factors)
            faults += wrong
            if not wrong:
                cases.append(_case(row, factors))
    except csv.Error:
        faults.append(Fault(rows.line_num + 1, "", "quotes"))
    if not cases and not faults:
        faults.append(Fault(2, "", "empty"))
    return Read([] if faults else cases, faults)


def _faults(row: dict[str, str], line: int, factors: list[str]) -> list[Fault]:
    if None in row or None in row.values():  # csv's mark of too many or too few
        return [Fault(line, "", "columns")]
    wrong = [name for name in NEEDED if not _is_sound(name, row[name].strip())]
    wrong += [name for name in factors if row[name].strip() and not row[name].strip().isdecimal()]
    return [Fault(line, name, "value") for name in wrong]


def _is_sound(name: str, text: str) -> bool:
    if name == "bad":
        return text in LABELS
    if name == "score":
        return text.isdecimal() and len(text) == 3 and LOWEST <= int(text) <= HIGHEST
    if name == "deposit":
        return AMOUNT.fullmatch(text) is not None
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _case(row: dict[str, str], factors: list[str]) -> Case:
    given = {name: row[name].strip() for name in row}
    readings = {name: int(given[name]) if given[name] else None for name in factors}
    return Case(
        on=date.fromisoformat(given["on"]),
        inputs=Inputs(score=int(given["score"]), source="file", factors=readings),
        deposits=(money.exact(Decimal(given["deposit"])),),
        bad=LABELS[given["bad"]],
    )
