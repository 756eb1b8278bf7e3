"""Agreements by which bills are paid by themselves: proposed, agreed to at the provider, ended at any time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import AutopayAgreement, Bill, Lease
from billing.rules import asking
from billing.rules.terms import LeaseTerms
from billing.services import numbers
from billing.services.leases import LeaseNotLive
from core import faults, money, running
from core.errors import DomainError
from core.services import events, outbox
from integrations import registry
from integrations.payments import AgreementFact, AgreementIntent, AgreementStatus, Device
from notices.services import messages

WORDING = "2026-11"
PROPOSAL_LIVES = timedelta(minutes=30)
UNSIGN_REQUESTED = "autopay.unsign_requested"
State, Reason = AutopayAgreement.State, AutopayAgreement.Reason
STANDING = (State.DRAFT, State.ACTIVE)


class AutopayIsOn(DomainError):
    code = "autopay_is_on"
    message = _("Automatic payment is on already.")


class NothingToDeduct(DomainError):
    code = "nothing_to_deduct"
    message = _("No later bill is open, so there is nothing to pay automatically.")


class AutopayRests(DomainError):
    code = "autopay_rests"
    message = _("Automatic payment rests: a death or a loss of legal capacity is on record. Nothing is deducted.")


class AutopayUnknown(DomainError):
    code = "autopay_unknown"
    message = _("There is no such agreement on automatic payment.")


@transaction.atomic
def open(lease_id: int, channel: str, *, on: date, at: datetime) -> AutopayAgreement:  # noqa: A001 - autopay.open
    """What the customer is asked to agree to: bills due from `on` on. One that still waits for him is continued.

    LeaseNotLive, AutopayRests, AutopayIsOn, NothingToDeduct. Locks lease, agreement.
    """
    lease = Lease.objects.select_for_update(of=("self",)).select_related("customer__user").get(pk=lease_id)
    if lease.state != Lease.State.LIVE:
        raise LeaseNotLive
    if lease.customer.user.in_peace_since is not None:
        raise AutopayRests
    standing = _standing(lease)
    if standing and standing.state == State.ACTIVE:
        raise AutopayIsOn
    if standing and at < standing.expires_at:
        return standing
    if standing:
        _end(standing, Reason.NOT_AGREED, at)
    open_bills = lease.bills.filter(kind=Bill.Kind.RENT, state=Bill.State.OPEN, due_date__gte=on)
    bills = list(open_bills.order_by("number"))
    if not bills:
        raise NothingToDeduct
    first_on = bills[0].due_date
    assert first_on is not None  # chosen by it
    return AutopayAgreement.objects.create(
        number=numbers.new("A", at),
        customer=lease.customer,
        lease=lease,
        channel=channel,
        most=_most(lease, bills),
        first_on=first_on,
        wording=WORDING,
        created_at=at,
        expires_at=at + PROPOSAL_LIVES,
    )


def page(agreement: AutopayAgreement, return_url: str, device: Device) -> str:
    """Where the customer agrees. Calls the provider's adapter."""
    intent = AgreementIntent(agreement.number, agreement.most, agreement.first_on, return_url, device)
    return registry.deducts(agreement.channel).sign(intent).url


@transaction.atomic
def apply(channel: str, fact: AgreementFact, at: datetime) -> bool:
    """Record what the provider says of an agreement, whoever asked; whether it was news. AutopayUnknown.

    An agreement that is over here is never revived: the provider is told so. Locks lease, agreement.
    """
    agreement = _locked(channel, fact.number)
    before = agreement.state
    match fact.status:
        case AgreementStatus.ACTIVE:
            _agreed(agreement, fact, at)
        case AgreementStatus.ENDED if agreement.state in STANDING:
            _end(agreement, Reason.PROVIDER, at)
        case AgreementStatus.NOT_FOUND if agreement.state == State.DRAFT and at >= agreement.expires_at:
            _end(agreement, Reason.NOT_AGREED, at)
    AutopayAgreement.objects.filter(pk=agreement.pk).update(asked_at=at)
    is_news: bool = agreement.state != before
    return is_news


@transaction.atomic
def revoke(lease_id: int, at: datetime) -> bool:
    """The customer turns it off: over here at once, and at the provider as soon as it answers. Whether it was on."""
    lease = Lease.objects.select_for_update().get(pk=lease_id)
    standing = _standing(lease)
    if standing is None:
        return False
    _end(standing, Reason.CUSTOMER, at)
    return True


