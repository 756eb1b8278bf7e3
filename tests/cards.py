"""The scorecard of docs/domain/credit.md, as the rules read it and as a published row."""

from credit.models import FactorBin, Scorecard
from credit.rules.scorecards import DIMENSIONS, Bin, Card, Factor
from credit.services import scorecards
from tests import worked
from tests.trust import AT

WEIGHTS = dict(zip(DIMENSIONS, (20, 20, 25, 10, 25), strict=True))


def documented() -> Card:
    return Card(WEIGHTS, tuple(_factor(row) for row in worked.table("credit", "The scorecard")))


def readings(row: dict[str, str]) -> dict[str, int | None]:
    """Of one documented example: `age 31, income_monthly –`."""
    pairs = (each.split() for each in row["readings"].split(","))
    return {code: None if value == "–" else int(value) for code, value in pairs}


def draft(**weights: int) -> Scorecard:
    made = Scorecard.objects.create(version=scorecards.next_version(), **weights)
    FactorBin.objects.bulk_create(
        FactorBin(
            scorecard=made,
            factor=factor.code,
            dimension=factor.dimension,
            from_value=each.from_value,
            points=each.points,
        )
        for factor in documented().factors
        for each in factor.bins
    )
    return made


def in_force() -> Scorecard:
    return published(draft())


def published(card: Scorecard) -> Scorecard:
    """Asked for by one operator, approved by another."""
    asked = scorecards.propose(card.pk, "operator:1", "agreed in the meeting", AT)
    return scorecards.carry_out(asked.pk, "operator:2", AT)


def _factor(row: dict[str, str]) -> Factor:
    pairs = (each.split(":") for each in row["points from a value on"].split())
    return Factor(row["factor"], row["dimension"], tuple(Bin(int(value), int(points)) for value, points in pairs))
