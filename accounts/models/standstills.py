from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from accounts.models.people import Customer
from core.fields import StateField


class Standstill(models.Model):
    """静止: a customer died or lost legal capacity. From day `since` no late fee grows and nobody asks for money.

    `day`: when it happened, by the paper that was shown. It counts from `since`: that day, or, until a second person
    agreed, the day on which a later word of it came. `sealed` is the paper, under its person's key. A mistaken one is
    withdrawn by two persons; the days up to `until` stay free.
    """

    class Kind(models.TextChoices):
        DEATH = "DEATH", _("Death")
        INCAPACITY = "INCAPACITY", _("Loss of legal capacity")

    class State(models.TextChoices):
        IN_FORCE = "IN_FORCE", pgettext_lazy("standstill", "In force")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("standstill", "Withdrawn as mistaken")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="standstills", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = StateField(_("state"), default=State.IN_FORCE, protected=True, choices=State.choices)
    day = models.DateField(pgettext_lazy("standstill", "day of the event"))
    since = models.DateField(_("counts from"))
    note = models.CharField(_("note"), max_length=400)
    file_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    is_pdf = models.BooleanField(_("is a PDF"))
    recorded_by = models.CharField(_("recorded by"), max_length=60)
    recorded_at = models.DateTimeField(_("recorded"))
    until = models.DateField(_("ended on"), null=True)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=60, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    grounds = models.CharField(_("grounds"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("standstill")
        verbose_name_plural = _("standstills")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state="IN_FORCE"), name="accounts_standstill_one_in_force"
            ),
            models.CheckConstraint(condition=Q(since__gte=F("day")), name="accounts_standstill_not_before_its_day"),
            models.CheckConstraint(
                condition=Q(state="IN_FORCE", until=None, withdrawn_at=None)
                | Q(state="WITHDRAWN", until__isnull=False, withdrawn_at__isnull=False) & ~Q(grounds=""),
                name="accounts_standstill_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"

    @transition(field=state, source=State.IN_FORCE, target=State.WITHDRAWN)
    def withdraw(self, on: date, by: str, grounds: str, at: datetime) -> None:
        self.until, self.withdrawn_by, self.grounds, self.withdrawn_at = on, by, grounds, at
