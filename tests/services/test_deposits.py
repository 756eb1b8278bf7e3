"""Freezing and releasing deposits (domain.md §7; reliability.md 14, 21)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Deposit, DepositFreeze, DepositRelease, Lease
from billing.services import deposits, holding, leases
from core.models import Holiday, OutboxMessage
from core.services import events
from integrations import registry
from integrations.errors import ProviderUnavailable
from integrations.payments import ReleaseFact, Status
from tests import things
from tests.services.test_leases import locks

pytestmark = pytest.mark.django_db
LATER = things.AT + timedelta(minutes=5)


@pytest.fixture
def lease() -> Lease:
    return things.lease(deposit="2000", waived="500")


def secured(lease: Lease) -> DepositFreeze:
    freeze = things.freeze(lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    return DepositFreeze.objects.get(pk=freeze.pk)


def test_what_is_not_waived_is_to_be_frozen(lease: Lease) -> None:
    assert things.freeze(lease).amount == Decimal(1500)


def test_one_freeze_at_a_time(lease: Lease) -> None:
    freeze = things.freeze(lease)
    with pytest.raises(deposits.FreezeOpen) as refusal:
        things.freeze(lease)
    assert refusal.value.freeze == freeze


def test_a_waived_deposit_is_not_frozen() -> None:
    with pytest.raises(holding.DepositNotDue):
        things.freeze(things.lease(deposit="2000", waived="2000"))


def test_a_void_leases_deposit_is_not_frozen(lease: Lease) -> None:
    leases.void(lease.pk, things.AT)
    with pytest.raises(holding.DepositNotDue):
        things.freeze(lease)


def test_the_deposit_is_frozen_after_the_signature_only() -> None:
    with pytest.raises(holding.DepositNotSigned):
        things.freeze(things.lease(deposit="2000", signed=False))


def test_a_freeze_secures_the_deposit_once(lease: Lease) -> None:
    freeze = things.freeze(lease)
    first = deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    again = deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    assert (first.news, first.secured, first.lease_id) == (True, True, lease.pk)
    assert (again.news, again.secured) == (False, False)
    freeze = things.again(freeze)
    assert (freeze.state, freeze.frozen, freeze.held) == ("FROZEN", Decimal(1500), Decimal(1500))
    assert Deposit.objects.get(lease=lease).state == "SECURED"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"amount": Decimal("1499.99")}, "amount"),
        ({"request_no": "another"}, "request"),
        ({"merchant_id": "2088999999999999"}, "merchant"),
        ({"auth_no": ""}, "auth"),
    ],
)
def test_a_freeze_that_does_not_match_is_quarantined(lease: Lease, wrong: dict[str, object], named: str) -> None:
    freeze = things.freeze(lease)
    captured = deposits.capture_freeze(things.ALIPAY, things.frozen(freeze, **wrong), LATER)
    assert (captured.quarantined, captured.secured) == (True, False)
    assert events.of(freeze).get().facts["wrong"] == named
    assert Deposit.objects.get(lease=lease).state == "DUE"


def test_a_right_freeze_after_a_quarantine_is_noted_once_and_secures_nothing(lease: Lease) -> None:
    freeze = things.freeze(lease)
    for fact in (things.frozen(freeze, merchant_id=""), things.frozen(freeze), things.frozen(freeze)):
        captured = deposits.capture_freeze(things.ALIPAY, fact, LATER)
    assert (captured.quarantined, captured.secured) == (True, False)
    assert [event.kind for event in events.of(freeze)] == ["freeze_quarantined", "freeze_after_quarantine"]


def test_a_freeze_on_a_void_lease_is_released_by_itself(lease: Lease) -> None:
    freeze = things.freeze(lease)
    leases.void(lease.pk, LATER)
    deposits.release(lease.pk, "cancelled", on=things.ON, at=LATER)
    captured = deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    assert (captured.news, captured.secured) == (True, False)
    assert captured.release is not None
    assert captured.release.amount == Decimal(1500)
    assert OutboxMessage.objects.filter(topic="deposit.release_requested").count() == 1


def test_a_late_freeze_is_released_by_itself_when_another_secured_the_deposit(lease: Lease) -> None:
    late = things.freeze(lease)
    closed = things.frozen(late, status=Status.CLOSED)
    deposits.capture_freeze(things.ALIPAY, closed, LATER)
    secured(lease)
    captured = deposits.capture_freeze(things.ALIPAY, things.frozen(late), LATER)
    assert captured.release is not None
    assert captured.release.freeze == late
    assert Deposit.objects.get(lease=lease).state == "SECURED"


def test_a_late_freeze_still_secures_a_deposit_that_is_wanted(lease: Lease) -> None:
    freeze = things.freeze(lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(freeze, status=Status.CLOSED), LATER)
    assert deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER).secured


def test_a_held_freeze_does_not_close(lease: Lease) -> None:
    freeze = secured(lease)
    captured = deposits.capture_freeze(things.ALIPAY, things.frozen(freeze, status=Status.CLOSED), LATER)
    assert not captured.news
    freeze = things.again(freeze)
    assert freeze.state == "FROZEN"


def test_a_release_is_promised_for_the_third_working_day(lease: Lease) -> None:
    """Friday 6 March: Monday, Tuesday, Wednesday 11 March."""
    secured(lease)
    friday = things.ON + timedelta(days=4)
    deposit = deposits.release(lease.pk, "settled", on=friday, at=LATER)
    assert (deposit.state, deposit.promised_on) == ("RELEASING", friday + timedelta(days=5))


def test_a_holiday_moves_the_promised_day(lease: Lease) -> None:
    secured(lease)
    friday = things.ON + timedelta(days=4)
    Holiday.objects.create(day=friday + timedelta(days=3), working=False, name="调休")
    assert deposits.release(lease.pk, "settled", on=friday, at=LATER).promised_on == friday + timedelta(days=6)


def test_a_release_is_one_intent_however_often_it_is_asked_for(lease: Lease) -> None:
    secured(lease)
    for _ in range(2):
        deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    intent = DepositRelease.objects.get()
    assert intent.amount == Decimal(1500)
    assert OutboxMessage.objects.get(topic="deposit.release_requested").payload == {"release_id": intent.pk}


def test_a_release_is_recorded_once(lease: Lease) -> None:
    freeze = secured(lease)
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    intent = DepositRelease.objects.get()
    first = deposits.apply_release(things.released(intent.number, Decimal(1500)), LATER)
    again = deposits.apply_release(things.released(intent.number, Decimal(1500)), LATER)
    assert (first.news, first.finished, again.news) == (True, True, False)
    freeze = things.again(freeze)
    assert (freeze.held, freeze.released) == (0, Decimal(1500))
    assert Deposit.objects.get(lease=lease).state == "RELEASED"


def test_a_release_of_another_amount_is_an_event_and_changes_nothing(lease: Lease) -> None:
    freeze = secured(lease)
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    intent = DepositRelease.objects.get()
    assert not deposits.apply_release(things.released(intent.number, Decimal(1499)), LATER).news
    assert events.of(intent).reverse()[0].kind == "release_mismatch"
    freeze = things.again(freeze)
    assert freeze.held == Decimal(1500)


def test_a_waived_deposit_is_released_at_once() -> None:
    lease = things.lease(deposit="2000", waived="2000")
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    assert Deposit.objects.get(lease=lease).state == "RELEASED"


def test_unknown_numbers_are_unknown() -> None:
    with pytest.raises(deposits.ReleaseUnknown):
        deposits.apply_release(things.released("U-none", Decimal(1)), LATER)
    with pytest.raises(deposits.FreezeUnknown):
        deposits.lease_of_freeze(things.ALIPAY, "D-none")


def test_a_release_that_timed_out_is_sent_again_with_its_number(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    secured(lease)
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    intent = DepositRelease.objects.get()
    seen = []

    class Bank:
        def unfreeze(self, auth_no: str, request_no: str, amount: Decimal, remark: str) -> ReleaseFact:
            seen.append((request_no, amount))
            if len(seen) == 1:
                raise ProviderUnavailable("time-out")
            return things.released(request_no, amount)

        def query_release(self, auth_no: str, request_no: str) -> ReleaseFact:
            return things.released(request_no, Decimal(0), status=Status.NOT_FOUND)

    monkeypatch.setattr(registry, "holds", lambda name: Bank())
    with pytest.raises(ProviderUnavailable):
        deposits.send_release(intent.pk, LATER)
    assert deposits.releases_to_ask(LATER) == []
    assert deposits.releases_to_ask(LATER + timedelta(minutes=3)) == [intent.pk]
    assert deposits.ask_release(intent.pk, LATER).state == "SUCCEEDED"
    assert seen == [(intent.number, Decimal(1500))] * 2


def test_capturing_locks_lease_deposit_and_freeze_in_that_order(lease: Lease) -> None:
    freeze = things.freeze(lease)
    with CaptureQueriesContext(connection) as seen:
        deposits.capture_freeze(things.ALIPAY, things.frozen(freeze), LATER)
    assert locks(seen) == ["billing_lease", "billing_deposit", "billing_depositfreeze"]


def test_open_freezes_are_asked_about_and_closed_like_payments(lease: Lease) -> None:
    freeze = things.freeze(lease)
    assert deposits.freezes_to_ask(things.AT + timedelta(seconds=59)) == []
    assert deposits.freezes_to_ask(things.AT + timedelta(minutes=1)) == [freeze.pk]
    assert deposits.freezes_to_close(freeze.expires_at) == [freeze.pk]


@things.at_work
def test_a_deposit_over_the_wire(lease: Lease) -> None:
    freeze = things.freeze(lease)
    things.freeze_at_cashier(freeze)
    assert deposits.capture_freeze(things.ALIPAY, deposits.ask_freeze(freeze.pk), LATER).secured
    deposits.release(lease.pk, "settled", on=things.ON, at=LATER)
    intent = DepositRelease.objects.get()
    assert deposits.send_release(intent.pk, LATER).state == "SUCCEEDED"
    assert deposits.ask_release(intent.pk, LATER).state == "SUCCEEDED"
    assert Deposit.objects.get(lease=lease).state == "RELEASED"


@things.at_work
def test_an_open_freeze_closes_at_the_provider(lease: Lease) -> None:
    freeze = things.freeze(lease)
    deposits.page(freeze, things.RETURN_URL)
    assert deposits.close_freeze(freeze.pk, freeze.expires_at + deposits.SURELY_OVER).status is not Status.SUCCEEDED
    freeze = things.again(freeze)
    assert freeze.state == "CLOSED"
