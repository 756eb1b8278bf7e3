"""What the pretended Stripe remembers; `sandbox.models` offers it with the rest."""

from typing import Any

from django.db import models


class CardPayment(models.Model):
    """A Checkout Session with the PaymentIntent and the Charge that come of it. Amounts are whole fen, as on its wire.

    `number` stands in the three ids: cs_test_, pi_ and ch_.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        HELD = "held"
        CANCELED = "canceled"
        EXPIRED = "expired"

    number = models.CharField(max_length=32, unique=True)
    reference = models.CharField(max_length=200, db_index=True)
    title = models.CharField(max_length=250)
    amount = models.PositiveBigIntegerField()
    is_hold = models.BooleanField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    account = models.ForeignKey("sandbox.AlipayAccount", models.PROTECT, null=True)
    marks: "models.JSONField[dict[str, Any]]" = models.JSONField(help_text="metadata of the session and the intent")
    charge_marks: "models.JSONField[dict[str, Any]]" = models.JSONField(help_text="metadata of the charge")
    success_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    charged_at = models.DateTimeField(null=True)
    captured = models.PositiveBigIntegerField(default=0)
    captured_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.number

    @property
    def return_url(self) -> str:
        return self.success_url if self.charged_at else self.cancel_url


class CardRefund(models.Model):
    """Done at once, or accepted and turned back when `fails_at` has come."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    number = models.CharField(max_length=32, unique=True)
    payment = models.ForeignKey(CardPayment, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=Status)
    marks: "models.JSONField[dict[str, Any]]" = models.JSONField()
    made_at = models.DateTimeField()
    fails_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.number


class KnownKey(models.Model):
    """An Idempotency-Key with its call and the answer, which is given again for a day."""

    value = models.CharField(max_length=255, primary_key=True)
    digest = models.CharField(max_length=64)
    answer: "models.JSONField[dict[str, Any]]" = models.JSONField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.value
