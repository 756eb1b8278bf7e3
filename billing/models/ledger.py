from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Merchant
from billing.rules.postings import Kind, Side
from core.fields import MoneyField

ZERO = Decimal("0.00")
OF_CUSTOMERS = [Kind.RECEIVABLE, Kind.CREDIT, Kind.DEPOSIT_HELD]
OF_MERCHANTS = [Kind.MERCHANT_PAYABLE]


class LedgerAccount(models.Model):
    """科目. `debits` and `credits` are cached sums of the entries, kept for customers and merchants only.

    A platform's account takes part in nearly every posting: a cached sum there would make them wait for each other.
    """

    class Name(models.TextChoices):
        RECEIVABLE = Kind.RECEIVABLE, _("Receivable from the customer")
        CREDIT = Kind.CREDIT, _("Customer's credit")
        DEPOSIT_HELD = Kind.DEPOSIT_HELD, _("Deposit held for the customer")
        CLEARING = Kind.CLEARING, _("Clearing with the channel")
        RENT_INCOME = Kind.RENT_INCOME, _("Rent")
        COVER_INCOME = Kind.COVER_INCOME, _("Cover")
        FEE_INCOME = Kind.FEE_INCOME, _("Late fees")
        COMMISSION_INCOME = Kind.COMMISSION_INCOME, _("Commission")
        MERCHANT_PAYABLE = Kind.MERCHANT_PAYABLE, _("Payable to the merchant")
        REFUNDS_PAYABLE = Kind.REFUNDS_PAYABLE, _("Refunds under way")
        WRITE_OFF = Kind.WRITE_OFF, _("Written off")
        RECOVERY = Kind.RECOVERY, _("Recovered")
        DISPUTES = Kind.DISPUTES, _("Disputed with the payer's bank")
        REPLANNED = Kind.REPLANNED, _("Moved into extension plans")

    kind = models.CharField(_("kind"), max_length=20, choices=Name.choices)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name=_("customer"))
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, related_name="+", verbose_name=_("merchant"))
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    debits = MoneyField(_("debits"), default=ZERO)
    credits = MoneyField(_("credits"), default=ZERO)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "customer", "merchant", "channel"], nulls_distinct=False, name="billing_account_once"
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) & Q(kind__in=OF_CUSTOMERS)
                | Q(customer__isnull=True) & ~Q(kind__in=OF_CUSTOMERS),
                name="billing_account_customer",
            ),
            models.CheckConstraint(
                condition=Q(merchant__isnull=False) & Q(kind__in=OF_MERCHANTS)
                | Q(merchant__isnull=True) & ~Q(kind__in=OF_MERCHANTS),
                name="billing_account_merchant",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.CLEARING) & ~Q(channel="") | ~Q(kind=Kind.CLEARING) & Q(channel=""),
                name="billing_account_channel",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CREDIT) | Q(credits__gte=F("debits")),
                name="billing_credit_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id or self.merchant_id or self.channel}".strip()

    @property
    def is_cached(self) -> bool:
        return self.customer_id is not None or self.merchant_id is not None


class Posting(models.Model):
    """One event of money in the ledger: at least two entries whose sum is zero (a deferred trigger). Append-only.

    `key` names the event for ever, so that it is posted once.
    """

    key = models.CharField(_("key"), max_length=80, unique=True)
    what = models.CharField(_("what"), max_length=40)
    day = models.DateField(_("business date"))
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        indexes = [models.Index(fields=["day"], name="billing_posting_day")]

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    """One side of a posting. Append-only."""

    class SideName(models.TextChoices):
        DEBIT = Side.DEBIT, pgettext_lazy("ledger", "Debit")
        CREDIT = Side.CREDIT, pgettext_lazy("ledger", "Credit")

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="entries", verbose_name=_("posting"))
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries", verbose_name=_("account"))
    side = models.CharField(_("side"), max_length=6, choices=SideName.choices)
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_entry_positive"),
            models.CheckConstraint(condition=Q(side__in=[Side.DEBIT, Side.CREDIT]), name="billing_entry_side"),
        ]
