"""The catalogue in the admin: devices, cash prices, lending rates; plans drafted, published and withdrawn here."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import User
from catalog import plan_forms
from catalog.models import (
    CashPrice,
    DamageItem,
    DayPrice,
    DeviceModel,
    DeviceType,
    DeviceUnit,
    LeasePlan,
    LendingRate,
    PlanTerm,
    Sku,
    StockLevel,
)
from catalog.rules import publishing
from catalog.services import plans, previews, prices
from core import clock
from core.admin import AddOnlyAdmin, Printed, ReadOnlyAdmin, Step, SteppedAdmin
from core.errors import DomainError
from core.templatetags.xinzu import money, percent

Act = Callable[[int, str], LeasePlan]


class DamageItemInline(TabularInline):  # type: ignore[misc]
    model = DamageItem
    extra = 0
    hide_title = True
    fields = ("code", "name", "name_en", "amount")


class SkuInline(TabularInline):  # type: ignore[misc]
    model = Sku
    extra = 0
    hide_title = True
    show_change_link = True
    fields = ("specification", "specification_en", "condition")


class SetByOperators:
    """A merchant's person, whatever his rights, sets no cash price."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        is_operator = getattr(request.user, "kind", "") == User.Kind.OPERATOR
        return is_operator and bool(super().has_add_permission(request, *args))  # type: ignore[misc]


class CashPriceInline(SetByOperators, Printed, TabularInline):  # type: ignore[misc]
    """The prices of one specification, the latest first; rows are only added."""

    model = CashPrice
    extra = 0
    hide_title = True
    fields = ("amount", "as_of", "source", "set_by")
    readonly_fields = ("set_by",)
    ordering = ("-as_of", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CashPrice]:
        rows: QuerySet[CashPrice] = super().get_queryset(request)
        return rows.select_related("set_by")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PlanTermInline(Printed, TabularInline):  # type: ignore[misc]
    """The choices of months, editable while their plan is a draft."""

    model: type[Model] = PlanTerm
    extra = 0
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: LeasePlan | None = None) -> bool:
        return _is_draft(obj) and super().has_delete_permission(request, obj)


class DayPriceInline(PlanTermInline):
    """The multiples of a short plan."""

    model = DayPrice


@admin.register(DeviceType)
class DeviceTypeAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold carries no types
    list_display = ("name", "name_en", "code", "order")
    search_fields = ("name", "name_en", "code")
    fields = (("name", "name_en"), ("code", "order"), "attributes")
    inlines = (DamageItemInline,)


@admin.register(DeviceModel)
class DeviceModelAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "name_en", "brand", "device_type")
    list_filter = ("device_type", "brand")
    list_select_related = ("device_type",)
    search_fields = ("name", "name_en", "brand")
    fields = ("device_type", ("name", "name_en"), ("brand", "slug"), "attributes")
    prepopulated_fields: ClassVar = {"slug": ("brand", "name_en")}
    inlines = (SkuInline,)


@admin.register(Sku)
class SkuAdmin(ModelAdmin):  # type: ignore[misc]
    """A specification with its cash prices below: new ones are added, old ones stay."""

    list_display = ("device_model", "specification", "condition", "latest_price")
    list_filter = ("condition", "device_model__device_type")
    list_select_related = ("device_model",)
    search_fields = ("device_model__name", "device_model__name_en", "specification")
    autocomplete_fields = ("device_model",)
    fields = ("device_model", ("specification", "specification_en"), "condition")
    inlines = (CashPriceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sku]:
        latest = CashPrice.objects.filter(sku=OuterRef("pk")).order_by("-as_of", "-id").values("amount")[:1]
        rows: QuerySet[Sku] = super().get_queryset(request)
        return rows.annotate(latest=Subquery(latest))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """A cash price is set by the service, which records who set it."""
        if formset.model is not CashPrice:
            super().save_formset(request, form, formset, change)
            return
        assert isinstance(request.user, User)
        for price in formset.save(commit=False):
            prices.set_cash_price(form.instance, price.amount, price.source, price.as_of, request.user, clock.now())

    @admin.display(description=_("latest cash price"), ordering="latest")
    def latest_price(self, sku: Any) -> SafeString | str:
        return money(sku.latest)


