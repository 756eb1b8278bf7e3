"""What a source said, what was decided on it, and whom nothing helps."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer
from core.fields import SealedField, StateField
from credit.models.scorecards import Scorecard
from credit.models.tiers import Outcome, TierSet, WaiverTier


class CreditReport(models.Model):
    """信用报告: one source's answer, given with authorisation. Neither a score nor a yes or no: it has none."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Being asked")
        RECEIVED = "RECEIVED", _("Received")
        FAILED = "FAILED", _("Not received")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="reports", verbose_name=_("customer"))
    source = models.CharField(_("source"), max_length=20)
    state = StateField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    request_number = models.CharField(_("request number"), max_length=40, unique=True)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    auth_code = SealedField(kind="secret", null=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    bar = models.PositiveSmallIntegerField(_("bar asked about"), null=True)
    admitted = models.BooleanField(_("admitted"), null=True)
    provider_user = models.CharField(_("provider's user"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    authorised_at = models.DateTimeField(_("authorised"))
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("credit report")
        verbose_name_plural = _("credit reports")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "source"], condition=Q(state="REQUESTED"), name="credit_report_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.request_number

    @transition(field=state, source=State.REQUESTED, target=State.RECEIVED)
    def receive(self, score: int | None, provider_user: str, at: datetime, admitted: bool | None = None) -> None:
        self.score, self.admitted, self.provider_user = score, admitted, provider_user
        self.answered_at, self.auth_code = at, None

    @transition(field=state, source=State.REQUESTED, target=State.FAILED)
    def fail(self, reason: str, at: datetime) -> None:
        self.reason, self.answered_at, self.auth_code = reason, at, None


class Decision(models.Model):
    """审核结论 with its reasons. Stores the rules' versions and every input, so that it replays to the same tier.

    `demands`: kinds of DemandRule that the order waits for.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="decisions", verbose_name=_("customer"))
    report = models.ForeignKey(CreditReport, models.PROTECT, null=True, verbose_name=_("credit report"))
    tier_set = models.ForeignKey(TierSet, models.PROTECT, verbose_name=_("tier set"))
    tier = models.ForeignKey(WaiverTier, models.PROTECT, null=True, verbose_name=_("waiver tier"))
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, null=True, verbose_name=_("scorecard"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reasons = models.JSONField(_("reasons"), default=list)
    demands = models.JSONField(_("asks for"), default=list)
    inputs = models.JSONField(_("inputs"), default=dict)
    made_by = models.CharField(_("made by"), max_length=40, default="platform")
    grounds = models.CharField(_("grounds"), max_length=400, blank=True)
    made_at = models.DateTimeField(_("made"))
    valid_until = models.DateField(_("valid until"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    reapply_on = models.DateField(_("may apply again"), null=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(ended_at=None), name="credit_decision_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.made_at:%Y-%m-%d}"

    @property
    def score(self) -> int | None:
        """The points that it looked at; None after an admission answer."""
        found = self.inputs.get("score")
        return int(found) if found is not None else None

    @property
    def source(self) -> str:
        return str(self.inputs.get("source", ""))

    def valid_on(self, on: date) -> bool:
        return self.ended_at is None and on <= self.valid_until


class HardStop(models.Model):
    """Who is refused whatever is paid: named by blind indexes of ID number and phone, so that no new account helps."""

    class Kind(models.TextChoices):
        BLACKLIST = "BLACKLIST", _("Blacklist")
        FRAUD = "FRAUD", _("Confirmed fraud")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="hard_stops", verbose_name=_("customer")
    )
    id_index = models.CharField(max_length=64, blank=True, editable=False)
    phone_index = models.CharField(max_length=64, blank=True, editable=False)
    grounds = models.CharField(_("grounds"), max_length=400)
    visit_number = models.CharField(_("field visit"), max_length=20, blank=True)
    added_by = models.CharField(_("added by"), max_length=40)
    added_at = models.DateTimeField(_("added"))
    lifted_by = models.CharField(_("lifted by"), max_length=40, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("hard stop")
        verbose_name_plural = _("hard stops")
        indexes = [
            models.Index(fields=["id_index"], condition=Q(lifted_at=None), name="credit_stop_id"),
            models.Index(fields=["phone_index"], condition=Q(lifted_at=None), name="credit_stop_phone"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(id_index="", phone_index=""), name="credit_stop_names_someone")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class LiftRevocation(models.Model):
    """An operator took a good payer's lift back, with grounds; restored by another entry in the same row."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="lift_revocations", verbose_name=_("customer"))
    grounds = models.CharField(_("grounds"), max_length=400)
    revoked_by = models.CharField(_("revoked by"), max_length=40)
    revoked_at = models.DateTimeField(_("revoked"))
    restored_by = models.CharField(_("restored by"), max_length=40, blank=True)
    restored_at = models.DateTimeField(_("restored"), null=True)

    class Meta:
        verbose_name = _("revoked lift")
        verbose_name_plural = _("revoked lifts")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(restored_at=None), name="credit_lift_revoked_once")
        ]

    def __str__(self) -> str:
        return str(self.customer)
