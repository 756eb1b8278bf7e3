from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_fsm import transition

from accounts.models import Address, Customer, Merchant
from billing.models import Lease
from catalog.models import DeviceUnit, LeasePlan
from contracts.models import Agreement
from core import calendar
from core.fields import StateField
from credit.models import Decision


class State(models.TextChoices):
    """The order's states (domain.md §5)."""

    PLACED = "PLACED", _("Under review")
    APPROVED = "APPROVED", _("To be signed")
    SIGNED = "SIGNED", _("To be paid")
    PAID = "PAID", _("To be shipped")
    SHIPPED = "SHIPPED", _("On its way")
    ACTIVE = "ACTIVE", _("Renting")
    RETURNING = "RETURNING", _("Being returned")
    INSPECTING = "INSPECTING", _("Being inspected")
    SETTLING = "SETTLING", _("Being settled")
    COMPLETED = "COMPLETED", _("Completed")
    WRITTEN_OFF = "WRITTEN_OFF", _("Written off")
    REFUSED = "REFUSED", _("Not approved")
    CANCELLED = "CANCELLED", _("Cancelled")


BEFORE_SHIPPING = [State.PLACED, State.APPROVED, State.SIGNED, State.PAID]
IN_CUSTODY = [State.SHIPPED, State.ACTIVE, State.RETURNING, State.INSPECTING]
CLOSED = [State.COMPLETED, State.REFUSED, State.CANCELLED]


