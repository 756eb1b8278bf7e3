"""Credit rules in the admin: tier tables as versions, drafted and published here; decisions and quotas to look at."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from core import clock
from core.admin import Printed, ReadOnlyAdmin, ReadOnlyInline, Step, SteppedAdmin
from core.errors import DomainError
from credit import drawing
from credit.models import (
    CreditReport,
    Decision,
    Demand,
    DemandRule,
    FactorBin,
    HardStop,
    Hold,
    IncomeDeclaration,
    LiftRevocation,
    QuotaAccount,
    Scorecard,
    TierSet,
    WaiverTier,
)
from credit.services import decisions, factors, scorecards, tiers


class DraftInline(Printed, TabularInline):  # type: ignore[misc]  # Unfold carries no types
    """Rows below a version, editable while it is a draft."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_delete_permission(request, obj)


class WaiverTierInline(DraftInline):
    """The bands, editable while their table is a draft."""

    model = WaiverTier
    extra = 0
    hide_title = True
    ordering = ("from_score",)


class DemandRuleInline(DraftInline):
    """What the table asks for beside its bands."""

    model = DemandRule
    extra = 0
    ordering = ("kind", "from_score")


@admin.register(TierSet)
class TierSetAdmin(SteppedAdmin):
    """Draft → published → superseded. A published table is changed by drafting the next version from it.

    A draft is handed to a second person at the desk, where it is drawn over the customers.
    """

    change_form_template = "admin/credit/tierset/change_form.html"
    ask_template = "admin/credit/tierset/step.html"
    list_display = ("name", "state", "bands", "deposit_floor", "decision_days", "published_at")
    list_filter = ("state",)
    fields = (
        ("version", "state"), ("deposit_floor", "published_at"), ("decision_days", "reapply_days"),
        ("source", "falls_back"), ("admission_bar", "fast_track_from"), ("lift_after", "rent_share_percent"),
    )  # fmt: skip
    readonly_fields = ("version", "state", "published_at")
    inlines = (WaiverTierInline, DemandRuleInline)
    ordering = ("-version",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TierSet]:
        rows: QuerySet[TierSet] = super().get_queryset(request)
        return rows.prefetch_related("tiers")

    def has_change_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        return (obj is None or _is_draft(obj)) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: TierSet | None = None) -> bool:
        return obj is not None and _is_draft(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: TierSet, form: Any, change: bool) -> None:
        if not change:
            obj.version = tiers.next_version()
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [
            path("<int:pk>/draft/", site.admin_view(self.draft), name="credit_tierset_draft"),
        ]
        return [*own, *super().get_urls()]

    def steps(self, request: HttpRequest, row: TierSet) -> list[Step]:
        if not super().has_change_permission(request):
            return []
        desk = Step(
            _("See it over the customers"), reverse("desk:tier_set", args=[row.version]), primary=_is_draft(row)
        )
        if _is_draft(row):
            return [desk]
        return [Step(_("Draft from it"), reverse("admin:credit_tierset_draft", args=[row.pk]), primary=True), desk]

    def told(self, row: TierSet) -> dict[str, Any]:
        """The bands drawn to scale, and what keeps a draft from being published."""
        found = [tiers.explain(each) for each in tiers.objections(row)] if _is_draft(row) else []
        segments = drawing.drawn(tiers.bands(row))
        return {"segments": segments, "objections": found, "may_publish": _is_draft(row) and not found}

    def draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then draft the next version on POST."""
        tier_set = self._changeable(request, pk)
        if request.method != "POST":
            return self._ask(request, tier_set, _("Draft from it"), _("A new draft begins with these figures."))
        made = tiers.draft_from(pk, f"operator:{request.user.pk}", clock.now())
        return redirect("admin:credit_tierset_change", made.pk)

    @admin.display(description=_("version"), ordering="version")
    def name(self, tier_set: TierSet) -> str:
        return str(tier_set)

    @admin.display(description=_("bands"))
    def bands(self, tier_set: TierSet) -> str:
        return " · ".join(f"{tier.from_score} {tier.grade}" for tier in tier_set.tiers.all())

    def _changeable(self, request: HttpRequest, pk: int) -> TierSet:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(TierSet, pk=pk)

    def _ask(self, request: HttpRequest, tier_set: TierSet, verb: Any, consequence: Any) -> HttpResponse:
        told = {"bands": tier_set.tiers.all(), "consequence": consequence, **self.told(tier_set)}
        return self.ask(request, tier_set, verb, **told)


@admin.register(CreditReport)
class CreditReportAdmin(ReadOnlyAdmin):
    list_display = ("authorised_at", "customer", "source", "state", "score", "admitted", "reason", "answered_at")
    list_filter = ("state", "source")
    list_select_related = ("customer",)
    search_fields = ("=customer__number", "=request_number")
    fields = (
        "customer",
        "source",
        "state",
        "request_number",
        "score",
        "bar",
        "admitted",
        "reason",
        "authorised_at",
        "answered_at",
    )
    ordering = ("-id",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "customer", "outcome", "tier_set", "score", "valid_until", "ended_at")
    list_filter = ("outcome", "tier_set", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer", "tier_set")
    search_fields = ("=customer__number",)
    fields = (
        "customer", "outcome", "explained", "demands", "tier_set", "tier", "scorecard", "replayed", "inputs", "report",
        "made_by", "grounds", "made_at", "valid_until", "ended_at", "reapply_on",
    )  # fmt: skip
    readonly_fields = ("explained", "replayed")
    ordering = ("-id",)

    @admin.display(description=_("score"))
    def score(self, decision: Decision) -> str:
        return str(decision.score if decision.score is not None else "–")

    @admin.display(description=_("reasons"))
    def explained(self, decision: Decision) -> str:
        return " ".join(decisions.explain(decision))

    @admin.display(description=_("made again from its inputs, it gives the same"), boolean=True)
    def replayed(self, decision: Decision) -> bool:
        return decisions.replay(decision) == decision.tier


class HoldInline(ReadOnlyInline):
    model = Hold
    fields = ("order_number", "amount", "state", "held_at", "released_at", "reason")


@admin.register(QuotaAccount)
class QuotaAccountAdmin(ReadOnlyAdmin):
    list_display = ("customer", "limit", "granted", "held")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    inlines = (HoldInline,)
    ordering = ("-id",)


@admin.register(Demand)
class DemandAdmin(ReadOnlyAdmin):
    list_display = ("raised_at", "customer", "order_number", "kind", "state", "closed_at")
    list_filter = ("state", "kind")
    list_select_related = ("customer",)
    search_fields = ("=order_number", "=customer__number")
    fields = (
        "customer", "order_number", "kind", "state", "wanted", "grounds", "raised_by", "raised_at", "closing_grounds",
        "closed_by", "closed_at",
    )  # fmt: skip
    ordering = ("-id",)


class BinForm(forms.ModelForm):  # type: ignore[type-arg]
    """The factor is picked from the catalogue, and brings its dimension."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "factor" in self.fields:
            self.fields["factor"] = forms.ChoiceField(label=_("factor"), choices=_choices())

    def save(self, commit: bool = True) -> Any:
        self.instance.dimension = factors.known().get(self.instance.factor, "")
        return super().save(commit)


