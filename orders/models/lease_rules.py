"""The rules of every new lease, as versions."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.rules import lease_rules as rules
from billing.rules.terms import FeeMode
from core.fields import RateField
from core.models import Version


class LeaseRuleSet(Version):
    """租约规则: late fee and return window. An order takes those in force; a lease keeps those it was signed with."""

    class Mode(models.TextChoices):
        FREE = FeeMode.FREE, _("The days of grace are never charged")
        RETROACTIVE = FeeMode.RETROACTIVE, _("Once grace has passed, charged from the due day")

    version = models.PositiveIntegerField(_("version"), unique=True, editable=False)
    late_fee_mode = models.CharField(_("late fee"), max_length=12, choices=Mode.choices)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), help_text=_("From 1 to 15."))
    fee_rate_daily = RateField(
        _("late fee a day"),
        validators=[MinValueValidator(0)],
        help_text=_("As a share of the unpaid rent: 0.0003 for 0.03 %. At most the yearly cap of the day / 365."),
    )
    fee_cap_rate = RateField(
        _("late fee at most"),
        validators=[MinValueValidator(0)],
        help_text=_("As a share of the rent of that bill: 0.20 for 20 %, and never more."),
    )
    return_window_days = models.PositiveSmallIntegerField(
        _("days to send it back"),
        help_text=_("After the last day of a long lease, from 0 to 31. A short one has none."),
    )

    class Meta:
        verbose_name = _("lease rules")
        verbose_name_plural = _("lease rules")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="PUBLISHED"), name="orders_lease_rules_one_published"
            ),
            models.CheckConstraint(
                condition=Q(grace_days__range=rules.GRACE_DAYS),
                name="orders_lease_rules_grace",
                violation_error_message=_("The days of grace go from 1 to 15."),
            ),
            models.CheckConstraint(
                condition=Q(fee_rate_daily__gte=0, fee_rate_daily__lt=1),
                name="orders_lease_rules_rate",
                violation_error_message=_("The late fee a day is a share from 0 to 1."),
            ),
            models.CheckConstraint(
                condition=Q(fee_cap_rate__gte=0, fee_cap_rate__lte=rules.MOST_FEE_CAP),
                name="orders_lease_rules_cap",
                violation_error_message=_("A late fee is never more than a fifth of its rent: 0.20."),
            ),
            models.CheckConstraint(
                condition=Q(return_window_days__lte=rules.MOST_RETURN_WINDOW),
                name="orders_lease_rules_window",
                violation_error_message=_("The days to send it back go from 0 to 31."),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"
