"""The money in the admin: to look at. Every change goes through a service."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from billing.models import (
    Allocation,
    AutopayAgreement,
    AutopayTry,
    Bill,
    CommissionTerm,
    Deposit,
    DepositFreeze,
    DepositRelease,
    Lease,
    MerchantStatement,
    Payment,
    PaymentItem,
    Refund,
)
from billing.services import settlements
from core.admin import AddOnlyAdmin, ReadOnlyAdmin, ReadOnlyInline


class BillInline(ReadOnlyInline):
    model = Bill
    fields = ("number", "state", "due_date", "rent", "cover", "fee", "paid", "paid_at")
    ordering = ("number",)


class DepositInline(ReadOnlyInline):
    model = Deposit
    fields = ("state", "total", "waived", "to_hold", "promised_on")


class PaymentItemInline(ReadOnlyInline):
    model = PaymentItem
    fields = ("bill", "amount", "open")
    related = ("bill__lease",)


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fields = ("bill", "part", "amount", "at")
    related = ("bill__lease",)


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ("number", "state", "amount", "reason", "requested_at", "refunded_at")


class AutopayTryInline(ReadOnlyInline):
    model = AutopayTry
    fields = ("bill", "on", "payment", "sent_at")
    related = ("bill__lease", "payment")


class DepositFreezeInline(ReadOnlyInline):
    model = DepositFreeze
    fields = ("number", "state", "mode", "amount", "held", "captured", "released", "frozen_at")


class DepositReleaseInline(ReadOnlyInline):
    model = DepositRelease
    fields = ("number", "state", "amount", "reason", "requested_at", "released_at")


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "merchant", "state", "start", "last_day", "contract_total")
    list_filter = ("state", "merchant")
    list_select_related = ("customer", "merchant")
    search_fields = ("=number", "=customer__number")
    inlines = (DepositInline, BillInline)
    ordering = ("-id",)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "channel", "state", "amount", "refunded", "created_at", "paid_at")
    list_filter = ("state", "channel")
    list_select_related = ("customer",)
    search_fields = ("=number", "=trade_number", "=customer__number")
    inlines = (PaymentItemInline, AllocationInline, RefundInline)
    ordering = ("-id",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("number", "payment", "lease", "state", "amount", "reason", "requested_at", "refunded_at")
    list_filter = ("state", "reason")
    list_select_related = ("payment", "lease")
    search_fields = ("=number", "=payment__number")
    ordering = ("-id",)


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    list_display = ("lease", "state", "total", "waived", "to_hold", "promised_on")
    list_filter = ("state",)
    list_select_related = ("lease",)
    search_fields = ("=lease__number",)
    inlines = (DepositFreezeInline,)
    ordering = ("-id",)


@admin.register(DepositFreeze)
class DepositFreezeAdmin(ReadOnlyAdmin):
    list_display = ("number", "deposit", "channel", "state", "mode", "amount", "held", "released", "created_at")
    list_filter = ("state", "channel", "mode")
    list_select_related = ("deposit__lease",)
    search_fields = ("=number", "=auth_number", "=deposit__lease__number")
    inlines = (DepositReleaseInline,)
    ordering = ("-id",)


@admin.register(AutopayAgreement)
class AutopayAgreementAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "lease", "channel", "state", "most", "activated_at", "ended_at", "end_reason")
    list_filter = ("state", "end_reason", "channel")
    list_select_related = ("customer", "lease")
    search_fields = ("=number", "=provider_number", "=lease__number", "=customer__number")
    inlines = (AutopayTryInline,)
    ordering = ("-id",)


class CommissionForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        """The service refuses a settled month too; here the form says it."""
        typed: dict[str, Any] = super().clean() or {}
        merchant, since = typed.get("merchant"), typed.get("since")
        if merchant and since and settlements.is_settled(merchant, since):
            self.add_error("since", str(settlements.MonthSettled.message))
        return typed


@admin.register(CommissionTerm)
class CommissionTermAdmin(AddOnlyAdmin):
    """What the platform keeps of a merchant's takings; a new term counts from a later month."""

    form = CommissionForm
    list_display = ("merchant", "commission_rate", "since", "set_by")
    list_filter = ("merchant",)
    list_select_related = ("merchant", "set_by")
    fields = ("merchant", "commission_rate", "since")
    ordering = ("merchant", "-since")

    def save_model(self, request: HttpRequest, obj: CommissionTerm, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.pk = settlements.set_commission(obj.merchant, obj.commission_rate, obj.since, request.user).pk


@admin.register(MerchantStatement)
class MerchantStatementAdmin(ReadOnlyAdmin):
    list_display = ("number", "merchant", "month", "state", "gross", "refunded", "commission", "payable", "paid_out_at")
    list_filter = ("state", "merchant")
    list_select_related = ("merchant",)
    search_fields = ("=number", "=reference")
    ordering = ("-id",)