def end_over(at: datetime) -> int:
    """Day-end: agreements of leases that no longer run; how many ended."""
    over = AutopayAgreement.objects.filter(state__in=STANDING).exclude(lease__state=Lease.State.LIVE)
    ended = 0
    for lease_id in list(over.order_by("pk").values_list("lease_id", flat=True)):
        with running.apart(Lease, lease_id), transaction.atomic():
            standing = _standing(Lease.objects.select_for_update().get(pk=lease_id))
            if standing is not None:
                _end(standing, Reason.LEASE, at)
                ended += 1
    return ended


def unsign(agreement_id: int, at: datetime) -> None:
    """Tell the provider that an agreement is over; safe to repeat. ProviderUnavailable: nothing known, call again."""
    agreement = AutopayAgreement.objects.get(pk=agreement_id)
    if agreement.unsigned_at or not agreement.provider_number:
        return
    registry.deducts(agreement.channel).unsign(agreement.number, agreement.provider_number)
    faults.point("unsign.called")
    AutopayAgreement.objects.filter(pk=agreement_id, unsigned_at=None).update(unsigned_at=at)


def ask(agreement_id: int, at: datetime) -> bool:
    """Ask the provider how an agreement stands and record it; whether it was news.

    One that was on before the question and that the provider does not know is over there.
    """
    agreement = AutopayAgreement.objects.get(pk=agreement_id)
    fact = registry.deducts(agreement.channel).query_agreement(agreement.number)
    if fact.status is AgreementStatus.NOT_FOUND and agreement.state == State.ACTIVE:
        fact = replace(fact, status=AgreementStatus.ENDED)
    return apply(agreement.channel, fact, at)


def to_ask(at: datetime) -> list[int]:
    """Proposals to ask about: 1, 5, 15, 60 minutes after they were made."""
    return [
        one.pk
        for one in AutopayAgreement.objects.filter(state=State.DRAFT)
        if asking.is_time(one.created_at, one.asked_at, at)
    ]


def standing(lease: Lease) -> AutopayAgreement | None:
    """The agreement that is on or waits for consent."""
    return AutopayAgreement.objects.filter(lease=lease, state__in=STANDING).first()


def _standing(lease: Lease) -> AutopayAgreement | None:
    return AutopayAgreement.objects.select_for_update().filter(lease=lease, state__in=STANDING).first()


def _locked(channel: str, number: str) -> AutopayAgreement:
    named = AutopayAgreement.objects.filter(channel=channel, number=number).first()
    if named is None:
        raise AutopayUnknown
    lease = Lease.objects.select_for_update().get(pk=named.lease_id)
    agreement = AutopayAgreement.objects.select_for_update().get(pk=named.pk)
    agreement.lease = lease
    return agreement


def _agreed(agreement: AutopayAgreement, fact: AgreementFact, at: datetime) -> None:
    if agreement.state == State.DRAFT and agreement.lease.state == Lease.State.LIVE:
        agreement.activate(fact.agreement_no, fact.payer, at)
        agreement.save(update_fields=["state", "provider_number", "payer", "activated_at"])
        events.record("autopay_on", agreement, at=at, facts={"wording": agreement.wording})
    elif agreement.provider_number is None:  # agreed to when it was no longer wanted
        agreement.provider_number = fact.agreement_no
        agreement.save(update_fields=["provider_number"])
        if agreement.state == State.DRAFT:
            _end(agreement, Reason.LEASE, at)
        else:
            outbox.put(UNSIGN_REQUESTED, agreement_id=agreement.pk)


def _end(agreement: AutopayAgreement, reason: AutopayAgreement.Reason, at: datetime) -> None:
    """Not before the last deduction that went out under it, whose clock may have been read a moment later."""
    sent = agreement.tries.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    agreement.end(reason, max(filter(None, (at, sent, agreement.activated_at))))
    if reason == Reason.PROVIDER:
        agreement.unsigned_at = agreement.ended_at
        _tell_ended(agreement, at)
    agreement.save(update_fields=["state", "end_reason", "ended_at", "unsigned_at"])
    events.record("autopay_off", agreement, at=at, facts={"reason": str(reason)})
    if agreement.provider_number and not agreement.unsigned_at:
        outbox.put(UNSIGN_REQUESTED, agreement_id=agreement.pk)


def _tell_ended(agreement: AutopayAgreement, at: datetime) -> None:
    lease = agreement.lease
    messages.inform(
        agreement.customer.user,
        "autopay_ended",
        {"lease": lease.number},
        step=f"autopay:{agreement.pk}:ended",
        at=at,
        link=f"/leases/{lease.number}/autopay/",
    )


def _most(lease: Lease, bills: list[Bill]) -> Decimal:
    """The highest that one of the bills can come to, late fee included."""
    terms = LeaseTerms.from_json(lease.terms)
    most: Decimal = max(bill.rent + bill.cover + money.floor_fen(terms.fee_cap_rate * bill.rent) for bill in bills)
    return most
