from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.faults import Fault
from orders.models.orders import Order


class DevicePhoto(models.Model):
    """设备照片: the device at one moment from one angle, or a fault of it; `sealed` is our own drawing.

    Sealed under the customer's file key. The angles are one list for all moments, so that two moments lie side by side.
    Append-only: it is evidence.
    """

    class Moment(models.TextChoices):
        PACKED = "PACKED", pgettext_lazy("photo", "Packed")
        RECEIVED = "RECEIVED", pgettext_lazy("photo", "Received")
        RETURNED = "RETURNED", pgettext_lazy("photo", "Sent back")
        INSPECTED = "INSPECTED", pgettext_lazy("photo", "Inspected")
        FAULTY = "FAULTY", pgettext_lazy("photo", "The fault")
        DEFECT = "DEFECT", pgettext_lazy("photo", "The reported defect")

    class Angle(models.TextChoices):
        FRONT = "FRONT", pgettext_lazy("photo", "Front")
        BACK = "BACK", pgettext_lazy("photo", "Back")
        SCREEN = "SCREEN", pgettext_lazy("photo", "Screen switched on")
        ACCESSORIES = "ACCESSORIES", pgettext_lazy("photo", "Accessories")
        DETAIL = "DETAIL", pgettext_lazy("photo", "Detail")

    order = models.ForeignKey(Order, models.PROTECT, related_name="photos", verbose_name=_("order"))
    moment = models.CharField(_("moment"), max_length=10, choices=Moment.choices)
    angle = models.CharField(_("angle"), max_length=12, choices=Angle.choices)
    fault = models.ForeignKey(Fault, models.PROTECT, null=True, related_name="photos", verbose_name=_("fault"))
    file_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"))
    taken_by = models.CharField(_("taken by"), max_length=60)
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("device photo")
        verbose_name_plural = _("device photos")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "moment", "angle", "sha256"], condition=Q(fault=None), name="orders_photo_once"
            ),
            models.UniqueConstraint(fields=["fault", "angle", "sha256"], name="orders_photo_once_of_fault"),
            models.CheckConstraint(
                condition=Q(moment="FAULTY", fault__isnull=False) | ~Q(moment="FAULTY") & Q(fault=None),
                name="orders_photo_faulty_has_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_moment_display()} {self.get_angle_display()}"
