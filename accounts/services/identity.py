"""Real-name checks (domain.md §4): name and ID number, then the owner of the phone. One live account per ID number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Customer, IdentityVerification
from accounts.rules import id_numbers, names
from accounts.rules.id_numbers import IdNumber, NotAnIdNumber
from accounts.services import consents
from core import running, seals
from core.calendar import business_date
from core.errors import DomainError
from core.services import events, outbox
from integrations import registry
from integrations.identity import IdentityAnswer, Result
from notices.services import messages

MOST_A_DAY = 5  # each question to the registers costs money
LONGEST_WAIT = timedelta(days=1)
UNAVAILABLE = "unavailable"
State = IdentityVerification.State

ID_NUMBER_REASONS = {
    "length": _("The ID number has 18 places."),
    "characters": _("The ID number has 17 digits and a digit or X."),
    "date": _("The birthday in the ID number does not exist."),
    "checksum": _("The last place of the ID number does not fit: one of the digits is wrong."),
    "passport": _("This looks like a passport. At present only resident identity cards can be checked."),
    "foreign_permit": _(
        "This looks like a foreigner's permanent residence card."
        " At present only resident identity cards can be checked."
    ),
    "residence_permit": _(
        "This looks like a residence permit for Hong Kong, Macao or Taiwan residents."
        " At present only resident identity cards can be checked."
    ),
    "home_return_permit": _(
        "This looks like a mainland travel permit. At present only resident identity cards can be checked."
    ),
    "fifteen_digits": _(
        "ID numbers of 15 digits are no longer valid. Please enter the 18 places of your present card."
    ),
}
REFUSAL_REASONS = {
    "mismatch": _("Name and ID number do not belong together."),
    "no_record": _("The register has no record of this ID number."),
    "invalid_input": _("The register does not accept this name or ID number."),
    "phone_mismatch": _("The phone number is not registered to you. Please sign in with a phone of your own."),
    "phone_no_record": _("The carrier does not know who owns the phone number."),
    "phone_invalid_input": _("The carrier does not accept this phone number."),
    "id_number_taken": _("This ID number belongs to another account."),
    UNAVAILABLE: _("The registers could not be asked. That was no fault of yours: please try again."),
}


class NameInvalid(DomainError):
    code = "name_invalid"
    message = _("Please enter the name as it stands on your identity card.")


class IdNumberInvalid(DomainError):
    """`reason` is one of ID_NUMBER_REASONS."""

    code = "id_number_invalid"
    message = _("The ID number is not valid.")

    def __str__(self) -> str:
        return str(ID_NUMBER_REASONS.get(self.params["reason"], self.message))


class UnderAge(DomainError):
    code = "under_age"
    message = _("Renting is possible from the age of 18.")


class IdNumberTaken(DomainError):
    code = "id_number_taken"
    message = _("This ID number belongs to another account. Please sign in with the phone of that account.")


class AlreadyVerified(DomainError):
    code = "already_verified"
    message = _("Your identity is already verified.")


class VerificationPending(DomainError):
    code = "verification_pending"
    message = _("Your identity is being checked. Please wait for the answer.")


class TooManyVerifications(DomainError):
    code = "too_many_verifications"
    message = _("Too many attempts today. Please try again tomorrow.")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who someone says to be; lives only while the registers are asked."""

    name: str
    id_number: str
    phone: str


def request(
    customer: Customer, name: str, id_number: str, *, consent_version: str, at: datetime
) -> IdentityVerification:
    """Ask for a check, with the customer's consent to it. The answer comes by itself (topic identity.requested).

    NameInvalid, IdNumberInvalid(reason), UnderAge, IdNumberTaken, AlreadyVerified, VerificationPending,
    TooManyVerifications. Locks the customer.
    """
    card_name, card = _card(name, id_number, at)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        _refuse_repeat(customer, card, at)
        consents.give(customer, "identity", consent_version, at)
        row = IdentityVerification.objects.create(
            customer=customer,
            name=card_name,
            id_number=card.number,
            birthday=card.birthday.isoformat(),
            requested_at=at,
        )
        outbox.put("identity.requested", verification_id=row.pk)
    return row


def check(verification_id: int, at: datetime) -> None:
    """Ask the registers and record their answer; a repeat asks only what is not yet known, or nothing.

    ProviderUnavailable leaves it PENDING: the sweeper asks again. ProviderRefused is a fault of our account with the
    provider, never of the person, and waits in the same way. `give_up` ends a wait that leads nowhere.
    """
    row = _pending(verification_id)
    if row is None:
        return
    claim = _open(row, at)
    if row.matched_at is None:
        answer = registry.identity().check_identity(claim.name, claim.id_number)
        if answer.result != Result.MATCH:
            _finish(verification_id, _reason(answer), at)
            return
        with transaction.atomic():
            _change(verification_id, lambda locked: setattr(locked, "matched_at", at), "matched_at")
    answer = registry.identity().check_phone_owner(claim.name, claim.id_number, claim.phone)
    _finish(verification_id, "" if answer.result == Result.MATCH else f"phone_{_reason(answer)}", at)


