"""Credit reports: after identity, with authorisation, and a source that is down refuses nobody."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Customer
from accounts.services import consents
from core.models import OutboxMessage
from credit.models import CreditReport, Decision
from credit.services import decisions, quota, reports
from integrations import registry
from integrations.credit import ScoreAnswer
from integrations.errors import ProviderRefused, ProviderUnavailable
from orders.tasks import fetch_report
from sandbox import visitors
from sandbox.services import people
from tests.trust import AT, ON, PHONE, graded, id_number, proven, signed_up, tiers_in_force

pytestmark = pytest.mark.django_db

State = CreditReport.State


class Source:
    """Gives one answer, or raises."""

    def __init__(self, answer: ScoreAnswer | Exception) -> None:
        self.answer, self.questions = answer, list[tuple[str, str]]()

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        return f"https://zhima.example/?{state}&{redirect_uri}"

    def fetch_score(self, auth_code: str, request_no: str) -> ScoreAnswer:
        self.questions.append((auth_code, request_no))
        assert connection.savepoint_ids == self.depth
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    depth: list[str] = []


def use(monkeypatch: pytest.MonkeyPatch, answer: ScoreAnswer | Exception) -> Source:
    source = Source(answer)
    source.depth = list(connection.savepoint_ids)
    monkeypatch.setattr(registry, "credit", lambda name: source)
    return source


def state_of(report: CreditReport) -> CreditReport:
    return CreditReport.objects.get(pk=report.pk)


def asked(customer: Customer) -> CreditReport:
    return reports.authorised(customer, "code-1", AT)


def test_the_whole_way_over_the_sandbox() -> None:
    tiers_in_force()
    customer = proven()
    people.pin_score(id_number(), 726)
    code = visitors.auth_code(reports.authorise_url(customer), PHONE)
    report = reports.authorised(customer, code, AT)
    message = OutboxMessage.objects.get(topic="credit.report_requested")
    fetch_report(message.pk, message.payload)
    assert (state_of(report).state, state_of(report).score) == (State.RECEIVED, 726)
    decision = decisions.current(customer, ON)
    assert decision is not None
    assert decision.tier is not None
    assert (decision.outcome, decision.tier.grade, quota.available(customer)) == ("APPROVE", "A", Decimal(6000))
    assert consents.stands(customer, "credit:zhima")


@pytest.mark.parametrize(
    ("sequence", "state", "reason"), [("994", State.RECEIVED, "no_score"), ("995", State.FAILED, "refused:")]
)
def test_no_score_and_no_answer_are_no_decision(sequence: str, state: str, reason: str) -> None:
    tiers_in_force()
    customer = proven(number=id_number(sequence))
    code = visitors.auth_code(reports.authorise_url(customer), PHONE)
    report = reports.authorised(customer, code, AT)
    reports.fetch(report.pk, AT)
    report = state_of(report)
    assert report.state == state
    assert report.reason.startswith(reason)
    assert report.auth_code is None
    assert decisions.current(customer, ON) is None
    assert not customer.blocked_reason


def test_identity_comes_first() -> None:
    customer = signed_up()
    with pytest.raises(reports.IdentityFirst):
        reports.authorise_url(customer)
    with pytest.raises(reports.IdentityFirst):
        reports.authorised(customer, "code", AT)


def test_a_source_that_is_down_is_asked_again_and_given_up_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    source = use(monkeypatch, ProviderUnavailable("down"))
    customer = proven()
    report = asked(customer)
    for minutes in (0, 30, 59):
        with pytest.raises(ProviderUnavailable):
            reports.fetch(report.pk, AT + timedelta(minutes=minutes))
        assert state_of(report).state == State.REQUESTED
    reports.fetch(report.pk, AT + timedelta(minutes=60))
    assert (state_of(report).state, state_of(report).reason) == (State.FAILED, "unavailable")
    assert {number for _, number in source.questions} == {report.request_number}
    assert reports.authorised(customer, "code-2", AT + timedelta(minutes=61)).state == State.REQUESTED


def test_an_answer_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tiers_in_force()
    source = use(monkeypatch, ScoreAnswer(700, "2088", "biz"))
    report = asked(proven())
    reports.fetch(report.pk, AT)
    reports.fetch(report.pk, AT)
    assert len(source.questions) == 1
    assert Decision.objects.count() == 1


def test_the_answer_of_a_racing_delivery_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers asked at once; the second comes back to a report that is already answered."""
    tiers_in_force()
    report = asked(proven())
    reports._receive(report.pk, ScoreAnswer(700, "2088", "biz"), AT)
    reports._receive(report.pk, ScoreAnswer(400, "2088", "biz"), AT)
    reports._fail(report.pk, "late", AT)
    assert (state_of(report).state, state_of(report).score) == (State.RECEIVED, 700)


def test_a_second_click_gets_the_first_report() -> None:
    customer = proven()
    assert asked(customer) == asked(customer)
    assert OutboxMessage.objects.filter(topic="credit.report_requested").count() == 1


def test_without_a_tier_table_a_score_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ScoreAnswer(700, "2088", "biz"))
    customer = proven()
    report = asked(customer)
    reports.fetch(report.pk, AT)
    assert (state_of(report).state, state_of(report).reason) == (State.RECEIVED, "no_tier_set")
    assert decisions.current(customer, ON) is None


def test_after_a_refusal_the_source_is_not_asked_before_the_date() -> None:
    customer = proven()
    decision = graded(customer, 400)
    assert decision.reapply_on == ON + timedelta(days=30)
    with pytest.raises(reports.ReapplyLater) as refusal:
        reports.authorised(customer, "code", AT + timedelta(days=29))
    assert refusal.value.params == {"on": "2026-12-23"}
    assert reports.authorised(customer, "code", AT + timedelta(days=30)).state == State.REQUESTED


def test_an_authorisation_belongs_to_who_asked_for_it() -> None:
    customer = proven()
    other = signed_up("13800000002")
    state = reports.authorise_url(customer).partition("state=")[2].partition("&")[0].replace("%3A", ":")
    reports.check_state(customer, state)
    for stranger, text in ((other, state), (customer, state[:-1] + "x"), (customer, "")):
        with pytest.raises(reports.AuthorisationInvalid):
            reports.check_state(stranger, text)


@pytest.mark.parametrize("code", ["", "x" * 129])
def test_a_code_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(reports.AuthorisationInvalid):
        reports.authorised(proven(), code, AT)


def test_the_browser_comes_back_to_our_own_site() -> None:
    asked_for = parse_qs(urlsplit(reports.authorise_url(proven())).query)
    assert asked_for["redirect_uri"] == [f"{settings.SITE_URL}/credit/return/"]


def test_a_refusing_provider_ends_the_report_with_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, ProviderRefused("isv.code-invalid"))
    report = asked(proven())
    reports.fetch(report.pk, AT)
    assert state_of(report).reason == "refused:isv.code-invalid"
