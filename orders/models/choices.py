from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from arrears.models import DemandLetter
from orders.models.endings import Ending
from orders.models.orders import Order
from orders.rules.quotes import Quote


class DemandChoice(models.Model):
    """催告后的选择: what the customer chose after a demand letter, at the figures that he saw. The last one counts.

    Never changed: who thinks again chooses again. Nobody can choose for him (the database refuses another's).
    """

    class Kind(models.TextChoices):
        PAY = "PAY", _("Pay and go on renting")
        RETURN = "RETURN", _("Send it back")
        BUY = "BUY", _("Buy it")

    order = models.ForeignKey(Order, models.PROTECT, related_name="demand_choices", verbose_name=_("order"))
    letter = models.ForeignKey(DemandLetter, models.PROTECT, related_name="choices", verbose_name=_("demand letter"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    quote = models.JSONField(_("figures shown"))
    ending = models.OneToOneField(
        Ending, models.PROTECT, null=True, related_name="demand_choice", verbose_name=_("way out")
    )
    chosen_by = models.CharField(_("chosen by"), max_length=60)
    chosen_at = models.DateTimeField(_("chosen"))

    class Meta:
        verbose_name = _("choice after a demand letter")
        verbose_name_plural = _("choices after a demand letter")
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen_by__startswith="customer:"), name="orders_choice_is_the_customers_own"
            ),
            models.CheckConstraint(
                condition=Q(kind="PAY", ending=None) | ~Q(kind="PAY") & Q(ending__isnull=False),
                name="orders_choice_opens_its_way_out",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def quoted(self) -> Quote:
        return Quote.from_json(self.quote)
