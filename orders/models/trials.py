from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order
from orders.models.risks import RiskRule
from orders.models.runs import Run


class RuleTrial(Run):
    """规则试算: which past orders a risk rule would have met, against the rule of its kind that is in force."""

    rule = models.ForeignKey(RiskRule, models.CASCADE, related_name="trials", verbose_name=_("rule looked at"))
    old_rule = models.ForeignKey(RiskRule, models.CASCADE, null=True, related_name="+", verbose_name=_("rule in force"))

    class Meta:
        verbose_name = _("rule trial")
        verbose_name_plural = _("rule trials")
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="orders_rule_trial_done_of_total"),
            models.CheckConstraint(
                condition=Q(state="DONE", result__isnull=False) | ~Q(state="DONE"),
                name="orders_rule_trial_done_has_result",
            ),
        ]

    def __str__(self) -> str:
        return str(self.rule)


class TriedOrder(models.Model):
    """A past order of a trial: what either rule would have had done (empty for nothing), with the facts of that day."""

    trial = models.ForeignKey(RuleTrial, models.CASCADE, related_name="orders", verbose_name=_("rule trial"))
    order = models.ForeignKey(Order, models.CASCADE, related_name="+", verbose_name=_("order"))
    bad = models.BooleanField(_("went bad"), null=True)
    seen = models.BooleanField(_("looked at"), default=False)
    old_action = models.CharField(_("under the rule in force"), max_length=10, blank=True)
    new_action = models.CharField(_("under the rule looked at"), max_length=10, blank=True)
    facts = models.JSONField(_("facts"), null=True)

    class Meta:
        verbose_name = _("order of a rule trial")
        verbose_name_plural = _("orders of rule trials")
        constraints = [models.UniqueConstraint(fields=["trial", "order"], name="orders_rule_trial_order_once")]

    def __str__(self) -> str:
        return f"{self.trial_id}:{self.order_id}"