@admin.register(CashPrice)
class CashPriceAdmin(SetByOperators, AddOnlyAdmin):
    """Set by operators, never by merchants (domain.md §3)."""

    list_display = ("sku", "amount", "as_of", "source", "set_by")
    list_select_related = ("sku__device_model", "set_by")
    list_filter = (("as_of", admin.DateFieldListFilter),)
    search_fields = ("sku__device_model__name", "sku__device_model__name_en")
    fields = ("sku", "amount", "as_of", "source")
    autocomplete_fields = ("sku",)
    ordering = ("-as_of", "-id")

    def save_model(self, request: HttpRequest, obj: CashPrice, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.pk = prices.set_cash_price(obj.sku, obj.amount, obj.source, obj.as_of, request.user, clock.now()).pk


@admin.register(LendingRate)
class LendingRateAdmin(AddOnlyAdmin):
    list_display = ("day", "rate", "cap")
    fields = ("day", "rate_yearly")

    @admin.display(description=_("yearly rate"), ordering="rate_yearly")
    def rate(self, row: LendingRate) -> str:
        return percent(row.rate_yearly, 2)

    @admin.display(description=_("caps the yearly cost at"))
    def cap(self, row: LendingRate) -> str:
        return percent(publishing.LPR_TIMES * row.rate_yearly, 2)


@admin.register(LeasePlan)
class LeasePlanAdmin(SteppedAdmin):
    """Draft → published → superseded. A published plan is changed by drafting its next version."""

    change_form_template = "admin/catalog/leaseplan/change_form.html"
    ask_template = "admin/catalog/leaseplan/step.html"
    list_display = ("sku", "merchant", "version", "state", "lease_model", "lowest_rent", "published_at")
    list_filter = ("state", "lease_model", "merchant", "sku__device_model__device_type")
    list_select_related = ("sku__device_model", "merchant")
    search_fields = ("sku__device_model__name", "sku__device_model__name_en", "merchant__name")
    autocomplete_fields = ("sku",)
    fieldsets = (
        (None, {"fields": (("merchant", "sku"), ("lease_model", "state"))}),
        (_("Value and deposit"), {"fields": (("signed_value", "deposit_rate"),)}),
        (_("By the day, instead of months"), {"fields": (("least_days", "most_days", "gap_days"),)}),
        (_("Accident cover"), {"fields": (("cover_choice", "cover_monthly"),)}),
        (_("End of the lease"), {"fields": (("early_return_months", "renewal_discount_rate"), "managed")}),
        (_("Shipping"), {"fields": (("ships_out", "ships_back"),)}),
        (_("Fixed by publishing"), {"fields": (("cash_price", "cash_price_as_of"), ("lowest_rent", "published_at"))}),
    )  # fmt: skip
    readonly_fields = ("state", "cash_price", "cash_price_as_of", "lowest_rent", "published_at")
    inlines = (PlanTermInline, DayPriceInline)
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
        typed = path("preview/", site.admin_view(self.preview), name="catalog_leaseplan_preview")
        return [typed, *own, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The cost table and the guard's objections of what is typed, saved nowhere."""
        if not super().has_change_permission(request) or request.method != "POST":
            raise PermissionDenied
        named = {name: request.POST.get(name, "") for name in ("sku", "merchant")}
        sku = Sku.objects.filter(pk=named["sku"]).first() if named["sku"].isdecimal() else None
        if sku is None or not named["merchant"].isdecimal():
            return HttpResponse("")
        plan, drawn = plan_forms.typed(request.POST, int(named["merchant"]), sku)
        on = clock.today()
        found = [plans.explain(each) for each in plans.objections(plan, on, drawn)]
        told = {"preview": previews.of(plan, on, drawn), "objections": found, "may_publish": not found}
        return render(request, "admin/catalog/leaseplan/cost.html", told)

    def steps(self, request: HttpRequest, row: LeasePlan) -> list[Step]:
        if not super().has_change_permission(request):
            return []
        draft = ("draft", _("Draft the next version"))
        names = {
            LeasePlan.State.DRAFT: [("publish", _("Publish"))],
            LeasePlan.State.PUBLISHED: [draft, ("withdraw", _("Withdraw"))],
        }.get(LeasePlan.State(row.state), [draft])
        return [
            Step(label, reverse(f"admin:catalog_leaseplan_{name}", args=[row.pk]), name != "withdraw")
            for name, label in names
        ]

    def told(self, row: LeasePlan) -> dict[str, Any]:
        """The cost table as customers would see it, and what keeps a draft from being published."""
        on = clock.today()
        found = plans.objections(row, on) if _is_draft(row) else []
        return {
            "plan": row,
            "preview": previews.of(row, on),
            "objections": [plans.explain(each) for each in found],
            "may_publish": _is_draft(row) and not found,
        }

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

    def _step(self, request: HttpRequest, pk: int, verb: Any, consequence: Any, act: Act) -> HttpResponse:
        if not super().has_change_permission(request):
            raise PermissionDenied
        plan = get_object_or_404(LeasePlan, pk=pk)
        if request.method != "POST":
            return self.ask(request, plan, verb, consequence=consequence, **self.told(plan))
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
