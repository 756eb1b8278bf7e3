"""Scorecards in the admin: versions with weights and bins, and what is known of people beside a score."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from core import clock
from core.admin import Printed, ReadOnlyAdmin, Step, SteppedAdmin
from core.errors import DomainError
from credit.models import FactorBin, HardStop, IncomeDeclaration, LiftRevocation, Scorecard
from credit.services import factors, scorecards


class DraftInline(Printed, TabularInline):  # type: ignore[misc]  # Unfold carries no types
    """Rows below a version, editable while it is a draft."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_draft(obj) and super().has_delete_permission(request, obj)


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
    return version is None or version.state == Scorecard.State.DRAFT
