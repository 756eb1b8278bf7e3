"""Versions of the tier table, put into force by two persons (core.services.versions)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from core import canonical
from core.errors import DomainError
from core.models import Approval
from core.services import events, versions
from credit.models import Decision, DemandRule, Source, TierSet, WaiverTier
from credit.rules import grading
from credit.rules.demands import Demand
from credit.rules.grading import Band, Objection, Policy
from credit.services import scorecards

KIND = "tier_set"  # of the second person's approval
NEVER_KEPT = {"overlap", "out_of_range", "not_sane"}  # not even in a draft
OBJECTIONS = {
    "empty": _("There is no band."),
    "starts_late": _("The first band starts at %(from_score)s; it must start at %(lowest)s."),
    "out_of_range": _("A band starts at %(from_score)s, outside the scores."),
    "overlap": _("Two bands start at %(from_score)s."),
    "not_sane": _("The band from %(from_score)s has a negative amount or a percentage above 100."),
    "refusal_waives": _("The band from %(from_score)s refuses, so its quota must be 0."),
    "waives_nothing": _("The band from %(from_score)s approves, but its waiver, quota, cap or number of devices is 0."),
    "cap_above_quota": _("The band from %(from_score)s has a checkout cap of %(cap)s above its quota of %(quota)s."),
    "quota_falls": _("The band from %(from_score)s has a quota of %(quota)s, less than %(below)s in the band below."),
    "no_days": _("A decision serves, and a refusal lasts, from 1 to 730 days."),
    "no_scorecard": _("The own scorecard is asked for, but none is published."),
    "terms_worsen": _("The band from %(from_score)s takes less off the rent, or allows shorter terms, than one below."),
    "outcome_worsens": _("The band from %(from_score)s is treated worse than the band below it."),
}


COPIED = (
    "deposit_floor",
    "decision_days",
    "reapply_days",
    "source",
    "falls_back",
    "admission_bar",
    "fast_track_from",
    "lift_after",
    "rent_share_percent",
)


class TierSetRefused(DomainError):
    """`objections` as they stand in OBJECTIONS, with their figures."""

    code = "tier_set_refused"
    message = _("This tier table cannot be published.")

    def __init__(self, objections: list[Objection]) -> None:
        super().__init__(objections=objections)
        self.objections = objections

    def __str__(self) -> str:
        return " ".join([str(self.message), *(explain(each) for each in self.objections)])


class TierSetNotDraft(DomainError):
    code = "tier_set_not_draft"
    message = _("Only a draft can be published.")


class DraftChanged(DomainError):
    code = "tier_set_draft_changed"
    message = _("Somebody else changed this draft meanwhile. Look at its new figures first; yours were not saved.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a second person approves: the whole table."""

    version: int
    deposit_floor: Decimal
    decision_days: int
    reapply_days: int
    source: str
    falls_back: bool
    admission_bar: int
    fast_track_from: int | None
    lift_after: int
    rent_share_percent: int
    bands: tuple[Band, ...]
    demands: tuple[Demand, ...]


def proposal(tier_set: TierSet) -> Proposal:
    figures = {name: getattr(tier_set, name) for name in COPIED}
    demands = tuple(sorted(policy(tier_set).demands, key=lambda each: (each.kind, each.when, each.from_score)))
    return Proposal(version=tier_set.version, bands=tuple(bands(tier_set)), demands=demands, **figures)


def fingerprint(tier_set: TierSet) -> str:
    """Of the figures as somebody saw them."""
    return canonical.sha256(proposal(tier_set))


def revise(
    tier_set_id: int, wanted: Sequence[Band], deposit_floor: Decimal, *, seen: str, actor: str, at: datetime
) -> TierSet:
    """Write a draft's figures anew. TierSetNotDraft, DraftChanged, AlreadyAsked, TierSetRefused. Locks the set.

    `seen` is the fingerprint of the figures that were on the editor's page. What makes a draft unpublishable is kept
    and told; two bands from one score, and figures that are none, are refused at once.
    """
    with transaction.atomic():
        draft = versions.draft(LINE, tier_set_id)
        if fingerprint(draft) != seen:
            raise DraftChanged
        versions.refuse_if_asked(LINE, draft)
        found = [each for each in grading.check_tiers(wanted) if each.code in NEVER_KEPT]
        if found:
            raise TierSetRefused(found)
        draft.deposit_floor = deposit_floor
        draft.save(update_fields=["deposit_floor"])
        draft.tiers.all().delete()
        WaiverTier.objects.bulk_create(WaiverTier(tier_set=draft, **_fields(band)) for band in wanted)
        events.record("tier_set_revised", draft, at=at, actor=actor, facts={"version": draft.version})
    return TierSet.objects.get(pk=tier_set_id)


