"""What the real world does to an Alipay client (reliability.md)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest

from core import clock
from integrations import registry
from integrations.errors import BadSignature, ProviderRefused, ProviderUnavailable, Unreached
from integrations.payments import FreezeFact, FreezeIntent, Notice, PayIntent, PaymentFact, RefundStatus, Status
from integrations.payments.alipay import Alipay
from sandbox import keys, magic, rsa2, visitors
from sandbox.models import OutgoingNotice
from sandbox.services import faults, notices, people, trades
from sandbox.services.faults import Kind
from sandbox.services.notices import Answer, Letter
from sandbox.views import gateway, pays
from tests.integrations.adapters import PHONE, posted

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8000/back/"
AMOUNT = Decimal("100.00")


@pytest.fixture
def alipay() -> Alipay:
    adapter = registry.get("payments", "alipay")
    assert isinstance(adapter, Alipay)
    return adapter


def pay(alipay: Alipay, number: str = "P1") -> None:
    intent = PayIntent(number, AMOUNT, "租金", clock.now() + timedelta(minutes=30), BACK)
    visitors.pay(alipay.pay(intent).url, PHONE)


def freeze(alipay: Alipay) -> str:
    intent = FreezeIntent("O1", "F1", AMOUNT, "押金", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(alipay.freeze(intent).url, PHONE)
    return alipay.query_freeze("O1", "F1").auth_no


def told(alipay: Alipay) -> list[Notice]:
    return [alipay.parse_notice(letter.body, {}, clock.now()) for letter in posted(clock.now())]


def only_form() -> dict[str, str]:
    form: dict[str, str] = OutgoingNotice.objects.get().form
    return form


# what the words mean


def test_a_partial_refund_sends_trade_success_again_under_a_new_id(alipay: Alipay) -> None:
    pay(alipay)
    [first] = told(alipay)
    alipay.refund("P1", "R1", Decimal("30.00"), "")
    [second] = told(alipay)
    assert OutgoingNotice.objects.latest("pk").form["trade_status"] == "TRADE_SUCCESS"
    assert first.notice_id != second.notice_id
    assert isinstance(first.fact, PaymentFact)
    assert isinstance(second.fact, PaymentFact)
    assert (second.fact.trade_no, second.fact.paid_at) == (first.fact.trade_no, first.fact.paid_at)


def test_trade_closed_by_a_full_refund_and_by_a_time_out_are_told_apart(alipay: Alipay) -> None:
    pay(alipay, "P1")
    alipay.refund("P1", "R1", AMOUNT, "")
    unpaid = PayIntent("P2", AMOUNT, "租金", clock.now() + timedelta(minutes=30), BACK)
    visitors.look(alipay.pay(unpaid).url, PHONE)
    alipay.close("P2")
    last_words = {notice.form["out_trade_no"]: notice.form["trade_status"] for notice in OutgoingNotice.objects.all()}
    assert last_words == {"P1": "TRADE_CLOSED", "P2": "TRADE_CLOSED"}
    facts = [notice.fact for notice in told(alipay)]
    assert [f.status for f in facts if isinstance(f, PaymentFact) and f.request_no == "P1"][-1] is Status.SUCCEEDED
    assert [f.status for f in facts if isinstance(f, PaymentFact) and f.request_no == "P2"] == [Status.CLOSED]
    assert alipay.query("P1").status is Status.SUCCEEDED
    assert alipay.query("P2").status is Status.CLOSED


def test_trade_finished_is_a_success_and_refuses_refunds(alipay: Alipay) -> None:
    pay(alipay)
    told(alipay)
    trades.finish("P1", clock.now())
    [notice] = told(alipay)
    assert isinstance(notice.fact, PaymentFact)
    assert notice.fact.status is Status.SUCCEEDED
    with pytest.raises(ProviderRefused) as refusal:
        alipay.refund("P1", "R1", AMOUNT, "")
    assert refusal.value.provider_code == "ACQ.TRADE_HAS_FINISHED"


def test_a_refund_whose_reply_is_lost_is_one_refund(alipay: Alipay) -> None:
    pay(alipay)
    faults.order("alipay.trade.refund", Kind.LOSE_REPLY)
    fact = alipay.refund("P1", "R1", Decimal("60.00"), "")  # the second attempt hears fund_change N, and asks
    assert fact.status is RefundStatus.SUCCEEDED
    with pytest.raises(ProviderRefused):
        alipay.refund("P1", "R2", Decimal("40.01"), "")
    assert alipay.refund("P1", "R2", Decimal("40.00"), "").status is RefundStatus.SUCCEEDED


def test_code_10000_without_fund_change_is_no_success(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    pay(alipay)
    monkeypatch.setattr(trades, "refund", lambda number, *_: (trades.known(number, clock.now()), False))
    fact = alipay.refund("P1", "R1", AMOUNT, "")
    assert fact.status is RefundStatus.PENDING


def test_alipay_vouches_only_when_asked_with_category_and_service(alipay: Alipay) -> None:
    people.know("王芳", magic.number(clock.today().replace(year=1990), "123"), PHONE, score=720)
    freeze(alipay)
    assert alipay.query_freeze("O1", "F1").mode == "FUND"
    by_credit = replace(alipay, credit_category="RENT_PHONE", credit_service_id="2021000000")
    intent = FreezeIntent("O2", "F2", AMOUNT, "押金", clock.now() + timedelta(hours=1), BACK)
    visitors.pay(by_credit.freeze(intent).url, PHONE)
    assert by_credit.query_freeze("O2", "F2").mode == "CREDIT"
    assert [notice.fact.mode for notice in told(alipay) if notice.kind == "freeze"] == ["FUND", "CREDIT"]  # type: ignore[union-attr]


def test_a_page_left_too_long_is_closed(alipay: Alipay) -> None:
    intent = PayIntent("P1", AMOUNT, "租金", clock.now() - timedelta(minutes=1), BACK)
    with pytest.raises(visitors.TurnedAway):
        visitors.pay(alipay.pay(intent).url, PHONE)
    assert alipay.query("P1").status is Status.CLOSED


def test_who_declines_leaves_the_payment_open(alipay: Alipay) -> None:
    url = alipay.pay(PayIntent("P1", AMOUNT, "租金", clock.now() + timedelta(minutes=30), BACK)).url
    assert visitors.decline(url, PHONE) == BACK
    assert alipay.query("P1").status is Status.OPEN
    assert visitors.pay(url, PHONE).startswith(f"{BACK}?")


# nothing known


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.FORGED])
def test_an_unclear_answer_is_unavailable_and_asked_once(alipay: Alipay, kind: Kind) -> None:
    pay(alipay)
    fault = faults.order("alipay.trade.refund", kind, times=5)
    with pytest.raises(ProviderUnavailable):
        alipay.refund("P1", "R1", AMOUNT, "")
    fault.refresh_from_db()
    assert fault.remaining == 4
    faults.forget()
    assert alipay.query_refund("P1", "R1").status is RefundStatus.SUCCEEDED  # it had acted


def test_a_gateway_that_is_down_is_tried_three_times(alipay: Alipay) -> None:
    fault = faults.order("alipay.trade.query", Kind.DOWN, times=5)
    with pytest.raises(Unreached):
        alipay.query("P1")
    fault.refresh_from_db()
    assert fault.remaining == 2


def test_a_release_whose_reply_is_lost_is_one_release(alipay: Alipay) -> None:
    auth_no = freeze(alipay)
    faults.order("alipay.fund.auth.order.unfreeze", Kind.LOSE_REPLY)
    assert alipay.unfreeze(auth_no, "U1", Decimal("60.00"), "归还").status is Status.SUCCEEDED
    assert alipay.query_freeze("O1", "F1").rest == Decimal("40.00")


# notices that go wrong


def test_a_forged_notice_is_refused(alipay: Alipay) -> None:
    faults.order("notice:trade_status_sync", Kind.FORGED)
    pay(alipay)
    [letter] = posted(clock.now())
    with pytest.raises(BadSignature):
        alipay.parse_notice(letter.body, {}, clock.now())


def test_a_wrong_amount_with_a_valid_signature_reaches_the_reader(alipay: Alipay) -> None:
    faults.order("notice", Kind.WRONG_AMOUNT, argument="1.00")
    pay(alipay)
    [notice] = told(alipay)
    assert isinstance(notice.fact, PaymentFact)
    assert notice.fact.amount == Decimal("1.00")


def test_duplicates_carry_one_id(alipay: Alipay) -> None:
    faults.order("notice", Kind.DUPLICATE, argument="4")
    pay(alipay)
    ids = [notice.notice_id for notice in told(alipay)]
    assert len(ids) == 5
    assert len(set(ids)) == 1


def test_a_reordered_notice_comes_after_the_later_one(alipay: Alipay) -> None:
    faults.order("notice", Kind.REORDER)
    pay(alipay)
    alipay.refund("P1", "R1", Decimal("30.00"), "")
    refunded = [notice.fact.refunded for notice in told(alipay) if isinstance(notice.fact, PaymentFact)]
    assert refunded == [Decimal("30.00"), None]


def test_a_delayed_notice_is_not_due_yet_and_a_dropped_one_never(alipay: Alipay) -> None:
    faults.order("notice", Kind.DELAY, argument="600")
    pay(alipay, "P1")
    faults.order("notice", Kind.DROP)
    pay(alipay, "P2")
    assert posted(clock.now()) == []
    later = posted(clock.now() + timedelta(seconds=601))
    assert [alipay.parse_notice(letter.body, {}, clock.now()).fact.request_no for letter in later] == ["P1"]  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", ["fail", "success\n", "SUCCESS", '"success"', ""])
def test_anything_but_success_is_repeated_on_alipays_timetable(alipay: Alipay, answer: str) -> None:
    pay(alipay)
    at, tries = clock.now(), []

    def post(letter: Letter) -> Answer:
        tries.append(letter)
        return Answer(200, answer)

    for minutes in (0, 4, 14, 24, 84, 204, 564, 1464, 3000):
        notices.deliver_due(at + timedelta(minutes=minutes), post)
    assert len(tries) == 8  # 4, 10, 10 min, 1, 2, 6, 15 h, then no more
    assert all(letter == tries[0] for letter in tries)


def signed_by_alipay(form: dict[str, str]) -> bytes:
    return urlencode({**form, "sign": rsa2.sign(rsa2.notice_text(form), keys.alipay())}).encode()


def test_the_same_form_signed_again_is_accepted(alipay: Alipay) -> None:
    """The counterpart of the refusals below: the harness itself signs rightly."""
    pay(alipay)
    assert alipay.parse_notice(signed_by_alipay(only_form()), {}, clock.now()).kind == "payment"


@pytest.mark.parametrize("change", [{"app_id": "2021000000009999"}, {"sign_type": "RSA"}, {"sign_type": ""}])
def test_a_notice_for_another_app_or_with_sha1_is_refused(alipay: Alipay, change: dict[str, str]) -> None:
    pay(alipay)
    with pytest.raises(BadSignature):
        alipay.parse_notice(signed_by_alipay(only_form() | change), {}, clock.now())


def test_a_parameter_given_twice_is_refused(alipay: Alipay) -> None:
    pay(alipay)
    body = urlencode(parse_qsl(urlencode(only_form()))).encode()
    assert alipay.parse_notice(body, {}, clock.now()).kind == "payment"
    with pytest.raises(BadSignature):
        alipay.parse_notice(body + b"&total_amount=100.00", {}, clock.now())


def test_an_unknown_kind_of_notice_is_other(alipay: Alipay) -> None:
    pay(alipay)
    notice = alipay.parse_notice(signed_by_alipay(only_form() | {"notify_type": "app_auth"}), {}, clock.now())
    assert (notice.kind, notice.fact) == ("other", None)


NONSENSE = [
    {"trade_status": "TRADE_ODD"}, {"out_trade_no": ""}, {"total_amount": "1.005"}, {"total_amount": "1e999999"},
    {"trade_no": "9" * 100}, {"trade_no": "T\0"}, {"out_trade_no": "P\0"}, {"seller_id": "2088\0"},
    {"buyer_id": "2" * 65}, {"trans_currency": "CNY\0"}, {"gmt_payment": "0001-01-01 00:00:00"},
    {"gmt_payment": "9999-12-31 23:59:59"}, {"gmt_payment": "yesterday\0"},
]  # fmt: skip


@pytest.mark.parametrize("change", NONSENSE)
def test_a_signed_notice_that_makes_no_sense_is_kept_as_unreadable(alipay: Alipay, change: dict[str, str]) -> None:
    pay(alipay)
    notice = alipay.parse_notice(signed_by_alipay(only_form() | change), {}, clock.now())
    assert (notice.kind, notice.fact) == ("unreadable", None)
    assert notice.notice_id == only_form()["notify_id"]


@pytest.mark.parametrize("notice_id", ["", "9" * 129, "9\0", "通知"])
def test_a_notice_without_an_id_that_can_be_kept_is_refused(alipay: Alipay, notice_id: str) -> None:
    pay(alipay)
    with pytest.raises(BadSignature):
        alipay.parse_notice(signed_by_alipay(only_form() | {"notify_id": notice_id}), {}, clock.now())


def test_a_notice_must_name_the_receiver_and_an_answer_need_not(alipay: Alipay) -> None:
    pay(alipay)
    nobody = alipay.parse_notice(signed_by_alipay(only_form() | {"seller_id": ""}), {}, clock.now()).fact
    assert isinstance(nobody, PaymentFact)
    assert nobody.merchant_id == ""
    assert alipay.query("P1").merchant_id == alipay.merchant_id


def test_a_notice_of_a_freeze_must_name_the_receiver(alipay: Alipay) -> None:
    freeze(alipay)
    nobody = alipay.parse_notice(signed_by_alipay(only_form() | {"payee_user_id": ""}), {}, clock.now()).fact
    assert isinstance(nobody, FreezeFact)
    assert nobody.merchant_id == ""
    assert alipay.query_freeze("O1", "F1").merchant_id == alipay.merchant_id


@pytest.mark.parametrize("change", [{"trade_status": "TRADE_ODD"}, {"total_amount": "1.005"}])
def test_an_answer_that_makes_no_sense_is_unavailable(
    alipay: Alipay, change: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(alipay)
    real = pays.query
    monkeypatch.setitem(gateway.METHODS, "alipay.trade.query", lambda call: {**real(call), **change})
    with pytest.raises(ProviderUnavailable):
        alipay.query("P1")
