"""Real-name checks, over the sandbox's registers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from accounts.models import Consent, IdentityVerification
from accounts.services import consents, identity
from accounts.tasks import check_identity
from core import jobs
from core.calendar import business_date
from core.models import Event, OutboxMessage
from core.services import events
from integrations import registry
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.identity import IdentityAnswer, Result
from notices.models import Message
from notices.services import rendering
from sandbox.models import FaultOrder
from sandbox.services import faults
from tests.trust import AT, NAME, PHONE, asked, id_number, proven, signed_up

pytestmark = pytest.mark.django_db

State = IdentityVerification.State


class Register:
    """Answers in turn; an exception is raised. Counts the questions."""

    def __init__(self, *answers: Result | Exception) -> None:
        self.answers, self.questions = list(answers), list[tuple[str, ...]]()

    def check_identity(self, name: str, id_number: str) -> IdentityAnswer:
        return self._answer("identity", name, id_number)

    def check_phone_owner(self, name: str, id_number: str, phone: str) -> IdentityAnswer:
        return self._answer("phone", name, id_number, phone)

    def _answer(self, *question: str) -> IdentityAnswer:
        self.questions.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return IdentityAnswer(answer, "1", billed=True)


def use(monkeypatch: pytest.MonkeyPatch, *answers: Result | Exception) -> Register:
    register = Register(*answers)
    monkeypatch.setattr(registry, "identity", lambda: register)
    return register


def test_a_match_of_identity_and_phone_verifies() -> None:
    customer = proven()
    verification = identity.verified(customer)
    assert verification is not None
    assert (verification.answered_at, verification.matched_at, verification.reason) == (AT, AT, "")
    assert consents.stands(customer, "identity")
    assert Message.objects.filter(template="identity_verified", user=customer.user).count() == 1


@pytest.mark.parametrize(("sequence", "reason"), [("991", "mismatch"), ("992", "no_record"), ("993", "phone_mismatch")])
def test_another_answer_blocks_with_its_reason(sequence: str, reason: str) -> None:
    customer = signed_up()
    verification = asked(customer, id_number(sequence))
    identity.check(verification.pk, AT)
    latest = identity.latest(customer)
    assert latest is not None
    assert (latest.state, latest.reason) == (State.REFUSED, reason)
    assert identity.verified(customer) is None
    assert identity.explain(latest)
    assert events.of(latest).last().facts == {"reason": reason}  # type: ignore[union-attr]


def test_a_register_that_does_not_answer_keeps_the_check_waiting() -> None:
    customer = signed_up()
    verification = asked(customer, id_number("997"))
    with pytest.raises(ProviderUnavailable):
        identity.check(verification.pk, AT)
    verification = IdentityVerification.objects.get(pk=verification.pk)
    assert verification.state == State.PENDING


def test_the_sweeper_brings_a_waiting_check_to_its_end() -> None:
    """The task fails while the register is down, its message stays open, and the next delivery verifies."""
    customer = signed_up()
    asked(customer)
    message = OutboxMessage.objects.get(topic="identity.requested")
    faults.order("Mobile3MetaDetailVerify", FaultOrder.Kind.DOWN)
    with pytest.raises(ProviderUnavailable):
        check_identity(message.pk, message.payload)
    message = OutboxMessage.objects.get(pk=message.pk)
    assert message.done_at is None
    assert "Unreached" in message.error or "ProviderUnavailable" in message.error
    check_identity(message.pk, message.payload)
    assert identity.verified(customer)
    check_identity(message.pk, message.payload)  # delivered once more: nothing happens
    assert Message.objects.filter(template="identity_verified").count() == 1


def test_what_matched_is_not_asked_and_billed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = signed_up()
    verification = asked(customer)
    register = use(monkeypatch, Result.MATCH, ProviderUnavailable("down"), Result.MATCH)
    with pytest.raises(ProviderUnavailable):
        identity.check(verification.pk, AT)
    identity.check(verification.pk, AT)
    assert [question[0] for question in register.questions] == ["identity", "phone", "phone"]
    assert identity.verified(customer)


def test_the_phone_asked_about_is_the_customers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, Result.MATCH, Result.MATCH)
    proven()
    assert register.questions[1] == ("phone", NAME, id_number(), PHONE)


def test_a_fault_of_our_account_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = signed_up()
    verification = asked(customer)
    use(monkeypatch, ProviderRefused("Forbidden", "arrears"))
    with pytest.raises(ProviderRefused):
        identity.check(verification.pk, AT)
    assert IdentityVerification.objects.get(pk=verification.pk).state == State.PENDING


def kept_waiting(monkeypatch: pytest.MonkeyPatch) -> IdentityVerification:
    """Our account is in arrears, and the outbox has given the check up."""
    verification = asked(signed_up())
    use(monkeypatch, ProviderRefused("Forbidden", "arrears"))
    with pytest.raises(ProviderRefused):
        identity.check(verification.pk, AT)
    return verification


def test_nobody_waits_longer_than_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = kept_waiting(monkeypatch)
    job = next(job for job in jobs.all_jobs() if job.name == "accounts.identity")
    early, late = AT + timedelta(hours=23, minutes=59), AT + timedelta(days=1)
    assert job.run(business_date(early), early) == {"given_up": 0}
    assert [job.run(business_date(late), late) for _ in range(2)] == [{"given_up": 1}, {"given_up": 0}]
    latest = identity.latest(waiting.customer)
    assert latest is not None
    assert (latest.state, latest.reason, latest.answered_at) == (State.REFUSED, "unavailable", late)
    assert identity.explain(latest)
    message = Message.objects.get(template="identity_refused")
    with translation.override(message.language):
        assert identity.explain(latest) in rendering.body(message)
    assert asked(waiting.customer, at=late).state == State.PENDING


def test_whoever_asks_again_after_a_day_need_not_wait_for_the_day_s_work(monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept_waiting(monkeypatch)
    second = asked(first.customer, at=AT + timedelta(days=1))
    assert second.state == State.PENDING
    assert IdentityVerification.objects.get(pk=first.pk).reason == "unavailable"
    use(monkeypatch, Result.MATCH, Result.MATCH)
    identity.check(first.pk, AT + timedelta(days=1))  # its message, sent once more: nothing is asked
    identity.check(second.pk, AT + timedelta(days=1))
    assert identity.verified(first.customer) == second


def test_the_registers_are_asked_outside_any_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    depths: list[int] = []
    register = use(monkeypatch, Result.MATCH, Result.MATCH)
    ask = register._answer

    def watched(*question: str) -> IdentityAnswer:
        depths.append(len(connection.savepoint_ids))
        return ask(*question)

    monkeypatch.setattr(register, "_answer", watched)
    verification = asked(signed_up())
    before = len(connection.savepoint_ids)
    identity.check(verification.pk, AT)
    assert depths == [before, before]


def test_each_opening_is_recorded() -> None:
    proven()
    opened = Event.objects.filter(kind="unsealed", facts__purpose="identity check")
    assert sorted(event.facts["column"] for event in opened) == ["id_number", "name", "phone"]


@pytest.mark.parametrize(
    ("name", "number", "refusal", "reason"),
    [
        ("Lin Xiao", id_number(), identity.NameInvalid, None),
        (NAME, "123", identity.IdNumberInvalid, "length"),
        (NAME, id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2"), identity.IdNumberInvalid, "checksum"),
        (NAME, "110105202302290011", identity.IdNumberInvalid, "date"),
        (NAME, "E12345678", identity.IdNumberInvalid, "passport"),
        (NAME, id_number(born=date(2008, 11, 24)), identity.UnderAge, None),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(name: str, number: str, refusal: Any, reason: str | None) -> None:
    customer = signed_up()
    with pytest.raises(refusal) as raised:
        asked(customer, number, name)
    assert raised.value.params.get("reason") == reason
    assert str(raised.value)
    assert IdentityVerification.objects.count() == Consent.objects.count() == 0


def test_one_live_account_per_id_number() -> None:
    proven()
    other = signed_up("13800000002")
    with pytest.raises(identity.IdNumberTaken):
        asked(other)


def test_of_two_accounts_checked_at_once_the_second_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both asked before either was verified: UNIQUE decides, and the loser hears why."""
    first, second = signed_up(), signed_up("13800000002")
    checks = [asked(first), asked(second)]
    use(monkeypatch, *[Result.MATCH] * 4)
    for check in checks:
        identity.check(check.pk, AT)
    latest = identity.latest(second)
    assert latest is not None
    assert identity.verified(first)
    assert (latest.state, latest.reason) == (State.REFUSED, "id_number_taken")


def test_a_verified_customer_is_not_checked_again() -> None:
    customer = proven()
    with pytest.raises(identity.AlreadyVerified):
        asked(customer)


def test_a_second_request_waits_for_the_first() -> None:
    customer = signed_up()
    asked(customer)
    with pytest.raises(identity.VerificationPending):
        asked(customer)


def test_a_refused_customer_may_correct_and_try_again() -> None:
    customer = signed_up()
    identity.check(asked(customer, id_number("991")).pk, AT)
    identity.check(asked(customer).pk, AT)
    assert identity.verified(customer)


def test_five_attempts_a_day_are_enough() -> None:
    customer = signed_up()
    for _ in range(5):
        identity.check(asked(customer, id_number("991")).pk, AT)
    with pytest.raises(identity.TooManyVerifications):
        asked(customer)
    assert asked(customer, at=AT + timedelta(days=1)).state == State.PENDING
