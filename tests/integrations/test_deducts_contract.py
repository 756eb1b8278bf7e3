"""What every adapter that takes money on an agreement promises (integrations/payments)."""

from datetime import date
from decimal import Decimal

import pytest

from core import clock
from integrations import registry
from integrations.errors import ProviderUnavailable
from integrations.payments import AgreementFact, AgreementIntent, AgreementStatus, Declined, PaymentFact, Status
from sandbox.models import Trade
from sandbox.services import faults
from sandbox.services.faults import Kind
from tests.integrations.adapters import PHONE, DeductRig

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/leases/7/autopay/"
RENT, MOST = Decimal("309.00"), Decimal("370.80")
PAY = "alipay.trade.pay"


def wanted(number: str = "A1") -> AgreementIntent:
    return AgreementIntent(number, MOST, date(2026, 3, 31), BACK, "phone")


def agreed(rig: DeductRig) -> str:
    """The provider's number of an agreement that stands; its notice is taken."""
    rig.agree(rig.deduct().sign(wanted()).url, PHONE)
    rig.told(clock.now())
    return rig.deduct().query_agreement("A1").agreement_no


def taken(rig: DeductRig, agreement_no: str, number: str = "P1", amount: Decimal = RENT) -> PaymentFact:
    return rig.deduct().deduct(agreement_no, number, amount, "租金")


def test_an_agreement_stands_once_the_customer_agrees(deduct_rig: DeductRig) -> None:
    provider = deduct_rig.deduct()
    url = provider.sign(wanted()).url
    assert provider.query_agreement("A1").status is AgreementStatus.NOT_FOUND
    deduct_rig.look(url, PHONE)
    assert provider.query_agreement("A1").status is not AgreementStatus.ACTIVE
    deduct_rig.agree(url, PHONE)
    fact = provider.query_agreement("A1")
    assert (fact.number, fact.status) == ("A1", AgreementStatus.ACTIVE)
    assert fact.agreement_no
    assert fact.payer
    [notice] = deduct_rig.told(clock.now())
    assert (notice.kind, notice.fact) == ("agreement", fact)


def test_ending_it_here_ends_it_there_however_often(deduct_rig: DeductRig) -> None:
    provider, theirs = deduct_rig.deduct(), agreed(deduct_rig)
    assert provider.unsign("A1", theirs).status is AgreementStatus.ENDED
    assert provider.unsign("A1", theirs).status is AgreementStatus.ENDED
    assert provider.query_agreement("A1").status is not AgreementStatus.ACTIVE
    [notice] = deduct_rig.told(clock.now())
    assert isinstance(notice.fact, AgreementFact)
    assert notice.fact.status is AgreementStatus.ENDED


def test_the_customer_ends_it_at_the_provider(deduct_rig: DeductRig) -> None:
    theirs = agreed(deduct_rig)
    deduct_rig.cancel(theirs)
    [notice] = deduct_rig.told(clock.now())
    assert isinstance(notice.fact, AgreementFact)
    assert (notice.fact.number, notice.fact.status) == ("A1", AgreementStatus.ENDED)
    fact = taken(deduct_rig, theirs)
    assert (fact.status, fact.declined) == (Status.CLOSED, Declined.AGREEMENT)


def test_a_deduction_is_a_payment_like_any_other(deduct_rig: DeductRig) -> None:
    fact = taken(deduct_rig, agreed(deduct_rig))
    assert (fact.status, fact.amount, fact.declined) == (Status.SUCCEEDED, RENT, None)
    assert deduct_rig.deduct().query("P1") == fact
    assert [notice.fact for notice in deduct_rig.told(clock.now())] == [fact]


def test_one_number_takes_money_once(deduct_rig: DeductRig) -> None:
    theirs = agreed(deduct_rig)
    assert taken(deduct_rig, theirs) == taken(deduct_rig, theirs)
    assert len(deduct_rig.told(clock.now())) == 1


def test_no_more_is_taken_than_was_agreed_to(deduct_rig: DeductRig) -> None:
    fact = taken(deduct_rig, agreed(deduct_rig), amount=MOST + Decimal("0.01"))
    assert (fact.status, fact.declined) == (Status.CLOSED, Declined.LIMIT)


def test_too_little_money_is_a_final_no_with_its_reason(deduct_rig: DeductRig) -> None:
    theirs = agreed(deduct_rig)
    faults.order(PAY, Kind.NO_BALANCE)
    fact = taken(deduct_rig, theirs)
    assert (fact.status, fact.declined, fact.request_no) == (Status.CLOSED, Declined.BALANCE, "P1")
    assert not Trade.objects.exists()


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.LOSE_REPLY, Kind.FORGED])
def test_an_answer_that_is_lost_is_no_answer_and_asking_finds_the_money(deduct_rig: DeductRig, kind: Kind) -> None:
    theirs = agreed(deduct_rig)
    faults.order(PAY, kind, times=5)
    with pytest.raises(ProviderUnavailable):
        taken(deduct_rig, theirs)
    faults.forget()
    assert deduct_rig.deduct().query("P1").status is Status.SUCCEEDED
    assert taken(deduct_rig, theirs).status is Status.SUCCEEDED
    assert Trade.objects.count() == 1


def test_a_deduction_that_waits_is_open_and_can_be_closed(deduct_rig: DeductRig) -> None:
    theirs = agreed(deduct_rig)
    faults.order(PAY, Kind.FAIL_LATER)
    with pytest.raises(ProviderUnavailable):
        taken(deduct_rig, theirs)
    assert deduct_rig.deduct().query("P1").status is Status.OPEN
    assert deduct_rig.deduct().close("P1").status is Status.CLOSED
    assert taken(deduct_rig, theirs).status is Status.CLOSED  # this number is never paid any more


def test_success_that_was_refused_the_second_time_stays_a_success(deduct_rig: DeductRig) -> None:
    """The agreement ended between a lost answer and the repetition."""
    theirs = agreed(deduct_rig)
    taken(deduct_rig, theirs)
    deduct_rig.cancel(theirs)
    assert taken(deduct_rig, theirs).status is Status.SUCCEEDED


def test_an_adapter_that_cannot_deduct_is_not_given_out() -> None:
    with pytest.raises(Exception, match="cannot deduct"):
        registry.deducts("wechat")
