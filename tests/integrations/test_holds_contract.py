"""What every adapter that can freeze a deposit promises (integrations/payments)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core import clock
from integrations.errors import ProviderRefused
from integrations.payments import FreezeFact, FreezeIntent, ReleaseFact, Status
from sandbox.visitors import TurnedAway
from tests.integrations.adapters import PHONE, HoldRig

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/bills/7/"
DEPOSIT = Decimal("3000.00")


def deposit(number: str = "F1") -> FreezeIntent:
    return FreezeIntent("O1", number, DEPOSIT, "押金", clock.now() + timedelta(hours=2), BACK)


def part(rig: HoldRig, amount: str) -> Decimal:
    """So much of the hold, or the whole of it where nothing less can be released."""
    return Decimal(amount) if "unfreeze" in rig.hold().capabilities else DEPOSIT


def frozen(rig: HoldRig) -> FreezeFact:
    rig.agree(rig.hold().freeze(deposit()).url, PHONE)
    return rig.hold().query_freeze("O1", "F1")


def test_a_freeze_holds_the_amount(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    url = provider.freeze(deposit()).url
    assert provider.query_freeze("O1", "F1").status in (Status.NOT_FOUND, Status.OPEN)  # some know it before he comes
    hold_rig.look(url, PHONE)
    assert provider.query_freeze("O1", "F1").status is Status.OPEN
    hold_rig.agree(url, PHONE)
    fact = provider.query_freeze("O1", "F1")
    assert (fact.status, fact.amount, fact.mode, fact.rest) == (Status.SUCCEEDED, DEPOSIT, "FUND", DEPOSIT)
    assert fact.merchant_id == provider.merchant_id
    assert fact.auth_no
    assert fact.payer
    assert fact.frozen_at is not None
    [notice] = hold_rig.told(clock.now())
    assert (notice.kind, notice.fact) == ("freeze", fact)


def test_a_freeze_asked_for_twice_is_one_page(hold_rig: HoldRig) -> None:
    assert hold_rig.hold().freeze(deposit()) == hold_rig.hold().freeze(deposit())


def test_a_release_gives_back_once_for_one_number(hold_rig: HoldRig) -> None:
    provider, given = hold_rig.hold(), part(hold_rig, "1000.00")
    auth_no = frozen(hold_rig).auth_no
    hold_rig.told(clock.now())
    assert provider.query_release(auth_no, "U1").status is Status.NOT_FOUND
    first = provider.unfreeze(auth_no, "U1", given, "归还")
    assert provider.unfreeze(auth_no, "U1", given, "归还") == first
    assert (first.status, first.amount, first.order_no) == (Status.SUCCEEDED, given, "O1")
    assert provider.query_release(auth_no, "U1") == first
    assert provider.query_freeze("O1", "F1").rest == DEPOSIT - given
    [notice] = hold_rig.told(clock.now())
    assert isinstance(notice.fact, ReleaseFact)
    assert (notice.kind, notice.fact) == ("release", first)


def test_a_release_number_keeps_its_amount(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    provider.unfreeze(auth_no, "U1", part(hold_rig, "1000.00"), "归还")
    with pytest.raises(ProviderRefused):
        provider.unfreeze(auth_no, "U1", Decimal("999.00"), "归还")


def test_no_more_is_released_than_is_held(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    provider.unfreeze(auth_no, "U1", part(hold_rig, "2999.99"), "归还")
    with pytest.raises(ProviderRefused):
        provider.unfreeze(auth_no, "U2", Decimal("0.02"), "归还")


def test_a_part_is_released_only_where_the_flags_say_so(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    if "unfreeze" in provider.capabilities:
        assert provider.unfreeze(auth_no, "U1", Decimal("1.00"), "归还").status is Status.SUCCEEDED
        return
    with pytest.raises(ProviderRefused):
        provider.unfreeze(auth_no, "U1", Decimal("1.00"), "归还")
    assert provider.query_freeze("O1", "F1").rest == DEPOSIT
    assert provider.query_release(auth_no, "U1").status is Status.NOT_FOUND


def test_a_capture_is_a_payment_out_of_the_hold(hold_rig: HoldRig) -> None:
    """What it leaves is held on where parts can be released; elsewhere it goes back, and a release of it says so."""
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    hold_rig.told(clock.now())
    fact = provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False)
    assert (fact.status, fact.amount, fact.request_no) == (Status.SUCCEEDED, Decimal("500.00"), "C1")
    assert fact.merchant_id == provider.merchant_id
    assert provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False) == fact
    assert provider.query("C1") == fact
    rest = Decimal("2500.00") if "unfreeze" in provider.capabilities else Decimal("0.00")
    assert provider.query_freeze("O1", "F1").rest == rest
    assert [notice.fact for notice in hold_rig.told(clock.now())] == [fact]
    released = provider.unfreeze(auth_no, "U1", Decimal("2500.00"), "归还")
    assert (released.status, released.amount) == (Status.SUCCEEDED, Decimal("2500.00"))
    assert provider.query_freeze("O1", "F1").rest == Decimal("0.00")


def test_a_second_capture_takes_no_more_than_the_flags_say(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=False)
    if "unfreeze" in provider.capabilities:
        assert provider.capture(auth_no, "C2", Decimal("500.00"), "后盖", final=False).status is Status.SUCCEEDED
        return
    with pytest.raises(ProviderRefused):
        provider.capture(auth_no, "C2", Decimal("500.00"), "后盖", final=False)
    assert provider.query("C2").status is Status.NOT_FOUND


def test_a_final_capture_gives_the_rest_back(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    auth_no = frozen(hold_rig).auth_no
    hold_rig.told(clock.now())
    provider.capture(auth_no, "C1", Decimal("500.00"), "屏幕", final=True)
    assert provider.query_freeze("O1", "F1").rest == Decimal("0.00")
    kinds = ["payment", "release"] if "unfreeze" in provider.capabilities else ["payment"]
    assert sorted(notice.kind for notice in hold_rig.told(clock.now())) == kinds


def test_no_more_is_captured_than_is_held(hold_rig: HoldRig) -> None:
    auth_no = frozen(hold_rig).auth_no
    with pytest.raises(ProviderRefused):
        hold_rig.hold().capture(auth_no, "C1", DEPOSIT + Decimal("0.01"), "屏幕", final=True)


def test_cancelling_before_the_customer_agrees_ends_it(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    url = provider.freeze(deposit()).url
    assert provider.cancel_freeze("O1", "F1").status is Status.CLOSED
    with pytest.raises(TurnedAway):
        hold_rig.agree(url, PHONE)
    assert provider.query_freeze("O1", "F1").status is not Status.SUCCEEDED


def test_cancelling_after_it_gives_everything_back(hold_rig: HoldRig) -> None:
    provider = hold_rig.hold()
    frozen(hold_rig)
    assert provider.cancel_freeze("O1", "F1").status is Status.CLOSED
    assert provider.query_freeze("O1", "F1").rest == Decimal("0.00")


def test_cancelling_the_unknown_says_not_found(hold_rig: HoldRig) -> None:
    assert hold_rig.hold().cancel_freeze("O404", "F404").status is Status.NOT_FOUND
