"""One lease in each late-fee mode, from the rules in the admin over checkout and agreement to the fee that is paid."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Allocation
from billing.services import leases
from catalog.services import plans
from contracts.services import agreements
from core import calendar
from core.invariants import all_invariants, violations
from orders.models import LeaseRuleSet, Order, State
from orders.services import lease_rules
from tests import house_rules, make

pytestmark = pytest.mark.django_db
BEGUN = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)  # bills 2 and 3 are due on 28 February and 31 March
DUE, PAID = calendar.instant(date(2026, 3, 31), 12), calendar.instant(date(2026, 4, 6), 12)
IN_GRACE, AFTER = calendar.instant(date(2026, 4, 3), 12), calendar.instant(date(2026, 4, 4), 12)
SAID: dict[str, dict[str, list[str]]] = {
    "FREE": {
        "checkout": ["Nothing is charged within 3 days. After that 0.03\u2009% a day, at most 20\u2009% of that rent."],
        "agreement": ["from the first day after grace"],
        "key": ["free if paid within them; then ¥0.16 a day (0.03 %)", "宽限内付清不收费；之后每天 ¥0.16（0.03 %）"],
        "grace": ["3 days of grace, today is day 3", "× the days after grace, at most"],
        "late": ["6 days past due, the first 3 are free", "Pay ¥542.16"],
    },
    "RETROACTIVE": {
        "checkout": [
            "Nothing is charged if you pay within 3 days. After them it is 0.03\u2009% a day from the day after the due"
            " day on, the days of grace included, at most 20\u2009% of that rent."
        ],
        "agreement": ["from the day after its due date"],
        "key": [
            "from the day after the due date, the days of grace included: ¥0.16 a day (0.03 %)",
            "过了宽限，从应付日次日起算，宽限的日子也计：每天 ¥0.16（0.03 %）",
        ],
        "grace": [
            "3 days of grace, today is day 3", "× the days after the due day, once the days of grace (3) have passed",
            "The late fee counts, the days of grace included",
        ],
        "late": ["6 days past due, all of them counted now", "Pay ¥542.64"],
    },
}  # fmt: skip
NEVER = {
    "FREE": ["the days of grace included"],
    "RETROACTIVE": ["are free", "the days after grace", "from the first day after grace"],
}


def published(mode: str) -> None:
    if mode != lease_rules.in_force().late_fee_mode:
        figures = house_rules.FIRST | {"late_fee_mode": mode}
        draft = LeaseRuleSet.objects.create(version=lease_rules.next_version(), **figures)
        asked = lease_rules.propose(draft.pk, "operator:1", "agreed in the meeting", BEGUN)
        lease_rules.carry_out(asked.pk, "operator:2", BEGUN)


def offered() -> None:
    """Of the cast's camera, at 541.83 a month."""
    draft = plans.new_version(make.plan("r5-kit", BEGUN).pk)
    draft.terms.update(monthly_rent=Decimal("541.83"))
    plans.publish(draft.pk, "operator:1", BEGUN)


def read(client: Client, at: datetime, name: str, *args: Any, query: str = "") -> str:
    with make.moment(at):
        answer = client.get(reverse(f"storefront:{name}", args=args) + query, headers={"accept-language": "en"})
    return answer.content.decode().replace("&#x27;", "'")


def check(mode: str, where: str, page: str) -> None:
    for words in SAID[mode][where]:
        assert words in page, (where, words)
    for words in NEVER[mode]:
        assert words not in page, (where, words)


def key_term(order: Order) -> str:
    """What is confirmed about a late fee, in both languages."""
    assert order.agreement is not None
    said = [agreements.key_terms(order.agreement, each, "test", BEGUN) for each in ("en", "zh")]
    told = " ".join(term.text for terms in said for term in terms if term.code.value == "LATE_FEE")
    return " ".join(told.split())


@pytest.mark.parametrize(("mode", "fee"), [("FREE", "0.33"), ("RETROACTIVE", "0.81")])
def test_rent_of_541_83_due_on_31_march_and_paid_on_6_april(mode: str, fee: str) -> None:
    offered()
    published(mode)
    of = make.customer(at=BEGUN)
    of.user.language = "en"
    of.user.save(update_fields=["language"])
    client = make.signed_in(of.user)
    home = make.address(of, BEGUN)
    plan = make.plan("r5-kit")
    page = read(client, BEGUN, "checkout", plan.pk, query=f"?months=12&address={home.pk}")
    check(mode, "checkout", page)
    assert SAID[mode]["checkout"][0] in read(Client(), BEGUN, "home")

    order = make.order(State.APPROVED, of=of, slug="r5-kit", months=12, at=BEGUN, on_paper=True)
    assert order.agreement is not None
    check(mode, "agreement", read(client, BEGUN, "agreement", order.number))
    check(mode, "key", key_term(order))
    make.sign(order, BEGUN)
    published("FREE" if mode == "RETROACTIVE" else "RETROACTIVE")  # an existing lease never changes
    make.pay_first(order, BEGUN)
    order = Order.objects.get(pk=order.pk)
    make._ship(order, BEGUN)
    make._STEPS[State.ACTIVE](order, BEGUN)
    order = Order.objects.get(pk=order.pk)
    assert order.agreement is not None
    signed = agreements.terms_of(order.agreement, "test", "test", BEGUN).late_fee
    terms = leases.terms_of(order.lease)
    assert (signed.mode, signed.grace_days, signed.rate_daily) == (mode, terms.grace_days, terms.fee_rate_daily)
    assert terms.late_fee_mode == mode

    make.pay_bill(order, 2, calendar.instant(date(2026, 2, 28), 12))
    bill = order.lease.bills.get(number=3)
    assert (bill.due_date, bill.rent) == (date(2026, 3, 31), Decimal("541.83"))
    check(mode, "grace", read(client, IN_GRACE, "bill", order.number, 3))
    check(mode, "late", read(client, PAID, "bill", order.number, 3))
    make.pay_bill(order, 3, PAID)
    bill = order.lease.bills.get(number=3)
    laid = {row.part: row.amount for row in Allocation.objects.filter(bill=bill)}
    assert (bill.state, bill.fee, laid["FEE"], laid["RENT"]) == ("PAID", Decimal(fee), Decimal(fee), Decimal("541.83"))
    assert [each.name for each in all_invariants() if violations(each)] == []
