from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField
from credit.models import Scorecard, TierSet


class BackTest(models.Model):
    """回测: what a tier table, and a scorecard if one is named, would have decided on past applications.

    Compared with the table (and card) that was in force when it was asked for. A worker does it case by case, and
    whoever takes over from a dead one goes on at the first case that is not judged.
    """

    class Source(models.TextChoices):
        PAST = "PAST", _("Past applications")
        FILE = "FILE", _("A file")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waits for a worker")
        RUNNING = "RUNNING", _("Under way")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    source = models.CharField(_("source"), max_length=4, choices=Source.choices)
    state = StateField(_("state"), default=State.QUEUED, protected=True, choices=State.choices)
    new_tiers = models.ForeignKey(TierSet, models.CASCADE, related_name="tested", verbose_name=_("tier set looked at"))
    old_tiers = models.ForeignKey(TierSet, models.CASCADE, related_name="+", verbose_name=_("tier set in force"))
    new_card = models.ForeignKey(
        Scorecard, models.CASCADE, null=True, related_name="tested", verbose_name=_("scorecard looked at")
    )
    asked_by = models.CharField(_("asked by"), max_length=60)
    asked_at = models.DateTimeField(_("asked"))
    gathered_at = models.DateTimeField(_("cases gathered"), null=True)
    moved_at = models.DateTimeField(_("last progress"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    total = models.PositiveIntegerField(_("cases"), default=0)
    done = models.PositiveIntegerField(_("cases judged"), default=0)
    result = models.JSONField(_("result"), null=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)

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

    @transition(field=state, source=State.QUEUED, target=State.RUNNING)
    def begin(self) -> None:
        """A worker took it; whoever takes over from a dead one finds it under way."""

    @transition(field=state, source=State.RUNNING, target=State.DONE)
    def finish(self, result: dict[str, object], at: datetime) -> None:
        self.result, self.ended_at = result, at

    @transition(field=state, source=State.RUNNING, target=State.FAILED)
    def fail(self, failure: str, at: datetime) -> None:
        self.failure, self.ended_at = failure[:300], at


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
