"""The customer agrees to a freeze at the moment at which we end it: what the provider let go does not count as held."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache

from billing.models import Deposit, DepositFreeze
from billing.services import deposits
from core.services import events
from integrations.errors import ProviderUnavailable
from integrations.payments import FreezeFact
from integrations.payments.alipay import Alipay
from orders.services import payments, polling
from sandbox import keys, visitors
from sandbox.models import FaultOrder, Freeze
from sandbox.services import faults, freezes
from tests import make, things, walks

pytestmark = pytest.mark.django_db
AT = things.AT
END = AT + timedelta(minutes=31)


@pytest.fixture(autouse=True)
def _sound_afterwards() -> Iterator[None]:
    keys.make_all()
    yield
    cache.clear()
    assert walks.broken() == {}


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> DepositFreeze:
    """Its page is open before the customer, who agrees after we asked how it stands and before our call to end it."""
    made = things.freeze(things.lease(deposit="2000"))
    with make.moment(AT):
        page = deposits.page(made, things.RETURN_URL)
        visitors.look(page, things.PHONE)
    real = Alipay.cancel_freeze

    def agrees_first(self: Alipay, order_no: str, request_no: str) -> FreezeFact:
        Freeze.objects.filter(out_order_no=order_no).update(expires_at=END + timedelta(hours=1))
        visitors.pay(page, things.PHONE)
        return real(self, order_no, request_no)

    monkeypatch.setattr(Alipay, "cancel_freeze", agrees_first)
    Freeze.objects.update(expires_at=END + timedelta(hours=1))  # the provider's clock is a little slow
    return made


def nothing_is_held(freeze: DepositFreeze) -> None:
    after = things.again(freeze)
    assert (after.state, after.held) == (DepositFreeze.State.CLOSED, 0)
    assert Deposit.objects.get(pk=freeze.deposit_id).state == Deposit.State.DUE
    assert freezes.rest(Freeze.objects.get(out_order_no=freeze.number)) == 0


def test_what_the_provider_gave_back_at_once_secures_nothing(freeze: DepositFreeze) -> None:
    with make.moment(END):
        payments.close_freeze(freeze.pk, END)
    make.deliver_notices(END + timedelta(minutes=1))  # the freeze, and its release that is not ours
    nothing_is_held(freeze)


def test_the_same_when_the_answer_to_the_call_is_lost(freeze: DepositFreeze) -> None:
    faults.order("alipay.fund.auth.operation.cancel", FaultOrder.Kind.LOSE_REPLY, times=3)
    with make.moment(END), pytest.raises(ProviderUnavailable):
        payments.close_freeze(freeze.pk, END)
    make.deliver_notices(END + timedelta(minutes=1))
    assert things.again(freeze).state == DepositFreeze.State.OPEN
    cache.clear()
    later = END + timedelta(minutes=2)
    with make.moment(later):
        polling.ask_open(later)
    nothing_is_held(freeze)
    assert events.of(freeze).filter(kind=deposits.ENDING).count() == 1


def test_who_agreed_before_we_asked_has_his_deposit_frozen(freeze: DepositFreeze) -> None:
    """The counterpart: the success that was quicker is taken."""
    with make.moment(AT):
        visitors.pay(deposits.page(freeze, things.RETURN_URL), things.PHONE)
    with make.moment(END):
        payments.close_freeze(freeze.pk, END)
    assert things.again(freeze).state == DepositFreeze.State.FROZEN
    assert Deposit.objects.get(pk=freeze.deposit_id).state == Deposit.State.SECURED
