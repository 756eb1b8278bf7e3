"""A public credit data set as it lies in a package: rows read strictly, nothing fetched (docs/domain/credit.md)."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass

LABEL, GOOD, BAD = "creditability", "good", "bad"
PROTECTED = ("personal_status_and_sex", "age_in_years", "foreign_worker")  # never a ground for a decision here


@dataclass(frozen=True, slots=True)
class Sample:
    """One borrower: features by name, and whether the credit went bad."""

    features: dict[str, str]
    bad: bool


def read(lines: Iterable[str], *, without: Iterable[str] = ()) -> list[Sample]:
    """The samples of the file. ValueError names the line whose label is neither good nor bad."""
    left_out, samples = {*without, LABEL}, []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        if row.get(LABEL) not in (GOOD, BAD):
            raise ValueError(f"line {number} has no label")
        features = {name: value for name, value in row.items() if name not in left_out}
        samples.append(Sample(features, row[LABEL] == BAD))
    return samples


def is_number(samples: list[Sample], name: str) -> bool:
    """Whether every value of a feature is a whole number."""
    return all(sample.features[name].isdecimal() for sample in samples)
