from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import User
from core.fields import MoneyField, StateField
from orders.models.orders import Order
from orders.models.photos import DevicePhoto


class DamageClaim(models.Model):
    """定损: what the merchant asks for damage, line by line from the signed list; at most one per order.

    `total` is Σ of its charged lines, `cap` the depreciated value on `valued_on`, `amount` the smaller of the two, and
    `awarded` what came of it. `second_notice_at`: without it nothing counts as accepted.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("The customer answers")
        ACCEPTED = "ACCEPTED", pgettext_lazy("claim", "Accepted")
        DISPUTED = "DISPUTED", _("The platform decides")
        UPHELD = "UPHELD", _("Upheld")
        REDUCED = "REDUCED", _("Reduced")
        FALLEN = "FALLEN", _("Fallen")

    order = models.OneToOneField(Order, models.PROTECT, related_name="claim", verbose_name=_("order"))
    state = StateField(_("state"), default=State.PROPOSED, protected=True, choices=State.choices)
    valued_on = models.DateField(_("value of the day"))
    cap = MoneyField(_("depreciated value"))
    total = MoneyField(_("sum of the lines"))
    amount = MoneyField(_("claimed"))
    awarded = MoneyField(_("awarded"), default=Decimal("0.00"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("claimed by"))
    proposed_at = models.DateTimeField(_("claimed at"))
    answer_by = models.DateTimeField(_("answer until"))
    second_notice_at = models.DateTimeField(_("second notice"), null=True)
    grounds = models.TextField(_("the customer's grounds"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    by_clause = models.BooleanField(_("accepted by the clause"), default=False)
    decision = models.TextField(_("grounds of the decision"), blank=True)
    decided_by = models.CharField(_("decided by"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("damage claim")
        verbose_name_plural = _("damage claims")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("cap")) & Q(amount__lte=F("total")),
                name="orders_claim_within_value",
            ),
            models.CheckConstraint(condition=Q(awarded__lte=F("amount")), name="orders_claim_awarded_within"),
        ]

    def __str__(self) -> str:
        return str(self.order)

    @transition(field=state, source=State.PROPOSED, target=State.ACCEPTED)
    def accept(self, at: datetime, *, by_clause: bool) -> None:
        self.awarded, self.answered_at, self.by_clause = self.amount, at, by_clause

    @transition(field=state, source=State.PROPOSED, target=State.DISPUTED)
    def dispute(self, grounds: str, at: datetime) -> None:
        self.grounds, self.answered_at = grounds, at

    @transition(field=state, source=State.DISPUTED, target=State.UPHELD)
    def uphold(self, awarded: Decimal, by: str, grounds: str, at: datetime) -> None:
        self._decide(awarded, by, grounds, at)

    @transition(field=state, source=State.DISPUTED, target=State.REDUCED)
    def reduce(self, awarded: Decimal, by: str, grounds: str, at: datetime) -> None:
        self._decide(awarded, by, grounds, at)

    @transition(field=state, source=State.DISPUTED, target=State.FALLEN)
    def fall(self, awarded: Decimal, by: str, grounds: str, at: datetime) -> None:
        self._decide(awarded, by, grounds, at)

    def _decide(self, awarded: Decimal, by: str, grounds: str, at: datetime) -> None:
        self.awarded, self.decided_by, self.decision, self.decided_at = awarded, by, grounds, at

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.PROPOSED, self.State.DISPUTED)

    @property
    def settled_on(self) -> datetime | None:
        return self.decided_at or self.answered_at


class ClaimLine(models.Model):
    """One line of a claim: a price of the signed list, what was seen, and what came of it. `covered` costs nothing."""

    claim = models.ForeignKey(DamageClaim, models.PROTECT, related_name="lines", verbose_name=_("damage claim"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    amount = MoneyField(_("price"))
    covered = models.BooleanField(_("borne by the cover"), default=False)
    note = models.CharField(_("what was seen"), max_length=200)
    angle = models.CharField(
        _("angle"), max_length=12, choices=DevicePhoto.Angle.choices, default=DevicePhoto.Angle.DETAIL
    )
    awarded = MoneyField(_("awarded"), null=True)

    class Meta:
        verbose_name = _("line of a claim")
        verbose_name_plural = _("lines of a claim")
        constraints = [
            models.UniqueConstraint(fields=["claim", "code"], name="orders_claimline_once"),
            models.CheckConstraint(
                condition=Q(awarded__isnull=True) | Q(awarded__lte=F("amount")), name="orders_claimline_awarded_within"
            ),
        ]

    def __str__(self) -> str:
        """As the signed list names it in the reader's language."""
        is_chinese = (get_language() or "zh").startswith("zh")
        return self.name if is_chinese or not self.name_en else self.name_en


class ClaimPhoto(models.Model):
    """A picture of damage (of a line) or of the customer's answer (of none), sealed under the customer's key."""

    claim = models.ForeignKey(DamageClaim, models.PROTECT, related_name="photos", verbose_name=_("damage claim"))
    line = models.ForeignKey(
        ClaimLine, models.PROTECT, null=True, related_name="photos", verbose_name=_("line of a claim")
    )
    file_row = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    given_by = models.CharField(_("given by"), max_length=60)
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("photo of a claim")
        verbose_name_plural = _("photos of a claim")

    def __str__(self) -> str:
        return f"{self.claim} {self.pk}"
