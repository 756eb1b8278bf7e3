"""A code to scan, as one path of an inline SVG: no file, no script, no style."""

from dataclasses import dataclass

QUIET = 4  # modules of rest around it, by the standard


@dataclass(frozen=True, slots=True)
class Drawn:
    """`size`: the side in modules with the rest around it; `path`: a stroke of one module's width."""

    size: int
    path: str


def drawn(content: str) -> Drawn:
    import segno  # only the page of a code needs it

    rows = segno.make(content, error="m", micro=False).matrix
    dark = ((line, column) for line, row in enumerate(rows) for column, is_dark in enumerate(row) if is_dark)
    path = "".join(f"M{column + QUIET} {line + QUIET}.5h1" for line, column in dark)
    return Drawn(len(rows) + 2 * QUIET, path)
