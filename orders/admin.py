"""Orders in the admin: to look at, with the operator's steps of the one table (orders/actions/)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from core import clock
from core.admin import DraftedAdmin, ReadOnlyAdmin, ReadOnlyInline, Step, VersionAdmin
from core.errors import DomainError
from core.models import Approval
from core.templatetags.xinzu import rate
from orders import actions, consequences, words
from orders.actions import OPERATOR, Action
from orders.models import (
    BackTest,
    Booking,
    Checkout,
    DamageClaim,
    DemandChoice,
    Ending,
    ExtensionOffer,
    Fault,
    Inspection,
    LeaseRuleSet,
    Opinion,
    Order,
    Parcel,
    Retrieval,
    ReviewRequest,
    RiskHit,
    RiskRule,
)
from orders.services import lease_rules, risk_rules, shipping


class ParcelInline(ReadOnlyInline):
    model = Parcel
    fields = ("way", "carrier_name", "waybill", "handed_over_at", "scanned_at", "delivered_at", "void_at")
    readonly_fields = fields

    @admin.display(description=_("carrier"))
    def carrier_name(self, parcel: Parcel) -> str:
        return str(shipping.CARRIERS.get(parcel.carrier, parcel.carrier))


class BookingInline(ReadOnlyInline):
    model = Booking
    fields = ("unit", "period", "freed_at")
    related = ("unit",)


class EndingInline(ReadOnlyInline):
    model = Ending
    fk_name = "order"
    fields = ("kind", "state", "opened_at", "closed_at")


class FaultInline(ReadOnlyInline):
    model = Fault
    fields = (
        "state", "remedy", "words", "answer", "old_unit", "new_unit", "days", "credited", "reported_at", "closed_at",
    )  # fmt: skip
    related = ("old_unit", "new_unit")


class DemandChoiceInline(ReadOnlyInline):
    model = DemandChoice
    fields = ("letter", "kind", "chosen_by", "chosen_at")


class OpinionInline(ReadOnlyInline):
    model = Opinion
    fields = ("touchpoint", "happened_on", "stars", "words", "given_at")


class ExtensionOfferInline(ReadOnlyInline):
    model = ExtensionOffer
    fields = ("paper", "state", "total", "parts", "first_day", "offered_by", "offered_at", "closed_at")
    related = ("paper",)


class RetrievalInline(ReadOnlyInline):
    model = Retrieval
    fields = ("state", "opened_at", "until", "day_rent", "refunded", "reason", "closed_at")


class InspectionInline(ReadOnlyInline):
    model = Inspection
    fields = ("result", "serial_matches", "wiped", "condition", "note", "inspector", "made_at")
    related = ("inspector",)


class ClaimInline(ReadOnlyInline):
    model = DamageClaim
    fields = ("state", "amount", "awarded", "proposed_at", "answer_by", "answered_at", "decided_at")


class OrderInline(ReadOnlyInline):
    model = Order
    fields = ("number", "state", "merchant", "plan", "months", "placed_at")
    related = ("merchant", "plan__sku__device_model", "plan__merchant")
    show_change_link = True


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Nothing is typed over: an order moves by its steps only, here as at the desk."""

    list_display = ("number", "state", "merchant", "customer", "placed_at", "waits_until", "desk")
    list_filter = ("state", "merchant", ("placed_at", admin.DateFieldListFilter))
    list_select_related = ("merchant", "customer")
    search_fields = ("=number", "=customer__number")
    fieldsets = (
        (None, {"fields": (("number", "state"), ("told_reason", "waits_until"), ("checkout", "desk"))}),
        (
            _("Who and what"),
            {"fields": (("customer", "merchant"), ("plan", "months"), ("first_day", "last_day"), "unit")},
        ),
        (_("What it rests on"), {"fields": (("decision", "agreement"), "lease")}),
        (
            _("Times"),
            {
                "fields": (
                    ("placed_at", "approved_at"),
                    ("signed_at", "paid_at"),
                    ("shipped_at", "received_at"),
                    "closed_at",
                )
            },
        ),
    )
    readonly_fields = ("told_reason", "desk")
    inlines = (
        BookingInline, ParcelInline, EndingInline, FaultInline, ExtensionOfferInline, DemandChoiceInline,
        RetrievalInline, InspectionInline, ClaimInline, OpinionInline,
    )  # fmt: skip
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        act = path("<int:pk>/act/<slug:name>/", self.admin_site.admin_view(self.act), name="orders_order_act")
        return [act, *super().get_urls()]

    def steps(self, request: HttpRequest, row: Order) -> list[Step]:
        """The buttons that this operator may press now, drawn from the one table."""
        if not _may_act(request):
            return []
        return [
            Step(each.label, reverse("admin:orders_order_act", args=[row.pk, each.name]), each.primary)
            for each in actions.offered(OPERATOR, row, clock.now())
        ]

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """GET says what the step will do and asks what it needs, POST takes it; a closed edge is told, not taken."""
        if not _may_act(request):
            raise PermissionDenied
        order, action, at = get_object_or_404(Order, pk=pk), actions.find(OPERATOR, name), clock.now()
        if action is None:
            raise Http404
        if not action.open_for(order, at):
            messages.error(request, _refused(action, order))
            return redirect("admin:orders_order_change", pk)
        form = action.form(request.POST if request.method == "POST" else None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            assert isinstance(request.user, User)
            try:
                made = actions.take(action, order, request.user, form, at)
            except DomainError as refusal:
                form.add_error(actions.field_of(refusal, form), str(refusal))
            else:
                waits = isinstance(made, Approval)
                told = _("Waits for a second person: %(label)s.") if waits else _("Done: %(label)s.")
                messages.success(request, told % {"label": action.label})
                return redirect("admin:orders_order_change", pk)
        return self._page(request, order, action, form)

    @admin.display(description=_("at the desk"))
    def desk(self, order: Order) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:order", args=[order.number]), order.number)

    @admin.display(description=_("reason"))
    def told_reason(self, order: Order) -> str:
        return str(words.reason(order.reason)) or "–"

    def _page(self, request: HttpRequest, order: Order, action: Action, form: Any) -> HttpResponse:
        for field in form.visible_fields():
            if field.field.widget.input_type == "text":
                field.field.widget = UnfoldAdminTextInputWidget(field.field.widget.attrs)
        return self.ask(
            request,
            order,
            action.label,
            form=form,
            hint=action.hint,
            grave=not action.primary,
            consequences=consequences.of(action, order, clock.now()),
            status=422 if form.errors else 200,
        )


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "placed_at")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    inlines = (OrderInline,)
    ordering = ("-id",)


