from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from credit.models import Scorecard, TierSet
from orders.models.runs import Run


class BackTest(Run):
    """回测: what a tier table, and a scorecard if one is named, would have decided on past applications.

    Compared with the table (and card) that was in force when it was asked for.
    """

    class Source(models.TextChoices):
        PAST = "PAST", _("Past applications")
        FILE = "FILE", _("A file")

    source = models.CharField(_("source"), max_length=4, choices=Source.choices)
    new_tiers = models.ForeignKey(TierSet, models.CASCADE, related_name="tested", verbose_name=_("tier set looked at"))
    old_tiers = models.ForeignKey(TierSet, models.CASCADE, related_name="+", verbose_name=_("tier set in force"))
    new_card = models.ForeignKey(
        Scorecard, models.CASCADE, null=True, related_name="tested", verbose_name=_("scorecard looked at")
    )

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="orders_backtest_done_of_total"),
            models.CheckConstraint(
                condition=Q(state="DONE", result__isnull=False) | ~Q(state="DONE"),
                name="orders_backtest_done_has_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.new_tiers}"


class BackTestCase(models.Model):
    """One application of a back-test with its label, and how both rules saw it."""

    backtest = models.ForeignKey(BackTest, models.CASCADE, related_name="cases", verbose_name=_("back-test"))
    place = models.PositiveIntegerField(_("place"))
    on = models.DateField(_("decided on"))
    inputs = models.JSONField(_("inputs"))
    deposits = models.JSONField(_("deposits"))
    bad = models.BooleanField(_("went bad"), null=True)
    judged = models.JSONField(_("old and new"), null=True)

    class Meta:
        verbose_name = _("case of a back-test")
        verbose_name_plural = _("cases of back-tests")
        constraints = [models.UniqueConstraint(fields=["backtest", "place"], name="orders_backtest_case_once")]

    def __str__(self) -> str:
        return f"{self.backtest_id}:{self.place}"
