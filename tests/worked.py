"""Reading the worked examples in docs/domain/*.md: tables under a heading, so that the pages cannot rot."""

from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs" / "domain"


def table(page: str, heading: str) -> list[dict[str, str]]:
    """The rows of the first table under `## heading`, by column name. ValueError when there is none."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    _, found, below = text.partition(f"\n## {heading}\n")
    if not found:
        raise ValueError(f"{page}.md has no heading {heading!r}")
    rows = [line for line in below.split("\n## ")[0].splitlines() if line.startswith("|")]
    header, _rule, *body = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [dict(zip(header, row, strict=True)) for row in body]
