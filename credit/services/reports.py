"""Credit reports 信用报告: asked for with the customer's authorisation at the source, after identity (domain.md §4)."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer
from accounts.services import consents, identity
from core.calendar import business_date
from core.errors import DomainError
from core.services import events, outbox
from credit.models import CreditReport, Outcome, Source, TierSet
from credit.rules.facts import NEWCOMER, Record
from credit.services import decisions, tiers
from integrations import registry
from integrations.credit import AdmissionAnswer, ScoreAnswer, ScoreDelayed
from integrations.errors import ProviderRefused, ProviderUnavailable
from notices.services import messages

RETURN_PATH = "/credit/return/"  # where the source sends the browser back, with auth_code and state
CONSENT_VERSION = "1"
PROVIDER = "zhima"  # who is asked for both kinds of answer
STATE_LIVES = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(hours=1)
_SALT = "credit.authorise"


class IdentityFirst(DomainError):
    code = "identity_first"
    message = _("Please verify your identity first.")


class ReapplyLater(DomainError):
    code = "reapply_later"
    message = _("You can ask for a new decision from %(on)s.")


class AuthorisationInvalid(DomainError):
    code = "authorisation_invalid"
    message = _("This authorisation was not asked for by you or is too old. Please start again.")


class SourceIsOurs(DomainError):
    code = "source_is_ours"
    message = _("No score of others is asked for at present.")


class SourceIsAnothers(DomainError):
    code = "source_is_anothers"
    message = _("The score is asked for at its source. Please authorise it there.")


def source() -> Source:
    """Whom the table in force asks."""
    return asked_of(tiers.in_force())


def asked_of(tier_set: TierSet | None) -> Source:
    """Zhima's score while no table is in force."""
    return Source(tier_set.source) if tier_set else Source.ZHIMA


def authorise_url(customer: Customer) -> str:
    """The source's consent page. IdentityFirst, SourceIsOurs. The state is the customer, signed, half an hour."""
    require_identity(customer)
    if source() == Source.OWN:
        raise SourceIsOurs
    state = signing.dumps(customer.pk, salt=_SALT)
    return registry.credit(PROVIDER).authorize_url(state, f"{settings.SITE_URL}{RETURN_PATH}")


def check_state(customer: Customer, state: str) -> None:
    """AuthorisationInvalid unless `state` came from this customer's own authorise_url (no consent by forged link)."""
    try:
        asked_by = signing.loads(state, salt=_SALT, max_age=STATE_LIVES)
    except signing.BadSignature as error:
        raise AuthorisationInvalid from error
    if asked_by != customer.pk:
        raise AuthorisationInvalid


def authorised(customer: Customer, auth_code: str, at: datetime) -> CreditReport:
    """Keep the authorisation and ask for the score (topic credit.report_requested).

    IdentityFirst, ReapplyLater(on), AuthorisationInvalid, SourceIsOurs. One report is open at a time: a second click
    gets the first.
    """
    require_identity(customer)
    if not 1 <= len(auth_code) <= 128:
        raise AuthorisationInvalid
    asked = source()
    if asked == Source.OWN:
        raise SourceIsOurs
    return _request(customer, asked, auth_code, at)


def ask_own(customer: Customer, at: datetime) -> CreditReport:
    """Have the own scorecard worked out, with the customer's consent (topic credit.report_requested).

    IdentityFirst, ReapplyLater(on), SourceIsAnothers. One is open at a time.
    """
    require_identity(customer)
    if source() != Source.OWN:
        raise SourceIsAnothers
    return _request(customer, Source.OWN, None, at)


def fetch(report_id: int, at: datetime, record: Record = NEWCOMER) -> None:
    """Ask the source and decide, with what orders knows of the customer.

    ProviderUnavailable: asked again by the sweeper, given up after an hour. No score and no answer are no decision,
    unless the own scorecard stands in: the full deposit stays open, and nobody is refused for them.
    """
    report = CreditReport.objects.filter(pk=report_id, state=CreditReport.State.REQUESTED).first()
    if report is None:
        return
    if report.source == Source.OWN:
        _receive(report_id, None, at, record)
        return
    try:
        answer = _ask(report, at)
    except ProviderUnavailable as silence:
        if isinstance(silence, ScoreDelayed):
            _keep_grant(report_id, silence.grant)
        if at < report.authorised_at + GIVE_UP_AFTER:
            raise
        _fail(report_id, "unavailable", at, record)
    except ProviderRefused as refusal:
        _fail(report_id, f"refused:{refusal.provider_code}"[:80], at, record)
    else:
        _receive(report_id, answer, at, record)


def customer_of(report_id: int) -> Customer:
    """Whose report it is."""
    return CreditReport.objects.select_related("customer__user").get(pk=report_id).customer


