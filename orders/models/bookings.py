from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import DeviceUnit
from orders.models.orders import Order


class Booking(models.Model):
    """A unit kept for a short rental: the picked days and the gap after them. Two that stand never overlap (EXCLUDE).

    Freed when the order is cancelled or the device is back; the row stays. Until it ships it may move to another unit.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="booking", verbose_name=_("order"))
    unit = models.ForeignKey(DeviceUnit, models.PROTECT, related_name="bookings", verbose_name=_("device unit"))
    period = DateRangeField(_("kept"), help_text=_("From the first day until the gap is over."))
    freed_at = models.DateTimeField(_("freed"), null=True)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            ExclusionConstraint(
                name="orders_unit_booked_once",
                expressions=[("unit", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(freed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.period.lower}"
