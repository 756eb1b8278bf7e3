"""After a death or a loss of legal capacity: no fee, no word about money, by whatever way, and the estate returns the
device (domain.md §5)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Standstill, User
from accounts.services import standstills as papers
from accounts.services.standstills import Event
from arrears.invariants import INVARIANTS
from arrears.models import CollectionCase, PaymentPromise
from arrears.services import cases, promises
from billing.models import AutopayAgreement, AutopayTry, Bill, Lease
from billing.services import autopay, deductions, reminders, statements
from core import calendar
from core.errors import DomainError
from core.invariants import violations
from core.models import Approval
from core.money import ZERO
from core.services import approvals
from notices.models import Message, PhoneCall
from notices.services import calls, messages, sending
from orders.jobs import JOBS
from orders.models import Ending, Order, State
from orders.services import early_returns, inspections, renewals, returns, standstills, steps, waits
from sandbox import visitors
from sandbox.models import Trade
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = calendar.instant(date(2026, 1, 31), 10)
DAY = timedelta(days=1)
PDF = b"%PDF-1.4 a certificate"
ONE, OTHER = "operator:1", "operator:2"
ON = date(2026, 3, 20)  # bill 2 of 28 February is due and open
DEATH = Event("DEATH", ON - DAY, "certificate shown by the daughter")


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with walks.kept(django_db_blocker):
        yield make.order(State.ACTIVE, of=make.customer(726, at=AT), slug="q7-pro", months=12, at=AT).pk


@pytest.fixture
def order(staged: int) -> Order:
    return Order.objects.get(pk=staged)


def noon(on: date) -> datetime:
    return calendar.instant(on, 12)


def record(order: Order, happened: Event = DEATH, on: date = ON) -> Approval | None:
    return standstills.record(order.customer, happened, PDF, ONE, noon(on))


def fee(order: Order, number: int, on: date) -> Decimal:
    bill = Bill.objects.select_related("lease").get(lease=order.lease_id, number=number)
    return statements.view(bill, on).fee_now


def test_no_late_fee_grows_from_that_day_on_and_the_case_closes(order: Order) -> None:
    cases.open_due(ON - 5 * DAY, noon(ON - 5 * DAY))
    case = CollectionCase.objects.get(lease=order.lease_id)
    promise = promises.make(case.pk, Decimal(100), ON + 5 * DAY, ONE, noon(ON - DAY))
    assert record(order) is None
    # 4 to 18 March: 15 × 309.00 × 0.0003 = 1.3905; without it 5 more days to 24 March
    assert {fee(order, 2, ON + days * DAY) for days in (0, 5, 300)} == {Decimal("1.39")}
    assert fee(order, 3, ON + 300 * DAY) == ZERO
    case.refresh_from_db(fields=["outcome", "closed_on"])
    assert (case.outcome, case.closed_on) == ("STANDSTILL", ON)
    assert PaymentPromise.objects.get(pk=promise.pk).state == "LAPSED"
    assert cases.open_due(ON + 40 * DAY, noon(ON + 40 * DAY)) == 0
    with pytest.raises(papers.StandstillInForce):
        record(order)
    assert papers.content(Standstill.objects.get(), ONE, noon(ON)) == PDF
    assert walks.broken() == {}


def test_from_longer_ago_it_counts_once_a_second_person_agrees_and_a_fee_that_was_paid_comes_back(order: Order) -> None:
    make.pay_bill(order, 2, noon(ON))  # 4 to 19 March: 16 × 309.00 × 0.0003 = 1.4832
    assert Bill.objects.get(lease=order.lease_id, number=2).fee == Decimal("1.48")
    asked = record(order, Event("DEATH", date(2026, 3, 10), "heard of it late"), ON + 5 * DAY)
    assert asked is not None
    assert Standstill.objects.get().since == ON + 5 * DAY  # peace at once, the money with two persons
    assert statements.credit_balance(order.customer) == ZERO
    with pytest.raises(approvals.SamePerson):
        standstills.carry_out(asked.pk, ONE, noon(ON + 6 * DAY))
    standstills.carry_out(asked.pk, OTHER, noon(ON + 6 * DAY))
    bill = Bill.objects.get(lease=order.lease_id, number=2)
    # 4 to 9 March: 6 × 309.00 × 0.0003 = 0.5562
    assert (bill.fee, bill.state) == (Decimal("0.56"), Bill.State.PAID)
    assert statements.credit_balance(order.customer) == Decimal("0.92")
    assert walks.broken() == {}
    with pytest.raises(standstills.DayAhead):
        record(order, Event("DEATH", ON + 9 * DAY, "tomorrow"), ON + 8 * DAY)


def test_nobody_calls_writes_or_asks_by_the_desk_by_a_task_or_by_the_shell(order: Order) -> None:
    user, night = order.customer.user, calendar.instant(ON - DAY, 23)
    messages.inform(user, "order_paid", {"order": order.number}, step="waits for the morning", at=night)
    record(order)
    user = User.objects.get(pk=user.pk)
    assert not Message.objects.filter(user=user, channel="SMS", state="QUEUED").exists()
    with pytest.raises(calls.LeftInPeace):
        calls.dial(user, caller=ONE, subject="about:it", purpose="a call", at=noon(ON))
    with pytest.raises(calls.LeftInPeace):
        cases.require_unrelieved(order.lease_id, ON)
    before = Message.objects.filter(user=user).count()
    reminders.send(date(2026, 4, 3), noon(date(2026, 4, 3)))  # three days after bill 3
    for job in JOBS:
        job.run(ON + 60 * DAY, noon(ON + 60 * DAY))
    assert Message.objects.filter(user=user).count() == before
    assert messages.inform(user, "order_paid", {"order": order.number}, step="s", at=noon(ON)) == ["IN_APP"]
    case = {"number": "AC1", "lease_id": order.lease_id, "customer_id": order.customer_id, "opened_on": ON}
    for forbidden in (
        lambda: PhoneCall.objects.create(user=user, caller=ONE, subject="x", dialled_at=noon(ON)),
        lambda: Message.objects.create(
            user=user, channel="SMS", template="bill_due", params={}, language="en", step="x", created_at=noon(ON),
            not_before=noon(ON), state="QUEUED",
        ),
        lambda: CollectionCase.objects.create(**case),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="is on record"), transaction.atomic():
            forbidden()


def test_what_slipped_into_the_queue_is_called_off_when_its_turn_comes(order: Order) -> None:
    messages.inform(order.customer.user, "order_paid", {"order": order.number}, step="late", at=noon(ON))
    waiting = Message.objects.get(channel="SMS", step="late")
    User.objects.filter(pk=order.customer.user_id).update(in_peace_since=ON)
    assert sending.send(waiting.pk, noon(ON))
    assert Message.objects.get(pk=waiting.pk).state == "CALLED_OFF"


def test_the_estate_sends_it_back_without_a_charge_and_the_deposit_comes_back(order: Order) -> None:
    make.pay_bill(order, 2, noon(ON))
    with pytest.raises(DomainError):
        standstills.open_return(order.pk, ONE, noon(ON))
    record(order)
    assert not steps.is_trusted(Order.objects.get(pk=order.pk).customer)
    at = noon(ON + 2 * DAY)
    ending = standstills.open_return(order.pk, ONE, at)
    assert (ending.basis, walks.read(order).state) == (Ending.Basis.ESTATE, State.RETURNING)
    with pytest.raises(papers.NoStandstill):  # it is on its way already
        standstills.open_return(order.pk, ONE, at)
    standstills.hand_over(order.pk, ONE, "sf", make.waybill(), at)
    make.scan(order, at, at + DAY)
    inspections.arrive(order.pk, "merchant:1", at + 2 * DAY)
    inspections.pass_device(order.pk, make.merchant_member(), serial_matches=True, wiped=True, note="", at=at + 2 * DAY)
    done = walks.read(order)
    assert (done.state, done.reason) == (State.COMPLETED, "returned")
    assert not done.lease.bills.exclude(kind="RENT").exists()
    assert set(done.lease.bills.filter(number__gt=2).values_list("state", flat=True)) == {"VOID"}
    assert walks.broken() == {}


def test_not_sent_in_thirty_days_it_is_asked_for_anew_and_an_early_return_becomes_the_estates(order: Order) -> None:
    early_returns.open(order.pk, f"customer:{order.customer_id}", noon(ON - DAY))
    record(order)
    assert standstills.open_return(order.pk, ONE, noon(ON)).basis == Ending.Basis.ESTATE
    assert order.endings.count() == 1
    waits.end_due(noon(ON + 29 * DAY))
    assert walks.read(order).state == State.RETURNING
    waits.end_due(noon(ON + 30 * DAY))
    assert walks.read(order).state == State.ACTIVE
    assert standstills.may_open_return(walks.read(order))


def test_past_its_last_day_it_costs_nothing_more_and_is_never_given_up_by_the_clock(order: Order) -> None:
    last = order.lease.last_day
    assert last is not None
    late = next(job for job in JOBS if job.name == "day-rents")
    late.run(last + 20 * DAY, noon(last + 20 * DAY))
    record(order, Event("INCAPACITY", last + 9 * DAY, "by the court"), last + 10 * DAY)
    for days in (18, 40, 90):
        late.run(last + days * DAY, noon(last + days * DAY))
    rows = order.lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state="VOID")
    assert max(row.period_end for row in rows if row.period_end) == last + 8 * DAY
    assert walks.read(order).state == State.ACTIVE
    at = noon(last + 91 * DAY)
    standstills.open_return(order.pk, ONE, at)
    returns.hand_over(order.pk, ONE, "sf", make.waybill(), at)
    make.scan(order, at, at)
    rows = order.lease.bills.filter(kind=Bill.Kind.DAY_RENT).exclude(state="VOID")
    assert max(row.period_end for row in rows if row.period_end) == last + 8 * DAY


def test_a_mistaken_one_is_withdrawn_by_two_persons_and_its_days_stay_free(order: Order) -> None:
    record(order)
    asked = standstills.propose_end(order.customer, "another person of that name", ONE, noon(ON + 9 * DAY))
    with pytest.raises(approvals.SamePerson):
        standstills.carry_out_end(asked.pk, ONE, noon(ON + 10 * DAY))
    standstills.carry_out_end(asked.pk, OTHER, noon(ON + 10 * DAY))
    # 15 days before, and again from 30 March on: 15 + 2 days to the 31st; 17 × 309.00 × 0.0003 = 1.5759
    assert fee(order, 2, ON + 12 * DAY) == Decimal("1.58")
    user = User.objects.get(pk=order.customer.user_id)
    assert user.in_peace_since is None
    assert set(messages.inform(user, "order_paid", {"order": order.number}, step="s", at=noon(ON))) == {"IN_APP", "SMS"}
    assert cases.open_due(ON + 12 * DAY, noon(ON + 12 * DAY)) == 1
    assert steps.is_trusted(Order.objects.get(pk=order.pk).customer)
    with pytest.raises(IntegrityError, match="kept as it was"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_standstill SET note = 'other'")
    assert walks.broken() == {}


def test_what_says_so_past_its_guards_is_counted(order: Order) -> None:
    found = next(each for each in INVARIANTS if each.number == "68")
    User.objects.filter(pk=order.customer.user_id).update(in_peace_since=ON)
    assert violations(found) == 1
    User.objects.filter(pk=order.customer.user_id).update(in_peace_since=None)
    Lease.objects.filter(pk=order.lease_id).update(still=[["2026-03-19", None]])
    assert violations(found) == 1
    Lease.objects.filter(pk=order.lease_id).update(still=[["2026-03-19", "2026-03-20"]])
    assert violations(found) == 0


def test_automatic_payment_rests_and_what_was_not_sent_yet_is_dropped(order: Order) -> None:
    due = calendar.instant(date(2026, 3, 31), 10)
    with make.moment(noon(ON)):
        made = autopay.open(order.lease_id, "alipay", on=ON, at=noon(ON))
        visitors.pay(autopay.page(made, "http://testserver/", "phone"), make.phone_of(order.customer, noon(ON)))
    make.deliver_notices(noon(ON))
    assert deductions.due(due.date(), due) == 1
    waiting = AutopayTry.objects.get().payment
    standstills.record(order.customer, Event("DEATH", due.date(), "shown by the son"), PDF, ONE, due)
    fact = deductions.send(waiting.pk, due)
    assert fact is not None
    assert fact.status == "CLOSED"
    assert not Trade.objects.filter(out_trade_no=waiting.number).exists()
    later = calendar.instant(date(2026, 4, 30), 10)
    assert (deductions.due(later.date(), later), deductions.announce(later.date() - DAY, later - DAY)) == (0, 0)
    assert AutopayAgreement.objects.get().state == "ACTIVE"


def test_a_renewal_that_waits_for_its_day_does_not_begin(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(renewals, "of", lambda order: object())
    monkeypatch.setattr(renewals, "withdraw", lambda pk, actor, at: taken.append(pk))
    record(order)
    assert taken == [order.pk]
