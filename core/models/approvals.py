import json
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField

OPEN = ("REQUESTED", "APPROVED")


class Approval(models.Model):
    """复核: what one person asks for and another one decides, word for word (reliability.md 33).

    `body` is the whole of it as canonical JSON, `payload_hash` its SHA-256; neither ever changes (a trigger). An
    approved one is used once, by the service that does the thing. `decided_by` is whoever approved or refused.
    """

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Waits for a second person")
        APPROVED = "APPROVED", _("Approved by a second person")
        REFUSED = "REFUSED", _("Refused by a second person")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        USED = "USED", _("Carried out")
        LAPSED = "LAPSED", _("Nobody decided in time")

    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=80)
    body = models.TextField(_("what is asked for"))
    payload_hash = models.CharField(_("hash"), max_length=64)
    reason = models.CharField(_("reason"), max_length=300)
    state = StateField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    requested_by = models.CharField(_("requested by"), max_length=60)
    requested_at = models.DateTimeField(_("requested"))
    decided_by = models.CharField(_("decided by"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=300, blank=True)
    used_at = models.DateTimeField(_("carried out"), null=True)

    class Meta:
        verbose_name = _("second person's approval")
        verbose_name_plural = _("second persons' approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state__in=OPEN), name="core_approval_one_open"
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="core_approval_second_person"),
            models.CheckConstraint(
                condition=Q(state__in=["REQUESTED", "LAPSED"], decided_by="")
                | Q(state="WITHDRAWN")
                | Q(state__in=["APPROVED", "REFUSED", "USED"], decided_at__isnull=False, decided_by__gt=""),
                name="core_approval_says_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="USED", used_at__isnull=False) | ~Q(state="USED") & Q(used_at__isnull=True),
                name="core_approval_says_when_used",
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state="REQUESTED"), name="core_approval_waiting"),
            models.Index(fields=["subject"], name="core_approval_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def payload(self) -> dict[str, Any]:
        """What was asked for, as parsed JSON; `canonical.decode` makes it a value again."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @transition(field=state, source=State.REQUESTED, target=State.APPROVED)
    def approve(self, by: str, at: datetime) -> None:
        self.decided_by, self.decided_at = by, at

    @transition(field=state, source=State.REQUESTED, target=State.REFUSED)
    def refuse(self, by: str, reason: str, at: datetime) -> None:
        self.decided_by, self.refusal, self.decided_at = by, reason, at

    @transition(field=state, source=[State.REQUESTED, State.APPROVED], target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """Nothing will come of it, and the same can be asked for again."""

    @transition(field=state, source=State.REQUESTED, target=State.LAPSED)
    def lapse(self, at: datetime) -> None:
        """Nobody decided, so nothing is done; the same can be asked for again. `decided_at` is when it ended."""
        self.decided_at = at

    @transition(field=state, source=State.APPROVED, target=State.USED)
    def use(self, at: datetime) -> None:
        self.used_at = at