def discard(tier_set_id: int) -> None:
    """Throw a draft away. TierSetNotDraft, AlreadyAsked."""
    with transaction.atomic():
        draft = versions.draft(LINE, tier_set_id)
        versions.refuse_if_asked(LINE, draft)
        draft.delete()


def propose(tier_set_id: int, actor: str, reason: str, at: datetime) -> Approval:
    """Hand a draft to a second person. TierSetNotDraft, TierSetRefused(objections), AlreadyAsked."""
    return versions.propose(LINE, tier_set_id, actor, reason, at)


def carry_out(approval_id: int, actor: str, at: datetime) -> TierSet:
    """A second person's yes, and the table goes into force; decisions made before keep their own."""
    return versions.carry_out(LINE, approval_id, actor, at)


def publish(tier_set_id: int, actor: str, at: datetime) -> TierSet:
    """As `versions.publish`: TierSetNotDraft, TierSetRefused(objections), ApprovalNeeded."""
    return versions.publish(LINE, tier_set_id, actor, at)


def asked(tier_set: TierSet) -> Approval | None:
    """The request that waits for a second person."""
    return versions.asked(LINE, tier_set)


def in_force() -> TierSet | None:
    return versions.in_force(LINE)


def draft_from(tier_set_id: int, actor: str, at: datetime) -> TierSet:
    """A new draft with the figures of an older version, to be changed and published."""
    with transaction.atomic():
        old = TierSet.objects.get(pk=tier_set_id)
        draft = TierSet.objects.create(version=next_version(), **{name: getattr(old, name) for name in COPIED})
        for tier in old.tiers.all():
            tier.pk, tier.tier_set = None, draft
            tier.save(force_insert=True)
        for rule in old.demand_rules.all():
            rule.pk, rule.tier_set = None, draft
            rule.save(force_insert=True)
        events.record("tier_set_drafted", draft, at=at, actor=actor, facts={"from": old.version})
    return draft


def scores(on: date) -> dict[int, int]:
    """How many customers stand at each score: of the decisions that serve on a day.

    A decision on an admission answer, which has no score, counts where its band begins.
    """
    serving = Decision.objects.filter(ended_at=None, valid_until__gte=on, tier__isnull=False)
    rows = serving.values_list(points("")).annotate(n=Count("pk")).order_by()
    return dict(sorted(rows))


def points(decision: str) -> Coalesce:
    """The score of a decision in a query, by the path to it ("decision__")."""
    score = Cast(KeyTextTransform("score", f"{decision}inputs"), IntegerField())
    return Coalesce(score, F(f"{decision}tier__from_score"), output_field=IntegerField())


def next_version() -> int:
    return versions.next_number(TierSet)


def objections(tier_set: TierSet) -> list[Objection]:
    """What keeps a table from being published; [] for a sound one."""
    found = grading.check_tiers(bands(tier_set)) + grading.check_days(tier_set.decision_days, tier_set.reapply_days)
    asks_own = tier_set.falls_back or tier_set.source == Source.OWN
    return [*found, Objection("no_scorecard", {})] if asks_own and scorecards.in_force() is None else found


def reads_income(tier_set: TierSet) -> bool:
    """Whether it makes a difference what a customer declares to earn."""
    asks_own = tier_set.falls_back or tier_set.source == Source.OWN
    return bool(tier_set.rent_share_percent) or asks_own


def bands(tier_set: TierSet) -> list[Band]:
    """The table as the rules read it."""
    return [_band(tier) for tier in tier_set.tiers.all()]


def policy(tier_set: TierSet) -> Policy:
    """The rules beside the bands."""
    return Policy(
        lift_after=tier_set.lift_after,
        fast_track_from=tier_set.fast_track_from,
        demands=tuple(_demand(rule) for rule in tier_set.demand_rules.all()),
    )


def explain(objection: Objection) -> str:
    return str(OBJECTIONS[objection.code]) % objection.params


def _require_sound(draft: TierSet, at: datetime) -> None:
    found = objections(draft)
    if found:
        raise TierSetRefused(found)


def _fields(band: Band) -> dict[str, object]:
    return {field.name: getattr(band, field.name) for field in fields(band)}


def _band(tier: WaiverTier) -> Band:
    return Band(
        from_score=tier.from_score,
        grade=tier.grade,
        outcome=tier.outcome,
        waives=tier.waives,
        amount=tier.amount,
        percent=tier.percent,
        quota_limit=tier.quota_limit,
        checkout_cap=tier.checkout_cap,
        devices=tier.devices,
        rent_off_percent=tier.rent_off_percent,
        longest_term=tier.longest_term,
    )


def _demand(rule: DemandRule) -> Demand:
    return Demand(rule.kind, rule.when, rule.from_score, rule.to_score)


LINE = versions.Line(
    name=KIND,
    model=TierSet,
    key="version",
    figures=proposal,
    require_sound=_require_sound,
    not_draft=TierSetNotDraft,
)
