from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.orders import Order


class Parcel(models.Model):
    """运单: one way of an order, out or back."""

    class Way(models.TextChoices):
        OUT = "OUT", pgettext_lazy("parcel", "Out")
        BACK = "BACK", pgettext_lazy("parcel", "Back")

    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels", verbose_name=_("order"))
    way = models.CharField(_("way"), max_length=4, choices=Way.choices)
    carrier = models.CharField(_("carrier"), max_length=20)
    waybill = models.CharField(_("waybill number"), max_length=40)
    handed_over_at = models.DateTimeField(_("handed over"))
    scanned_at = models.DateTimeField(_("first scanned by the carrier"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    void_at = models.DateTimeField(_("void since"), null=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "way"], condition=Q(void_at=None), name="orders_parcel_one_each_way"
            ),
            models.UniqueConstraint(fields=["carrier", "waybill"], name="orders_parcel_waybill_once"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.waybill}"
