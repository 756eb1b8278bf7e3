"""What every SMS, identity and credit adapter promises, asked of each; then the magic numbers of the sandbox."""

import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock
from integrations.credit import CreditProvider, ScoreDelayed
from integrations.errors import ProviderRefused, ProviderUnavailable
from integrations.identity import IdentityProvider, Result
from integrations.sms import SmsProvider
from sandbox import magic, visitors
from sandbox.models import Consent, FaultOrder, Person, ScoreReceipt, SmsMessage
from sandbox.services import faults, people
from sandbox.services.faults import Kind
from tests.integrations.adapters import PHONE, CreditRig, SmsRig

pytestmark = pytest.mark.django_db
BORN = date(1990, 5, 17)
NAME = "王芳"
ORDINARY = magic.number(BORN, "123")
BACK = "http://127.0.0.1:8000/credit/back/"

# text messages


@pytest.mark.parametrize("phone", [PHONE, f"+86{PHONE}"])
def test_a_message_arrives_with_its_parameters(sms_rig: SmsRig, texts: SmsProvider, phone: str, settings: Any) -> None:
    settings.SANDBOX_SMS_TEMPLATES = {"SMS_LOGIN": "${code} ${name}"}
    accepted = texts.send(phone, "SMS_LOGIN", {"code": "048213", "name": "王芳 & 子"}, "17")
    assert accepted.provider_id
    assert sms_rig.received(PHONE) == [{"code": "048213", "name": "王芳 & 子"}]


@pytest.mark.parametrize("phone", ["", "12", "1280001000a", "12000000000"])
def test_a_number_that_is_none_is_refused(texts: SmsProvider, phone: str) -> None:
    with pytest.raises(ProviderRefused):
        texts.send(phone, "SMS_LOGIN", {}, "17")
    assert not SmsMessage.objects.exists()


@pytest.mark.parametrize(("kind", "messages"), [(Kind.LOSE_REPLY, 1), (Kind.DOWN, 0)])
def test_a_message_whose_fate_is_unknown_is_not_sent_again(texts: SmsProvider, kind: Kind, messages: int) -> None:
    fault = faults.order("SendSms", kind, times=9)
    with pytest.raises(ProviderUnavailable):
        texts.send(PHONE, "SMS_LOGIN", {"code": "1"}, "17")
    fault.refresh_from_db()
    assert fault.remaining == 8
    assert SmsMessage.objects.count() == messages


# identity


def test_an_ordinary_person_matches_and_costs_money(identity: IdentityProvider) -> None:
    for answer in (identity.check_identity(NAME, ORDINARY), identity.check_phone_owner(NAME, ORDINARY, PHONE)):
        assert (answer.result, answer.billed) == (Result.MATCH, True)
        assert answer.code


@pytest.mark.parametrize(
    ("sequence", "is_person", "owns_phone"),
    [
        ("991", Result.MISMATCH, Result.MISMATCH),
        ("992", Result.NO_RECORD, Result.NO_RECORD),
        ("993", Result.MATCH, Result.MISMATCH),
    ],
)
def test_magic_numbers_answer_as_the_table_says(
    identity: IdentityProvider, sequence: str, is_person: Result, owns_phone: Result
) -> None:
    number = magic.number(BORN, sequence)
    assert identity.check_identity(NAME, number).result is is_person
    assert identity.check_phone_owner(NAME, number, PHONE).result is owns_phone
    assert not Person.objects.exists()


@pytest.mark.parametrize("number", ["", "110101199005171231", ORDINARY[:-1], "11010119900230123X", "x" * 18])
def test_a_number_that_is_none_is_invalid_and_free(identity: IdentityProvider, number: str) -> None:
    answer = identity.check_identity(NAME, number)
    assert (answer.result, answer.billed) == (Result.INVALID_INPUT, False)


