"""Whom rules refused may ask for a person, once per order; the person's answer is recorded and told.

Nobody answered two days after the answer was promised: silence is the platform's, so the refusal is taken back, unless
a hard stop holds, which only two persons lift. An ended order stays ended: its books are closed. A refusal that is
taken back means that the same rules do not stop the customer's orders of the next days (`risks.look`). Locks the order,
then the request.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from core import running
from core.errors import DomainError
from core.services import events
from core.services.events import PLATFORM
from notices.services import messages
from orders.models import Order, ReviewRequest, State
from orders.services import steps

BY_RULE = ("risk", "blocked", "suspected_fraud")  # reasons that no person wrote
ANSWERED_WITHIN = timedelta(hours=24)
ENDED_AFTER = timedelta(hours=48)  # from the promised hour on


FREED = _(
    "Nobody answered you in time. We are sorry: the refusal is taken back, and what was found no longer stops you."
)
STOPPED = _(
    "Nobody answered you in time. We are sorry. A stop is on record that only two persons can lift: the refusal stands "
    "until they do."
)


class NothingToReview(DomainError):
    code = "nothing_to_review"
    message = _("Only an order that our rules refused can be looked at again.")


class AskedAlready(DomainError):
    code = "review_asked_already"
    message = _("You asked for a person already. The answer stands on the page of the order.")


class AnsweredAlready(DomainError):
    code = "review_answered_already"
    message = _("This was answered already.")


class AnswerMissing(DomainError):
    code = "review_answer_missing"
    message = _("Please write what the customer will read.")


class StillStopped(DomainError):
    code = "review_still_stopped"
    message = _("A hard stop still holds for this customer. A second person has to lift it first.")


def of(order: Order) -> ReviewRequest | None:
    found: ReviewRequest | None = getattr(order, "review_request", None)
    return found


def may_ask(order: Order) -> bool:
    return is_by_rule(order) and of(order) is None


def is_by_rule(order: Order) -> bool:
    """Whether it ended without a person's decision."""
    return order.state in (State.REFUSED, State.CANCELLED) and order.reason in BY_RULE


def ask(order_id: int, text: str, actor: str, at: datetime) -> ReviewRequest:
    """The customer asks for a person. NothingToReview, AskedAlready. Locks the order."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if not is_by_rule(order):
            raise NothingToReview
        if of(order) is not None:
            raise AskedAlready
        made = ReviewRequest.objects.create(order=order, text=text.strip(), asked_at=at, answer_by=at + ANSWERED_WITHIN)
        events.record("review_asked", order, at=at, actor=actor)
    return made


def allow(order_id: int, answer: str, actor: str, at: datetime) -> ReviewRequest:
    """A person takes the refusal back. NothingToReview, AnsweredAlready, AnswerMissing, StillStopped."""
    with transaction.atomic():
        order, request = _open(order_id, answer)
        if not steps.is_trusted(order.customer):
            raise StillStopped
        request.allow(answer.strip(), actor, at)
        _answered(order, request, "review_allowed", actor, at)
    return request


def uphold(order_id: int, answer: str, actor: str, at: datetime) -> ReviewRequest:
    """A person finds the refusal right. NothingToReview, AnsweredAlready, AnswerMissing."""
    with transaction.atomic():
        order, request = _open(order_id, answer)
        request.uphold(answer.strip(), actor, at)
        _answered(order, request, "review_upheld", actor, at)
    return request


def end_due(at: datetime) -> int:
    """The clock ends what nobody answered for so long; how many. Safe to repeat."""
    rows = ReviewRequest.objects.filter(state=ReviewRequest.State.OPEN, answer_by__lte=at - ENDED_AFTER)
    return running.each(
        Order, rows.order_by("answer_by", "pk").values_list("order", flat=True), lambda pk: _end(pk, at)
    )


def _end(order_id: int, at: datetime) -> bool:
    with transaction.atomic():
        order = steps.lock(order_id)
        request = ReviewRequest.objects.select_for_update().filter(order=order).first()
        if request is None or not request.is_open or request.answer_by > at - ENDED_AFTER:
            return False
        is_free = steps.is_trusted(order.customer)
        with translation.override(order.customer.user.language):
            answer = str(FREED if is_free else STOPPED)
        (request.allow if is_free else request.uphold)(answer, PLATFORM, at)
        kind = "review_allowed" if is_free else "review_upheld"
        _answered(order, request, kind, PLATFORM, at, "review_unanswered")
    return True


def _open(order_id: int, answer: str) -> tuple[Order, ReviewRequest]:
    order = steps.lock(order_id)
    request = ReviewRequest.objects.select_for_update().filter(order=order).first()
    if request is None:
        raise NothingToReview
    if not can_proceed(request.uphold):
        raise AnsweredAlready
    if not answer.strip():
        raise AnswerMissing
    return order, request


def _answered(
    order: Order, request: ReviewRequest, kind: str, actor: str, at: datetime, template: str = "review_answered"
) -> None:
    request.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    events.record(kind, order, at=at, actor=actor, facts={"reason": request.answer})
    messages.inform(
        order.customer.user,
        template,
        {"order": order.number},
        step=f"order:{order.pk}:review",
        at=at,
        link=f"/orders/{order.number}/",
        sms=True,
    )
