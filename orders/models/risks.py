"""Risk rules as data, and what they found."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import StateField
from core.models import Version
from credit.models import Demand
from credit.rules import risks as rules
from orders.models.orders import Order


class RiskRule(Version):
    """风险规则 against cash-out and shared accounts."""

    class Kind(models.TextChoices):
        MANY_LEASES = rules.MANY_LEASES, _("Many leases in days")
        SHARED_ADDRESS = rules.SHARED_ADDRESS, _("Same consignee or address as other customers")
        OTHER_PAYER = rules.OTHER_PAYER, _("Paid by another account than before")
        KNOWN_DEFAULTERS = rules.KNOWN_DEFAULTERS, _("Shares a phone, an address or an account with people in arrears")
        NEVER_ACTIVATED = rules.NEVER_ACTIVATED, _("Devices on lease that were never switched on")

    class Action(models.TextChoices):
        HOLD = rules.HOLD, _("A person looks first")
        DEMAND = rules.DEMAND, _("Something is asked for")
        REFUSE = rules.REFUSE, _("The order is refused")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    threshold = models.PositiveSmallIntegerField(
        _("threshold"), help_text=_("From this number on the rule is met: leases, customers, accounts, or devices.")
    )
    window_days = models.PositiveSmallIntegerField(
        _("within days"),
        default=30,
        help_text=_(
            "From 1 to 730. For devices never switched on: the days after the receipt from which a report counts."
        ),
    )
    action = models.CharField(
        _("what follows"),
        max_length=10,
        choices=Action.choices,
        default=Action.HOLD,
        help_text=_("Once an order is paid, a person looks first, whatever stands here."),
    )
    demand = models.CharField(_("asks for"), max_length=10, choices=Demand.Kind.choices, blank=True)

    class Meta:
        verbose_name = _("risk rule")
        verbose_name_plural = _("risk rules")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state="PUBLISHED"), name="orders_risk_rule_one_published"
            ),
            models.CheckConstraint(
                condition=Q(window_days__range=(1, rules.MOST_DAYS)),
                name="orders_risk_rule_window",
                violation_error_message=_("The days go from 1 to 730."),
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=2) | Q(threshold=1) & ~Q(kind="MANY_LEASES"),
                name="orders_risk_rule_threshold",
                violation_error_message=_("With this threshold everybody would be looked at."),
            ),
            models.CheckConstraint(
                condition=Q(action="DEMAND") & ~Q(demand="") | ~Q(action="DEMAND") & Q(demand=""),
                name="orders_risk_rule_demand",
                violation_error_message=_("Name what is asked for if something is, and nothing otherwise."),
            ),
            models.CheckConstraint(
                condition=Q(action="HOLD") | Q(kind="KNOWN_DEFAULTERS") | Q(action="DEMAND") & ~Q(kind="OTHER_PAYER"),
                name="orders_risk_rule_action",
                violation_error_message=_("Only arrears may refuse, and who has paid is asked for nothing more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≥ {self.threshold} / {self.window_days}"


class RiskHit(models.Model):
    """A rule that an order met, with the facts as they were; open until a person has looked or the order ended."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("To be looked at")
        CLEARED = "CLEARED", _("Looked at")
        ENDED = "ENDED", _("The order ended")

    order = models.ForeignKey(Order, models.PROTECT, related_name="risk_hits", verbose_name=_("order"))
    rule = models.ForeignKey(RiskRule, models.PROTECT, related_name="hits", verbose_name=_("risk rule"))
    kind = models.CharField(_("kind"), max_length=20, choices=RiskRule.Kind.choices)
    facts = models.JSONField(_("facts"))
    state = StateField(_("state"), default=State.OPEN, protected=True, choices=State.choices)
    found_at = models.DateTimeField(_("found on"))
    cleared_at = models.DateTimeField(_("closed on"), null=True)
    cleared_by = models.CharField(_("closed by"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("risk hit")
        verbose_name_plural = _("risk hits")
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="orders_risk_hit_once"),
            models.CheckConstraint(
                condition=Q(state="OPEN", cleared_at=None) | ~Q(state="OPEN") & Q(cleared_at__isnull=False),
                name="orders_risk_hit_says_when_cleared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"

    @property
    def is_open(self) -> bool:
        return bool(self.state == self.State.OPEN)

    @transition(field=state, source=State.OPEN, target=State.CLEARED)
    def clear(self, by: str, note: str, at: datetime) -> None:
        self.cleared_by, self.note, self.cleared_at = by, note, at

    @transition(field=state, source=State.OPEN, target=State.ENDED)
    def end(self, by: str, note: str, at: datetime) -> None:
        self.cleared_by, self.note, self.cleared_at = by, note, at