def test_a_register_that_is_down_is_unavailable(identity: IdentityProvider) -> None:
    with pytest.raises(ProviderUnavailable):
        identity.check_identity(NAME, magic.number(BORN, "997"))


def test_a_slow_register_is_waited_for(identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr("sandbox.views.aliyun.time.sleep", waits.append)
    assert identity.check_identity(NAME, magic.number(BORN, "996")).result is Result.MATCH
    assert waits == [2]


def test_a_billed_question_is_not_asked_twice(identity: IdentityProvider) -> None:
    fault = FaultOrder.objects.create(target="Id2MetaVerify", kind=Kind.LOSE_REPLY, remaining=9)
    with pytest.raises(ProviderUnavailable):
        identity.check_identity(NAME, ORDINARY)
    fault.refresh_from_db()
    assert fault.remaining == 8


# credit


def code(rig: CreditRig, phone: str = PHONE) -> str:
    return rig.consent(rig.make().authorize_url("s1", BACK), phone)


def test_the_score_of_someone_known_comes_with_the_account(credit_rig: CreditRig, identity: IdentityProvider) -> None:
    identity.check_phone_owner(NAME, ORDINARY, PHONE)
    answer = credit_rig.make().fetch_score(code(credit_rig), "Q1")
    assert answer.score == magic.score(ORDINARY)
    assert answer.provider_user == people.account(PHONE).user_id
    assert answer.code


def test_someone_unknown_has_no_score(credit_rig: CreditRig) -> None:
    assert credit_rig.make().fetch_score(code(credit_rig), "Q1").score is None


def test_a_consent_works_once(credit_rig: CreditRig) -> None:
    given = code(credit_rig)
    credit_rig.make().fetch_score(given, "Q1")
    with pytest.raises(ProviderRefused):
        credit_rig.make().fetch_score(given, "Q2")


def test_a_score_that_is_late_comes_with_the_grant(credit_rig: CreditRig) -> None:
    people.know(NAME, ORDINARY, PHONE, score=700)
    faults.order("zhima.credit.score.get", Kind.DOWN, times=3)
    given = code(credit_rig)
    with pytest.raises(ScoreDelayed) as delayed:
        credit_rig.make().fetch_score(given, "Q1")
    with pytest.raises(ProviderRefused):
        credit_rig.make().fetch_score(given, "Q1")  # the code is spent
    answer = credit_rig.make().fetch_score(delayed.value.grant, "Q1")
    assert (answer.score, answer.provider_user) == (700, people.account(PHONE).user_id)


def test_an_invented_grant_is_refused(credit: CreditProvider) -> None:
    with pytest.raises(ProviderRefused):
        credit.fetch_score("grant:authusrB0000:2088000000000009", "Q1")


def test_an_invented_code_is_refused(credit: CreditProvider) -> None:
    with pytest.raises(ProviderRefused):
        credit.fetch_score("0" * 32, "Q1")


def test_the_same_request_number_has_the_first_answer(credit_rig: CreditRig) -> None:
    people.know(NAME, ORDINARY, PHONE, score=700)
    first = credit_rig.make().fetch_score(code(credit_rig), "Q1")
    people.pin_score(ORDINARY, 500)
    assert credit_rig.make().fetch_score(code(credit_rig), "Q1") == first
    assert credit_rig.make().fetch_score(code(credit_rig), "Q2").score == 500


def test_a_request_number_answers_for_a_day(credit_rig: CreditRig) -> None:
    credit_rig.make().fetch_score(code(credit_rig), "Q1")
    ScoreReceipt.objects.update(answered_at=clock.now() - timedelta(hours=23))
    credit_rig.make().fetch_score(code(credit_rig), "Q1")
    ScoreReceipt.objects.update(answered_at=clock.now() - timedelta(hours=25))
    with pytest.raises(ProviderRefused):
        credit_rig.make().fetch_score(code(credit_rig), "Q1")


def test_a_request_number_belongs_to_one_person(credit_rig: CreditRig) -> None:
    credit_rig.make().fetch_score(code(credit_rig), "Q1")
    with pytest.raises(ProviderRefused):
        credit_rig.make().fetch_score(code(credit_rig, "13900020002"), "Q1")


@pytest.mark.parametrize(("sequence", "error"), [("994", None), ("995", ProviderRefused), ("990", ScoreDelayed)])
def test_magic_scores(credit_rig: CreditRig, sequence: str, error: type[Exception] | None) -> None:
    people.know(NAME, magic.number(BORN, sequence), PHONE)
    if error is None:
        assert credit_rig.make().fetch_score(code(credit_rig), "Q1").score is None
        return
    with pytest.raises(error) as raised:
        credit_rig.make().fetch_score(code(credit_rig), "Q1")
    assert raised.type is error


def test_the_consent_page_brings_back_the_state_and_a_refusal_brings_no_code(credit: CreditProvider) -> None:
    url = credit.authorize_url("s 1&x=2", f"{BACK}?a=1")
    query = parse_qs(urlsplit(visitors.authorize(url, PHONE)).query)
    assert (query["state"], query["a"]) == (["s 1&x=2"], ["1"])
    refused = parse_qs(urlsplit(visitors.refuse(url)).query)
    assert refused["state"] == ["s 1&x=2"]
    assert "auth_code" not in refused


def test_a_stale_consent_is_refused(credit_rig: CreditRig) -> None:
    given = code(credit_rig)
    Consent.objects.update(given_at=clock.now() - timedelta(hours=25))
    with pytest.raises(ProviderRefused):
        credit_rig.make().fetch_score(given, "Q1")


@pytest.mark.parametrize(("points", "bar", "says"), [(700, 650, True), (650, 650, True), (649, 650, False)])
def test_a_bar_is_answered_by_yes_or_no_and_never_by_the_score(
    credit_rig: CreditRig, points: int, bar: int, says: bool
) -> None:
    people.know(NAME, ORDINARY, PHONE, score=points)
    answer = credit_rig.make().fetch_admission(code(credit_rig), bar, "Q1")
    assert (answer.admitted, answer.provider_user) == (says, people.account(PHONE).user_id)
    assert str(points) not in repr(answer).replace(answer.provider_user, "").replace(answer.code, "")


def test_who_has_no_score_passes_no_bar_and_fails_none(credit_rig: CreditRig) -> None:
    assert credit_rig.make().fetch_admission(code(credit_rig), 650, "Q1").admitted is None


@pytest.mark.parametrize(("sequence", "error"), [("995", ProviderRefused), ("990", ScoreDelayed)])
def test_a_bar_meets_the_same_magic(credit_rig: CreditRig, sequence: str, error: type[Exception]) -> None:
    people.know(NAME, magic.number(BORN, sequence), PHONE)
    with pytest.raises(error):
        credit_rig.make().fetch_admission(code(credit_rig), 650, "Q1")


def test_a_slow_source_answers_after_all(credit_rig: CreditRig) -> None:
    people.know(NAME, magic.number(BORN, "987"), PHONE, score=700)
    started = time.monotonic()
    assert credit_rig.make().fetch_score(code(credit_rig), "Q1").score == 700
    assert time.monotonic() - started >= 2


# the table itself


def test_scores_are_spread_over_the_band_and_stay() -> None:
    numbers = [magic.number(date(1970, 1, 1) + timedelta(days=9 * n), f"{n % 900:03d}") for n in range(900)]
    scores = [magic.score(number) for number in numbers]
    assert min(scores) >= magic.LOWEST
    assert max(scores) <= magic.HIGHEST
    assert all(sum(low <= score < low + 68 for score in scores) > 120 for low in range(480, 820, 68))
    assert magic.score("11010119900517123X") == magic.score("11010119900517123X")


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert magic.is_valid("11010519491231002X")  # the example of GB 11643-1999
    assert not magic.is_valid("110105194912310021")
