"""What a rule or a reviewer asks for before one order goes on."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models import Customer
from core.fields import StateField


class Demand(models.Model):
    """What a rule or a reviewer asks of a customer for one order. While it is OPEN or REFUSED the order stands still.

    `wanted`: kinds of documents, or papers of a visit. Every demand ends: met, waived with grounds, refused, or lapsed
    because the order ended.
    """

    class Kind(models.TextChoices):
        CONTACT = "CONTACT", _("Emergency contact")
        GUARANTOR = "GUARANTOR", _("Guarantor")
        DOCUMENTS = "DOCUMENTS", _("Documents")
        VISIT = "VISIT", _("Field visit")

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("demand", "Open")
        MET = "MET", pgettext_lazy("demand", "Met")
        WAIVED = "WAIVED", pgettext_lazy("demand", "Waived")
        REFUSED = "REFUSED", pgettext_lazy("demand", "Not met")
        LAPSED = "LAPSED", _("No longer needed")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="demands", verbose_name=_("customer"))
    order_number = models.CharField(_("order"), max_length=24)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    wanted = models.JSONField(_("wanted"), default=list)
    raised_at = models.DateTimeField(_("raised"))
    raised_by = models.CharField(_("raised by"), max_length=40)
    grounds = models.CharField(_("grounds"), max_length=200)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=40, blank=True)
    closing_grounds = models.CharField(_("grounds of the end"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        constraints = [
            models.UniqueConstraint(
                fields=["order_number", "kind"], condition=Q(state="OPEN"), name="credit_demand_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at=None) | (~Q(state="OPEN") & Q(closed_at__isnull=False)),
                name="credit_demand_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["WAIVED", "REFUSED"]) | ~Q(closing_grounds=""),
                name="credit_demand_waived_has_grounds",
            ),
        ]
        indexes = [models.Index(fields=["order_number"], name="credit_demand_of_order")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_number}"

    @transition(field=state, source=State.OPEN, target=State.MET)
    def meet(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.WAIVED)
    def waive(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.REFUSED)
    def refuse(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, by: str, grounds: str, at: datetime) -> None:
        """The order ended."""
        self._close(by, grounds, at)

    def _close(self, by: str, grounds: str, at: datetime) -> None:
        self.closed_by, self.closing_grounds, self.closed_at = by, grounds, at
