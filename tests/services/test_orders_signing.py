"""Signing: every key term confirmed, a code for this document and no other, then two signatures by a worker."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.services import codes
from contracts.models import Agreement, Document
from contracts.services import agreements
from core.services import events
from orders.models import Order, State
from orders.services import approvals, cancellations, payments, signing, steps
from sandbox import keys as sandbox_keys
from sandbox.services import sms
from tests import make, walks

pytestmark = pytest.mark.django_db
AT = make.AT
LATER = AT + timedelta(minutes=5)
FACTS = {"address": "127.0.0.1", "browser": "test"}


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Two approved orders of one customer, both agreements on show, a code sent for each."""
    with walks.kept(django_db_blocker):
        sandbox_keys.make_all()
        first = make.order(State.APPROVED, slug="mini-4", months=3, on_paper=True)
        second = make.order(State.APPROVED, slug="w3", months=6, of=first.customer, on_paper=True)
        secrets = []
        for order in (first, second):
            with make.moment(LATER):
                signing.request_code(Order.objects.get(pk=order.pk), LATER)
            make.drain(LATER)
            secrets.append(sms.latest(first.customer.user.phone.open(by="t", purpose="t", at=AT)).params["code"])
        yield {"order": first.pk, "other": second.pk, "codes": secrets}


@pytest.fixture
def order(staged: dict[str, Any]) -> Order:
    return Order.objects.get(pk=staged["order"])


def all_terms(order: Order) -> list[str]:
    assert order.agreement is not None
    return [term.code.value for term in agreements.key_terms(order.agreement, "zh", "platform", AT)]


def intend(order: Order, code: str) -> Order:
    return signing.intend(order.pk, all_terms(order), code, FACTS, LATER)


def test_confirming_and_the_code_lead_to_two_signatures(order: Order, staged: dict[str, Any]) -> None:
    waits_until = order.waits_until
    intend(order, staged["codes"][0])
    assert walks.read(order).state == State.APPROVED  # until the worker has signed
    make.drain(LATER)
    order = walks.read(order)
    assert (order.state, order.signed_at, order.waits_until) == (State.SIGNED, LATER, waits_until)
    assert order.agreement is not None
    assert order.agreement.state == Agreement.State.SIGNED
    assert order.lease.frozen_at == LATER
    last = events.of(order).filter(kind="transition").last()
    assert last is not None
    assert (last.source, last.target, last.actor) == ("APPROVED", "SIGNED", f"customer:{order.customer_id}")


def test_signing_repeated_at_every_point_changes_nothing(order: Order, staged: dict[str, Any]) -> None:
    intend(order, staged["codes"][0])
    with walks.nothing_changes():
        intend_again = signing.intend(order.pk, [], "000000", FACTS, LATER)
    assert intend_again == order
    make.drain(LATER)
    with walks.nothing_changes():
        signing.intend(order.pk, [], "000000", FACTS, LATER)
        signing.complete(order.pk, LATER)
        signing.present(order.pk, LATER)


def test_a_key_term_left_open_refuses_and_keeps_the_code(order: Order, staged: dict[str, Any]) -> None:
    with walks.nothing_changes("core_event"), pytest.raises(agreements.NotAllConfirmed):  # reading terms is logged
        signing.intend(order.pk, all_terms(order)[1:], staged["codes"][0], FACTS, LATER)
    intend(order, staged["codes"][0])


def test_the_code_of_another_document_signs_nothing(order: Order, staged: dict[str, Any]) -> None:
    assert staged["codes"][0] != staged["codes"][1]
    with walks.nothing_changes("core_event", "accounts_onetimecode"), pytest.raises(codes.CodeWrong):
        intend(order, staged["codes"][1])


def test_an_old_code_signs_nothing(order: Order, staged: dict[str, Any]) -> None:
    with walks.nothing_changes("core_event"), pytest.raises(codes.CodeExpired):
        signing.intend(order.pk, all_terms(order), staged["codes"][0], FACTS, LATER + timedelta(minutes=5))


def test_an_order_cancelled_before_the_worker_signed_stays_cancelled(order: Order, staged: dict[str, Any]) -> None:
    intend(order, staged["codes"][0])
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)
    make.drain(LATER)
    order = walks.read(order)
    assert order.agreement is not None
    assert (order.state, order.agreement.state) == (State.CANCELLED, Agreement.State.VOID)
    assert not Document.objects.filter(agreement=order.agreement, kind=Document.Kind.SIGNED).exists()
    assert walks.broken() == {}


def test_an_order_cancelled_while_the_worker_signs_stays_cancelled(
    order: Order, staged: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    intend(order, staged["codes"][0])
    sign = agreements.make_signatures

    def slow(agreement_id: int, at: Any) -> bytes | None:
        signed = sign(agreement_id, at)
        cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)
        return signed

    monkeypatch.setattr(agreements, "make_signatures", slow)
    with make.moment(LATER):  # the time stamps are of the same hour
        signing.complete(order.pk, LATER)
    assert walks.read(order).state == State.CANCELLED
    assert walks.broken() == {}


def test_a_cancelled_order_sends_no_code_and_takes_none(order: Order, staged: dict[str, Any]) -> None:
    cancellations.cancel(order.pk, f"customer:{order.customer_id}", "by_customer", LATER)
    order = walks.read(order)
    with walks.nothing_changes(), pytest.raises(steps.StepNotPossible):
        signing.request_code(order, LATER + timedelta(minutes=2))
    with (
        walks.nothing_changes("core_event", "accounts_onetimecode"),  # the code is used up, nothing else
        pytest.raises(steps.StepNotPossible),
    ):
        intend(order, staged["codes"][0])


def test_no_code_before_the_agreement_is_on_show(order: Order) -> None:
    fresh = make.order(of=order.customer, slug="mini-4", months=3)
    approvals.review(fresh.pk, LATER)
    with walks.nothing_changes("core_event"), pytest.raises(agreements.AgreementNotReady):
        signing.request_code(walks.read(fresh), LATER)


def test_nothing_is_paid_or_frozen_before_the_signature(order: Order) -> None:
    bill = order.lease.bills.get(number=1)
    with walks.nothing_changes():
        for attempt in (
            lambda: payments.pay_first(order, LATER),
            lambda: payments.freeze_deposit(order, LATER),
            lambda: payments.pay_bills(order, [bill.pk], LATER),
        ):
            with pytest.raises(payments.NotPayableYet):
                attempt()


def test_the_evidence_names_the_agreements_own_terms_and_nothing_that_a_form_added(
    order: Order, staged: dict[str, Any]
) -> None:
    sent = [*all_terms(order), "I-CONFIRM-NOTHING", "a\0b"]
    signing.intend(order.pk, sent, staged["codes"][0], FACTS, LATER)
    assert order.agreement is not None
    confirmed = order.agreement.evidence.get(kind="confirmed")
    assert sorted(confirmed.facts["terms"]) == sorted(all_terms(order))


def test_the_second_of_two_clicks_meets_the_first_ones_will(
    order: Order, staged: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second read the agreement before the first signed, and its code is used up."""
    check = codes.check

    def overtaken(*arguments: Any, **named: Any) -> None:
        monkeypatch.setattr(codes, "check", check)
        intend(order, staged["codes"][0])
        check(*arguments, **named)

    monkeypatch.setattr(codes, "check", overtaken)
    assert intend(order, staged["codes"][0]).pk == order.pk
    assert order.agreement is not None
    assert order.agreement.evidence.filter(kind="code_entered").count() == 1
