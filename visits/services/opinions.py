"""What the customer says of a visit: stars once it is done, and a complaint that stays open until it is answered."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core import calendar
from core.errors import DomainError
from core.services import events
from notices.services import messages
from visits.models import FieldAgent, Visit, VisitComplaint

STARS = range(1, 6)


class NotDoneYet(DomainError):
    code = "visit_not_done_yet"
    message = _("A visit can be rated once it is done.")


class AlreadyRated(DomainError):
    code = "visit_already_rated"
    message = _("You have rated this visit already. Thank you.")


class AlreadyComplained(DomainError):
    code = "already_complained"
    message = _("Your complaint is already with us.")


class WordsMissing(DomainError):
    code = "words_missing"
    message = _("Please write some words.")


def rate(visit_id: int, stars: int, note: str, at: datetime) -> Visit:
    """One to five stars, once. NotDoneYet, AlreadyRated."""
    if stars not in STARS:
        raise ValueError("one to five stars")
    with transaction.atomic():
        row = Visit.objects.select_for_update().get(pk=visit_id)
        if row.state != Visit.State.DONE:
            raise NotDoneYet
        if row.stars is not None:
            raise AlreadyRated
        row.stars, row.rating_note, row.rated_at = stars, note.strip()[:300], at
        row.save(update_fields=["stars", "rating_note", "rated_at"])
        events.record("rated", row, at=at, actor=f"customer:{row.customer_id}", facts={"stars": stars})
    return row


def complain(visit_id: int, text: str, at: datetime) -> VisitComplaint:
    """Open a complaint; at any time, also about a visit that did not come about. WordsMissing, AlreadyComplained."""
    if not text.strip():
        raise WordsMissing
    visit = Visit.objects.get(pk=visit_id)
    try:
        with transaction.atomic():
            row = VisitComplaint.objects.create(visit=visit, text=text.strip()[:1000], opened_at=at)
            events.record("complained", visit, at=at, actor=f"customer:{visit.customer_id}")
    except IntegrityError as error:
        raise AlreadyComplained from error
    return row


def open_complaints() -> "QuerySet[VisitComplaint]":
    """Oldest first."""
    rows = VisitComplaint.objects.filter(state=VisitComplaint.State.OPEN)
    return rows.select_related("visit__agent", "visit__customer").order_by("opened_at", "id")


def answer(complaint_id: int, text: str, actor: str, at: datetime) -> VisitComplaint:
    """Close a complaint with an answer that the customer gets. WordsMissing; nothing happens when it is answered."""
    if not text.strip():
        raise WordsMissing
    with transaction.atomic():
        rows = VisitComplaint.objects.select_for_update(of=("self",)).select_related("visit__customer__user")
        row = rows.get(pk=complaint_id)
        if not can_proceed(row.answer):
            return row
        row.answer(text.strip()[:1000], at)
        row.save(update_fields=["state", "answer_text", "answered_at"])
        events.record("complaint_answered", row.visit, at=at, actor=actor)
        messages.inform(
            row.visit.customer.user,
            "visit_complaint_answered",
            {"order": row.visit.order_number},
            step=f"visit:{row.visit_id}:complaint",
            at=at,
            link=f"/orders/{row.visit.order_number}/visit/",
        )
    return row


def ratings() -> "QuerySet[FieldAgent]":
    """Each agent with `visits_rated` and `stars_mean`, for those who lead them."""
    return FieldAgent.objects.annotate(visits_rated=Count("visits__stars"), stars_mean=Avg("visits__stars")).order_by(
        "badge"
    )


def by_month(since: date, low: int) -> list[tuple[date, int, int, int]]:
    """Month, how many rated a visit in it, the sum of their stars, how many gave `low` or fewer."""
    counted = (
        Visit.objects.filter(rated_at__gte=calendar.instant(since))
        .annotate(month=TruncMonth("rated_at", tzinfo=calendar.SHANGHAI))
        .values("month")
        .annotate(count=Count("pk"), total=Sum("stars"), few=Count("pk", filter=Q(stars__lte=low)))
    )
    return [(row["month"].date(), row["count"], row["total"], row["few"]) for row in counted]
