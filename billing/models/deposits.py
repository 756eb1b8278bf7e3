from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import transition

from billing.models.leases import Lease
from billing.rules import securing
from core.fields import MoneyField, StateField


class Deposit(models.Model):
    """押金 of a lease: total = waived + to_hold. The money lies in freezes or in one payment that holds it.

    `kind` is agreed on with the order and stands on the paper; signing fixes it.
    """

    class Kind(models.TextChoices):
        FREEZE = securing.Kind.FREEZE, _("Frozen")
        PAID = securing.Kind.PAID, pgettext_lazy("deposit", "Paid")

    class State(models.TextChoices):
        DUE = "DUE", _("To be secured")
        SECURED = "SECURED", _("Secured")
        LAPSED = "LAPSED", pgettext_lazy("deposit", "Ended by itself")
        RELEASING = "RELEASING", _("Being released")
        RELEASED = "RELEASED", _("Released")

    lease = models.OneToOneField(Lease, models.PROTECT, related_name="deposit", verbose_name=_("lease"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.FREEZE)
    state = StateField(_("state"), default=State.DUE, protected=True, choices=State.choices)
    total = MoneyField(_("deposit"))
    waived = MoneyField(_("waived"))
    to_hold = MoneyField(_("to be held"))
    promised_on = models.DateField(_("released by"), null=True)

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        constraints = [
            models.CheckConstraint(condition=Q(total=F("waived") + F("to_hold")), name="billing_deposit_adds_up")
        ]

    def __str__(self) -> str:
        return str(self.lease)

    @transition(field=state, source=State.DUE, target=State.SECURED)
    def secure(self) -> None:
        """Frozen or paid at the provider, or nothing is left to be held."""

    @transition(field=state, source=State.SECURED, target=State.LAPSED)
    def lapse(self) -> None:
        """The provider ended the freeze after its longest hold: nothing is held any more."""

    @transition(field=state, source=[State.DUE, State.SECURED, State.LAPSED], target=State.RELEASING)
    def release(self, promised_on: date) -> None:
        self.promised_on = promised_on

    @transition(field=state, source=State.RELEASING, target=State.RELEASED)
    def finish(self) -> None:
        """Every freeze is released, every refund has arrived."""


class DepositFreeze(models.Model):
    """预授权: one attempt to freeze at a provider under our numbers. held + captured + released = frozen."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waiting for the payer")
        FROZEN = "FROZEN", _("Frozen")
        CLOSED = "CLOSED", _("Closed")
        QUARANTINED = "QUARANTINED", _("Does not match")

    CREDIT = "CREDIT"  # of `mode`: the provider vouches (信用免押); nothing of the payer's is frozen

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="freezes", verbose_name=_("deposit"))
    channel = models.CharField(_("channel"), max_length=20)
    number = models.CharField(_("number"), max_length=32, unique=True)
    request_number = models.CharField(_("request number"), max_length=32, unique=True)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    amount = MoneyField(_("amount"))
    frozen = MoneyField(_("frozen"), default=Decimal("0.00"))
    held = MoneyField(_("held"), default=Decimal("0.00"))
    captured = MoneyField(_("captured"), default=Decimal("0.00"))
    released = MoneyField(_("released"), default=Decimal("0.00"))
    auth_number = models.CharField(_("provider's number"), max_length=64, null=True)
    payer = models.CharField(_("payer"), max_length=64, blank=True)
    mode = models.CharField(_("mode"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    frozen_at = models.DateTimeField(_("frozen at the provider"), null=True)
    ends_at = models.DateTimeField(_("ends by itself"), null=True)

    class Meta:
        verbose_name = _("preauthorisation")
        verbose_name_plural = _("preauthorisations")
        constraints = [
            models.UniqueConstraint(fields=["channel", "auth_number"], name="billing_freeze_auth_once"),
            models.UniqueConstraint(fields=["deposit"], condition=Q(state="OPEN"), name="billing_freeze_one_open"),
            models.CheckConstraint(
                condition=Q(frozen=F("held") + F("captured") + F("released")), name="billing_freeze_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=[State.OPEN, State.CLOSED], target=State.FROZEN)
    def freeze(self, auth_number: str, payer: str, mode: str, frozen_at: datetime, ends_at: datetime) -> None:
        self.auth_number, self.payer, self.mode = auth_number, payer, mode
        self.frozen_at, self.ends_at = frozen_at, ends_at
        self.frozen = self.held = self.amount

    @transition(field=state, source=State.OPEN, target=State.CLOSED)
    def close(self) -> None:
        """The provider says that it can no longer be frozen."""

    @transition(field=state, source=[State.OPEN, State.CLOSED], target=State.QUARANTINED)
    def quarantine(self) -> None:
        """A genuine notice with another amount or receiver: an operator looks."""


class DepositRelease(models.Model):
    """解冻: one intent with one request number and one amount for ever."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("Under way")
        SUCCEEDED = "SUCCEEDED", _("Released")

    freeze = models.ForeignKey(
        DepositFreeze, models.PROTECT, related_name="releases", verbose_name=_("preauthorisation")
    )
    number = models.CharField(_("number"), max_length=32, unique=True)
    state = StateField(_("state"), default=State.REQUESTED, protected=True, choices=State.choices)
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=60)
    requested_at = models.DateTimeField(_("requested"))
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    released_at = models.DateTimeField(_("released at the provider"), null=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_release_positive"),
            models.UniqueConstraint(fields=["freeze"], condition=Q(state="REQUESTED"), name="billing_release_one_open"),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.REQUESTED, target=State.SUCCEEDED)
    def succeed(self, at: datetime) -> None:
        self.released_at = at
