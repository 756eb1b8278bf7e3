"""Credit reports 信用报告: asked for with the customer's authorisation at the source, after identity (domain.md §4)."""

import secrets
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
from credit.models import CreditReport, Outcome
from credit.services import decisions
from integrations import registry
from integrations.credit import ScoreAnswer
from integrations.errors import ProviderRefused, ProviderUnavailable
from notices.services import messages

SOURCE = "zhima"
RETURN_PATH = "/credit/return/"  # where the source sends the browser back, with auth_code and state
CONSENT_VERSION = "1"
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


def authorise_url(customer: Customer) -> str:
    """The source's consent page. IdentityFirst, ReapplyLater. The state is the customer, signed, half an hour."""
    require_identity(customer)
    state = signing.dumps(customer.pk, salt=_SALT)
    return registry.credit(SOURCE).authorize_url(state, f"{settings.SITE_URL}{RETURN_PATH}")


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

    IdentityFirst, ReapplyLater(on), AuthorisationInvalid. One report is open at a time: a second click gets the first.
    """
    require_identity(customer)
    if not 1 <= len(auth_code) <= 128:
        raise AuthorisationInvalid
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        _refuse_early(customer, at)
        waiting = CreditReport.objects.filter(
            customer=customer, source=SOURCE, state=CreditReport.State.REQUESTED
        ).first()
        if waiting is not None:
            return waiting
        consents.give(customer, f"credit:{SOURCE}", CONSENT_VERSION, at)
        report = CreditReport.objects.create(
            customer=customer,
            source=SOURCE,
            request_number=f"CR{at:%Y%m%d}{secrets.token_hex(8)}",
            auth_code=auth_code,
            authorised_at=at,
        )
        outbox.put("credit.report_requested", report_id=report.pk)
    return report


def fetch(report_id: int, at: datetime) -> None:
    """Ask the source and decide. ProviderUnavailable: asked again by the sweeper, given up after an hour.

    No score and no answer are no decision: the full deposit stays open, and nobody is refused for them.
    """
    report = CreditReport.objects.filter(pk=report_id, state=CreditReport.State.REQUESTED).first()
    if report is None:
        return
    auth_code = report.auth_code.open(by=events.PLATFORM, purpose="credit report", at=at)
    try:
        answer = registry.credit(report.source).fetch_score(auth_code, report.request_number)
    except ProviderUnavailable:
        if at < report.authorised_at + GIVE_UP_AFTER:
            raise
        _fail(report_id, "unavailable", at)
    except ProviderRefused as refusal:
        _fail(report_id, f"refused:{refusal.provider_code}"[:80], at)
    else:
        _receive(report_id, answer, at)


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


def _receive(report_id: int, answer: ScoreAnswer, at: datetime) -> None:
    with transaction.atomic():
        report = _lock(report_id)
        if not can_proceed(report.receive):
            return
        report.receive(answer.score, answer.provider_user, at)
        if answer.score is None:
            report.reason = "no_score"
        report.save(update_fields=["state", "score", "provider_user", "auth_code", "reason", "answered_at"])
        events.record("transition", report, at=at, source="REQUESTED", target=report.state)
        if answer.score is None:
            _tell(report, "credit_no_score", at)
            return
        try:
            decisions.decide(report.customer, report, at)
        except decisions.NoTierSet:
            report.reason = "no_tier_set"
            report.save(update_fields=["reason"])


def _fail(report_id: int, reason: str, at: datetime) -> None:
    with transaction.atomic():
        report = _lock(report_id)
        if not can_proceed(report.fail):
            return
        report.fail(reason, at)
        report.save(update_fields=["state", "reason", "auth_code", "answered_at"])
        events.record("transition", report, at=at, source="REQUESTED", target=report.state, facts={"reason": reason})
        _tell(report, "credit_no_score", at)


def _lock(report_id: int) -> CreditReport:
    """The customer first, as `decide` and `authorised` do, then the report."""
    report = CreditReport.objects.select_related("customer").get(pk=report_id)
    Customer.objects.select_for_update().get(pk=report.customer_id)
    return CreditReport.objects.select_for_update(of=("self",)).select_related("customer__user").get(pk=report_id)


def _tell(report: CreditReport, template: str, at: datetime) -> None:
    messages.inform(report.customer.user, template, {}, step=f"report:{report.pk}", at=at, sms=False)
