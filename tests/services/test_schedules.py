"""At checkout: a grade lowers the rent or shortens the choice, an income limits it, a hard stop ends it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Customer
from billing.rules.terms import LeaseTerms
from core import calendar
from credit.models import TierSet
from credit.services import decisions, incomes, stops, tiers
from orders.models import Order, State
from orders.services import approvals, checkout, steps, terms, trust
from tests import make
from tests.trust import published, report

pytestmark = pytest.mark.django_db
AT, D = make.AT, Decimal
ON = calendar.business_date(AT)


def graded(rent_off: int = 0, longest: int | None = None, income: int | None = None, share: int = 0) -> Customer:
    """A good customer on a table with these rules."""
    present = make.tiers()
    draft = tiers.draft_from(present.pk, "operator:1", AT)
    TierSet.objects.filter(pk=draft.pk).update(rent_share_percent=share)
    draft.tiers.exclude(outcome="REFUSE").update(rent_off_percent=rent_off, longest_term=longest)
    published(draft)
    customer = make.verified()
    if income:
        incomes.declare(customer, D(income), AT)
    decisions.decide(customer, report(customer, 726, AT), AT)
    return customer


def test_a_grade_lowers_the_rent_everywhere_and_no_buyout_price() -> None:
    """309 − 5 % = 293.55: the table, the bills, the paper; owning costs 12 × 15.45 less."""
    plan, plain = make.plan(), make.customer()
    before = checkout.quote(plain, plan, 12, ON)
    of = graded(rent_off=5)
    cost = checkout.quote(of, plan, 12, ON)
    assert (cost.monthly, cost.list_rent, cost.first_rent) == (D("293.55"), D("309.00"), D("293.55"))
    assert cost.curve == before.curve
    assert before.total_to_own is not None
    assert cost.total_to_own == before.total_to_own - 12 * D("15.45")
    order = make.order(of=of)
    deal = LeaseTerms.from_json(order.lease.terms)
    assert (deal.monthly_rent, deal.curve) == (D("293.55"), before.curve)
    assert {bill.rent for bill in order.lease.bills.all()} == {D("293.55")}
    paper = terms.of(order, AT)
    assert paper.total_to_own == cost.total_to_own
    assert paper.annual_cost_simple == cost.cost_simple_yearly


def test_a_grade_may_forbid_long_terms() -> None:
    of, plan = graded(longest=12), make.plan()
    assert checkout.quote(of, plan, 12, ON).allowed == (6, 12)
    long = checkout.quote(of, plan, 24, ON)
    assert long.forbidden == "grade"
    with pytest.raises(checkout.ScheduleForbidden):
        checkout.place(of, plan.pk, 24, make.address(of), long.digest, "k", AT)
    assert not Order.objects.exists()


def test_an_income_limits_what_all_leases_take_together() -> None:
    """A third of 1,500 is 495: 309 fits once; 186 are left beside it, and not even 24 × 240 fits."""
    of, plan = graded(income=1500, share=33), make.plan()
    first = checkout.quote(of, plan, 12, ON)
    assert (first.forbidden, 12 in first.allowed) == ("", True)
    checkout.place(of, plan.pk, 12, make.address(of), first.digest, "k1", AT)
    assert trust.rents_monthly(of) == D(309)
    second = checkout.quote(of, plan, 12, ON)
    assert (second.forbidden, second.allowed) == ("income", ())
    with pytest.raises(checkout.ScheduleForbidden):
        checkout.place(of, plan.pk, 12, make.address(of), second.digest, "k2", AT)


def test_the_customer_chooses_among_the_schedules_that_the_income_carries() -> None:
    """A third of 900 is 297: 6 × 360 and 12 × 309 do not fit, 18 × 270 and 24 × 240 do."""
    of, plan = graded(income=900, share=33), make.plan()
    assert checkout.quote(of, plan, 12, ON).allowed == (18, 24)


def test_who_declares_nothing_is_limited_by_nothing() -> None:
    of, plan = graded(share=33), make.plan()
    assert checkout.quote(of, plan, 12, ON).allowed == (6, 12, 18, 24)


def test_a_hard_stop_ends_what_is_not_approved_yet_with_a_full_deposit_too() -> None:
    make.tiers()
    of, plan = make.verified(), make.plan()
    cost = checkout.quote(of, plan, 12, ON)
    order = checkout.place(of, plan.pk, 12, make.address(of), cost.digest, "k", AT).orders.get()
    stops.add(of, "FRAUD", "forged papers", "operator:1", AT)
    approvals.review(order.pk, AT + timedelta(seconds=5))
    assert Order.objects.get(pk=order.pk).state == State.REFUSED
    with pytest.raises(steps.CustomerBlocked):
        checkout.place(of, plan.pk, 12, make.address(of), cost.digest, "k2", AT)


def test_what_is_shared_with_people_in_arrears_is_counted_by_blind_indexes() -> None:
    make.tiers()
    one, two, clean = make.verified(), make.verified(), make.verified()
    for of in (one, two):
        make.address(of)  # the same door and the same phone of a consignee
    assert trust.record(one, AT).addresses_shared == 0
    stops.add(two, "BLACKLIST", "owes another merchant", "operator:1", AT)
    found = trust.record(one, AT)
    assert (found.phones_shared, found.addresses_shared) == (1, 1)
    assert trust.record(clean, AT).phones_shared == 0
