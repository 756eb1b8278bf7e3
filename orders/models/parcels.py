from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.logistics import Condition
from orders.models.faults import Fault
from orders.models.orders import Order


class Parcel(models.Model):
    """运单: one way of an order, out or back, or of its device to a repair and from it.

    `unasked_since`: our first question that nobody answered, until one is: no clock of the parcel ends meanwhile.
    """

    class Way(models.TextChoices):
        OUT = "OUT", pgettext_lazy("parcel", "Out")
        BACK = "BACK", pgettext_lazy("parcel", "Back")
        TO_REPAIR = "TO_REPAIR", pgettext_lazy("parcel", "to the repair")
        FROM_REPAIR = "FROM_REPAIR", pgettext_lazy("parcel", "from the repair")

    # no carrier had taken it to the repair when the clock closed its report; it may still come
    NEVER_LEFT = Q(way="TO_REPAIR", void_at__isnull=False, fault__state="CLOSED", fault__lost_at=None)

    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels", verbose_name=_("order"))
    way = models.CharField(_("way"), max_length=12, choices=Way.choices)
    fault = models.ForeignKey(Fault, models.PROTECT, null=True, related_name="parcels", verbose_name=_("fault"))
    carrier = models.CharField(_("carrier"), max_length=20)
    waybill = models.CharField(_("waybill number"), max_length=40)
    handed_over_at = models.DateTimeField(_("handed over"))
    scanned_at = models.DateTimeField(_("first scanned by the carrier"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    turned_back_at = models.DateTimeField(_("turned back"), null=True)
    heard_at = models.DateTimeField(_("last word of the carrier"), null=True)
    subscribed_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    unasked_since = models.DateTimeField(_("carrier cannot be asked since"), null=True)
    void_at = models.DateTimeField(_("void since"), null=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "way"], condition=Q(void_at=None, fault=None), name="orders_parcel_one_each_way"
            ),
            models.UniqueConstraint(
                fields=["fault", "way"], condition=Q(void_at=None), name="orders_parcel_one_each_way_of_fault"
            ),
            models.CheckConstraint(
                condition=Q(fault=None, way__in=["OUT", "BACK"])
                | Q(fault__isnull=False, way__in=["TO_REPAIR", "FROM_REPAIR"]),
                name="orders_parcel_repair_has_fault",
            ),
            models.UniqueConstraint(fields=["carrier", "waybill"], name="orders_parcel_waybill_once"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.waybill}"

    def count_for(self, fault: Fault, at: datetime) -> None:
        """One that was given up counts again, for this report; what no carrier took yet is handed over now."""
        self.fault, self.void_at = fault, None
        if self.scanned_at is None:
            self.handed_over_at = at


class ParcelEvent(models.Model):
    """物流轨迹: one scan in the carrier's own words; append-only, each once however often it is told."""

    CONDITIONS = (
        (Condition.COLLECTED.value, pgettext_lazy("scan", "Collected")),
        (Condition.TRANSIT.value, pgettext_lazy("scan", "On its way")),
        (Condition.DELIVERING.value, pgettext_lazy("scan", "Out for delivery")),
        (Condition.DELIVERED.value, pgettext_lazy("scan", "Delivered")),
        (Condition.PROBLEM.value, pgettext_lazy("scan", "Held up")),
        (Condition.TURNED_BACK.value, pgettext_lazy("scan", "Turned back")),
        (Condition.RETURNED.value, pgettext_lazy("scan", "Back at the sender")),
    )

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="scans", verbose_name=_("parcel"))
    at = models.DateTimeField(_("at"))
    condition = models.CharField(_("condition"), max_length=12, choices=CONDITIONS)
    place = models.CharField(_("place"), max_length=60, blank=True)
    text = models.CharField(_("in the carrier's words"), max_length=300)
    told_at = models.DateTimeField(_("told to us"))

    class Meta:
        verbose_name = _("parcel event")
        verbose_name_plural = _("parcel events")
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "at", "condition", "text"], name="orders_parcel_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_condition_display()} {self.at:%Y-%m-%d %H:%M}"
