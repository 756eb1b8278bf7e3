"""The trust: what a source said, what we decided, and the revolving waiver quota."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from accounts.models import Customer
from core.fields import MoneyField, SealedField

LOWEST_SCORE, HIGHEST_SCORE = 350, 950


class TierSet(models.Model):
    """A version of the grade and waiver table 免减档位. Published versions are never edited."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        PUBLISHED = "PUBLISHED", _("Published")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    version = models.PositiveIntegerField(_("version"), unique=True)
    state = FSMField(_("state"), default=State.DRAFT, protected=True, choices=State.choices)
    deposit_floor = MoneyField(
        _("deposit floor per device"),
        default=Decimal("0.00"),
        help_text=_("What every customer pays of the deposit, whatever the tier waives."),
    )
    decision_days = models.PositiveSmallIntegerField(
        _("a decision is valid for days"),
        default=180,
        help_text=_("From 1 to 730; later orders use the same decision."),
    )
    reapply_days = models.PositiveSmallIntegerField(
        _("after a refusal, may apply again after days"), default=30, help_text=_("From 1 to 730.")
    )
    published_at = models.DateTimeField(_("published"), null=True, editable=False)

    class Meta:
        verbose_name = _("tier set")
        verbose_name_plural = _("tier sets")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="PUBLISHED"), name="credit_tier_set_one_published"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"

    @transition(field=state, source=State.DRAFT, target=State.PUBLISHED)
    def publish(self, at: datetime) -> None:
        self.published_at = at

    @transition(field=state, source=State.PUBLISHED, target=State.SUPERSEDED)
    def supersede(self) -> None:
        """Decisions made on it stay valid to their own end."""


class Outcome(models.TextChoices):
    """审核结论. REFUSE by a score refuses the waiver, never the person: the full deposit stays open (domain.md §4)."""

    APPROVE = "APPROVE", _("Approved")
    REFER = "REFER", _("To be reviewed")
    REFUSE = "REFUSE", _("Not approved")


