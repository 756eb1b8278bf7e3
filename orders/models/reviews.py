"""A person asked for by whom rules refused."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField
from orders.models.orders import Order


class ReviewRequest(models.Model):
    """人工复核: whom rules refused asks for a person, once per order.

    The order stays ended; what was allowed counts for the next one.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waits for a person")
        ALLOWED = "ALLOWED", _("The refusal is taken back")
        UPHELD = "UPHELD", _("The refusal stands")

    order = models.OneToOneField(Order, models.PROTECT, related_name="review_request", verbose_name=_("order"))
    text = models.CharField(_("what the customer says"), max_length=400, blank=True)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    asked_at = models.DateTimeField(_("asked"))
    answer_by = models.DateTimeField(_("answer by"))
    answer = models.CharField(_("answer"), max_length=400, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("request for a person")
        verbose_name_plural = _("requests for a person")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="OPEN", decided_at=None, answer="", decided_by="")
                | ~Q(state="OPEN") & Q(decided_at__isnull=False, answer__gt="", decided_by__gt=""),
                name="orders_review_request_says_who_decided",
            )
        ]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def is_open(self) -> bool:
        return bool(self.state == self.State.OPEN)

    @transition(field=state, source=State.OPEN, target=State.ALLOWED)
    def allow(self, answer: str, by: str, at: datetime) -> None:
        self.answer, self.decided_by, self.decided_at = answer, by, at

    @transition(field=state, source=State.OPEN, target=State.UPHELD)
    def uphold(self, answer: str, by: str, at: datetime) -> None:
        self.answer, self.decided_by, self.decided_at = answer, by, at
