"""A freeze ends by itself after its provider's longest hold: said ahead, noticed, believed no longer (issue 4)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing import jobs
from billing.models import Deposit, DepositFreeze, DepositRelease, Lease
from billing.services import captures, deposits, holding, lapses
from core import invariants
from core.services import events
from desk import queues
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.payments import FreezeFact, ReleaseFact, Status
from notices.models import Message
from orders.services import payments
from sandbox.models import Freeze
from sandbox.services import freezes
from tests import things
from tests.things import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def freeze() -> DepositFreeze:
    lease = things.lease(deposit="2000", waived="500", start=things.ON)
    made = things.freeze(lease)
    deposits.capture_freeze(things.ALIPAY, things.frozen(made), AT)
    return things.again(made)


class Provider:
    merchant_id = "-"

    def __init__(self, of: DepositFreeze, rest: str | None, status: Status = Status.SUCCEEDED) -> None:
        self.rest, self.status, self.of = rest, status, of

    def query_freeze(self, order_no: str, request_no: str) -> FreezeFact:
        if self.rest is None:
            raise ProviderUnavailable("time-out")
        return things.frozen(self.of, rest=Decimal(self.rest), status=self.status)


def says(monkeypatch: pytest.MonkeyPatch, of: DepositFreeze, rest: str | None, **other: Status) -> None:
    monkeypatch.setattr(registry, "holds", lambda name: Provider(of, rest, **other))


def broken() -> list[str]:
    return [each.number for each in invariants.all_invariants() if invariants.violations(each)]


def test_a_freeze_knows_when_it_ends(freeze: DepositFreeze) -> None:
    assert freeze.frozen_at is not None
    assert freeze.ends_at == freeze.frozen_at + timedelta(days=registry.holds("alipay").longest_hold_days)


def test_one_of_before_ends_were_kept_gets_its_end_at_the_next_day_end(freeze: DepositFreeze) -> None:
    ends_at = freeze.ends_at
    assert ends_at is not None
    DepositFreeze.objects.update(ends_at=None)
    near = ends_at - timedelta(days=13)
    assert list(lapses.ending(near)) == []
    assert jobs.end_freezes(things.ON, near) == {"freezes dated": 1, "freezes ended": 0, "freezes that end soon": 1}
    assert things.again(freeze).ends_at == ends_at
    assert list(lapses.ending(near)) == [freeze]
    assert lapses.date_old() == 0


def test_it_is_said_two_weeks_ahead_once_and_stands_at_the_desk(freeze: DepositFreeze) -> None:
    assert freeze.ends_at is not None
    early = freeze.ends_at - timedelta(days=15)
    assert (lapses.warn(early), list(lapses.ending(early))) == (0, [])
    near = freeze.ends_at - timedelta(days=13)
    assert (lapses.warn(near), lapses.warn(near + timedelta(days=1))) == (1, 0)
    assert Message.objects.filter(template="deposit_freeze_ends", channel="IN_APP").count() == 1
    assert list(lapses.ending(near)) == [freeze]


def test_gone_at_the_provider_it_is_held_no_longer(freeze: DepositFreeze, monkeypatch: pytest.MonkeyPatch) -> None:
    assert freeze.ends_at is not None
    says(monkeypatch, freeze, "0.00")
    over = freeze.ends_at + timedelta(hours=1)
    assert lapses.look(freeze.ends_at - timedelta(hours=1)) == 0
    assert lapses.look(over) == 1
    now = things.again(freeze)
    assert (now.held, now.released, now.captured) == (Decimal(0), Decimal(1500), Decimal(0))
    deposit = Deposit.objects.get(pk=freeze.deposit_id)
    assert (deposit.state, holding.held(deposit)) == ("LAPSED", Decimal(0))
    assert events.of(deposit).filter(kind="deposit_lapsed").count() == 1
    assert Message.objects.filter(template="deposit_freeze_ended", channel="IN_APP").exists()
    assert list(lapses.lapsed()) == [deposit]
    assert lapses.look(over + timedelta(days=1)) == 0
    assert broken() == []


@pytest.mark.parametrize("rest", ["1500.00", None])
def test_still_there_or_unknown_nothing_changes(
    freeze: DepositFreeze, rest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert freeze.ends_at is not None
    says(monkeypatch, freeze, rest)
    assert lapses.look(freeze.ends_at + timedelta(hours=1)) == 0
    assert things.again(freeze).held == Decimal(1500)
    assert Deposit.objects.get(pk=freeze.deposit_id).state == "SECURED"


def test_a_release_that_nobody_asked_for_is_looked_into_at_once(
    freeze: DepositFreeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, freeze, "0.00")
    fact = ReleaseFact(freeze.number, "auto-1", freeze.auth_number or "", "O", Status.SUCCEEDED, Decimal(1500), AT)
    assert payments.receive_release(fact, AT) == "freeze ended"
    assert payments.receive_release(fact, AT) == "unknown number"
    assert things.again(freeze).held == 0


def test_what_we_release_ourselves_is_no_lapse(freeze: DepositFreeze, monkeypatch: pytest.MonkeyPatch) -> None:
    deposits.release(freeze.deposit.lease_id, "settled", on=things.ON, at=AT)
    assert freeze.ends_at is not None
    assert not lapses.apply(freeze.pk, things.frozen(freeze, rest=Decimal(0)), freeze.ends_at)
    assert Deposit.objects.get(pk=freeze.deposit_id).state == "RELEASING"


def test_nothing_is_taken_from_what_is_gone_and_the_lease_can_end(freeze: DepositFreeze) -> None:
    assert lapses.apply(freeze.pk, things.frozen(freeze, rest=Decimal(0)), AT)
    lease = Lease.objects.select_related("deposit").get(pk=freeze.deposit.lease_id)
    assert captures.foreseen(lease, things.ON) == 0
    done = deposits.release(lease.pk, "settled", on=things.ON, at=AT)
    assert done.state == "RELEASED"


@things.at_work
def test_a_release_that_comes_after_the_end_is_over_and_so_is_the_deposit() -> None:
    """The provider gave it all back by itself a moment before we asked: it refuses, and nobody waits for ever."""
    lease = things.lease(deposit="2000", waived="500", start=things.ON)
    made = things.freeze(lease)
    things.freeze_at_cashier(made)
    deposits.capture_freeze(things.ALIPAY, deposits.ask_freeze(made.pk), AT)
    deposits.release(lease.pk, "settled", on=things.ON, at=AT)
    there = Freeze.objects.get(out_order_no=made.number)
    assert there.frozen_at is not None
    freezes.end(there, there.frozen_at + freezes.LONGEST_HOLD)
    release = DepositRelease.objects.get()
    later = AT + timedelta(minutes=5)
    assert deposits.ask_release(release.pk, later).state == "SUCCEEDED"
    now = things.again(made)
    assert (now.held, now.released) == (Decimal(0), Decimal(1500))
    assert Deposit.objects.get(lease=lease).state == "RELEASED"
    assert deposits.ask_release(release.pk, later).state == "SUCCEEDED"
    assert deposits.releases_to_ask(later + timedelta(days=1)) == []
    assert broken() == []


@pytest.mark.parametrize("rest", ["1500.00", None])
def test_a_release_that_is_refused_while_the_money_is_there_waits_for_an_operator(
    freeze: DepositFreeze, rest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing(Provider):
        def unfreeze(self, auth_no: str, request_no: str, amount: Decimal, remark: str) -> ReleaseFact:
            raise ProviderRefused("ACCESS_FORBIDDEN")

    deposits.release(freeze.deposit.lease_id, "settled", on=things.ON, at=AT)
    monkeypatch.setattr(registry, "holds", lambda name: Refusing(freeze, rest))
    release = DepositRelease.objects.get()
    with pytest.raises(ProviderRefused):
        deposits.send_release(release.pk, AT)
    assert (things.again(release).state, things.again(freeze).held) == ("REQUESTED", Decimal(1500))


def test_the_desk_has_both_queues(freeze: DepositFreeze) -> None:
    assert {"ending_freezes", "lapsed"} <= {queue.name for queue in queues.QUEUES}
