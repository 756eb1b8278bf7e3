"""The money in the admin: to look at, every change goes through a service; and the channels, to open and close."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from accounts.models import User
from billing.models import (
    Allocation,
    AloneLimit,
    AutopayAgreement,
    AutopayTry,
    Bill,
    CommissionTerm,
    Deposit,
    DepositFreeze,
    DepositRelease,
    ExtensionItem,
    ExtensionLimit,
    ExtensionPlan,
    Lease,
    MerchantStatement,
    Payment,
    PaymentChannel,
    PaymentItem,
    Refund,
)
from billing.rules.extension import Limits
from billing.rules.limits import Deed
from billing.services import channels, extensions, limits, settlements
from core import clock
from core.admin import AddOnlyAdmin, ReadOnlyAdmin, ReadOnlyInline
from core.services import events


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
    fields = ("bill", "part", "amount", "at", "use")
    related = ("bill__lease", "use")


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


ABILITIES = {
    "page": gettext_lazy("page on a computer"),
    "wap": gettext_lazy("page on a phone"),
    "h5": gettext_lazy("page on a phone"),
    "native": gettext_lazy("code to scan"),
    "jsapi": gettext_lazy("inside its own app"),
    "payer": gettext_lazy("knows who pays there"),
    "refund": gettext_lazy("refunds"),
    "freeze": gettext_lazy("freezes a deposit"),
    "capture": gettext_lazy("takes a part of a freeze"),
    "unfreeze": gettext_lazy("releases a part of a freeze"),
    "statement": gettext_lazy("daily statements"),
    "deduct": gettext_lazy("automatic payment"),
    "dispute": gettext_lazy("tells of disputes"),
}


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel opens only where a provider stands behind it."""

    def clean(self) -> dict[str, Any]:
        good = super().clean() or {}
        if good.get("is_open") and self.instance.code not in settings.PROVIDERS["payments"]:
            self.add_error("is_open", _("No provider is configured for this channel."))
        return good


@admin.register(PaymentChannel)
class PaymentChannelAdmin(ModelAdmin):  # type: ignore[misc]
    form = ChannelForm
    list_display = ("name", "name_en", "code", "is_open", "can", "longest_hold", "position")
    fields = ("code", "name", "name_en", "is_open", "can", "longest_hold", "position")
    readonly_fields = ("code", "can", "longest_hold")
    ordering = ("position", "code")

    @admin.display(description=gettext_lazy("what it can do"))
    def can(self, channel: PaymentChannel) -> str:
        words = [str(ABILITIES.get(one, one)) for one in channels.abilities(channel.code)]
        return " · ".join(words) or "–"

    @admin.display(description=gettext_lazy("longest freeze"))
    def longest_hold(self, channel: PaymentChannel) -> str:
        days = channels.longest_hold(channel.code)
        return _("%(days)s days") % {"days": days} if days is not None else "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, str] | None = None) -> HttpResponse:
        """None is added by hand: what the settings name is listed, closed, to be named and opened."""
        channels.list_configured()
        shown: HttpResponse = super().changelist_view(request, extra_context)
        return shown

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PaymentChannel, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "is_open" in form.changed_data:
            kind = "channel_opened" if obj.is_open else "channel_closed"
            events.record(kind, obj, at=clock.now(), actor=f"operator:{request.user.pk}", facts={"code": obj.code})


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


@admin.register(AloneLimit)
class AloneLimitAdmin(AddOnlyAdmin):
    """What one operator may do alone; the newest row of each kind counts from now on."""

    list_display = ("deed", "most", "set_by", "set_at")
    list_filter = ("deed",)
    list_select_related = ("set_by",)
    fields = ("deed", "most")
    ordering = ("-id",)

    def save_model(self, request: HttpRequest, obj: AloneLimit, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.pk = limits.set_most(Deed(obj.deed), obj.most, request.user, clock.now()).pk


class PartInline(ReadOnlyInline):
    model = Bill
    fk_name = "plan"
    fields = ("number", "state", "due_date", "rent", "cover", "fee", "paid", "paid_at")
    ordering = ("number",)


class ExtensionItemInline(ReadOnlyInline):
    model = ExtensionItem
    fields = ("bill", "rent", "cover", "fee")


@admin.register(ExtensionPlan)
class ExtensionPlanAdmin(ReadOnlyAdmin):
    list_display = ("lease", "number", "state", "owed", "fee", "started_on", "ended_on")
    list_filter = ("state",)
    list_select_related = ("lease",)
    search_fields = ("=lease__number",)
    inlines = (ExtensionItemInline, PartInline)


@admin.register(ExtensionLimit)
class ExtensionLimitAdmin(AddOnlyAdmin):
    """What an extension plan may be; the newest row counts for new offers."""

    list_display = ("plans", "parts", "first_within_days", "fee_rate", "set_by", "set_at")
    list_select_related = ("set_by",)
    fields = ("plans", "parts", "first_within_days", "fee_rate")
    ordering = ("-id",)

    def save_model(self, request: HttpRequest, obj: ExtensionLimit, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        new = Limits(obj.plans, obj.parts, obj.first_within_days, obj.fee_rate)
        obj.pk = extensions.set_limits(new, request.user, clock.now()).pk
