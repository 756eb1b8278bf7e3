"""The own scorecard 评分卡: five weighted dimensions, their factors' bins as data, and what customers declare."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.fields import MoneyField
from core.models import Version


class Scorecard(Version):
    """The weights and bins."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    identity_weight = models.PositiveSmallIntegerField(_("weight of identity"), default=20)
    behaviour_weight = models.PositiveSmallIntegerField(_("weight of behaviour"), default=20)
    ability_weight = models.PositiveSmallIntegerField(_("weight of ability"), default=25)
    network_weight = models.PositiveSmallIntegerField(_("weight of network"), default=10)
    history_weight = models.PositiveSmallIntegerField(_("weight of history"), default=25)

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="PUBLISHED"), name="credit_scorecard_one_published"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class FactorBin(models.Model):
    """Points for a factor's values from `from_value` to where its next bin begins: no gap inside can be entered.

    The dimension is kept with the bin, so that an old card needs no catalogue to be read.
    """

    class Dimension(models.TextChoices):
        IDENTITY = "identity", _("Identity")
        BEHAVIOUR = "behaviour", _("Behaviour here")
        ABILITY = "ability", _("Ability to pay")
        NETWORK = "network", _("Connections")
        HISTORY = "history", _("Credit history")

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="bins", verbose_name=_("scorecard"))
    factor = models.CharField(_("factor"), max_length=30)
    dimension = models.CharField(_("dimension"), max_length=10, choices=Dimension.choices, editable=False)
    from_value = models.PositiveIntegerField(_("from value"))
    points = models.PositiveSmallIntegerField(_("points"))

    class Meta:
        verbose_name = _("factor bin")
        verbose_name_plural = _("factor bins")
        ordering = ("factor", "from_value")
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "factor", "from_value"], name="credit_factor_bin_from_once"),
            models.CheckConstraint(
                condition=Q(points__lte=100),
                name="credit_factor_bin_points",
                violation_error_message=_("A bin gives from 0 to 100 points."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor} {self.from_value}"


class IncomeDeclaration(models.Model):
    """What a customer says to earn a month, and whether an operator saw a document of it. One stands at a time."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="incomes", verbose_name=_("customer"))
    amount_monthly = MoneyField(_("monthly income"))
    declared_at = models.DateTimeField(_("declared"))
    documented_at = models.DateTimeField(_("documented"), null=True)
    documented_by = models.CharField(_("documented by"), max_length=40, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("income declaration")
        verbose_name_plural = _("income declarations")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(ended_at=None), name="credit_income_one_standing")
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.amount_monthly}"
