"""Mails: to a proved address alone, once for a step, at decent hours, by the one way out, never sent twice."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer, OneTimeCode, User
from accounts.rules import emails as shape
from accounts.services import codes, consents, emails
from core.models import Event
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable, TurnedAway
from integrations.mail import Mail
from notices.models import Message, Wording
from notices.rules import wordings as rules
from notices.services import messages, sending, wordings
from sandbox.models import FaultOrder
from sandbox.post import Mail as Arrived
from sandbox.services import faults, mails
from tests import make

pytestmark = pytest.mark.django_db
AT = make.AT
ADDRESS = "wang.fang@example.com"
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # 08:00
State = Message.State


@pytest.fixture
def customer() -> Customer:
    return make.customer()


def code_to(address: str) -> str:
    """As it stands in the newest mail of that box, which goes out now."""
    queued = Message.objects.filter(channel="EMAIL", template="code", state=State.QUEUED).latest("pk")
    with make.moment(queued.created_at):
        sending.send(queued.pk, queued.created_at)
    return code_in(mails.latest(address).text)


def code_in(text: str) -> str:
    [code] = re.findall(r"\d{6}", text)
    return str(code)


def prove(customer: Customer, address: str = ADDRESS, at: Any = AT) -> User:
    user = User.objects.get(pk=customer.user_id)
    ticket = emails.request_code(user, address, at)
    emails.prove(customer, address, code_to(shape.normalise(address)), ticket, at + timedelta(seconds=30))
    return User.objects.get(pk=customer.user_id)


def shipped(user: User, at: datetime = AT, step: str = "order:1:shipped", **more: Any) -> list[str]:
    params = {"order": "XO1", "waybill": "SF1"}
    return messages.inform(user, "order_shipped", params, step=step, at=at, link="/orders/XO1/", **more)


def mail_of(step: str = "order:1:shipped") -> Message:
    return Message.objects.get(step=step, channel="EMAIL")


def sent(at: datetime = AT, step: str = "order:1:shipped") -> Message:
    with make.moment(at):
        sending.send(mail_of(step).pk, at)
    return mail_of(step)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" Wang.Fang@Example.COM ", ADDRESS), ("a+b@x.co.uk", "a+b@x.co.uk"), ("a@b", None), ("a b@c.de", None),
        ("a@b.c", None), ("", None), ("a@b.de\nBcc: x@y.de", None), (f"{'a' * 65}@b.de", None), ("王@b.de", None),
    ],
)  # fmt: skip
def test_the_shape_of_an_address(typed: str, read: str | None) -> None:
    if read is None:
        with pytest.raises(ValueError, match="not an e-mail"):
            shape.normalise(typed)
    else:
        assert shape.normalise(typed) == read


def test_an_address_stands_once_its_code_came_back(customer: Customer) -> None:
    user = prove(customer, " Wang.Fang@Example.COM")
    assert user.email is not None
    assert (user.email.masked, consents.stands(customer, "email")) == ("w***@example.com", True)
    assert Event.objects.filter(kind="email_proved").exists()
    assert ADDRESS not in str(User.objects.filter(pk=user.pk).values().get())
    shipped(user)
    row = sent()
    assert (row.state, row.provider_number) == (State.SENT, f"<message-{row.pk}@xinzu.example>")
    arrived = mails.latest(ADDRESS)
    assert "XO1" in arrived.subject
    assert "SF1" in arrived.text
    assert "/orders/XO1/" in arrived.text
    assert "/my/email/" in arrived.text
    assert arrived.message_id == row.provider_number


def test_the_code_stands_in_the_text_and_not_in_the_subject(customer: Customer) -> None:
    emails.request_code(customer.user, ADDRESS, AT)
    code, arrived = code_to(ADDRESS), mails.latest(ADDRESS)
    assert code not in arrived.subject
    assert mail_of(f"code:{OneTimeCode.objects.latest('pk').pk}").secret is None


def test_a_wrong_code_leaves_no_address(customer: Customer) -> None:
    ticket = emails.request_code(customer.user, ADDRESS, AT)
    wrong = f"{(int(code_to(ADDRESS)) + 1) % 10**6:06d}"
    for code, error in ((wrong, codes.CodeWrong), (code_in(mails.latest(ADDRESS).text), codes.CodeExpired)):
        with pytest.raises(error):
            emails.prove(customer, ADDRESS, code, ticket, AT + timedelta(minutes=5 * (error is codes.CodeExpired)))
    with pytest.raises(codes.EmailInvalid):
        emails.request_code(customer.user, "nobody", AT)
    assert User.objects.get(pk=customer.user_id).email is None
    assert not consents.stands(customer, "email")


def test_a_code_for_one_address_proves_no_other(customer: Customer) -> None:
    ticket = emails.request_code(customer.user, ADDRESS, AT)
    with pytest.raises(codes.CodeWrong):
        emails.prove(customer, "other@example.com", code_to(ADDRESS), ticket, AT)


def test_one_address_is_one_account(customer: Customer) -> None:
    prove(customer)
    other = make.customer()
    with pytest.raises(emails.EmailTaken):
        prove(other, ADDRESS, AT + timedelta(hours=2))
    row = User.objects.get(pk=other.user_id)
    row.email = ADDRESS
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_nobody_floods_strangers_by_way_of_us(customer: Customer) -> None:
    for number in range(5):
        emails.request_code(customer.user, f"a{number}@example.com", AT)
    with pytest.raises(codes.TooManyCodes):
        emails.request_code(customer.user, "a9@example.com", AT)


def test_without_an_address_nothing_is_mailed_and_a_step_is_mailed_once(customer: Customer) -> None:
    shipped(customer.user, step="before")
    assert not Message.objects.filter(channel="EMAIL", step="before").exists()
    user = prove(customer)
    assert sorted(shipped(user)) == ["EMAIL", "IN_APP", "SMS"]
    assert shipped(user) == []
    assert shipped(user, step="in the app", sms=False) == ["IN_APP"]
    row = mail_of()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(channel="EMAIL", step=row.step, template="x", created_at=AT, not_before=AT)


def test_at_night_a_mail_waits_and_one_that_was_taken_back_never_goes(customer: Customer) -> None:
    user = prove(customer)
    shipped(user, NIGHT)
    assert sent(NIGHT).state == State.QUEUED
    assert emails.remove(customer, NIGHT)
    with make.moment(MORNING):
        sending.send_due(MORNING)
    assert mail_of().state == State.CALLED_OFF
    assert not Arrived.objects.filter(subject__contains="XO1").exists()
    assert not consents.stands(customer, "email")
    assert User.objects.get(pk=user.pk).email_index is None
    assert not emails.remove(customer, MORNING)


def test_a_silent_mail_server_holds_up_no_text_message(customer: Customer) -> None:
    user = prove(customer)
    with make.moment(AT):
        sending.send_due(AT + timedelta(minutes=1))  # that the address stands
    for number in range(2):
        shipped(user, NIGHT, step=f"order:{number}:shipped")
    faults.order("mail", FaultOrder.Kind.LOSE_REPLY)
    with make.moment(MORNING):
        sending.send_due(MORNING)
        states = Message.objects.filter(step__endswith=":shipped").exclude(channel="IN_APP").order_by("channel", "pk")
        assert [row.state for row in states] == ["UNKNOWN", "QUEUED", "SENT", "SENT"]
        sending.send_due(MORNING)
    assert mail_of("order:0:shipped").state == State.UNKNOWN  # and never again
    assert Arrived.objects.filter(subject__contains="XO1").count() == 2


def test_what_a_server_refuses_is_failed(customer: Customer) -> None:
    provider = registry.mail()
    with pytest.raises(ProviderRefused, match="550"):
        provider.send(Mail("nobody@example.com", "a", "b", "1"))
    faults.order("mail", FaultOrder.Kind.DOWN)
    with pytest.raises(ProviderUnavailable):
        provider.send(Mail(ADDRESS, "a", "b", "1"))
    with pytest.raises(ValueError, match="Header values"):
        provider.send(Mail(ADDRESS, "a\nBcc: x@y.de", "b", "1"))
    assert not Arrived.objects.exists()


def test_a_mail_speaks_the_words_that_were_in_force_with_their_subject(customer: Customer) -> None:
    wordings.set_words(
        "order_shipped", "EMAIL", "zh-hans", "订单 ${order} 在路上，运单 ${waybill}。", "", "operator:1",
        AT - timedelta(days=1), subject="${order} 寄出了",
    )  # fmt: skip
    user = prove(customer)
    shipped(user)
    sent()
    arrived = mails.latest(ADDRESS)
    assert arrived.subject.endswith(": XO1 寄出了")
    assert arrived.text.startswith("订单 XO1 在路上，运单 SF1。")
    for channel, text, subject in (
        ("EMAIL", "${order}", "${user}"), ("EMAIL", "警察 ${order}", ""), ("EMAIL", "${order}", "警察"),
    ):  # fmt: skip
        with pytest.raises(wordings.NotSayable):
            wordings.set_words("order_shipped", channel, "zh-hans", text, "", "operator:1", AT, subject)
    with pytest.raises(wordings.NotSayable):
        wordings.set_words("code", "EMAIL", "zh-hans", "你的验证码", "", "operator:1", AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.create(
            event="x", channel="IN_APP", language="en", text="x", subject="x", since=AT, set_by="operator:1"
        )


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Rent 3, ¥541.83, is due today. Until 8 Dec nothing is added.", "Rent 3, ¥541.83, is due today"),
        ("租约 XL1 到期。请归还。", "租约 XL1 到期"),
        ("a" * 80, "a" * 59 + "…"),
    ],
)
def test_the_subject_is_the_beginning_of_the_text(text: str, subject: str) -> None:
    assert rules.subject(text) == subject


def test_whoever_has_the_phone_hears_that_one_can_come_in_by_mail(customer: Customer) -> None:
    user = prove(customer)
    told = Message.objects.filter(user=user, template="email_proved")
    assert {row.channel for row in told} == {"SMS", "IN_APP", "EMAIL"}
    assert {row.params["address"] for row in told} == {"w***@example.com"}


def test_a_refusal_that_repeats_the_address_is_kept_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise SMTPRecipientsRefused({ADDRESS: (550, f"5.1.1 <{ADDRESS}>: Recipient address rejected".encode())})

    monkeypatch.setattr("sandbox.mailbox.EmailBackend.send_messages", refuse)
    with pytest.raises(ProviderRefused) as caught:
        registry.mail().send(Mail(ADDRESS, "s", "t", "m1"))
    assert ADDRESS not in caught.value.reason
    assert "Recipient address rejected" in caught.value.reason


def test_what_a_server_turns_away_for_now_is_tried_again_and_delivered_once(customer: Customer) -> None:
    user = prove(customer)
    with make.moment(AT):
        sending.send_due(AT)
    shipped(user)
    faults.order("mail", FaultOrder.Kind.DELAY, times=2)
    row = sent()
    assert (row.state, row.turned_away, row.reason[:9]) == (State.QUEUED, 1, "451 4.7.1")
    assert row.not_before == AT + timedelta(minutes=5)
    assert sent(AT + timedelta(minutes=4)).turned_away == 1  # not before its time
    assert sent(AT + timedelta(minutes=5)).not_before == AT + timedelta(minutes=20)
    with make.moment(AT + timedelta(minutes=20)):
        sending.send_due(AT + timedelta(minutes=20))
        sending.send_due(AT + timedelta(minutes=20))
    assert (mail_of().state, mail_of().reason) == (State.SENT, "")
    assert Arrived.objects.filter(subject__contains="XO1").count() == 1


def test_turned_away_to_the_end_it_is_failed_with_the_servers_word(customer: Customer) -> None:
    user = prove(customer)
    with make.moment(AT):
        sending.send_due(AT)
    shipped(user)
    faults.order("mail", FaultOrder.Kind.DELAY, times=6)
    at = AT
    while (row := sent(at)).state == State.QUEUED:
        at = row.not_before
    assert (row.state, row.turned_away, row.reason[:3]) == (State.FAILED, 5, "451")
    assert row.outcome_at == at
    assert at - AT < timedelta(days=2)
    assert not Arrived.objects.filter(subject__contains="XO1").exists()


def test_a_mail_that_waits_for_its_next_try_is_called_off_with_its_address(customer: Customer) -> None:
    user = prove(customer)
    with make.moment(AT):
        sending.send_due(AT)
    shipped(user)
    faults.order("mail", FaultOrder.Kind.DELAY)
    assert sent().state == State.QUEUED
    emails.remove(customer, AT)
    assert sent(AT + timedelta(hours=1)).state == State.CALLED_OFF


def test_a_code_that_was_turned_away_keeps_its_secret_until_it_goes(customer: Customer) -> None:
    emails.request_code(customer.user, ADDRESS, AT)
    faults.order("mail", FaultOrder.Kind.DELAY)
    step = f"code:{OneTimeCode.objects.latest('pk').pk}"
    row = sent(step=step)
    assert (row.state, row.not_before, row.secret is None) == (State.QUEUED, AT + timedelta(minutes=1), False)
    row = sent(row.not_before, step)
    assert (row.state, row.secret) == (State.SENT, None)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (SMTPDataError(452, b"4.3.1 mailbox full"), TurnedAway),
        (SMTPSenderRefused(451, b"later", "a@b.de"), TurnedAway),
        (SMTPConnectError(421, b"too busy"), TurnedAway),
        (SMTPAuthenticationError(535, b"no"), ProviderRefused),
        (SMTPConnectError(554, b"no"), ProviderUnavailable),
        (SMTPServerDisconnected("gone"), ProviderUnavailable),
    ],
    ids=lambda told: type(told).__name__ if isinstance(told, Exception) else told.__name__,
)
def test_which_words_of_a_server_ask_for_a_later_try(
    told: Exception, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise told

    monkeypatch.setattr("sandbox.mailbox.EmailBackend.send_messages", refuse)
    with pytest.raises(error) as caught:
        registry.mail().send(Mail(ADDRESS, "s", "t", "m1"))
    assert isinstance(caught.value, TurnedAway) == (error is TurnedAway)
