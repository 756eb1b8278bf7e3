from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer
from billing.models import Lease
from core.fields import StateField


class CollectionCase(models.Model):
    """催收案件: one lease whose bills are past their days of grace; open until nothing is overdue (domain.md §9).

    What is owed is not kept here: it is asked of billing on the day of looking.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        CLOSED = "CLOSED", _("Closed")

    class Outcome(models.TextChoices):
        PAID = "PAID", _("Nothing is overdue any more")
        LEASE_ENDED = "LEASE_ENDED", _("The lease has ended")
        REPLANNED = "REPLANNED", _("An extension plan is being kept")
        WRITTEN_OFF = "WRITTEN_OFF", _("The rest was written off")
        STANDSTILL = "STANDSTILL", _("Death or loss of legal capacity")

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cases", verbose_name=_("customer"))
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="cases", verbose_name=_("lease"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    collector = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases", verbose_name=_("collector")
    )
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(_("closed"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        verbose_name = _("collection case")
        verbose_name_plural = _("collection cases")
        constraints = [
            models.UniqueConstraint(fields=["lease"], condition=Q(state="OPEN"), name="arrears_case_one_open"),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_on=None, outcome="") | (Q(state="CLOSED") & ~Q(outcome="")),
                name="arrears_case_closed_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["collector", "opened_on"], condition=Q(state="OPEN"), name="arrears_case_of_collector")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """What calls and events about it are about."""
        return f"case:{self.number}"

    @transition(field=state, source=State.OPEN, target=State.CLOSED)
    def close(self, outcome: str, on: date) -> None:
        self.outcome, self.closed_on = outcome, on


class CaseNote(models.Model):
    """One line of a case's log; never changed."""

    class Kind(models.TextChoices):
        OPENED = "OPENED", _("Opened")
        ASSIGNED = "ASSIGNED", _("Assigned")
        CALL = "CALL", _("Call")
        UNTOLD = "UNTOLD", _("Call, no outcome noted")
        NOTE = "NOTE", _("Note")
        PROMISE = "PROMISE", _("Promise to pay")
        HARDSHIP = "HARDSHIP", _("Hardship")
        LETTER = "LETTER", _("Demand letter")
        EXTENSION = "EXTENSION", _("Extension plan")
        CHOICE = "CHOICE", _("The customer chose")
        TERMINATED = "TERMINATED", _("Ending by notice")
        VISIT = "VISIT", _("Field visit")
        CLOSED = "CLOSED", _("Closed")

    case = models.ForeignKey(CollectionCase, models.PROTECT, related_name="notes", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=600, blank=True)
    by = models.CharField(_("by"), max_length=60)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("line of a case")
        verbose_name_plural = _("lines of a case")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
