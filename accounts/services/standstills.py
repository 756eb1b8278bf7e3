"""That a customer died or lost legal capacity, with the paper that says so (domain.md §5). Orders calls it, for what
follows from it lies with leases, cases and devices."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Standstill, User
from accounts.services import keys
from core import images, vault
from core.errors import DomainError
from core.services import events

PDF = b"%PDF-"
State = Standstill.State


class StandstillInForce(DomainError):
    code = "standstill_in_force"
    message = _("This is on record already for this customer.")


class NoStandstill(DomainError):
    code = "no_standstill"
    message = _("Nothing of this kind is in force for this customer.")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, on which day by its paper, and what the operator notes."""

    kind: str
    day: date
    note: str


def record(customer: Customer, happened: Event, since: date, raw: bytes, actor: str, at: datetime) -> Standstill:
    """In force from day `since`; nothing leaves the house to this person any more. What `images.drawn_anew` refuses of
    what is no PDF; StandstillInForce. Locks the user.
    """
    is_pdf = raw.startswith(PDF)
    if is_pdf and len(raw) > images.MOST_BYTES:
        raise images.ImageTooLarge
    content = raw if is_pdf else images.drawn_anew(raw).content
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=customer.user_id)
        if in_force(customer) is not None:
            raise StandstillInForce
        row = Standstill(
            customer=customer, kind=Standstill.Kind(happened.kind), day=happened.day, since=since, note=happened.note,
            sha256=hashlib.sha256(content).hexdigest(), is_pdf=is_pdf, recorded_by=actor, recorded_at=at,
        )  # fmt: skip
        row.sealed = vault.close(keys.of(customer, at), content, _place(row))
        row.save()
        User.objects.filter(pk=customer.user_id).update(in_peace_since=since)
        told = {"kind": row.kind, "day": row.day.isoformat(), "since": since.isoformat(), "note": row.note}
        events.record("standstill_recorded", customer, at=at, actor=actor, facts=told)
    return row


def date_back(row: Standstill, actor: str, at: datetime) -> None:
    """It counts from its own day: a second person agreed. The caller holds it."""
    row.since = row.day
    row.save(update_fields=["since"])
    User.objects.filter(pk=row.customer.user_id).update(in_peace_since=row.since)
    events.record("standstill_dated_back", row.customer, at=at, actor=actor, facts={"since": row.since.isoformat()})


def withdraw(row: Standstill, grounds: str, on: date, actor: str, at: datetime) -> None:
    """It was mistaken: the person is written to again. The caller holds it."""
    row.withdraw(on, actor, grounds, at)
    row.save(update_fields=["state", "until", "withdrawn_by", "withdrawn_at", "grounds"])
    User.objects.filter(pk=row.customer.user_id).update(in_peace_since=None)
    events.record("standstill_withdrawn", row.customer, at=at, actor=actor, facts={"grounds": grounds})


def lock(customer: Customer) -> Standstill:
    """The one in force. NoStandstill."""
    rows = Standstill.objects.select_for_update(of=("self",)).defer("sealed").select_related("customer")
    row = rows.filter(customer=customer, state=State.IN_FORCE).first()
    if row is None:
        raise NoStandstill
    return row


def in_force(customer: Customer) -> Standstill | None:
    return Standstill.objects.defer("sealed").filter(customer=customer, state=State.IN_FORCE).first()


def of(customer: Customer) -> list[Standstill]:
    """All of them, the newest first, without their papers."""
    return list(Standstill.objects.defer("sealed").filter(customer=customer).order_by("-id"))


def content(row: Standstill, actor: str, at: datetime) -> bytes:
    """The paper, for a named reader; the reading is an event. FilesForgotten, FileDamaged."""
    with transaction.atomic():
        key = keys.of(row.customer, at, actor=actor)
        events.record("standstill_read", row.customer, at=at, actor=actor, facts={"standstill": row.pk})
    opened = vault.open_(key, bytes(row.sealed), _place(row))
    if not hmac.compare_digest(hashlib.sha256(opened).hexdigest(), row.sha256):
        raise vault.FileDamaged
    return opened


def _place(row: Standstill) -> str:
    return f"accounts.standstill:{row.file_row}"
