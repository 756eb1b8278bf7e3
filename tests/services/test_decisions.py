"""Decisions: from a score to a tier and its quota, with reasons, kept and replayable."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.services import events
from credit.models import CreditReport, Decision, QuotaAccount, TierSet, WaiverTier
from credit.services import decisions, quota, tiers
from tests.trust import AT, ON, TABLE, draft, graded, proven, published, report, tiers_in_force

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.mark.parametrize(
    ("score", "outcome", "grade", "limit"),
    [
        (350, "REFUSE", "E", 0),
        (549, "REFUSE", "E", 0),
        (550, "REFER", "D", 1000),
        (620, "APPROVE", "C", 3000),
        (749, "APPROVE", "A", 6000),
        (750, "APPROVE", "S", 12000),
        (950, "APPROVE", "S", 12000),
    ],
)
def test_a_score_gives_its_tier_and_the_quota_with_it(score: int, outcome: str, grade: str, limit: int) -> None:
    customer = proven()
    decision = graded(customer, score)
    assert decision.tier is not None
    assert (decision.outcome, decision.tier.grade) == (outcome, grade)
    assert QuotaAccount.objects.get(customer=customer).limit == limit
    assert quota.available(customer) == limit
    assert decisions.explain(decision)


def test_a_refusal_says_why_from_where_and_when_again_and_leaves_the_full_deposit_open() -> None:
    customer = proven()
    decision = graded(customer, 549)
    assert [reason["code"] for reason in decision.reasons] == ["score", "below_entry"]
    assert decision.reasons[1]["params"] == {"score": 549, "needed": 550}
    assert decision.reapply_on == ON + timedelta(days=30)
    assert decisions.tier_terms(decision, ON) is None
    assert customer.blocked_reason == ""


def test_a_decision_serves_180_days() -> None:
    customer = proven()
    decision = graded(customer, 700)
    assert decision.valid_until == ON + timedelta(days=180)
    assert decisions.current(customer, ON + timedelta(days=180)) == decision
    assert decisions.current(customer, ON + timedelta(days=181)) is None
    assert decisions.tier_terms(decision, ON + timedelta(days=181)) is None


def test_the_terms_are_those_of_the_tier() -> None:
    tiers_in_force(deposit_floor=D(100))
    terms = decisions.tier_terms(graded(proven(), 700), ON)
    assert terms is not None
    assert (terms.waives, terms.percent, terms.quota_limit) == ("PERCENT", 80, D(6000))
    assert (terms.checkout_cap, terms.devices, terms.floor) == (D(5000), 2, D(100))
    assert decisions.tier_terms(None, ON) is None


def test_a_new_decision_ends_the_one_before() -> None:
    customer = proven()
    old, new = graded(customer, 700), graded(customer, 800)
    assert Decision.objects.get(pk=old.pk).ended_at == AT
    assert decisions.current(customer, ON) == new
    assert [event.kind for event in events.of(old)] == ["decision_made", "decision_ended"]


def test_a_report_is_decided_once() -> None:
    tiers_in_force()
    customer = proven()
    received = report(customer, 700)
    assert decisions.decide(customer, received, AT) == decisions.decide(customer, received, AT)


def test_an_ended_decision_waives_nothing_more_but_keeps_what_is_held() -> None:
    customer = proven()
    graded(customer, 700)
    with transaction.atomic():
        quota.hold(customer, "XO1", D(1000), AT)
    assert decisions.end(customer, "overdue", AT)
    assert not decisions.end(customer, "overdue", AT)
    account = QuotaAccount.objects.get(customer=customer)
    assert (account.limit, account.granted, account.held) == (0, 1000, 1000)
    assert decisions.current(customer, ON) is None
    assert quota.available(customer) == 0


def test_a_blocked_customer_is_refused_whatever_the_score() -> None:
    customer = proven()
    customer.blocked_reason = "confirmed fraud"
    customer.save()
    decision = graded(customer, 900)
    assert (decision.outcome, decision.tier) == ("REFUSE", None)
    assert decisions.replay(decision) is None
    assert quota.available(customer) == 0


def test_no_score_is_no_decision() -> None:
    tiers_in_force()
    customer = proven()
    with pytest.raises(decisions.NoScore):
        decisions.decide(customer, report(customer, None), AT)
    waiting = CreditReport.objects.create(customer=customer, source="other", request_number="W", authorised_at=AT)
    with pytest.raises(decisions.NoScore):
        decisions.decide(customer, waiting, AT)
    assert Decision.objects.count() == 0


def test_without_a_table_there_is_no_decision() -> None:
    customer = proven()
    with pytest.raises(decisions.NoTierSet):
        decisions.decide(customer, report(customer, 700), AT)


@pytest.mark.parametrize("score", [350, 549, 550, 700, 950])
def test_a_stored_decision_replays_to_its_tier_after_the_table_changed(score: int) -> None:
    customer = proven()
    decision = graded(customer, score)
    published(draft([(350, "X", "APPROVE", "ALL", 0, 0, 90000, 90000)]))
    stored = Decision.objects.get(pk=decision.pk)
    assert decisions.replay(stored) == stored.tier == decision.tier


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE credit_decision SET outcome = 'APPROVE'",
        "UPDATE credit_decision SET inputs = jsonb_set(inputs, '{score}', '900')",
        "DELETE FROM credit_decision",
    ],
)
def test_a_decision_is_never_edited_by_raw_sql_either(sql: str) -> None:
    graded(proven(), 400)
    with (
        pytest.raises(IntegrityError, match="a decision only ends"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_publishing_puts_the_present_table_out_of_force() -> None:
    old = tiers_in_force()
    new = tiers_in_force()
    assert tiers.in_force() == new
    assert TierSet.objects.get(pk=old.pk).state == "SUPERSEDED"
    assert events.of(new).last().actor == "operator:2"  # type: ignore[union-attr]


def test_a_table_with_faults_is_refused_with_its_figures() -> None:
    tier_set = draft([(360, *TABLE[0][1:]), *TABLE[1:]])
    with pytest.raises(tiers.TierSetRefused) as refusal:
        published(tier_set)
    assert [objection.code for objection in refusal.value.objections] == ["starts_late"]
    assert "360" in str(refusal.value)
    assert "350" in str(refusal.value)
    assert tiers.in_force() is None


def test_a_table_whose_decisions_serve_no_day_is_refused() -> None:
    with pytest.raises(tiers.TierSetRefused) as refusal:
        tiers_in_force(decision_days=0)
    assert [objection.code for objection in refusal.value.objections] == ["no_days"]


def test_only_a_draft_is_published() -> None:
    published = tiers_in_force()
    for tier_set_id in (published.pk, 0):
        with pytest.raises(tiers.TierSetNotDraft):
            tiers.publish(tier_set_id, "operator:1", AT)


def test_a_draft_starts_from_an_older_version() -> None:
    old = tiers_in_force(deposit_floor=D(100), decision_days=90)
    copy = tiers.draft_from(old.pk, "operator:1", AT)
    assert (copy.version, copy.state, copy.deposit_floor, copy.decision_days) == (old.version + 1, "DRAFT", 100, 90)
    assert tiers.bands(copy) == tiers.bands(old)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE credit_waivertier SET percent = 99",
        "DELETE FROM credit_waivertier",
        (
            "INSERT INTO credit_waivertier (tier_set_id, from_score, grade, outcome, waives, amount, percent,"
            " quota_limit, checkout_cap, devices)"
            " SELECT id, 900, 'X', 'APPROVE', 'ALL', 0, 0, 1, 1, 1 FROM credit_tierset"
        ),
        "UPDATE credit_tierset SET deposit_floor = 1",
        "UPDATE credit_tierset SET version = 77",
        "DELETE FROM credit_tierset",
        "UPDATE credit_tierset SET state = 'DRAFT'",
    ],
)
def test_a_published_table_is_never_edited_by_raw_sql_either(sql: str) -> None:
    tiers_in_force()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_draft_may_be_edited_and_thrown_away() -> None:
    tier_set = draft()
    WaiverTier.objects.filter(tier_set=tier_set, from_score=680).update(percent=70)
    tier_set.delete()
    assert TierSet.objects.count() == 0


def test_tiers_cannot_be_moved_into_a_published_table() -> None:
    published, other = tiers_in_force(), draft([(360, *TABLE[0][1:])])
    with pytest.raises(IntegrityError), transaction.atomic():
        WaiverTier.objects.filter(tier_set=other).update(tier_set=published)
