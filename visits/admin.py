"""Field agents are configured here; visits are looked at here and worked on at the desk."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.admin import ReadOnlyAdmin, ReadOnlyInline
from visits.models import FieldAgent, ProposedTime, Visit, VisitComplaint, VisitPaper, VisitReport


@admin.register(FieldAgent)
class FieldAgentAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold carries no types
    """The sign-in is made under users, with the kind “Field agent”."""

    list_display = ("badge", "name", "region", "user")
    search_fields = ("=badge", "name")
    autocomplete_fields = ("user",)
    ordering = ("badge",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProposedTimeInline(ReadOnlyInline):
    model = ProposedTime
    fields = ("starts_at", "withdrawn_at")


class VisitPaperInline(ReadOnlyInline):
    model = VisitPaper
    fields = ("code", "found", "note")


class VisitReportInline(ReadOnlyInline):
    model = VisitReport
    fields = ("met", "lives_there", "conclusion", "reported_at")


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ("number", "purpose", "customer", "order_number", "state", "agent", "starts_at", "stars")
    list_filter = ("purpose", "state", "agent")
    list_select_related = ("customer", "agent")
    search_fields = ("=number", "=order_number", "=customer__number")
    fields = (
        "number", "purpose", "customer", "order_number", "state", "agent", "requested_at", "starts_at", "came_at",
        "moves", "wish",
        "ended_at", "reason", "stars", "rating_note",
    )  # fmt: skip
    inlines = (ProposedTimeInline, VisitPaperInline, VisitReportInline)
    ordering = ("-id",)


@admin.register(VisitComplaint)
class VisitComplaintAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "visit", "state", "answered_at")
    list_filter = ("state",)
    list_select_related = ("visit",)
    fields = ("visit", "state", "text", "opened_at", "answer_text", "answered_at")
    ordering = ("-id",)
