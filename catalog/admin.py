"""The catalogue in the admin: devices, cash prices, lending rates; plans drafted, published and withdrawn here."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import User
from catalog.models import (
    CashPrice,
    DamageItem,
    DeviceModel,
    DeviceType,
    DeviceUnit,
    LeasePlan,
    LendingRate,
    PlanTerm,
    Sku,
    StockLevel,
)
from catalog.services import plans, prices
from core import clock
from core.admin import ReadOnlyAdmin
from core.errors import DomainError

Act = Callable[[int, str], LeasePlan]


class AddOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold carries no types
    """Rows are added and never changed: what was decided on them can be told for ever."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DamageItemInline(TabularInline):  # type: ignore[misc]
    model = DamageItem
    extra = 0


class SkuInline(TabularInline):  # type: ignore[misc]
    model = Sku
    extra = 0


class PlanTermInline(TabularInline):  # type: ignore[misc]
    """The choices of months, editable while their plan is a draft."""

    model = PlanTerm
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_delete_permission(request, obj)


@admin.register(DeviceType)
class DeviceTypeAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "name_en", "code", "order")
    inlines = (DamageItemInline,)


@admin.register(DeviceModel)
class DeviceModelAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "name_en", "brand", "device_type")
    list_filter = ("device_type", "brand")
    list_select_related = ("device_type",)
    search_fields = ("name", "name_en", "brand")
    inlines = (SkuInline,)


@admin.register(Sku)
class SkuAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("device_model", "specification", "condition")
    list_filter = ("condition", "device_model__device_type")
    list_select_related = ("device_model",)
    search_fields = ("device_model__name", "device_model__name_en", "specification")
    autocomplete_fields = ("device_model",)


@admin.register(CashPrice)
class CashPriceAdmin(AddOnlyAdmin):
    """Set by operators, never by merchants (domain.md §3)."""

    list_display = ("sku", "amount", "as_of", "source", "set_by")
    list_select_related = ("sku__device_model", "set_by")
    fields = ("sku", "amount", "as_of", "source")
    autocomplete_fields = ("sku",)
    ordering = ("-as_of", "-id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "kind", "") == User.Kind.OPERATOR and super().has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: CashPrice, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.pk = prices.set_cash_price(obj.sku, obj.amount, obj.source, obj.as_of, request.user, clock.now()).pk


@admin.register(LendingRate)
class LendingRateAdmin(AddOnlyAdmin):
    list_display = ("day", "rate_yearly")


@admin.register(LeasePlan)
class LeasePlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Draft → published → superseded. A published plan is changed by drafting its next version."""

    list_display = ("sku", "merchant", "version", "state", "lease_model", "lowest_rent", "published_at")
    list_filter = ("state", "lease_model", "merchant")
    list_select_related = ("sku__device_model", "merchant")
    search_fields = ("sku__device_model__name", "sku__device_model__name_en", "merchant__name")
    autocomplete_fields = ("sku",)
    exclude = ("version",)
    readonly_fields = (
        "state", "steps", "objections", "cash_price", "cash_price_as_of", "lowest_rent", "published_at",
    )  # fmt: skip
    inlines = (PlanTermInline,)
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return obj is not None and _is_draft(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: LeasePlan, form: Any, change: bool) -> None:
        if not change:
            obj.version = plans.next_version(obj.merchant_id, obj.sku_id)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [
            path(f"<int:pk>/{name}/", site.admin_view(view), name=f"catalog_leaseplan_{name}")
            for name, view in (("publish", self.publish), ("withdraw", self.withdraw), ("draft", self.draft))
        ]
        return [*own, *super().get_urls()]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then publish on POST; a refusal names every figure."""
        said = _("It is offered at once; the version offered now ends.")
        return self._step(request, pk, _("Publish"), said, lambda one, actor: plans.publish(one, actor, clock.now()))

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        said = _("It is offered no longer. Running leases keep their terms.")
        return self._step(request, pk, _("Withdraw"), said, lambda one, actor: plans.withdraw(one, actor, clock.now()))

    def draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        said = _("A new draft begins with these figures.")
        return self._step(request, pk, _("Draft the next version"), said, lambda one, _actor: plans.new_version(one))

    @admin.display(description=_("keeps it from being published"))
    def objections(self, plan: LeasePlan) -> str:
        found = plans.objections(plan, clock.today()) if plan.pk and _is_draft(plan) else []
        return " ".join(plans.explain(each) for each in found) or "–"

    @admin.display(description=_("next"))
    def steps(self, plan: LeasePlan) -> SafeString | str:
        if not plan.pk:
            return "–"
        draft = ("draft", _("Draft the next version"))
        names = {
            LeasePlan.State.DRAFT: [("publish", _("Publish"))],
            LeasePlan.State.PUBLISHED: [draft, ("withdraw", _("Withdraw"))],
        }.get(plan.state, [draft])
        links = [(reverse(f"admin:catalog_leaseplan_{name}", args=[plan.pk]), label) for name, label in names]
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    def _step(self, request: HttpRequest, pk: int, verb: Any, consequence: Any, act: Act) -> HttpResponse:
        if not super().has_change_permission(request):
            raise PermissionDenied
        plan = get_object_or_404(LeasePlan, pk=pk)
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": f"{verb}: {plan}"}
            context |= {"plan": plan, "verb": verb, "consequence": consequence}
            return render(request, "admin/catalog/leaseplan/confirm.html", context)
        try:
            plan = act(pk, f"operator:{request.user.pk}")
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, format_html("{}: {}", verb, plan))
        return redirect("admin:catalog_leaseplan_change", plan.pk)


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnlyAdmin):
    list_display = ("sku", "merchant", "on_hand", "reserved")
    list_filter = ("merchant",)
    list_select_related = ("sku__device_model", "merchant")


@admin.register(DeviceUnit)
class DeviceUnitAdmin(ReadOnlyAdmin):
    list_display = ("serial", "imei", "sku", "merchant", "added_at", "retired_at")
    list_filter = ("merchant", ("retired_at", admin.EmptyFieldListFilter))
    list_select_related = ("sku__device_model", "merchant")
    search_fields = ("=serial", "=imei")
    ordering = ("-id",)


def _is_draft(plan: LeasePlan | None) -> bool:
    return plan is None or plan.state == LeasePlan.State.DRAFT
