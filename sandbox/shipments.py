"""What the pretended carriers remember of parcels; `sandbox.models` offers it with the rest."""

from django.db import models


class Shipment(models.Model):
    """A parcel at the pretended carriers, from the first time that Kuaidi100 is asked about it."""

    company = models.CharField(max_length=20)
    number = models.CharField(max_length=40)
    callback_url = models.CharField(max_length=500, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="sandbox_shipment_once")]

    def __str__(self) -> str:
        return self.number


class ShipmentScan(models.Model):
    """One line of a carrier; `code` is Kuaidi100's state after it, `status` its word for the line."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="scans")
    at = models.DateTimeField()
    code = models.CharField(max_length=2)
    status = models.CharField(max_length=10)
    context = models.CharField(max_length=200)
    area = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return self.status