def _may_act(request: HttpRequest) -> bool:
    """An operator whose rights include changing orders."""
    user = request.user
    return isinstance(user, User) and user.kind == User.Kind.OPERATOR and user.has_perm("orders.change_order")


def _refused(action: Action, order: Order) -> str:
    state = order.get_state_display()
    return _("“%(label)s” is not possible now: the order is “%(state)s”.") % {"label": action.label, "state": state}


class RiskHitInline(ReadOnlyInline):
    model = RiskHit
    fields = ("order", "facts", "state", "found_at", "cleared_at", "cleared_by", "note")
    related = ("order",)


@admin.register(ReviewRequest)
class ReviewRequestAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "order", "state", "answer_by", "decided_by", "decided_at")
    list_filter = ("state",)
    list_select_related = ("order",)
    search_fields = ("=order__number",)
    fields = ("order", "text", "state", "asked_at", "answer_by", "answer", "decided_by", "decided_at")
    ordering = ("-id",)


@admin.register(RiskRule)
class RiskRuleAdmin(VersionAdmin):
    """A rule in force is changed by putting another one of its kind into force; two persons end one, too."""

    line = risk_rules.LINE
    approval_page = "desk:approval"
    list_display = ("kind", "threshold", "window_days", "action", "state", "published_at", "ended_at")
    list_filter = ("kind", "state")
    fields = ("kind", ("threshold", "window_days"), ("action", "demand"), ("state", "published_at", "ended_at"))
    readonly_fields = ("state", "published_at", "ended_at")
    ordering = ("-id",)
    inlines = (RiskHitInline,)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end)
        return [path("<int:pk>/end/", view, name="orders_riskrule_end"), *super().get_urls()]

    def steps(self, request: HttpRequest, row: RiskRule) -> list[Step]:
        tried = Step(_("Try it on past orders"), f"{reverse('desk:rule_trials')}?rule={row.pk}#ask")
        return [*self._moves(request, row), tried]

    def _moves(self, request: HttpRequest, row: RiskRule) -> list[Step]:
        if row.state != RiskRule.State.PUBLISHED or not self.may_move(request):
            return super().steps(request, row)
        waits = risk_rules.asked_to_end(row)
        if waits is not None:
            return [Step(_("See the request"), reverse(self.approval_page, args=[waits.pk]), primary=True)]
        return [Step(_("Put out of force"), reverse("admin:orders_riskrule_end", args=[row.pk]))]

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, then ask a second person on POST."""

        def wish(reason: str, actor: str) -> Approval:
            return risk_rules.propose_end(pk, actor, reason, clock.now())

        text = _("Nothing takes its place. What it found stays with its orders.")
        return self.asks(request, pk, _("Put out of force"), text, wish)


class LeaseRulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate above the legal cap of the day is refused here already, and again when it is handed on and published."""

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        rate = typed.get("fee_rate_daily")
        if rate is not None and rate >= 0:
            try:
                lease_rules.require_lawful(rate, clock.today())
            except DomainError as refusal:
                self.add_error("fee_rate_daily", str(refusal))
        return typed


@admin.register(LeaseRuleSet)
class LeaseRuleSetAdmin(DraftedAdmin):
    """A draft is handed to a second person, who sees it figure by figure against the rules in force."""

    form = LeaseRulesForm
    service, line = lease_rules, lease_rules.LINE
    list_display = (
        "name", "state", "late_fee_mode", "grace_days", "daily", "fee_cap_rate", "return_window_days", "published_at",
        "ended_at",
    )  # fmt: skip
    list_filter = ("state",)
    fields = (
        ("version", "state"), ("published_at", "ended_at"), ("late_fee_mode", "grace_days"),
        ("fee_rate_daily", "fee_cap_rate"), "return_window_days",
    )  # fmt: skip

    @admin.display(description=_("late fee a day"), ordering="fee_rate_daily")
    def daily(self, row: LeaseRuleSet) -> str:
        return rate(row.fee_rate_daily)


@admin.register(BackTest)
class BackTestAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "source",
        "state",
        "old_tiers",
        "new_tiers",
        "new_card",
        "total",
        "done",
        "asked_at",
        "ended_at",
    )
    list_filter = ("state", "source")
    list_select_related = ("old_tiers", "new_tiers", "new_card")
    fields = ("source", "state", "old_tiers", "new_tiers", "new_card", "asked_by", "asked_at", "ended_at", "failure")
    ordering = ("-id",)
