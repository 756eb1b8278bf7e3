from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from catalog.models import DeviceUnit
from core.fields import MoneyField, StateField
from orders.models.orders import Order


class Fault(models.Model):
    """报修: a fault of the device while it is on lease, and what the merchant does about it; one open per order.

    The order stays ACTIVE and its dates never move; the days without the device are credited as day rent. `waits_until`
    ends each of its waits. `new_unit`: what came instead, of an exchange 换货 (same model; a swap is another device).
    `lost_at`: a carrier lost it on one of its ways; the merchant owes another one.
    """

    class State(models.TextChoices):
        REPORTED = "REPORTED", _("The merchant answers")
        AT_DESK = "AT_DESK", pgettext_lazy("fault", "The platform answers")
        ACCEPTED = "ACCEPTED", _("To be sent in")
        SENT = "SENT", _("On its way to the merchant")
        ARRIVED = "ARRIVED", _("With the merchant")
        BACK = "BACK", _("On its way back")
        DONE = "DONE", pgettext_lazy("fault", "Done")
        DECLINED = "DECLINED", pgettext_lazy("fault", "Declined")
        CLOSED = "CLOSED", pgettext_lazy("fault", "Closed")

    class Remedy(models.TextChoices):
        REPAIR = "REPAIR", _("Repair")
        EXCHANGE = "EXCHANGE", _("Exchange")

    WITH_MERCHANT = ("REPORTED", "SENT", "ARRIVED")  # who has something to do
    AWAY = ("SENT", "ARRIVED", "BACK")
    OPEN = ("REPORTED", "AT_DESK", "ACCEPTED", "SENT", "ARRIVED", "BACK")

    order = models.ForeignKey(Order, models.PROTECT, related_name="faults", verbose_name=_("order"))
    state = StateField(_("state"), default=State.REPORTED, protected=True, choices=State.choices)
    words = models.CharField(_("what is wrong"), max_length=500)
    remedy = models.CharField(_("remedy"), max_length=10, choices=Remedy.choices, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=60, blank=True)
    old_unit = models.ForeignKey(DeviceUnit, models.PROTECT, related_name="faults", verbose_name=_("faulty unit"))
    new_unit = models.ForeignKey(DeviceUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("new unit"))
    reported_at = models.DateTimeField(_("reported"))
    sent_at = models.DateTimeField(_("sent in"), null=True)
    lost_at = models.DateTimeField(_("lost on its way"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    waits_until = models.DateTimeField(_("the present wait ends"), null=True)
    days = models.PositiveSmallIntegerField(_("days without it"), default=0)
    credited = MoneyField(_("day rent credited"), default=Decimal("0.00"))

    class Meta:
        verbose_name = _("fault")
        verbose_name_plural = _("faults")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["REPORTED", "AT_DESK", "ACCEPTED", "SENT", "ARRIVED", "BACK"]),
                name="orders_fault_one_open",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, waits_until__isnull=False)
                | Q(closed_at__isnull=False, waits_until__isnull=True),
                name="orders_fault_open_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["waits_until"], condition=Q(waits_until__isnull=False), name="orders_fault_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @transition(field=state, source=State.REPORTED, target=State.AT_DESK)
    def pass_on(self, waits_until: datetime) -> None:
        """The merchant did not answer in time."""
        self.waits_until = waits_until

    @transition(field=state, source=[State.REPORTED, State.AT_DESK], target=State.ACCEPTED)
    def accept(self, remedy: str, by: str, waits_until: datetime) -> None:
        self.remedy, self.answered_by, self.waits_until = remedy, by, waits_until

    @transition(field=state, source=[State.REPORTED, State.AT_DESK], target=State.DECLINED)
    def decline(self, answer: str, by: str, at: datetime) -> None:
        self.answer, self.answered_by = answer, by
        self._close(at)

    @transition(field=state, source=State.ACCEPTED, target=State.SENT)
    def send_in(self, at: datetime, waits_until: datetime) -> None:
        self.sent_at, self.waits_until = at, waits_until

    @transition(field=state, source=State.CLOSED, target=State.SENT)
    def resume(self, at: datetime, waits_until: datetime) -> None:
        """The clock closed it, and then a carrier took the parcel after all."""
        self.sent_at, self.waits_until, self.closed_at = at, waits_until, None

    @transition(field=state, source=State.SENT, target=State.ARRIVED)
    def arrive(self, waits_until: datetime) -> None:
        self.waits_until = waits_until

    @transition(field=state, source=State.ARRIVED, target=State.BACK)
    def send_back(self, new_unit: DeviceUnit | None, waits_until: datetime) -> None:
        """Or, after all, a parcel came that was thought lost."""
        self.new_unit, self.lost_at, self.waits_until = new_unit, None, waits_until

    @transition(field=state, source=[State.SENT, State.BACK], target=State.ARRIVED)
    def lose(self, at: datetime, waits_until: datetime) -> None:
        """A carrier lost it: the merchant sends another one."""
        self.remedy, self.lost_at, self.waits_until = self.Remedy.EXCHANGE, at, waits_until

    @transition(field=state, source=State.BACK, target=State.ARRIVED)
    def stay(self, waits_until: datetime) -> None:
        """No carrier took it, or one brought it back to the merchant."""
        self.waits_until = waits_until

    @transition(field=state, source=State.BACK, target=State.DONE)
    def finish(self, at: datetime) -> None:
        self._close(at)

    @transition(
        field=state,
        source=[State.REPORTED, State.AT_DESK, State.ACCEPTED, State.SENT, State.ARRIVED, State.BACK],
        target=State.CLOSED,
    )
    def close(self, at: datetime) -> None:
        """Taken back, not sent in, or the order went another way."""
        self._close(at)

    def _close(self, at: datetime) -> None:
        self.closed_at, self.waits_until = at, None
