from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.models import Bill
from contracts.models import Agreement
from core.fields import StateField
from orders.models.orders import Order
from orders.rules.quotes import Quote


class Ending(models.Model):
    """到期处置: how an order comes to its end; at most one open per order (domain.md §5).

    `quote`: the figures as they were shown (orders.rules.quotes). A buyout's holds until `valid_until`, the end of its
    business day; what a return costs is fixed by the day on which its parcel is handed over.
    `bill`: the extra bill that it made. `paper`: what was written for it, a renewal's addendum or a buyout's title
    paper. A renewal keeps as `quote` the months and the discount that its addendum was made of; its figures hold until
    it is signed, and then `valid_until` is the first day of the new term.
    A short rental that is sent back because it does not work keeps the days used until its report, and `valid_until` is
    the end of the days to send it back.
    `successor`: the order of the device that a swap brings. Its `quote` is what the old lease costs at the most; once
    the new one is received it is what it costs, and `valid_until` is the end of the days to send it back.
    """

    class Kind(models.TextChoices):
        RETURN = "RETURN", _("Return")
        RENEWAL = "RENEWAL", _("Renewal")
        BUYOUT = "BUYOUT", _("Buyout")
        SWAP = "SWAP", _("Swap")
        LOSS = "LOSS", _("Loss")
        DEFAULT = "DEFAULT", _("Not returned")

    class Basis(models.TextChoices):
        TERM = "TERM", _("At the end of the term")
        EARLY = "EARLY", _("Early")
        COOLING_OFF = "COOLING_OFF", _("Change of mind")
        FOUND = "FOUND", _("Found again")
        DEMAND = "DEMAND", _("After a demand letter")
        ESTATE = "ESTATE", _("For the estate")
        DEFECT = "DEFECT", _("Not as agreed")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Under way")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        LAPSED = "LAPSED", _("Lapsed")
        DONE = "DONE", _("Done")

    order = models.ForeignKey(Order, models.PROTECT, related_name="endings", verbose_name=_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    basis = models.CharField(_("basis"), max_length=12, choices=Basis.choices, blank=True)
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    quote = models.JSONField(_("figures shown"), null=True)
    valid_until = models.DateTimeField(_("figures hold until"), null=True)
    bill = models.OneToOneField(Bill, models.PROTECT, null=True, related_name="ending", verbose_name=_("bill"))
    paper = models.OneToOneField(Agreement, models.PROTECT, null=True, related_name="ending", verbose_name=_("paper"))
    successor = models.OneToOneField(
        Order, models.PROTECT, null=True, related_name="replaces", verbose_name=_("order of the new device")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("ending")
        verbose_name_plural = _("endings")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="OPEN"), name="orders_ending_one_open"),
            models.CheckConstraint(
                condition=Q(kind="RETURN") & ~Q(basis="") | ~Q(kind="RETURN") & Q(basis=""),
                name="orders_ending_return_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="BUYOUT") | Q(quote__isnull=False), name="orders_ending_buyout_has_figures"
            ),
            models.CheckConstraint(
                condition=~Q(kind="RENEWAL")
                | Q(quote__isnull=False, valid_until__isnull=False, paper__isnull=False, bill__isnull=True),
                name="orders_ending_renewal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind="SWAP", successor__isnull=False, quote__isnull=False)
                | ~Q(kind="SWAP") & Q(successor__isnull=True),
                name="orders_ending_swap_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_until"], condition=Q(state="OPEN"), name="orders_ending_open_until"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def quoted(self) -> Quote:
        """The figures as they were shown; only where there are some."""
        assert self.quote is not None
        return Quote.from_json(self.quote)

    @transition(field=state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.LAPSED)
    def lapse(self, at: datetime) -> None:
        """Its figures ran out, or what it needed was not there on its day."""
        self.closed_at = at

    @transition(field=state, source=State.OPEN, target=State.DONE)
    def finish(self, at: datetime) -> None:
        self.closed_at = at
