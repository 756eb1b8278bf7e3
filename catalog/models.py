"""The things: device types, models, SKUs with their cash prices, lease plans, units and stock."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounts.models import Merchant
from catalog.rules.shorts import Limits
from core.fields import MoneyField, RateField, StateField


class Named(models.Model):
    """A thing with a Chinese and an English name."""

    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en


class DeviceType(Named):
    """设备类型. `attributes` lists what its models state: [{"key", "name", "name_en"}]; a new type needs no code."""

    code = models.SlugField(
        _("code"), unique=True, help_text=_("Names the drawing that is shown; a new code shows a parcel until drawn.")
    )
    attributes = models.JSONField(
        _("attributes"),
        default=list,
        blank=True,
        help_text=_('What its models state, e.g. [{"key": "screen", "name": "屏幕", "name_en": "Screen"}].'),
    )
    order = models.PositiveSmallIntegerField(
        pgettext_lazy("sort", "order"), default=0, help_text=_("Shops list the lowest number first.")
    )

    class Meta:
        verbose_name = _("device type")
        verbose_name_plural = _("device types")
        ordering = ("order", "code")


class DamageItem(Named):
    """A line of the damage list that agreements fix at signing."""

    device_type = models.ForeignKey(
        DeviceType, models.PROTECT, related_name="damage_items", verbose_name=_("device type")
    )
    code = models.SlugField(_("code"))
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("damage item")
        verbose_name_plural = _("damage items")
        ordering = ("device_type", "amount", "code")
        constraints = [models.UniqueConstraint(fields=["device_type", "code"], name="catalog_damage_item_once")]


class DeviceModel(Named):
    """型号."""

    device_type = models.ForeignKey(
        DeviceType,
        models.PROTECT,
        related_name="device_models",
        related_query_name="models",
        verbose_name=_("device type"),
    )
    slug = models.SlugField(
        pgettext_lazy("web", "address"),
        unique=True,
        help_text=_("The last part of its page's address: letters, digits, hyphens."),
    )
    brand = models.CharField(_("brand"), max_length=40)
    attributes = models.JSONField(
        _("attributes"),
        default=dict,
        blank=True,
        help_text=_('By the keys of its device type, e.g. {"screen": {"zh": "6.1 英寸", "en": "6.1 inch"}}.'),
    )

    class Meta:
        verbose_name = _("device model")
        verbose_name_plural = _("device models")
        ordering = ("device_type", "name")


class ConditionGrade(models.TextChoices):
    """成色."""

    NEW = "NEW", pgettext_lazy("condition", "New")
    LIKE_NEW = "LIKE_NEW", pgettext_lazy("condition", "Like new")
    GOOD = "GOOD", pgettext_lazy("condition", "Good")


class Sku(models.Model):
    """规格: a specification of a model in one condition grade."""

    device_model = models.ForeignKey(DeviceModel, models.PROTECT, related_name="skus", verbose_name=_("device model"))
    specification = models.CharField(_("specification"), max_length=60)
    specification_en = models.CharField(_("specification in English"), max_length=60)
    condition = models.CharField(_("condition"), max_length=10, choices=ConditionGrade.choices)

    class Meta:
        verbose_name = _("specification")
        verbose_name_plural = _("specifications")
        constraints = [
            models.UniqueConstraint(fields=["device_model", "specification", "condition"], name="catalog_sku_once")
        ]

    def __str__(self) -> str:
        return f"{self.device_model} {self.label}"

    @property
    def label(self) -> str:
        chinese = (get_language() or "zh").startswith("zh")
        return self.specification if chinese else self.specification_en


class CashPrice(models.Model):
    """市场价 of a SKU: set by an operator with source and date; rows are only added (domain.md §3)."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="cash_prices", verbose_name=_("specification"))
    amount = MoneyField(_("amount"))
    source = models.CharField(
        _("source"), max_length=120, help_text=_("Where the price was seen, so that anyone can look again.")
    )
    as_of = models.DateField(
        _("as of"), help_text=_("The day on which it was seen. No plan is published on a price older than 90 days.")
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("set by"))

    class Meta:
        verbose_name = _("cash price")
        verbose_name_plural = _("cash prices")
        get_latest_by = ("as_of", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="catalog_cash_price_positive",
                violation_error_message=_("The amount must be above 0."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.as_of})"


