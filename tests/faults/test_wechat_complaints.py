"""A payer complains at WeChat Pay and its platform decides: over the real wire, each fen once, whatever goes wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
import stamina
from django.core.cache import cache
from django.db import transaction

from billing.models import Bill, Chargeback, Lease, Match, Payment, ReconciliationException
from billing.rules.postings import Kind
from billing.services import ledger, reckoning, refunds
from billing.services import payments as billing_payments
from core.calendar import business_date
from core.models import InboxNotice, OutboxMessage
from core.money import ZERO
from core.services import events, outbox
from integrations import http
from integrations.errors import ProviderUnavailable
from orders.services import disputes, polling, statements
from sandbox import keys, visitors, wire
from sandbox.models import Complaint, FaultOrder, OutgoingNotice, Spoilt, StatementFault, WechatOrder
from sandbox.services import complaints, faults
from sandbox.services import statements as there
from tests import make, things, walks

pytestmark = pytest.mark.django_db
AT = things.AT
COMPLAINED, DECIDED = AT + timedelta(hours=3), AT + timedelta(hours=5)
MORNING = AT + timedelta(days=1)
PART = Decimal("100.00")
OUTCOMES = {True: Chargeback.State.LOST, False: Chargeback.State.WON}
Trouble = FaultOrder.Kind


@pytest.fixture(autouse=True)
def _sound_afterwards() -> Iterator[None]:
    keys.make_all()
    with stamina.set_testing(True, attempts=http.ATTEMPTS):
        yield
    assert walks.broken() == {}


@pytest.fixture
def lease() -> Lease:
    return things.lease()


@pytest.fixture
def paid(lease: Lease) -> Payment:
    bill = things.bill(lease)
    made = billing_payments.open(lease.customer, [bill.pk], "wechat", at=AT, expires_at=AT + timedelta(minutes=30))
    with make.moment(AT):
        visitors.pay(billing_payments.page(made, things.RETURN_URL), things.PHONE)
    make.deliver_notices(AT + timedelta(minutes=1))
    return things.again(made)


def complain(of: Payment, at: datetime = COMPLAINED) -> None:
    with make.moment(at):
        visitors.complain(of.number, "屏幕碎了")
    make.deliver_notices(at + timedelta(minutes=1))


def decide(of: Payment, at: datetime = DECIDED, *, gives_back: bool) -> None:
    with make.moment(at):
        visitors.decide_complaint(of.number, gives_back=gives_back)
    make.deliver_notices(at + timedelta(minutes=1))


def morning(at: datetime = MORNING) -> None:
    """The statement of the day before is out."""
    cache.clear()
    with make.moment(at):
        statements.reconcile_due(at)


def cleared() -> Decimal:
    stands = ledger.account(Kind.CLEARING, channel="wechat")
    return stands.debits - stands.credits


def asked(at: datetime) -> int:
    cache.clear()  # the breaker's memory: time has passed
    with make.moment(at):
        return polling.ask_open(at)


def test_a_lost_one_opens_the_bill_and_its_line_is_matched_once(lease: Lease, paid: Payment) -> None:
    complain(paid)
    opened = Chargeback.objects.get()
    assert (opened.state, opened.amount, opened.withheld, opened.reason) == ("OPEN", paid.amount, False, "屏幕碎了")
    assert (things.bill(lease).state, cleared()) == (Bill.State.PAID, paid.amount)
    with pytest.raises(refunds.RefundTooLarge):  # it waits for the decision
        refunds.request(paid.pk, PART, "test", COMPLAINED, lease)
    decide(paid, gives_back=True)
    assert things.again(opened).state == Chargeback.State.LOST
    assert (things.bill(lease).state, cleared()) == (Bill.State.OPEN, ZERO)
    morning()
    match = Match.objects.get(chargeback=opened)
    assert (match.line.kind, match.line.refund_number, match.line.amount) == (
        "REFUND", opened.dispute_number, paid.amount,
    )  # fmt: skip
    assert not ReconciliationException.objects.exists()
    shown = reckoning.day("wechat", things.ON)
    assert shown is not None
    assert (shown.is_even, shown.is_in_ledger, shown.told_refunds.count) == (True, True, 1)


def test_a_won_one_leaves_all_as_it_was(lease: Lease, paid: Payment) -> None:
    complain(paid)
    decide(paid, gives_back=False)
    assert Chargeback.objects.get().state == Chargeback.State.WON
    assert (things.bill(lease).state, cleared(), things.again(paid).charged_back) == ("PAID", paid.amount, ZERO)
    morning()
    assert not Match.objects.filter(chargeback__isnull=False).exists()
    assert not ReconciliationException.objects.exists()


@pytest.mark.parametrize("gives_back", [True, False])
def test_notices_in_every_order_and_twice_post_once(paid: Payment, gives_back: bool) -> None:
    with make.moment(COMPLAINED):
        visitors.complain(paid.number)
    faults.order("notice", Trouble.DUPLICATE)
    with make.moment(DECIDED):
        visitors.decide_complaint(paid.number, gives_back=gives_back)
    waiting = list(OutgoingNotice.objects.filter(delivered_at=None).order_by("pk"))
    assert len(waiting) == 3
    for order in permutations(waiting):
        with transaction.atomic():
            transaction.get_connection().atomic_blocks[-1]._from_testcase = True
            for turn, notice in enumerate(order):
                OutgoingNotice.objects.exclude(pk__in=[one.pk for one in order[: turn + 1]]).update(due_at=None)
                OutgoingNotice.objects.filter(pk=notice.pk).update(due_at=DECIDED + timedelta(minutes=turn))
                make.deliver_notices(DECIDED + timedelta(minutes=turn))
            found = Chargeback.objects.get()
            assert found.state == OUTCOMES[gives_back]
            assert events.of(found).filter(kind__in=["dispute_opened", "dispute_lost", "dispute_won"]).count() == 2
            assert walks.broken() == {}
            transaction.set_rollback(True)


def test_a_forged_notice_is_refused_and_the_list_of_the_day_finds_it(paid: Payment) -> None:
    stored = InboxNotice.objects.count()
    faults.order("notice:COMPLAINT.CREATE", Trouble.FORGED)
    complain(paid)
    assert (InboxNotice.objects.count(), Chargeback.objects.count()) == (stored, 0)
    morning()
    assert Chargeback.objects.get().state == Chargeback.State.OPEN


def test_a_decision_that_no_notice_tells_is_found_by_asking_each_hour(lease: Lease, paid: Payment) -> None:
    complain(paid)
    faults.order("notice", Trouble.DROP)
    decide(paid, gives_back=True)
    opened = Chargeback.objects.get()
    assert opened.asked_at is not None
    assert asked(opened.asked_at + timedelta(minutes=59)) == 0
    assert asked(opened.asked_at + timedelta(minutes=60)) == 1
    assert things.again(opened).state == Chargeback.State.LOST
    assert asked(opened.asked_at + timedelta(days=1)) == 0


def test_what_nobody_told_of_is_known_by_the_line_of_its_statement(lease: Lease, paid: Payment) -> None:
    """The complaint is of an earlier day, whose list was taken before; every notice was lost."""
    faults.order("notice", Trouble.DROP, times=9)
    complain(paid)
    decide(paid, DECIDED + timedelta(days=2), gives_back=True)
    with make.moment(MORNING + timedelta(days=2)):
        at = MORNING + timedelta(days=2)
        statements.reconcile("wechat", business_date(DECIDED + timedelta(days=2)), at)
    found = Chargeback.objects.get()
    assert (found.state, found.decided_at) == (Chargeback.State.LOST, DECIDED + timedelta(days=2))
    assert Match.objects.filter(chargeback=found).count() == 1
    assert things.bill(lease).state == Bill.State.OPEN


def test_another_amount_than_can_be_is_noted_and_nothing_is_posted(lease: Lease, paid: Payment) -> None:
    prepay_id = WechatOrder.objects.get().prepay_id
    with make.moment(COMPLAINED):
        complaints.make(prepay_id, "", COMPLAINED, WechatOrder.objects.get().total + 1)
    make.deliver_notices(COMPLAINED)
    disputes_of_the_day = OutboxMessage.objects.filter(topic="dispute.told")
    assert disputes_of_the_day.count() == 1
    assert not Chargeback.objects.exists()
    assert events.of(paid).filter(kind="dispute_mismatch", facts__wrong="amount").count() == 1
    assert (things.bill(lease).state, things.again(paid).charged_back) == ("PAID", ZERO)


def test_one_of_a_trade_that_is_not_ours_changes_nothing(paid: Payment) -> None:
    order = WechatOrder.objects.get()
    order.pk, order.prepay_id, order.out_trade_no = None, wire.new_number(AT, 30), "P-NOT-OURS"
    order.transaction_id = wire.new_number(AT)
    order.save(force_insert=True)
    with make.moment(COMPLAINED):
        visitors.complain("P-NOT-OURS")
        number = Complaint.objects.get().complaint_id
        assert disputes.ask("wechat", number, COMPLAINED) == "unknown number"
        assert disputes.ask("wechat", "404404", COMPLAINED) == "asks for no money"
    make.deliver_notices(COMPLAINED)
    assert InboxNotice.objects.latest("pk").outcome == "asked about"
    assert not Chargeback.objects.exists()


def test_after_a_refund_only_the_rest_can_be_disputed(lease: Lease, paid: Payment) -> None:
    refunds.request(paid.pk, PART, "test", AT, lease)
    make.drain(AT + timedelta(minutes=2))
    assert asked(AT + timedelta(minutes=5)) >= 1
    complain(paid)
    decide(paid, gives_back=True)
    found = Chargeback.objects.get()
    assert (found.state, found.amount) == (Chargeback.State.LOST, paid.amount - PART)
    assert cleared() == ZERO
    complain(paid, DECIDED + timedelta(hours=1))  # nothing is left
    assert Complaint.objects.count() == 1
    morning()
    assert Match.objects.filter(line__kind="REFUND").count() == 2
    assert not ReconciliationException.objects.exists()


@pytest.mark.parametrize("kind", [Trouble.LOSE_REPLY, Trouble.DOWN, Trouble.UNKNOWN, Trouble.FORGED])
def test_a_question_without_an_answer_is_asked_again(paid: Payment, kind: Any) -> None:
    faults.order("wechat.complaint", kind, times=9)
    with pytest.raises(ProviderUnavailable):
        complain(paid)
    assert not Chargeback.objects.exists()
    faults.forget()
    cache.clear()
    later = COMPLAINED + timedelta(hours=1)
    outbox.sweep(later)
    make.drain(later)
    assert Chargeback.objects.get().state == Chargeback.State.OPEN


def test_money_taken_for_a_complaint_that_does_not_exist_is_a_difference(paid: Payment) -> None:
    seed = next(seed for seed in range(99) if _draws(seed) == "TAKEN")
    there.spoil("wechat", seed=seed, day=things.ON)
    morning()
    found = ReconciliationException.objects.get()
    assert (found.kind, found.chargeback) == ("MISSING_HERE", None)
    assert found.line is not None
    assert found.line.amount == paid.amount
    assert Match.objects.count() == 1


def _draws(seed: int) -> str:
    """Which error a statement of the day would get."""
    sid = transaction.savepoint()
    there.spoil("wechat", seed=seed, day=things.ON)
    there.of("wechat", things.ON, MORNING)
    kind = str(Spoilt.objects.get().kind)
    transaction.savepoint_rollback(sid)
    assert not StatementFault.objects.exists()
    return kind


def test_a_lost_one_that_a_statement_misses_is_a_difference_until_its_line_comes(paid: Payment) -> None:
    complain(paid)
    decide(paid, gives_back=True)
    Complaint.objects.update(decided_at=DECIDED + timedelta(days=1))  # it stands on the next day's statement only
    morning()
    missing = ReconciliationException.objects.get()
    assert (missing.kind, missing.chargeback) == ("MISSING_THERE", Chargeback.objects.get())
    morning(MORNING + timedelta(days=1))
    assert things.again(missing).state == ReconciliationException.State.RESOLVED
    assert Match.objects.get(chargeback__isnull=False).line.file.day == things.ON + timedelta(days=1)


def test_a_complaint_about_a_payment_of_which_we_heard_nothing_posts_the_payment_first(lease: Lease) -> None:
    bill = things.bill(lease)
    made = billing_payments.open(lease.customer, [bill.pk], "wechat", at=AT, expires_at=AT + timedelta(minutes=30))
    faults.order("notice", Trouble.DROP)
    with make.moment(AT):
        visitors.pay(billing_payments.page(made, things.RETURN_URL), things.PHONE)
    complain(made)
    assert (things.again(made).state, Chargeback.objects.get().state) == (Payment.State.SUCCEEDED, "OPEN")
