from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Customer, Merchant
from billing.models.extensions import ExtensionPlan
from billing.rules.extension import PART_FROM
from core.fields import MoneyField, StateField


class Lease(models.Model):
    """租约: who owes what by when. It knows no order; `terms` is the snapshot taken at signing (LeaseTerms as JSON).

    `still`: its customer's standstills, as pairs of the first day and the day on which it ended or null: the days that
    no late fee counts (billing.services.standstills).

    `paused_from`: an ending is under way that would void the bills due after that day; they are not deducted meanwhile.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Not started")
        LIVE = "LIVE", _("Running")
        CLOSED = "CLOSED", _("Ended")
        VOID = "VOID", _("Void")

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="leases", verbose_name=_("customer"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="leases", verbose_name=_("merchant"))
    state = StateField(_("state"), default=State.DRAFT, protected=True, choices=State.choices)
    months = models.PositiveSmallIntegerField(_("months"))
    contract_total = MoneyField(_("sum of rents and cover"))
    terms = models.JSONField(_("terms at signing"))
    frozen_at = models.DateTimeField(_("amounts frozen"), null=True)
    start = models.DateField(_("start"), null=True)
    last_day = models.DateField(_("last day"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)
    paused_from = models.DateField(_("not deducted after"), null=True)
    still = models.JSONField(_("days without late fees"), default=list, db_default=[], blank=True)

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["LIVE", "CLOSED"]) | Q(start__isnull=False, last_day__isnull=False),
                name="billing_lease_live_has_dates",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=State.DRAFT, target=State.LIVE)
    def begin(self, start: date, last_day: date) -> None:
        self.start, self.last_day = start, last_day

    @transition(field=state, source=State.DRAFT, target=State.VOID)
    def void(self) -> None:
        """Cancelled before receipt."""

    @transition(field=state, source=State.LIVE, target=State.CLOSED)
    def close(self, on: date) -> None:
        self.ended_on = on


EXTRA_FROM = 901  # the number of a lease's first extra bill


class Bill(models.Model):
    """账单 of one period, or an extra one. A late fee stands in `fee` only once posted; until then it is computed.

    The agreement's bills are of kind RENT and count from 1. What comes beside it (damage, a day's rent after the end, a
    buyout) is an extra bill: its own numbers from 901 on, its whole amount in `rent`, and never a late fee.
    A part of an extension plan is a bill too, numbered from 2001 on; `fee_carried` of its `fee` came with it.
    `reduced`, `fee_reduced`: Σ of its reductions; what is taken off a late fee lowers `fee` itself once it is posted.
    `replanned`: what an extension plan took over of it.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        PAID = "PAID", _("Paid")
        VOID = "VOID", _("Void")
        WRITTEN_OFF = "WRITTEN_OFF", _("Written off")
        REPLANNED = "REPLANNED", _("In an extension plan")

    class Kind(models.TextChoices):
        RENT = "RENT", _("Rent")
        DAMAGE = "DAMAGE", _("Damage")
        DAY_RENT = "DAY_RENT", _("Rent after the last day")
        EARLY = "EARLY", _("Early return")
        BUYOUT = "BUYOUT", _("Buyout")
        LOSS = "LOSS", _("Loss")
        PART = "PART", _("Part of an extension plan")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="bills", verbose_name=_("lease"))
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.RENT)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    due_date = models.DateField(_("due"), null=True)
    period_start = models.DateField(_("period from"), null=True)
    period_end = models.DateField(_("period to"), null=True)
    rent = MoneyField(_("rent"))
    cover = MoneyField(_("cover"), default=Decimal("0.00"))
    fee = MoneyField(_("late fee posted"), default=Decimal("0.00"))
    reduced = MoneyField(_("taken off the rent"), default=Decimal("0.00"))
    fee_reduced = MoneyField(_("taken off the late fee"), default=Decimal("0.00"))
    replanned = MoneyField(_("taken over by a plan"), default=Decimal("0.00"), db_default=Decimal("0.00"))
    fee_carried = MoneyField(_("late fee carried"), default=Decimal("0.00"), db_default=Decimal("0.00"))
    plan = models.ForeignKey(
        ExtensionPlan, models.PROTECT, null=True, db_index=False, related_name="parts", verbose_name=_("plan")
    )
    paid = MoneyField(_("paid"), default=Decimal("0.00"))
    paid_at = models.DateTimeField(_("paid at"), null=True)

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ("lease", "number")
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="billing_bill_number_once"),
            models.UniqueConstraint(
                fields=["lease", "period_start"],
                condition=Q(kind="DAY_RENT") & ~Q(state="VOID"),
                name="billing_bill_day_rent_once",
            ),
            ExclusionConstraint(
                name="billing_bill_day_rents_apart",
                expressions=[
                    ("lease", RangeOperators.EQUAL),
                    (
                        Func("period_start", "period_end", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="DAY_RENT") & ~Q(state="VOID"),
            ),
            models.CheckConstraint(
                condition=Q(kind="RENT", number__lt=EXTRA_FROM)
                | Q(kind="PART", number__gte=PART_FROM, plan__isnull=False)
                | ~Q(kind__in=["RENT", "PART"]) & Q(number__gte=EXTRA_FROM, number__lt=PART_FROM),
                name="billing_bill_numbers_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["RENT", "PART"]) | Q(cover=0, fee=0), name="billing_bill_extra_is_one_amount"
            ),
            models.CheckConstraint(
                condition=Q(paid__lte=F("rent") + F("cover") + F("fee") - F("reduced") - F("replanned")),
                name="billing_bill_paid_within_amount",
            ),
            models.CheckConstraint(condition=Q(reduced__lte=F("rent")), name="billing_bill_reduced_within_rent"),
            models.CheckConstraint(
                condition=~Q(state="PAID")
                | Q(paid__gte=F("rent") + F("cover") + F("fee") - F("reduced") - F("replanned")),
                name="billing_bill_paid_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="REPLANNED") | Q(replanned__gt=0), name="billing_bill_replanned_says_what"
            ),
        ]
        indexes = [
            models.Index(fields=["due_date"], condition=Q(state="OPEN"), name="billing_bill_open_due"),
            models.Index(fields=["plan"], condition=Q(plan__isnull=False), name="billing_bill_of_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.lease} · {self.number}"

    @property
    def is_extra(self) -> bool:
        return self.kind != Bill.Kind.RENT

    @property
    def is_part(self) -> bool:
        return bool(self.kind == Bill.Kind.PART)

    @property
    def amount(self) -> Decimal:
        """Rent, cover and posted fee, less what was taken off, and less what a plan took over."""
        amount: Decimal = self.rent + self.cover + self.fee - self.reduced - self.replanned
        return amount

    @transition(field=state, source=State.OPEN, target=State.PAID)
    def settle(self, at: datetime) -> None:
        self.paid_at = at

    @transition(field=state, source=State.OPEN, target=State.WRITTEN_OFF)
    def write_off(self) -> None:
        """Given up as lost; what comes later is a recovery."""

    @transition(field=state, source=State.WRITTEN_OFF, target=State.PAID)
    def recover(self, at: datetime) -> None:
        self.paid_at = at

    @transition(field=state, source=State.OPEN, target=State.REPLANNED)
    def replan(self, taken_over: Decimal) -> None:
        """An extension plan's parts stand for it from now on."""
        self.replanned = taken_over

    @transition(field=state, source=[State.PAID, State.REPLANNED], target=State.OPEN)
    def reopen(self) -> None:
        """A posted fee, or a payment taken back by the payer's bank."""
        self.paid_at = None

    @transition(field=state, source=[State.OPEN, State.PAID], target=State.VOID)
    def void(self) -> None:
        """The lease was void, or ended before this period."""
