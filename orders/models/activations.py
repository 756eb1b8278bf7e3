from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order


class ActivationReport(models.Model):
    """激活回报: whether the leased device was ever switched on by a user, as its merchant or its maker knows.

    Kept for ever as it was given (trigger); what a rule makes of it is the rule's.
    """

    class Source(models.TextChoices):
        MAKER = "MAKER", _("The maker's service page or interface")
        MERCHANT = "MERCHANT", _("The merchant's own device management")

    order = models.ForeignKey(Order, models.PROTECT, related_name="activations", verbose_name=_("order"))
    activated = models.BooleanField(_("activated"))
    source = models.CharField(_("who knows it"), max_length=8, choices=Source.choices)
    reported_by = models.CharField(_("reported by"), max_length=60)
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("activation report")
        verbose_name_plural = _("activation reports")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(activated=True), name="orders_activation_seen_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.activated}"