class WaiverTier(models.Model):
    """A band of scores, from `from_score` to where the next band begins: no gap nor overlap can be entered."""

    class Waives(models.TextChoices):
        AMOUNT = "AMOUNT", _("An amount")
        PERCENT = "PERCENT", _("A percentage of the deposit")
        ALL = "ALL", _("The whole deposit")

    tier_set = models.ForeignKey(TierSet, models.CASCADE, related_name="tiers", verbose_name=_("tier set"))
    from_score = models.PositiveSmallIntegerField(_("from score"))
    grade = models.CharField(_("grade"), max_length=2)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, default=Outcome.APPROVE)
    waives = models.CharField(_("waives"), max_length=8, choices=Waives.choices)
    amount = MoneyField(_("amount"), default=Decimal("0.00"))
    percent = models.PositiveSmallIntegerField(_("percent"), default=0)
    quota_limit = MoneyField(_("quota limit"))
    checkout_cap = MoneyField(_("cap per checkout"))
    devices = models.PositiveSmallIntegerField(_("devices held with a waiver"), default=2)

    class Meta:
        verbose_name = _("waiver tier")
        verbose_name_plural = _("waiver tiers")
        ordering = ("from_score",)
        constraints = [
            models.UniqueConstraint(fields=["tier_set", "from_score"], name="credit_tier_from_once"),
            models.CheckConstraint(
                condition=Q(from_score__gte=LOWEST_SCORE, from_score__lte=HIGHEST_SCORE),
                name="credit_tier_score",
                violation_error_message=_("A score lies between 350 and 950."),
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100),
                name="credit_tier_percent",
                violation_error_message=_("A percentage is at most 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.from_score}"


class CreditReport(models.Model):
    """信用报告: one source's answer, asked with the customer's authorisation. Null: the source has no score."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Being asked")
        RECEIVED = "RECEIVED", _("Received")
        FAILED = "FAILED", _("Not received")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="reports", verbose_name=_("customer"))
    source = models.CharField(_("source"), max_length=20)
    state = FSMField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    request_number = models.CharField(_("request number"), max_length=40, unique=True)
    seal_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    auth_code = SealedField(kind="secret", null=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
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
    def receive(self, score: int | None, provider_user: str, at: datetime) -> None:
        self.score, self.provider_user, self.answered_at, self.auth_code = score, provider_user, at, None

    @transition(field=state, source=State.REQUESTED, target=State.FAILED)
    def fail(self, reason: str, at: datetime) -> None:
        self.reason, self.answered_at, self.auth_code = reason, at, None


class Decision(models.Model):
    """审核结论 with its reasons. Stores the rules' version and every input, so that it replays to the same tier."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="decisions", verbose_name=_("customer"))
    report = models.ForeignKey(CreditReport, models.PROTECT, null=True, verbose_name=_("credit report"))
    tier_set = models.ForeignKey(TierSet, models.PROTECT, verbose_name=_("tier set"))
    tier = models.ForeignKey(WaiverTier, models.PROTECT, null=True, verbose_name=_("waiver tier"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reasons = models.JSONField(_("reasons"), default=list)
    inputs = models.JSONField(_("inputs"), default=dict)
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

    def valid_on(self, on: date) -> bool:
        return self.ended_at is None and on <= self.valid_until


class QuotaAccount(models.Model):
    """免押额度: held ≤ granted always; lowering the limit gives granted = max(limit, held) (domain.md §4)."""

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="quota", verbose_name=_("customer"))
    limit = MoneyField(_("limit"), default=Decimal("0.00"))
    granted = MoneyField(_("granted"), default=Decimal("0.00"))
    held = MoneyField(_("held"), default=Decimal("0.00"))

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.CheckConstraint(condition=Q(held__lte=F("granted")), name="credit_quota_held_within_granted"),
            models.CheckConstraint(
                condition=Q(granted=Greatest("limit", "held")), name="credit_quota_granted_is_limit_or_held"
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer)


class Hold(models.Model):
    """占用 of quota by one order, released once."""

    class State(models.TextChoices):
        HELD = "HELD", _("Held")
        RELEASED = "RELEASED", pgettext_lazy("hold", "Released")

    account = models.ForeignKey(QuotaAccount, models.PROTECT, related_name="holds", verbose_name=_("quota"))
    order_number = models.CharField(_("order"), max_length=24, unique=True)
    amount = MoneyField(_("amount"))
    state = FSMField(_("state"), default=State.HELD, protected=True, choices=State.choices)
    held_at = models.DateTimeField(_("held"))
    released_at = models.DateTimeField(_("released"), null=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="credit_hold_positive")]

    def __str__(self) -> str:
        return self.order_number

    @transition(field=state, source=State.HELD, target=State.RELEASED)
    def release(self, reason: str, at: datetime) -> None:
        self.reason, self.released_at = reason, at


class Demand(models.Model):
    """What a rule or a reviewer asks of a customer for one order. While it is OPEN or REFUSED the order stands still.

    `wanted`: kinds of documents, or papers of a visit. Every demand ends: met, waived with grounds, refused, or lapsed
    because the order ended.
    """

    class Kind(models.TextChoices):
        CONTACT = "CONTACT", _("Emergency contact")
        GUARANTOR = "GUARANTOR", _("Guarantor")
        DOCUMENTS = "DOCUMENTS", _("Documents")
        VISIT = "VISIT", _("Field visit")

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("demand", "Open")
        MET = "MET", pgettext_lazy("demand", "Met")
        WAIVED = "WAIVED", pgettext_lazy("demand", "Waived")
        REFUSED = "REFUSED", pgettext_lazy("demand", "Not met")
        LAPSED = "LAPSED", _("No longer needed")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="demands", verbose_name=_("customer"))
    order_number = models.CharField(_("order"), max_length=24)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = FSMField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    wanted = models.JSONField(_("wanted"), default=list)
    raised_at = models.DateTimeField(_("raised"))
    raised_by = models.CharField(_("raised by"), max_length=40)
    grounds = models.CharField(_("grounds"), max_length=200)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=40, blank=True)
    closing_grounds = models.CharField(_("grounds of the end"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        constraints = [
            models.UniqueConstraint(
                fields=["order_number", "kind"], condition=Q(state="OPEN"), name="credit_demand_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at=None) | (~Q(state="OPEN") & Q(closed_at__isnull=False)),
                name="credit_demand_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["WAIVED", "REFUSED"]) | ~Q(closing_grounds=""),
                name="credit_demand_waived_has_grounds",
            ),
        ]
        indexes = [models.Index(fields=["order_number"], name="credit_demand_of_order")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_number}"

    @transition(field=state, source=State.OPEN, target=State.MET)
    def meet(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.WAIVED)
    def waive(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.REFUSED)
    def refuse(self, by: str, grounds: str, at: datetime) -> None:
        self._close(by, grounds, at)

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, by: str, grounds: str, at: datetime) -> None:
        """The order ended."""
        self._close(by, grounds, at)

    def _close(self, by: str, grounds: str, at: datetime) -> None:
        self.closed_by, self.closing_grounds, self.closed_at = by, grounds, at