def accounts_of(customer: Customer) -> frozenset[str]:
    """The accounts at the source by which his scores came."""
    own = CreditReport.objects.filter(customer=customer).exclude(provider_user="")
    return frozenset(own.values_list("provider_user", flat=True))


def customers_of(accounts: Collection[str]) -> frozenset[int]:
    """Whose scores came by these accounts."""
    return frozenset(CreditReport.objects.filter(provider_user__in=accounts).values_list("customer_id", flat=True))


def latest(customer: Customer) -> CreditReport | None:
    return CreditReport.objects.filter(customer=customer).order_by("-id").first()


def require_identity(customer: Customer) -> None:
    if identity.verified(customer) is None:
        raise IdentityFirst


def _refuse_early(customer: Customer, at: datetime) -> None:
    """After a refusal the next question waits for its date: the source is not asked until the score fits."""
    on = business_date(at)
    decision = decisions.current(customer, on)
    if decision and decision.outcome == Outcome.REFUSE and decision.reapply_on and on < decision.reapply_on:
        raise ReapplyLater(on=decision.reapply_on.isoformat())


def _request(customer: Customer, asked: Source, auth_code: str | None, at: datetime) -> CreditReport:
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        _refuse_early(customer, at)
        waiting = CreditReport.objects.filter(customer=customer, state=CreditReport.State.REQUESTED).first()
        if waiting is not None:
            return waiting
        consents.give(customer, f"credit:{asked.partition('_')[0]}", CONSENT_VERSION, at)
        report = CreditReport.objects.create(
            customer=customer,
            source=asked,
            request_number=f"CR{at:%Y%m%d}{secrets.token_hex(8)}",
            auth_code=auth_code,
            authorised_at=at,
            bar=_bar() if asked == Source.ADMISSION else None,
        )
        outbox.put("credit.report_requested", report_id=report.pk)
    return report


def _bar() -> int:
    tier_set = tiers.in_force()
    assert tier_set is not None  # without a table the score is asked for, never a yes or no
    return int(tier_set.admission_bar)


def _ask(report: CreditReport, at: datetime) -> ScoreAnswer | AdmissionAnswer:
    auth_code = report.auth_code.open(by=events.PLATFORM, purpose="credit report", at=at)
    provider = registry.credit(PROVIDER)
    if report.bar is None:
        return provider.fetch_score(auth_code, report.request_number)
    return provider.fetch_admission(auth_code, report.bar, report.request_number)


def _keep_grant(report_id: int, grant: str) -> None:
    """The code is spent; what it opened is asked with again."""
    with transaction.atomic():
        report = _lock(report_id)
        if can_proceed(report.receive):
            report.auth_code = grant
            report.save(update_fields=["auth_code"])


def _receive(
    report_id: int, answer: ScoreAnswer | AdmissionAnswer | None, at: datetime, record: Record = NEWCOMER
) -> None:
    """`answer` None: it is ours to give."""
    with transaction.atomic():
        report = _lock(report_id)
        if not can_proceed(report.receive):
            return
        score = answer.score if isinstance(answer, ScoreAnswer) else None
        admitted = answer.admitted if isinstance(answer, AdmissionAnswer) else None
        report.receive(score, answer.provider_user if answer else "", at, admitted)
        if answer and score is None and admitted is None:
            report.reason = "no_score"
        report.save(update_fields=["state", "score", "admitted", "provider_user", "auth_code", "reason", "answered_at"])
        events.record("transition", report, at=at, source="REQUESTED", target=report.state)
        _decide(report, record, at)


def _fail(report_id: int, reason: str, at: datetime, record: Record = NEWCOMER) -> None:
    with transaction.atomic():
        report = _lock(report_id)
        if not can_proceed(report.fail):
            return
        report.fail(reason, at)
        report.save(update_fields=["state", "reason", "auth_code", "answered_at"])
        events.record("transition", report, at=at, source="REQUESTED", target=report.state, facts={"reason": reason})
        _decide(report, record, at)


def _decide(report: CreditReport, record: Record, at: datetime) -> None:
    try:
        decisions.decide(report.customer, report, at, record)
    except decisions.NoTierSet:
        report.reason = "no_tier_set"
        report.save(update_fields=["reason"])
    except decisions.NoScore:
        _tell(report, "credit_no_score", at)


def _lock(report_id: int) -> CreditReport:
    """The customer first, as `decide` and `authorised` do, then the report."""
    report = CreditReport.objects.select_related("customer").get(pk=report_id)
    Customer.objects.select_for_update().get(pk=report.customer_id)
    return CreditReport.objects.select_for_update(of=("self",)).select_related("customer__user").get(pk=report_id)


def _tell(report: CreditReport, template: str, at: datetime) -> None:
    messages.inform(report.customer.user, template, {}, step=f"report:{report.pk}", at=at, sms=False)
