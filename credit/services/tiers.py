"""Versions of the tier table: draft → published → superseded, never edited in place (a trigger refuses it)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core.errors import DomainError
from core.services import events
from credit.models import DemandRule, Source, TierSet, WaiverTier
from credit.rules import grading
from credit.rules.demands import Demand
from credit.rules.grading import Band, Objection, Policy
from credit.services import scorecards

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


def publish(tier_set_id: int, actor: str, at: datetime) -> TierSet:
    """Put a draft in force and the present table out of it. TierSetNotDraft, TierSetRefused(objections).

    Locks both, in order of id; a partial UNIQUE keeps one in force. Decisions made before keep their own table.
    """
    with transaction.atomic():
        sets = {
            each.pk: each for each in TierSet.objects.select_for_update().exclude(state="SUPERSEDED").order_by("id")
        }
        draft = sets.get(tier_set_id)
        if draft is None or not can_proceed(draft.publish):
            raise TierSetNotDraft
        found = objections(draft)
        if found:
            raise TierSetRefused(found)
        for present in sets.values():
            if can_proceed(present.supersede):
                present.supersede()
                present.save(update_fields=["state"])
        draft.publish(at)
        draft.save(update_fields=["state", "published_at"])
        events.record("tier_set_published", draft, at=at, actor=actor, facts={"version": draft.version})
    return draft


def in_force() -> TierSet | None:
    return TierSet.objects.filter(state=TierSet.State.PUBLISHED).first()


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


def next_version() -> int:
    return int(TierSet.objects.aggregate(latest=Max("version"))["latest"] or 0) + 1


def objections(tier_set: TierSet) -> list[Objection]:
    """What keeps a table from being published; [] for a sound one."""
    found = grading.check_tiers(bands(tier_set)) + grading.check_days(tier_set.decision_days, tier_set.reapply_days)
    asks_own = tier_set.falls_back or tier_set.source == Source.OWN
    return [*found, Objection("no_scorecard", {})] if asks_own and scorecards.in_force() is None else found


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