class FactorBinInline(DraftInline):
    """The bins, editable while their card is a draft."""

    model = FactorBin
    form = BinForm
    extra = 0
    hide_title = True
    fields = ("factor", "from_value", "points")


@admin.register(Scorecard)
class ScorecardAdmin(SteppedAdmin):
    """Draft → published → superseded. A published card is changed by drafting the next version from it."""

    change_form_template = "admin/credit/scorecard/change_form.html"
    list_display = ("name", "state", "weights", "published_at")
    list_filter = ("state",)
    fields = (
        ("version", "state"), ("identity_weight", "behaviour_weight"), ("ability_weight", "network_weight"),
        ("history_weight", "published_at"),
    )  # fmt: skip
    readonly_fields = ("version", "state", "published_at")
    inlines = (FactorBinInline,)
    ordering = ("-version",)

    def has_change_permission(self, request: HttpRequest, obj: Scorecard | None = None) -> bool:
        return (obj is None or _is_draft(obj)) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Scorecard | None = None) -> bool:
        return obj is not None and _is_draft(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Scorecard, form: Any, change: bool) -> None:
        if not change:
            obj.version = scorecards.next_version()
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        own = [
            path("<int:pk>/publish/", site.admin_view(self.publish), name="credit_scorecard_publish"),
            path("<int:pk>/draft/", site.admin_view(self.draft), name="credit_scorecard_draft"),
        ]
        return [*own, *super().get_urls()]

    def steps(self, request: HttpRequest, row: Scorecard) -> list[Step]:
        if not super().has_change_permission(request):
            return []
        name, label = ("publish", _("Publish")) if _is_draft(row) else ("draft", _("Draft from it"))
        return [Step(label, reverse(f"admin:credit_scorecard_{name}", args=[row.pk]), primary=True)]

    def told(self, row: Scorecard) -> dict[str, Any]:
        """What keeps a draft from being published."""
        return {
            "objections": [scorecards.explain(each) for each in scorecards.objections(row)] if _is_draft(row) else []
        }

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then publish on POST."""
        card = self._changeable(request, pk)
        if request.method != "POST":
            return self._ask(request, card, _("Publish"), _("It goes into force at once; the present one ends."))
        try:
            scorecards.publish(pk, f"operator:{request.user.pk}", clock.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Version %(version)s is in force.") % {"version": card.version})
        return redirect("admin:credit_scorecard_change", pk)

    def draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then draft the next version on POST."""
        card = self._changeable(request, pk)
        if request.method != "POST":
            return self._ask(request, card, _("Draft from it"), _("A new draft begins with these figures."))
        made = scorecards.draft_from(pk, f"operator:{request.user.pk}", clock.now())
        return redirect("admin:credit_scorecard_change", made.pk)

    @admin.display(description=_("version"), ordering="version")
    def name(self, card: Scorecard) -> str:
        return str(card)

    @admin.display(description=_("weights"))
    def weights(self, card: Scorecard) -> str:
        return " · ".join(str(getattr(card, name)) for name in scorecards.WEIGHTS)

    def _changeable(self, request: HttpRequest, pk: int) -> Scorecard:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Scorecard, pk=pk)

    def _ask(self, request: HttpRequest, card: Scorecard, verb: Any, consequence: Any) -> HttpResponse:
        return self.ask(request, card, verb, consequence=consequence, **self.told(card))


@admin.register(HardStop)
class HardStopAdmin(ReadOnlyAdmin):
    list_display = ("added_at", "kind", "customer", "grounds", "added_by", "lifted_at")
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    exclude = ("id_index", "phone_index")
    ordering = ("-id",)


@admin.register(LiftRevocation)
class LiftRevocationAdmin(ReadOnlyAdmin):
    list_display = ("revoked_at", "customer", "grounds", "revoked_by", "restored_at")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    ordering = ("-id",)


@admin.register(IncomeDeclaration)
class IncomeDeclarationAdmin(ReadOnlyAdmin):
    list_display = ("declared_at", "customer", "amount_monthly", "documented_at", "documented_by", "ended_at")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    ordering = ("-id",)


def _choices() -> list[tuple[str, str]]:
    """By dimension, in the order of the catalogue."""
    return [
        (code, f"{factors.DIMENSION_NAMES[reader.dimension]} · {reader.name}")
        for code, reader in factors.CATALOGUE.items()
    ]


def _is_draft(version: Any) -> bool:
    return version is None or version.state == "DRAFT"