class Checkout(models.Model):
    """结算单: what the customer ordered in one go; n devices are n orders placed in one transaction."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="checkouts", verbose_name=_("customer"))
    number = models.CharField(_("number"), max_length=24, unique=True)
    placed_at = models.DateTimeField(_("placed"))

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")

    def __str__(self) -> str:
        return self.number


class Order(models.Model):
    """租赁订单: one device on lease. Steps are transitions; services lock, check and record them."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    checkout = models.ForeignKey(Checkout, models.PROTECT, related_name="orders", verbose_name=_("checkout"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders", verbose_name=_("customer"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="orders", verbose_name=_("merchant"))
    plan = models.ForeignKey(LeasePlan, models.PROTECT, related_name="orders", verbose_name=_("lease plan"))
    months = models.PositiveSmallIntegerField(_("months"), help_text=_("0: a short rental, with its days."))
    first_day = models.DateField(_("first day"), null=True)
    last_day = models.DateField(_("last day"), null=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="orders", verbose_name=_("decision"))
    lease = models.OneToOneField(Lease, models.PROTECT, related_name="order", verbose_name=_("lease"))
    agreement = models.OneToOneField(
        Agreement, models.PROTECT, null=True, related_name="order", verbose_name=_("agreement")
    )
    unit = models.ForeignKey(
        DeviceUnit, models.PROTECT, null=True, related_name="orders", verbose_name=_("device unit")
    )
    address = models.ForeignKey(Address, models.PROTECT, related_name="orders", verbose_name=_("address"))
    state = StateField(_("state"), default=State.PLACED, protected=True, choices=State.choices)
    placed_at = models.DateTimeField(_("placed"))
    approved_at = models.DateTimeField(_("approved"), null=True)
    signed_at = models.DateTimeField(_("signed"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    received_at = models.DateTimeField(_("received"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    waits_until = models.DateTimeField(_("the present wait ends"), null=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(state__in=["SHIPPED", "ACTIVE", "RETURNING", "INSPECTING"]),
                name="orders_unit_in_one_custody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SHIPPED", "ACTIVE", "RETURNING", "INSPECTING"]) | Q(unit__isnull=False),
                name="orders_custody_has_unit",
            ),
            models.CheckConstraint(
                condition=Q(months__gt=0, first_day=None, last_day=None)
                | Q(months=0, first_day__isnull=False, last_day__gte=F("first_day")),
                name="orders_months_or_days",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SIGNED", "PAID", "SHIPPED", "ACTIVE"]) | Q(signed_at__isnull=False),
                name="orders_signed_before_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="orders_of_customer"),
            models.Index(fields=["merchant", "state", "-id"], name="orders_of_merchant"),
            models.Index(fields=["waits_until"], condition=Q(waits_until__isnull=False), name="orders_waiting"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_short(self) -> bool:
        return self.first_day is not None

    @property
    def length(self) -> str:
        """12 months; 5–7 Dec, 3 days."""
        if self.first_day is None or self.last_day is None:
            return ngettext("%(months)s month", "%(months)s months", self.months) % {"months": self.months}
        days = (self.last_day - self.first_day).days + 1
        told = ngettext("%(first)s to %(last)s, %(days)s day", "%(first)s to %(last)s, %(days)s days", days)
        return told % {"first": f"{self.first_day:%m-%d}", "last": f"{self.last_day:%m-%d}", "days": days}

    def within_days(self, until: datetime) -> datetime:
        """A wait that ends at `until`; of a short rental at the latest when its first day is over."""
        if self.first_day is None:
            return until
        return min(until, self.first_day_over)

    def to_ship(self, until: datetime) -> datetime:
        """The wait for a parcel ends at `until`; of a short rental, which may lie months ahead, with its first day."""
        return until if self.first_day is None else self.first_day_over

    @property
    def first_day_over(self) -> datetime:
        """Of a short rental: the midnight after its first day."""
        assert self.first_day is not None
        return calendar.instant(self.first_day + timedelta(days=1), 0)

    @transition(field=state, source=State.PLACED, target=State.APPROVED)
    def approve(self, at: datetime, waits_until: datetime) -> None:
        self.approved_at, self.waits_until = at, waits_until

    @transition(field=state, source=State.PLACED, target=State.REFUSED)
    def refuse(self, reason: str, at: datetime) -> None:
        self._close(reason, at)

    @transition(field=state, source=State.APPROVED, target=State.SIGNED)
    def sign(self, at: datetime) -> None:
        self.signed_at = at

    @transition(field=state, source=State.SIGNED, target=State.PAID)
    def pay(self, at: datetime, waits_until: datetime) -> None:
        """Bill 1 and the deposit both succeeded."""
        self.paid_at, self.waits_until = at, waits_until

    @transition(field=state, source=State.PAID, target=State.SHIPPED)
    def ship(self, unit: DeviceUnit, at: datetime, waits_until: datetime) -> None:
        self.unit, self.shipped_at, self.waits_until = unit, at, waits_until

    @transition(field=state, source=State.SHIPPED, target=State.ACTIVE)
    def receive(self, at: datetime) -> None:
        self.received_at, self.waits_until = at, None

    @transition(field=state, source=State.SHIPPED, target=State.CANCELLED)
    def lose_outbound(self, at: datetime) -> None:
        """No carrier event for 15 days: the merchant's risk, everything goes back."""
        self._close("lost_outbound", at)

    @transition(field=state, source=State.SHIPPED, target=State.RETURNING)
    def turn_back(self, reason: str, waits_until: datetime) -> None:
        """The parcel was refused or turned back, or the device has a defect at receipt: the lease never began."""
        self.reason, self.waits_until = reason, waits_until

    @transition(field=state, source=State.RETURNING, target=State.ACTIVE)
    def keep(self, at: datetime) -> None:
        """A defect was reported, and the device is kept after all: this is the receipt."""
        self.reason, self.received_at, self.waits_until = "", at, None

    @transition(field=state, source=State.ACTIVE, target=State.RETURNING)
    def begin_return(self) -> None:
        """The customer sends the device back."""

    @transition(field=state, source=State.RETURNING, target=State.ACTIVE)
    def withdraw_return(self) -> None:
        """Before a waybill was given."""
        self.waits_until = None

    @transition(field=state, source=State.RETURNING, target=State.INSPECTING)
    def arrive(self, waits_until: datetime) -> None:
        self.waits_until = waits_until

    @transition(field=state, source=State.RETURNING, target=State.SETTLING)
    def lose_inbound(self) -> None:
        """Scanned by the carrier and not arrived for 15 days: the merchant's risk."""
        self.waits_until = None

    @transition(field=state, source=State.ACTIVE, target=State.SETTLING)
    def pass_title(self) -> None:
        """The customer bought it, or paid the last rent of a lease that ends in owning."""

    @transition(field=state, source=[State.ACTIVE, State.RETURNING], target=State.SETTLING)
    def lose(self) -> None:
        """The customer says that it is lost or stolen, and owes its value."""
        self.waits_until = None

    @transition(field=state, source=[State.ACTIVE, State.RETURNING], target=State.SETTLING)
    def default(self) -> None:
        """It did not come back: the customer owes its value."""
        self.waits_until = None

    @transition(field=state, source=State.SETTLING, target=State.RETURNING)
    def find(self) -> None:
        """What was lost or withheld is there again and is sent back."""

    @transition(field=state, source=State.INSPECTING, target=State.SETTLING)
    def assess(self) -> None:
        self.waits_until = None

    @transition(field=state, source=State.SETTLING, target=State.COMPLETED)
    def complete(self, outcome: str, at: datetime) -> None:
        self._close(outcome, at)

    @transition(field=state, source=State.SETTLING, target=State.WRITTEN_OFF)
    def write_off(self, at: datetime) -> None:
        """Thirty days unpaid; a payment afterwards is a recovery and moves nothing."""
        self._close("unpaid", at)

    @transition(field=state, source=BEFORE_SHIPPING, target=State.CANCELLED)
    def cancel(self, reason: str, at: datetime) -> None:
        self._close(reason, at)

    def _close(self, reason: str, at: datetime) -> None:
        self.reason, self.closed_at, self.waits_until = reason, at, None
