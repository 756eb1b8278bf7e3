"""The tier table 免减档位: bands of scores, what each gives, and what a rule asks for."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from core.models import Version

LOWEST_SCORE, HIGHEST_SCORE = 350, 950
MOST_OFF = 50


class Source(models.TextChoices):
    """Where a score comes from. An admission answer is a yes or no without a score."""

    ZHIMA = "zhima", _("Zhima score")
    ADMISSION = "zhima_admission", _("Zhima admission answer")
    OWN = "own", _("Own scorecard")


class TierSet(Version):
    """The grade and waiver table 免减档位."""

    version = models.PositiveIntegerField(_("version"), unique=True)
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
    source = models.CharField(
        _("score comes from"),
        max_length=20,
        choices=Source.choices,
        default=Source.ZHIMA,
        help_text=_("The own scorecard needs a published version."),
    )
    falls_back = models.BooleanField(
        _("own scorecard when the source is silent"),
        default=False,
        help_text=_("When the source is down or has no score. Otherwise the full deposit stays open."),
    )
    admission_bar = models.PositiveSmallIntegerField(
        _("bar for an admission answer"),
        default=650,
        help_text=_("Asked of a source that answers yes or no; who passes has the tier of this score."),
    )
    fast_track_from = models.PositiveSmallIntegerField(
        _("fast track from score"),
        null=True,
        blank=True,
        help_text=_("From this score on no rule below asks for anything. Empty: for nobody."),
    )
    lift_after = models.PositiveSmallIntegerField(
        _("leases kept that lift one tier"),
        default=2,
        help_text=_("Completed, of at least six months, without arrears. 0: nobody is lifted."),
    )
    rent_share_percent = models.PositiveSmallIntegerField(
        _("rents within this share of the income"),
        default=0,
        help_text=_("Percent of the declared monthly income that all rents may take together. 0: no limit."),
    )

    class Meta:
        verbose_name = _("tier set")
        verbose_name_plural = _("tier sets")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="PUBLISHED"), name="credit_tier_set_one_published"
            ),
            models.CheckConstraint(
                condition=Q(admission_bar__range=(LOWEST_SCORE, HIGHEST_SCORE))
                & (Q(fast_track_from=None) | Q(fast_track_from__range=(LOWEST_SCORE, HIGHEST_SCORE))),
                name="credit_tier_set_scores",
                violation_error_message=_("A score lies between 350 and 950."),
            ),
            models.CheckConstraint(
                condition=Q(rent_share_percent__lte=100),
                name="credit_tier_set_rent_share",
                violation_error_message=_("A percentage is at most 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


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
    rent_off_percent = models.PositiveSmallIntegerField(
        _("percent off the rent"),
        default=0,
        help_text=_("Lowers the monthly rent of the plan; no grade ever raises it."),
    )
    longest_term = models.PositiveSmallIntegerField(
        _("longest term in months"), null=True, blank=True, help_text=_("Empty: every term of the plan.")
    )

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
            models.CheckConstraint(
                condition=Q(rent_off_percent__lte=MOST_OFF),
                name="credit_tier_rent_off",
                violation_error_message=_("At most half of the rent is taken off."),
            ),
            models.CheckConstraint(
                condition=Q(longest_term=None) | Q(longest_term__gt=0),
                name="credit_tier_longest_term",
                violation_error_message=_("A term has at least one month."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.from_score}"


class DemandRule(models.Model):
    """What a table asks for before an order goes on: of which scores, and when."""

    class Kind(models.TextChoices):
        CONTACT = "CONTACT", _("An emergency contact")
        GUARANTOR = "GUARANTOR", _("A guarantor")
        DOCUMENTS = "DOCUMENTS", _("Documents")
        VISIT = "VISIT", _("A field visit")

    class When(models.TextChoices):
        ALWAYS = "ALWAYS", _("Always")
        FIRST_LEASE = "FIRST_LEASE", _("No lease completed with us yet")
        MISSING_FACTOR = "MISSING_FACTOR", _("A factor of the scorecard is missing")
        SHARED = "SHARED", _("A phone, an address or an account is shared")
        UNDOCUMENTED_INCOME = "UNDOCUMENTED_INCOME", _("The income is not documented")

    tier_set = models.ForeignKey(TierSet, models.CASCADE, related_name="demand_rules", verbose_name=_("tier set"))
    kind = models.CharField(_("asks for"), max_length=10, choices=Kind.choices)
    when = models.CharField(_("when"), max_length=20, choices=When.choices, default=When.ALWAYS)
    from_score = models.PositiveSmallIntegerField(_("from score"), default=LOWEST_SCORE)
    to_score = models.PositiveSmallIntegerField(_("to score"), default=HIGHEST_SCORE)

    class Meta:
        verbose_name = _("demand rule")
        verbose_name_plural = _("demand rules")
        ordering = ("kind", "from_score", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_score__gte=LOWEST_SCORE, to_score__lte=HIGHEST_SCORE, from_score__lte=F("to_score")),
                name="credit_demand_rule_scores",
                violation_error_message=_("Scores lie between 350 and 950, the first not above the last."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.from_score}–{self.to_score}"
