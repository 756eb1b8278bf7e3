"""The rules of every new lease: versions by two persons, taken by orders, below the legal cap when put on paper."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing.rules.lease_rules import LeaseRules
from billing.services import leases
from catalog.models import LendingRate
from contracts.models import Agreement
from contracts.rules.terms import LateFee
from contracts.services import agreements
from core.calendar import business_date
from core.services import approvals as second
from notices.models import Message
from orders.models import LeaseRuleSet, Order, State
from orders.services import approvals, checkout, lease_rules, signing
from tests import house_rules, make, walks
from tests.quick_paper import quick_paper

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(minutes=5)
BELOW = Decimal("0.00025972")  # 0.0948 / 365, floored to eight places
BAD: list[tuple[str, Any]] = [
    ("grace_days", 0), ("grace_days", 16), ("fee_rate_daily", Decimal("-0.0001")), ("fee_rate_daily", Decimal(1)),
    ("fee_rate_daily", Decimal("NaN")), ("fee_cap_rate", Decimal("0.2001")), ("fee_cap_rate", Decimal("-0.01")),
    ("fee_cap_rate", Decimal("NaN")), ("return_window_days", 32), ("return_window_days", -1),
]  # fmt: skip


def draft(**figures: Any) -> LeaseRuleSet:
    return LeaseRuleSet.objects.create(version=lease_rules.next_version(), **house_rules.FIRST | figures)


def in_force(at: datetime = AT, **figures: Any) -> LeaseRuleSet:
    """Asked for by one operator, approved by another."""
    asked = lease_rules.propose(draft(**figures).pk, "operator:1", "agreed in the meeting", at)
    return lease_rules.carry_out(asked.pk, "operator:2", at)


def rate_falls() -> None:
    """To 2.37 %, of which four times is 9.48 %."""
    LendingRate.objects.create(day=business_date(AT), rate_yearly=Decimal("0.0237"))


def written(order: Order) -> LateFee:
    assert order.agreement is not None
    return agreements.terms_of(order.agreement, "test", "test", AT).late_fee


def running(order: Order) -> LateFee:
    terms = leases.terms_of(order.lease)
    return LateFee(terms.late_fee_mode, terms.grace_days, terms.fee_rate_daily, terms.fee_cap_rate)  # type: ignore[arg-type]


def test_the_platform_begins_with_version_1() -> None:
    first = LeaseRuleSet.objects.get()
    assert (first.version, first.state) == (1, "PUBLISHED")
    assert lease_rules.in_force() == LeaseRules(**house_rules.FIRST)


def test_rules_take_effect_by_two_persons_alone() -> None:
    make.plan()
    made = draft(grace_days=5)
    with pytest.raises(second.ApprovalNeeded):
        lease_rules.publish(made.pk, "operator:1", AT)
    asked = lease_rules.propose(made.pk, "operator:1", "agreed", AT)
    with pytest.raises(second.SamePerson):
        lease_rules.carry_out(asked.pk, "operator:1", AT)
    LeaseRuleSet.objects.filter(pk=made.pk).update(grace_days=6)
    with pytest.raises(second.ApprovalNeeded):  # other figures than were asked for
        lease_rules.carry_out(asked.pk, "operator:2", AT)
    LeaseRuleSet.objects.filter(pk=made.pk).update(grace_days=5)
    assert lease_rules.carry_out(asked.pk, "operator:2", AT).state == "PUBLISHED"
    assert dict(LeaseRuleSet.objects.values_list("version", "state")) == {1: "SUPERSEDED", 2: "PUBLISHED"}
    assert lease_rules.in_force().grace_days == 5
    with pytest.raises(lease_rules.LeaseRulesNotDraft):
        lease_rules.publish(made.pk, "operator:1", AT)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE orders_leaseruleset SET grace_days = 9",
        "DELETE FROM orders_leaseruleset",
        "INSERT INTO orders_leaseruleset (version, late_fee_mode, grace_days, fee_rate_daily, fee_cap_rate,"
        " return_window_days, state) VALUES (2, 'FREE', 3, 0, 0, 3, 'PUBLISHED')",
    ],
)
def test_what_is_in_force_is_not_edited_or_made_by_raw_sql(sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(("name", "value"), BAD, ids=str)
def test_nonsense_is_refused_by_the_rule_and_by_the_database(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        LeaseRules(**house_rules.FIRST | {name: value})
    column = f"'{value}'" if name.startswith("fee") else value
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_leaseruleset (version, late_fee_mode, grace_days, fee_rate_daily, fee_cap_rate,"
            " return_window_days, state) VALUES (2, 'FREE', 3, 0.0003, 0.20, 3, 'DRAFT')"
        )
        cursor.execute(f"UPDATE orders_leaseruleset SET {name} = {column} WHERE version = 2")


def test_a_rate_above_the_legal_cap_of_the_day_is_not_published() -> None:
    make.plan()  # with it a lending rate of 3 %: 12 % a year, 0.00032876 a day
    made = draft(fee_rate_daily=Decimal("0.00032877"))
    with pytest.raises(lease_rules.FeeAboveCap, match=r"0\.032877.*12.*0\.032876"):
        lease_rules.propose(made.pk, "operator:1", "agreed", AT)
    LeaseRuleSet.objects.filter(pk=made.pk).update(fee_rate_daily=Decimal("0.00032876"))
    asked = lease_rules.propose(made.pk, "operator:1", "agreed", AT)
    rate_falls()
    with pytest.raises(lease_rules.FeeAboveCap):  # between the two persons
        lease_rules.carry_out(asked.pk, "operator:2", AT)
    assert lease_rules.in_force() == LeaseRules(**house_rules.FIRST)


def test_without_a_lending_rate_nothing_is_published_ordered_or_put_on_paper(caplog: pytest.LogCaptureFixture) -> None:
    order = make.order(slug="mini-4", months=3)
    of, plan, on, home = order.customer, make.plan("mini-4"), business_date(AT), make.address(order.customer)
    LendingRate.objects.all().delete()
    with pytest.raises(lease_rules.LendingRateMissing):
        lease_rules.propose(draft().pk, "operator:1", "agreed", AT)
    digest = checkout.quote(of, plan, 3, on).digest
    with walks.nothing_changes(), pytest.raises(lease_rules.LendingRateMissing):
        checkout.place(of, plan.pk, 3, home, digest, "none", AT)
    with walks.nothing_changes(), pytest.raises(lease_rules.LendingRateMissing):
        approvals.review(order.pk, LATER)
    assert "no lending rate is on file" in caplog.text
    LendingRate.objects.create(day=on, rate_yearly=Decimal("0.03"))
    approvals.review(order.pk, LATER)  # the message is offered again
    assert walks.read(order).state == State.APPROVED


def test_an_order_takes_what_is_in_force_and_what_is_there_keeps_its_own() -> None:
    before = make.order(State.ACTIVE, slug="mini-4", months=3)
    placed = make.order(slug="mini-4", months=3)
    in_force(late_fee_mode="RETROACTIVE", grace_days=5, fee_rate_daily=BELOW, return_window_days=7)
    approvals.review(placed.pk, LATER)
    after = make.order(State.APPROVED, slug="mini-4", months=3, on_paper=True)
    for old in (before, placed):
        assert running(walks.read(old)) == written(walks.read(old)) == LateFee("FREE", 3, *_first())  # type: ignore[arg-type]
    assert running(after) == written(after) == LateFee("RETROACTIVE", 5, BELOW, Decimal("0.20"))  # type: ignore[arg-type]
    assert leases.terms_of(after.lease).return_window_days == 7


def test_figures_of_rules_that_changed_since_the_page_are_not_ordered() -> None:
    of, plan = make.customer(), make.plan("mini-4")
    home = make.address(of)
    digest = checkout.quote(of, plan, 3, business_date(AT)).digest
    in_force(grace_days=4)
    with walks.nothing_changes(), pytest.raises(checkout.PriceChanged):
        checkout.place(of, plan.pk, 3, home, digest, "stale", AT)


def test_the_lending_rate_falls_between_placing_and_the_paper_which_shows_the_lower_rate() -> None:
    order = make.order(slug="mini-4", months=3)
    assert leases.terms_of(order.lease).fee_rate_daily == Decimal("0.0003")
    rate_falls()
    approvals.review(order.pk, LATER)
    order = walks.read(order)
    assert running(order) == written(order) == LateFee("FREE", 3, BELOW, Decimal("0.20"))  # type: ignore[arg-type]


def test_the_lending_rate_falls_while_the_paper_lies_there_and_a_new_one_is_signed() -> None:
    order = make.order(State.APPROVED, slug="mini-4", months=3)
    old = order.agreement
    assert old is not None
    rate_falls()
    with pytest.raises(signing.PaperRenewed):
        signing.request_code(order, LATER)
    with quick_paper():
        make.drain(LATER)
    order = walks.read(order)
    assert order.agreement is not None
    assert Agreement.objects.get(pk=old.pk).state == "VOID"
    assert (order.agreement.number, order.agreement.state) == (f"{order.number}-2", "READY")
    assert Message.objects.filter(template="agreement_ready", step__endswith=":agreement-2").exists()
    with quick_paper():
        make.sign(order, LATER)
    order = walks.read(order)
    assert order.state == State.SIGNED
    assert running(order) == written(order) == LateFee("FREE", 3, BELOW, Decimal("0.20"))  # type: ignore[arg-type]


def test_a_code_that_was_sent_before_the_rate_fell_signs_nothing() -> None:
    order = make.order(State.APPROVED, slug="mini-4", months=3)
    with make.moment(LATER):
        signing.request_code(order, LATER)
    rate_falls()
    with pytest.raises(signing.PaperRenewed):
        signing.intend(order.pk, [], "000000", {}, LATER)
    assert walks.read(order).state == State.APPROVED


def test_a_lending_rate_that_rises_changes_no_paper() -> None:
    order = make.order(State.APPROVED, slug="mini-4", months=3)
    LendingRate.objects.create(day=business_date(AT), rate_yearly=Decimal("0.05"))
    with quick_paper():
        make.sign(order, LATER)
    assert running(walks.read(order)).rate_daily == Decimal("0.0003")


def test_what_is_signed_is_lowered_no_more() -> None:
    order = make.order(State.SIGNED, slug="mini-4", months=3)
    with walks.nothing_changes(), pytest.raises(leases.LeaseNotDraft):
        leases.lower_fee_rate(order.lease_id, BELOW, LATER)


def test_the_rate_of_the_day_is_never_above_its_cap() -> None:
    rules = LeaseRules(**house_rules.FIRST)
    assert rules.under(Decimal("0.12")) == rules
    assert rules.under(Decimal("0.0948")) == replace(rules, fee_rate_daily=BELOW)


def _first() -> tuple[Decimal, Decimal]:
    return house_rules.FIRST["fee_rate_daily"], house_rules.FIRST["fee_cap_rate"]