def give_up(at: datetime) -> int:
    """Refuse what waits for its answer since LONGEST_WAIT, so that the customer may ask again. How many."""
    late = IdentityVerification.objects.filter(state=State.PENDING, requested_at__lte=at - LONGEST_WAIT)
    waiting = list(late.order_by("id").values_list("pk", flat=True))
    for verification_id in waiting:
        with running.apart(IdentityVerification, verification_id):
            _finish(verification_id, UNAVAILABLE, at)
    return len(waiting)


def verified(customer: Customer) -> IdentityVerification | None:
    return proofs(customer).first()


def proofs(customer: Customer) -> "QuerySet[IdentityVerification]":
    return IdentityVerification.objects.filter(customer=customer, state=State.VERIFIED)


def is_verified(customer: Customer) -> bool:
    return proofs(customer).exists()


def latest(customer: Customer) -> IdentityVerification | None:
    """The last check whatever its state, for the page that shows how it stands."""
    return IdentityVerification.objects.filter(customer=customer).order_by("-id").first()


def explain(verification: IdentityVerification) -> str:
    """Why a check was refused, in the reader's language."""
    return str(REFUSAL_REASONS.get(verification.reason, ""))


def _card(name: str, id_number: str, at: datetime) -> tuple[str, IdNumber]:
    on = business_date(at)
    try:
        card_name = names.normalise(name)
    except ValueError as error:
        raise NameInvalid from error
    try:
        card = id_numbers.parse(id_number, on)
    except NotAnIdNumber as error:
        raise IdNumberInvalid(reason=error.reason) from error
    if not card.is_adult(on):
        raise UnderAge
    return card_name, card


def _refuse_repeat(customer: Customer, card: IdNumber, at: datetime) -> None:
    own = IdentityVerification.objects.filter(customer=customer)
    waiting = own.filter(state=State.PENDING).select_for_update().first()  # its answer may come this very moment
    if own.filter(state=State.VERIFIED).exists():
        raise AlreadyVerified
    if waiting and at < waiting.requested_at + LONGEST_WAIT:
        raise VerificationPending
    index = seals.blind_index("id_number", card.number)
    if IdentityVerification.objects.filter(id_index=index, state=State.VERIFIED).exists():
        raise IdNumberTaken
    if own.filter(requested_at__gt=at - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooManyVerifications
    if waiting:
        _answer(waiting.pk, UNAVAILABLE, at)


def _pending(verification_id: int) -> IdentityVerification | None:
    rows = IdentityVerification.objects.select_related("customer__user")
    return rows.filter(pk=verification_id, state=State.PENDING).first()


def _open(row: IdentityVerification, at: datetime) -> _Claim:
    """Each unsealing is an event, committed before the question leaves."""
    with transaction.atomic():
        name, id_number, phone = (
            sealed.open(by=events.PLATFORM, purpose="identity check", at=at)
            for sealed in (row.name, row.id_number, row.customer.user.phone)
        )
    return _Claim(name, id_number, phone)


def _reason(answer: IdentityAnswer) -> str:
    return answer.result.value.lower()


def _finish(verification_id: int, reason: str, at: datetime) -> None:
    """Verify without a `reason`, refuse with one; the second of two accounts with one ID number is refused."""
    try:
        with transaction.atomic():
            _answer(verification_id, reason, at)
    except IntegrityError:
        with transaction.atomic():
            _answer(verification_id, "id_number_taken", at)


def _answer(verification_id: int, reason: str, at: datetime) -> None:
    def step(row: IdentityVerification) -> None:
        if reason:
            row.refuse(reason, at)
        else:
            row.verify(at)

    row = _change(verification_id, step, "state", "reason", "answered_at")
    if row is not None:
        events.record("transition", row, at=at, source=State.PENDING, target=row.state, facts={"reason": reason})
        messages.inform(
            row.customer.user,
            "identity_refused" if reason else "identity_verified",
            {"reason": reason},
            step=f"identity:{row.pk}",
            at=at,
            sms=False,
        )


def _change(
    verification_id: int, step: Callable[[IdentityVerification], None], *fields: str
) -> IdentityVerification | None:
    """Apply `step` to the locked row unless its answer is already there."""
    row = (
        IdentityVerification.objects.select_for_update(of=("self",))
        .select_related("customer__user")
        .get(pk=verification_id)
    )
    if not can_proceed(row.verify):
        return None
    step(row)
    row.save(update_fields=fields)
    return row
