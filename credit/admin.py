"""Credit rules in the admin: tier tables as versions, drafted and published here; decisions and quotas to look at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin import DraftedAdmin, DraftInline, ReadOnlyAdmin, ReadOnlyInline, Step
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
class TierSetAdmin(DraftedAdmin):
    """A draft is handed on at the desk, where it is drawn over the customers."""

    service, line = tiers, tiers.LINE
    change_form_template = "admin/credit/tierset/change_form.html"
    ask_template = "admin/credit/tierset/step.html"
    list_display = ("name", "state", "bands", "deposit_floor", "decision_days", "published_at", "ended_at")
    list_filter = ("state",)
    fields = (
        ("version", "state"), ("published_at", "ended_at"), "deposit_floor", ("decision_days", "reapply_days"),
        ("source", "falls_back"), ("admission_bar", "fast_track_from"), ("lift_after", "rent_share_percent"),
    )  # fmt: skip
    inlines = (WaiverTierInline, DemandRuleInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TierSet]:
        rows: QuerySet[TierSet] = super().get_queryset(request)
        return rows.prefetch_related("tiers")

    def steps(self, request: HttpRequest, row: TierSet) -> list[Step]:
        if not self.may_move(request):
            return []
        page = reverse("desk:tier_set", args=[row.version])
        desk = Step(_("See it over the customers"), page, primary=row.is_draft)
        return [desk] if row.is_draft else [*super().steps(request, row), desk]

    def told(self, row: TierSet) -> dict[str, Any]:
        """The bands drawn to scale, and what keeps a draft from being published."""
        found = [tiers.explain(each) for each in tiers.objections(row)] if row.is_draft else []
        segments = drawing.drawn(tiers.bands(row))
        may_publish = row.is_draft and not found
        return {"segments": segments, "objections": found, "may_publish": may_publish, "bands": row.tiers.all()}

    @admin.display(description=_("bands"))
    def bands(self, tier_set: TierSet) -> str:
        return " · ".join(f"{tier.from_score} {tier.grade}" for tier in tier_set.tiers.all())


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
class ScorecardAdmin(DraftedAdmin):
    """A draft is handed to a second person, who sees it line by line against the card in force."""

    service, line = scorecards, scorecards.LINE
    change_form_template = "admin/credit/scorecard/change_form.html"
    list_display = ("name", "state", "weights", "published_at", "ended_at")
    list_filter = ("state",)
    fields = (
        ("version", "state"), ("published_at", "ended_at"), ("identity_weight", "behaviour_weight"),
        ("ability_weight", "network_weight"), "history_weight",
    )  # fmt: skip
    inlines = (FactorBinInline,)

    def told(self, row: Scorecard) -> dict[str, Any]:
        """What keeps a draft from being published."""
        return {"objections": [scorecards.explain(each) for each in scorecards.objections(row)] if row.is_draft else []}

    @admin.display(description=_("weights"))
    def weights(self, card: Scorecard) -> str:
        return " · ".join(str(getattr(card, name)) for name in scorecards.WEIGHTS)


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
