"""What the pretended carriers of messages remember; `sandbox.models` offers it with the rest."""

from django.db import models


class SmsReceipt(models.Model):
    """A receipt that waits to be posted to the shop, in its provider's own words."""

    class Vendor(models.TextChoices):
        ALIYUN = "aliyun"
        TENCENT = "tencent"

    vendor = models.CharField(max_length=10, choices=Vendor)
    told = models.JSONField()
    due_at = models.DateTimeField(null=True, help_text="empty: no further try")
    posts = models.PositiveSmallIntegerField(default=0)
    answered = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="sandbox_receipt_due")]

    def __str__(self) -> str:
        return f"{self.vendor} {self.pk}"


class Mail(models.Model):
    """A mail as it arrived in somebody's box."""

    to = models.CharField(max_length=254, db_index=True)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    message_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.subject
