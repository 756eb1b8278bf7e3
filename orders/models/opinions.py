from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order


class Opinion(models.Model):
    """What a customer says of one moment of his rental: one to five, and a word. Once for a moment, never changed.

    `occasion`: the id of the fault, the plan or the case; 0 where an order has only one such moment. No `stars`: he was
    asked and would rather not say, so he is not asked again.
    """

    class Touchpoint(models.TextChoices):
        RECEIPT = "RECEIPT", _("Delivery and receipt")
        REPAIR = "REPAIR", _("Repair or exchange")
        PLAN = "PLAN", _("Extension plan, once it is over")
        CASE = "CASE", _("Arrears, once made good")
        END = "END", _("End and settlement")

    order = models.ForeignKey(Order, models.PROTECT, related_name="opinions", verbose_name=_("order"))
    touchpoint = models.CharField(_("about"), max_length=8, choices=Touchpoint.choices)
    occasion = models.PositiveBigIntegerField(_("occasion"), default=0)
    happened_on = models.DateField(_("happened"))
    stars = models.PositiveSmallIntegerField(_("rating"), null=True)
    words = models.CharField(_("what the customer says"), max_length=300, blank=True)
    given_by = models.CharField(_("said by"), max_length=60)
    given_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.UniqueConstraint(fields=["order", "touchpoint", "occasion"], name="orders_opinion_once"),
            models.CheckConstraint(
                condition=Q(stars=None, words="") | Q(stars__range=(1, 5)), name="orders_opinion_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(given_by__startswith="customer:"), name="orders_opinion_is_the_customers_own"
            ),
            models.CheckConstraint(
                condition=Q(touchpoint__in=["RECEIPT", "END"], occasion=0)
                | Q(touchpoint__in=["REPAIR", "PLAN", "CASE"], occasion__gt=0),
                name="orders_opinion_names_its_occasion",
            ),
        ]
        indexes = [models.Index(fields=["given_at"], name="orders_opinion_by_day")]

    def __str__(self) -> str:
        return f"{self.get_touchpoint_display()} {self.stars or '–'}"
