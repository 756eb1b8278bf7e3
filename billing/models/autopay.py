from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer
from billing.models.leases import Bill, Lease
from billing.models.payments import Payment
from core.fields import MoneyField, StateField


class AutopayAgreement(models.Model):
    """代扣协议 of one lease at one provider under our number: bills due from `first_on` on, none above `most`.

    Ended here it is over at once; `unsigned_at` says since when the provider knows it too.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Waiting for consent")
        ACTIVE = "ACTIVE", _("On")
        ENDED = "ENDED", _("Ended")

    class Reason(models.TextChoices):
        CUSTOMER = "CUSTOMER", _("Turned off by the customer")
        PROVIDER = "PROVIDER", _("Ended at the provider")
        LEASE = "LEASE", _("The lease is over")
        NOT_AGREED = "NOT_AGREED", _("Never agreed to")

    number = models.CharField(_("number"), max_length=32, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="autopays", verbose_name=_("customer"))
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="autopays", verbose_name=_("lease"))
    channel = models.CharField(_("channel"), max_length=20)
    state = StateField(_("state"), default=State.DRAFT, protected=True, choices=State.choices)
    most = MoneyField(_("at most each time"))
    first_on = models.DateField(_("for bills due from"))
    wording = models.CharField(_("version of the wording"), max_length=20)
    provider_number = models.CharField(_("provider's number"), max_length=64, null=True)
    payer = models.CharField(_("payer"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    asked_at = models.DateTimeField(_("last asked about"), null=True)
    activated_at = models.DateTimeField(_("on since"), null=True)
    ended_at = models.DateTimeField(_("off since"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=12, choices=Reason.choices, blank=True)
    unsigned_at = models.DateTimeField(_("ended at the provider"), null=True)

    class Meta:
        verbose_name = _("autopay agreement")
        verbose_name_plural = _("autopay agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["lease"], condition=Q(state__in=["DRAFT", "ACTIVE"]), name="billing_autopay_one_of_lease"
            ),
            models.UniqueConstraint(fields=["channel", "provider_number"], name="billing_autopay_agreement_once"),
            models.CheckConstraint(
                condition=~Q(state="ACTIVE") | Q(provider_number__isnull=False, activated_at__isnull=False),
                name="billing_autopay_active_is_agreed",
            ),
            models.CheckConstraint(
                condition=Q(state="ENDED", ended_at__isnull=False) | ~Q(state="ENDED") & Q(ended_at__isnull=True),
                name="billing_autopay_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(activated_at__isnull=True) | Q(ended_at__gte=F("activated_at")),
                name="billing_autopay_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.DRAFT, target=State.ACTIVE)
    def activate(self, provider_number: str, payer: str, at: datetime) -> None:
        self.provider_number, self.payer, self.activated_at = provider_number, payer, at

    @transition(field=state, source=[State.DRAFT, State.ACTIVE], target=State.ENDED)
    def end(self, reason: str, at: datetime) -> None:
        self.end_reason, self.ended_at = reason, at


class AutopayTry(models.Model):
    """One try to deduct a bill: one a day, one payment. `sent_at`: since when the provider may have heard of it."""

    agreement = models.ForeignKey(
        AutopayAgreement, models.PROTECT, related_name="tries", verbose_name=_("autopay agreement")
    )
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="autopay_tries", verbose_name=_("bill"))
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="autopay_try", verbose_name=_("payment"))
    on = models.DateField(_("on"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("automatic deduction")
        verbose_name_plural = _("automatic deductions")
        constraints = [models.UniqueConstraint(fields=["bill", "on"], name="billing_autopay_once_a_day")]

    def __str__(self) -> str:
        return f"{self.bill} {self.on}"
