"""Versions of the own scorecard, put into force by two persons (core.services.versions)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.models import Approval
from core.services import events, versions
from credit.models import FactorBin, Scorecard
from credit.rules import scorecards as rules
from credit.rules.grading import Objection
from credit.rules.scorecards import Bin, Card, Factor
from credit.services import factors

KIND = "scorecard"  # of the second person's approval
OBJECTIONS = {
    "weights": _("The weights total %(total)s; they must total 100."),
    "unknown_factor": _("“%(factor)s” is no factor that can be read."),
    "bin_gap": _("The bins of “%(factor)s” start at %(from_value)s; they must start at 0."),
    "bin_overlap": _("Two bins of “%(factor)s” start at %(from_value)s."),
    "points_outside": _("A bin of “%(factor)s” gives %(points)s points; a bin gives from 0 to 100."),
    "dimension_best": _("The best bins of “%(dimension)s” total %(best)s points; they must total 100."),
}
WEIGHTS = tuple(f"{dimension}_weight" for dimension in rules.DIMENSIONS)


class ScorecardRefused(DomainError):
    """`objections` as they stand in OBJECTIONS, with their figures."""

    code = "scorecard_refused"
    message = _("This scorecard cannot be published.")

    def __init__(self, objections: list[Objection]) -> None:
        super().__init__(objections=objections)
        self.objections = objections

    def __str__(self) -> str:
        return " ".join([str(self.message), *(explain(each) for each in self.objections)])


class ScorecardNotDraft(DomainError):
    code = "scorecard_not_draft"
    message = _("Only a draft can be published.")


@dataclass(frozen=True, slots=True)
class Weight:
    dimension: str
    percent: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a second person approves: the whole card."""

    version: int
    weights: tuple[Weight, ...]
    factors: tuple[Factor, ...]


def proposal(scorecard: Scorecard) -> Proposal:
    drawn = card(scorecard)
    return Proposal(scorecard.version, tuple(Weight(*each) for each in drawn.weights.items()), drawn.factors)


def propose(scorecard_id: int, actor: str, reason: str, at: datetime) -> Approval:
    """Hand a draft to a second person. ScorecardNotDraft, ScorecardRefused(objections), AlreadyAsked."""
    return versions.propose(LINE, scorecard_id, actor, reason, at)


def carry_out(approval_id: int, actor: str, at: datetime) -> Scorecard:
    """A second person's yes, and the card goes into force; decisions made before keep their own."""
    return versions.carry_out(LINE, approval_id, actor, at)


def publish(scorecard_id: int, actor: str, at: datetime) -> Scorecard:
    """As `versions.publish`: ScorecardNotDraft, ScorecardRefused(objections), ApprovalNeeded."""
    return versions.publish(LINE, scorecard_id, actor, at)


def in_force() -> Scorecard | None:
    return versions.in_force(LINE)


def draft_from(scorecard_id: int, actor: str, at: datetime) -> Scorecard:
    """A new draft with the figures of an older version, to be changed and published."""
    with transaction.atomic():
        old = Scorecard.objects.get(pk=scorecard_id)
        draft = Scorecard.objects.create(version=next_version(), **{name: getattr(old, name) for name in WEIGHTS})
        FactorBin.objects.bulk_create(
            FactorBin(
                scorecard=draft,
                factor=row.factor,
                dimension=row.dimension,
                from_value=row.from_value,
                points=row.points,
            )
            for row in old.bins.all()
        )
        events.record("scorecard_drafted", draft, at=at, actor=actor, facts={"from": old.version})
    return draft


def next_version() -> int:
    return versions.next_number(Scorecard)


def objections(scorecard: Scorecard) -> list[Objection]:
    """What keeps a card from being published; [] for a sound one."""
    return rules.check(card(scorecard), factors.known())


def card(scorecard: Scorecard) -> Card:
    """The card as the rules read it, its factors in the order of the catalogue."""
    rows = sorted(scorecard.bins.all(), key=lambda row: (row.factor, row.dimension, row.from_value))
    made = [
        Factor(code, dimension, tuple(Bin(row.from_value, row.points) for row in bins))
        for (code, dimension), bins in groupby(rows, lambda row: (row.factor, row.dimension))
    ]
    order = list(factors.CATALOGUE)
    made.sort(key=lambda factor: order.index(factor.code) if factor.code in order else len(order))
    weights = {dimension: getattr(scorecard, f"{dimension}_weight") for dimension in rules.DIMENSIONS}
    return Card(weights, tuple(made))


def explain(objection: Objection) -> str:
    params = dict(objection.params)
    if "factor" in params:
        params["factor"] = factors.name(params["factor"])
    if "dimension" in params:
        params["dimension"] = factors.DIMENSION_NAMES[params["dimension"]]
    return str(OBJECTIONS[objection.code]) % params


def _require_sound(draft: Scorecard, at: datetime) -> None:
    found = objections(draft)
    if found:
        raise ScorecardRefused(found)


LINE = versions.Line(
    name=KIND,
    model=Scorecard,
    key="version",
    figures=proposal,
    require_sound=_require_sound,
    not_draft=ScorecardNotDraft,
)
