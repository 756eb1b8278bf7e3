"""A draft of the tier table is edited, handed to a second person, and goes into force exactly as it was seen."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.models import Approval
from core.services import approvals
from credit.models import TierSet, WaiverTier
from credit.rules.grading import Band
from credit.services import tiers
from tests.trust import AT, TABLE, draft, graded, id_number, proven, published, tiers_in_force

pytestmark = pytest.mark.django_db

D = Decimal
REASON = "agreed in the meeting"


def revised(tier_set: TierSet, bands: list[Band], seen: str | None = None) -> TierSet:
    seen = tiers.fingerprint(tier_set) if seen is None else seen
    return tiers.revise(tier_set.pk, bands, D(100), seen=seen, actor="operator:1", at=AT)


def wider(tier_set: TierSet) -> list[Band]:
    """60 % becomes 70 %."""
    return [replace(band, percent=70) if band.grade == "C" else band for band in tiers.bands(tier_set)]


def test_a_draft_takes_new_figures() -> None:
    made = draft()
    after = revised(made, wider(made))
    assert (after.deposit_floor, [band.percent for band in tiers.bands(after)]) == (D(100), [0, 0, 70, 80, 0])


def test_a_draft_may_be_unsound_but_is_not_handed_on() -> None:
    made = draft()
    after = revised(made, [replace(band, checkout_cap=D(90000)) for band in wider(made)])
    assert "cap_above_quota" in {each.code for each in tiers.objections(after)}
    with pytest.raises(tiers.TierSetRefused):
        tiers.propose(after.pk, "operator:1", REASON, AT)
    assert Approval.objects.count() == 0


@pytest.mark.parametrize("start", [620, 349, 951])
def test_two_bands_from_one_score_and_scores_that_are_none_are_refused_at_once(start: int) -> None:
    made = draft()
    wrong = [replace(band, from_score=start) if band.grade == "A" else band for band in wider(made)]
    with pytest.raises(tiers.TierSetRefused):
        revised(made, wrong)
    assert tiers.bands(TierSet.objects.get()) == tiers.bands(made)


def test_who_saw_older_figures_overwrites_nothing() -> None:
    made = draft()
    seen = tiers.fingerprint(made)
    after = revised(made, wider(made))
    with pytest.raises(tiers.DraftChanged):
        revised(made, tiers.bands(made), seen)
    assert tiers.bands(TierSet.objects.get()) == tiers.bands(after)


def test_only_a_draft_is_edited_or_thrown_away() -> None:
    present = tiers_in_force()
    with pytest.raises(tiers.TierSetNotDraft):
        revised(present, wider(present))
    with pytest.raises(tiers.TierSetNotDraft):
        tiers.discard(present.pk)
    made = draft()
    tiers.discard(made.pk)
    assert list(TierSet.objects.all()) == [present]


def test_a_second_person_puts_it_into_force() -> None:
    old = tiers_in_force()
    made = draft()
    asked = tiers.propose(made.pk, "operator:1", REASON, AT)
    assert tiers.in_force() == old
    with pytest.raises(approvals.SamePerson):
        tiers.carry_out(asked.pk, "operator:1", AT)
    assert tiers.in_force() == old
    tiers.carry_out(asked.pk, "operator:2", AT)
    assert tiers.in_force() == made
    with pytest.raises(approvals.ApprovalOver):
        tiers.carry_out(asked.pk, "operator:3", AT)


def test_nobody_publishes_alone() -> None:
    with pytest.raises(approvals.ApprovalNeeded):
        tiers.publish(draft().pk, "operator:1", AT)
    assert tiers.in_force() is None


def test_what_is_looked_at_stays_as_it_is() -> None:
    made = draft()
    tiers.propose(made.pk, "operator:1", REASON, AT)
    with pytest.raises(approvals.AlreadyAsked):
        revised(made, wider(made))
    with pytest.raises(approvals.AlreadyAsked):
        tiers.discard(made.pk)
    with pytest.raises(approvals.AlreadyAsked):
        tiers.propose(made.pk, "operator:1", REASON, AT)


def test_figures_changed_past_the_editor_are_not_what_was_approved() -> None:
    """The admin's form, or SQL, between the request and the yes: the approval names other figures."""
    made = draft()
    asked = tiers.propose(made.pk, "operator:1", REASON, AT)
    WaiverTier.objects.filter(tier_set=made, grade="C").update(percent=99)
    with pytest.raises(approvals.ApprovalNeeded):
        tiers.carry_out(asked.pk, "operator:2", AT)
    assert tiers.in_force() is None
    assert Approval.objects.get().state == "REQUESTED"


def test_customers_stand_at_the_score_of_the_decision_that_serves_them() -> None:
    published(draft(TABLE))
    graded(proven(), 640)
    other = proven("13800000002", id_number("124"))
    graded(other, 640)
    graded(other, 700)
    assert tiers.scores(AT.date()) == {640: 1, 700: 1}
