"""Emergency contacts and guarantors (A7, A8): named only when a review demands one, read only for that review.

Nobody of them is called or written to by the platform, for money or for anything else: the guarantor gets his link
from the customer and, when he asks for it on his own page, a code to his own phone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from accounts.models import Contact, Customer
from accounts.rules import names, phones
from accounts.services import codes, consents
from accounts.services.identity import NameInvalid
from core import seals
from core.errors import DomainError
from core.services import events

CONSENT_VERSION = "2026-11"  # the customer's and the guarantor's wording in templates/storefront
LINK_LIVES = timedelta(hours=72)  # as long as a review waits
CODE = "guarantee"
STANDING = (Contact.State.NAMED, Contact.State.GIVEN, Contact.State.APPROVED)
_SALT = "accounts.guarantee"
State, Kind = Contact.State, Contact.Kind


class OwnPhone(DomainError):
    code = "own_phone"
    message = _("This is your own number. Please give the number of the other person.")


class ContactStands(DomainError):
    code = "contact_stands"
    message = _("You have already named somebody; we are looking at it.")


class ContactClosed(DomainError):
    code = "contact_closed"
    message = _("The review of this contact is over; name and phone are no longer read.")


class GroundsNeeded(DomainError):
    code = "grounds_needed"
    message = _("Please write down the grounds: the customer reads them.")


class LinkInvalid(DomainError):
    code = "link_invalid"
    message = _("This link is not valid any more. Please ask the person who sent it to you for a new one.")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the customer names."""

    name: str
    phone: str
    relation: str


def name(customer: Customer, order_number: str, kind: str, person: Person, at: datetime) -> Contact:
    """Name somebody, with the customer's consent to the purpose. A guarantor then still agrees himself.

    NameInvalid, PhoneInvalid, OwnPhone, ContactStands. Whoever had not agreed yet gives way. Locks the customer.
    """
    given_name, given_phone = _checked(customer, person)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        _make_room(order_number, kind, at)
        consents.give(customer, f"contact:{kind.lower()}", CONSENT_VERSION, at)
        made = Contact.objects.create(
            customer=customer,
            order_number=order_number,
            kind=Kind(kind),
            relation=Contact.Relation(person.relation),
            name=given_name,
            phone=given_phone,
            named_at=at,
        )
        events.record("transition", made, at=at, actor=f"customer:{customer.pk}", target=made.state)
        if kind == Kind.EMERGENCY:
            _step(made, "give", f"customer:{customer.pk}", at)
    return made


def of_order(order_number: str) -> "QuerySet[Contact]":
    """Newest first."""
    return Contact.objects.filter(order_number=order_number).order_by("-id")


def standing(order_number: str, kind: str) -> Contact | None:
    """The one whom the review looks at, or who has still to agree."""
    return of_order(order_number).filter(kind=kind, state__in=STANDING).first()


def link(contact: Contact) -> str:
    """The signed part of the guarantor's own address; the customer passes it on."""
    return signing.dumps(contact.pk, salt=_SALT)


def by_link(token: str) -> Contact:
    """LinkInvalid: forged, too old, or another one was named since."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=LINK_LIVES)
    except signing.BadSignature as error:
        raise LinkInvalid from error
    found = Contact.objects.select_related("customer__user").filter(pk=pk, kind=Kind.GUARANTOR, erased_at=None).first()
    if found is None or found.state == State.LAPSED:
        raise LinkInvalid
    return found


def request_code(contact: Contact, language: str, at: datetime) -> UUID:
    """Send the guarantor the code that he asks for on his page; its ticket stays with his browser."""
    _require(contact, "consent")
    assert contact.phone is not None
    with transaction.atomic():
        phone = contact.phone.open(by=f"guarantor:{contact.pk}", purpose="code for the guarantee", at=at)
    return codes.request(phone, f"{CODE}:{contact.pk}", language=language, at=at).ticket


def consent(contact: Contact, code: str, ticket: UUID, at: datetime) -> Contact:
    """The guarantor agrees with the code from his phone. What `codes.check` refuses; ContactClosed."""
    _require(contact, "consent")
    assert contact.phone is not None
    with transaction.atomic():
        phone = contact.phone.open(by=f"guarantor:{contact.pk}", purpose="code for the guarantee", at=at)
    codes.check(phone, f"{CODE}:{contact.pk}", code, at, ticket=ticket)
    with transaction.atomic():
        row = _lock(contact.pk)
        _step(row, "consent", f"guarantor:{row.pk}", at, CONSENT_VERSION, at)
    return row


def decline(contact: Contact, at: datetime) -> Contact:
    """He does not want to: it has no consequence for him, and his name and phone go with the next day-end."""
    with transaction.atomic():
        row = _lock(contact.pk)
        _step(row, "decline", f"guarantor:{row.pk}", at, at)
    return row


def read(contact_id: int, actor: str, at: datetime) -> Person:
    """Name and phone for the review of this order; every reading is an event. ContactClosed once it is over."""
    with transaction.atomic():
        row = _lock(contact_id)
        if row.state != State.GIVEN or row.name is None or row.phone is None:
            raise ContactClosed
        purpose = f"review of {row.order_number}"
        told = (row.name.open(by=actor, purpose=purpose, at=at), row.phone.open(by=actor, purpose=purpose, at=at))
    return Person(*told, row.relation)


def review(contact_id: int, verdict: str, grounds: str, actor: str, at: datetime) -> Contact:
    """`verdict`: approve, refuse or ask_again; the last two with grounds (GroundsNeeded). ContactClosed."""
    if verdict != "approve" and not grounds.strip():
        raise GroundsNeeded
    with transaction.atomic():
        row = _lock(contact_id)
        _step(row, verdict, actor, at, grounds.strip(), at)
    return row


def lapse(order_number: str, at: datetime, kind: str = "") -> None:
    """Whoever was named for this order, or for one demand of it, is no longer needed."""
    rows = Contact.objects.select_for_update().filter(order_number=order_number, state__in=[State.NAMED, State.GIVEN])
    for row in rows.filter(kind=kind) if kind else rows:
        _step(row, "lapse", events.PLATFORM, at)


def _checked(customer: Customer, person: Person) -> tuple[str, str]:
    try:
        given_name = names.normalise(person.name)
    except ValueError as error:
        raise NameInvalid from error
    try:
        given_phone = phones.normalise(person.phone)
    except ValueError as error:
        raise codes.PhoneInvalid from error
    if seals.blind_index("phone", given_phone) == customer.user.phone_index:
        raise OwnPhone
    return given_name, given_phone


def _make_room(order_number: str, kind: str, at: datetime) -> None:
    before = Contact.objects.select_for_update().filter(order_number=order_number, kind=kind, state__in=STANDING)
    for row in before:
        if row.state != State.NAMED:
            raise ContactStands
        _step(row, "lapse", events.PLATFORM, at)


def _require(contact: Contact, verb: str) -> None:
    step: Callable[..., None] = getattr(contact, verb)
    if not can_proceed(step):
        raise ContactClosed


def _step(row: Contact, verb: str, actor: str, at: datetime, *values: object) -> None:
    _require(row, verb)
    source = row.state
    getattr(row, verb)(*values)
    if row.state == State.LAPSED and row.keep_until is None:
        row.keep_until = at
    row.save(
        update_fields=[
            "state", "consented_at", "consent_version", "reviewed_at", "grounds", "keep_until",
        ]
    )  # fmt: skip
    events.record("transition", row, at=at, actor=actor, source=source, target=row.state, facts={"step": verb})


def _lock(contact_id: int) -> Contact:
    return Contact.objects.select_for_update().get(pk=contact_id)
