"""Whether a leased device was ever switched on, as its merchant or its maker tells: a fact, judged by risk rules alone.

Nothing is read from the device itself and nothing is installed on it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.services import events
from orders.models import ActivationReport, Order, State
from orders.services import steps


class AlreadyActivated(DomainError):
    code = "already_activated"
    message = _("This device is known to be activated.")


def report(order_id: int, source: str, actor: str, at: datetime, *, activated: bool) -> ActivationReport:
    """Keep what is known today. StepNotPossible unless the lease runs, AlreadyActivated. Locks the order."""
    with transaction.atomic():
        order = steps.lock(order_id)
        if order.state != State.ACTIVE:
            raise steps.StepNotPossible(state=order.get_state_display())
        if is_known(order):
            raise AlreadyActivated
        made = ActivationReport.objects.create(
            order=order, activated=activated, source=source, reported_by=actor, reported_at=at
        )
        events.record("activated" if activated else "not_activated", order, at=at, actor=actor)
    return made


def is_known(order: Order) -> bool:
    """Whether the device is known to be activated: once it was, it stays so."""
    return order.activations.filter(activated=True).exists()


def never_activated(customer_id: int, at: datetime, after: timedelta) -> int:
    """Devices on lease to this customer at `at` of which the last word is that they were not activated.

    Only a word from `after` the receipt on says something; a device that came back, or was bought, is none.
    """
    told = ActivationReport.objects.filter(
        order=OuterRef("pk"), reported_at__lte=at, reported_at__gte=OuterRef("received_at") + after
    )
    held = Order.objects.filter(customer=customer_id, received_at__lte=at - after).exclude(closed_at__lte=at)
    last = Subquery(told.order_by("-reported_at", "-id").values("activated")[:1])
    return held.annotate(activated=last).filter(activated=False).count()