class LendingRate(models.Model):
    """LPR (one year) by the day from which it holds; four times it caps the yearly cost."""

    day = models.DateField(_("from"), unique=True)
    rate_yearly = RateField(
        _("yearly rate"), help_text=_("As a share: 0.03 for 3 %. Four times it caps the yearly cost of a plan.")
    )

    class Meta:
        verbose_name = _("lending rate (LPR)")
        verbose_name_plural = _("lending rates (LPR)")
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day} {self.rate_yearly}"


class LeaseModel(models.TextChoices):
    """租赁模式."""

    RETURN_ONLY = "RETURN_ONLY", _("Return at the end")
    OPTION_TO_BUY = "OPTION_TO_BUY", _("Return or buy")
    RENT_TO_OWN = "RENT_TO_OWN", _("Yours after the last rent")


class CoverChoice(models.TextChoices):
    """意外保障: whether a plan offers accident cover."""

    NONE = "NONE", _("None")
    OPTIONAL = "OPTIONAL", _("Optional")
    MANDATORY = "MANDATORY", _("Compulsory")


class Payer(models.TextChoices):
    """Who pays a parcel."""

    MERCHANT = "MERCHANT", _("Merchant")
    CUSTOMER = "CUSTOMER", _("Customer")


class LeasePlan(models.Model):
    """租赁方案: one merchant's offer for one SKU. Published versions are never edited; a new version supersedes."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        PUBLISHED = "PUBLISHED", _("Published")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="plans", verbose_name=_("merchant"))
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="plans", verbose_name=_("specification"))
    version = models.PositiveIntegerField(_("version"), default=1)
    state = StateField(_("state"), default=State.DRAFT, protected=True, choices=State.choices)
    lease_model = models.CharField(_("lease model"), max_length=15, choices=LeaseModel.choices)
    signed_value = MoneyField(
        _("signed value"), help_text=_("What the agreement says the device is worth; at most the cash price.")
    )
    deposit_rate = RateField(
        _("deposit, share of the signed value"), default=Decimal("0.70"), help_text=_("From 0.30 to 1: 0.70 is 70 %.")
    )
    cover_choice = models.CharField(_("cover"), max_length=10, choices=CoverChoice.choices, default=CoverChoice.NONE)
    cover_monthly = MoneyField(_("cover a month"), default=Decimal("0.00"))
    early_return_months = models.PositiveSmallIntegerField(
        _("early return, months of rent"), default=1, help_text=_("What leaving early costs; at most 2.")
    )
    renewal_discount_rate = RateField(
        _("renewal discount"), default=Decimal("0.10"), help_text=_("As a share of the monthly rent: 0.10 is 10 %.")
    )
    ships_out = models.CharField(_("pays shipping out"), max_length=8, choices=Payer.choices, default=Payer.MERCHANT)
    ships_back = models.CharField(_("pays shipping back"), max_length=8, choices=Payer.choices, default=Payer.MERCHANT)
    least_days = models.PositiveSmallIntegerField(_("least days"), default=1)
    most_days = models.PositiveSmallIntegerField(_("most days"), null=True, blank=True, help_text=_("By the day only."))
    gap_days = models.PositiveSmallIntegerField(_("gap, days"), default=2, help_text=_("Free between two rentals."))
    managed = models.BooleanField(
        _("managed device"),
        default=False,
        help_text=_("The merchant administers it during the lease; offers and agreements say so."),
    )
    # fixed by publishing
    cash_price = MoneyField(_("cash price"), null=True, editable=False)
    cash_price_as_of = models.DateField(_("cash price as of"), null=True, editable=False)
    lowest_rent = MoneyField(_("lowest monthly rent"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)

    class Meta:
        verbose_name = _("lease plan")
        verbose_name_plural = _("lease plans")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku", "version"], name="catalog_plan_version_once"),
            models.UniqueConstraint(
                fields=["merchant", "sku"], condition=Q(state="PUBLISHED"), name="catalog_plan_one_published"
            ),
            models.CheckConstraint(
                condition=Q(deposit_rate__gte=Decimal("0.3"), deposit_rate__lte=1),
                name="catalog_plan_deposit_rate",
                violation_error_message=_("The deposit is a share from 0.30 to 1 of the signed value."),
            ),
            models.CheckConstraint(
                condition=Q(early_return_months__lte=2),
                name="catalog_plan_early_return",
                violation_error_message=_("Early return costs at most 2 months of rent."),
            ),
            models.CheckConstraint(
                condition=Q(most_days=None)
                | Q(least_days__gte=1, most_days__gte=F("least_days"), most_days__lte=90, gap_days__range=(1, 14)),
                name="catalog_plan_days",
                violation_error_message=_("A short rental has 1 to 90 days, a gap 1 to 14."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} · {self.merchant} v{self.version}"

    @property
    def is_short(self) -> bool:
        """Rents by the day and not by the month."""
        return self.most_days is not None

    @property
    def limits(self) -> Limits:
        assert self.most_days is not None  # of a short plan
        return Limits(self.least_days, self.most_days, self.gap_days)

    @property
    def compulsory_cover(self) -> Decimal:
        """What of the cover nobody can leave out, a month."""
        return self.cover_monthly if self.cover_choice == CoverChoice.MANDATORY else Decimal("0.00")

    @transition(field=state, source=State.DRAFT, target=State.PUBLISHED)
    def publish(self, cash_price: Decimal, as_of: date, lowest_rent: Decimal, at: datetime) -> None:
        self.cash_price, self.cash_price_as_of, self.lowest_rent, self.published_at = cash_price, as_of, lowest_rent, at

    @transition(field=state, source=State.PUBLISHED, target=State.SUPERSEDED)
    def supersede(self) -> None:
        """No new orders; running leases keep their terms."""


class PlanTerm(models.Model):
    """One choice of months with its rent; `total_to_own` is what all rents and the last buyout price come to.

    The pick of days of a short plan is one of 0 months, never stored, with the whole price as its rent (ADR 21).
    """

    plan = models.ForeignKey(LeasePlan, models.CASCADE, related_name="terms", verbose_name=_("lease plan"))
    months = models.PositiveSmallIntegerField(_("months"))
    monthly_rent = MoneyField(_("monthly rent"))
    total_to_own = MoneyField(
        _("total to own"), null=True, blank=True, help_text=_("All rents and the last buyout price together.")
    )

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("months",)
        constraints = [
            models.UniqueConstraint(fields=["plan", "months"], name="catalog_plan_term_once"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=36),
                name="catalog_plan_term_months",
                violation_error_message=_("A term has 1 to 36 months."),
            ),
            models.CheckConstraint(
                condition=Q(monthly_rent__gt=0),
                name="catalog_plan_term_rent",
                violation_error_message=_("The amount must be above 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.months} × {self.monthly_rent}"

    @property
    def periods(self) -> int:
        """How often the rent is paid."""
        return self.months or 1


class DayPrice(models.Model):
    """A multiple of a short plan: what so many days cost together. The rule is catalog/rules/shorts.py."""

    plan = models.ForeignKey(LeasePlan, models.CASCADE, related_name="day_prices", verbose_name=_("lease plan"))
    days = models.PositiveSmallIntegerField(_("days"))
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("price by the day")
        verbose_name_plural = _("prices by the day")
        ordering = ("days",)
        constraints = [
            models.UniqueConstraint(fields=["plan", "days"], name="catalog_day_price_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=90, amount__gt=0),
                name="catalog_day_price_sense",
                violation_error_message=_("A price is for 1 to 90 days and above 0."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days}: {self.amount}"


class StockLevel(models.Model):
    """How many units of a SKU a merchant has free to ship. Changed only by conditional UPDATE, last before commit."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="stock", verbose_name=_("merchant"))
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="stock", verbose_name=_("specification"))
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="catalog_stock_once"),
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="catalog_stock_not_oversold"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} · {self.merchant}"


class DeviceUnit(models.Model):
    """租赁物: one physical device. Phones state an IMEI (Luhn); everything has a serial number."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="units", verbose_name=_("merchant"))
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="units", verbose_name=_("specification"))
    serial = models.CharField(_("serial number"), max_length=40)
    imei = models.CharField("IMEI", max_length=15, blank=True)
    added_at = models.DateTimeField(_("added"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("device unit")
        verbose_name_plural = _("device units")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "serial"], name="catalog_unit_serial_once"),
            models.UniqueConstraint(fields=["imei"], condition=~Q(imei=""), name="catalog_unit_imei_once"),
        ]

    def __str__(self) -> str:
        return self.serial
