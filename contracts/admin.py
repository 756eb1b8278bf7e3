"""Agreements, their files and their evidence in the admin: to look at. The terms stay sealed."""

from django.contrib import admin

from contracts.models import Agreement, Document, EvidenceEvent
from core.admin import ReadOnlyAdmin, ReadOnlyInline


class DocumentInline(ReadOnlyInline):
    model = Document
    fields = ("kind", "sha256", "size", "made_at")


class EvidenceInline(ReadOnlyInline):
    model = EvidenceEvent
    fields = ("sequence", "kind", "facts", "at", "hash")


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ("number", "state", "merchant", "customer", "language", "drafted_at", "signed_at")
    list_filter = ("state", "merchant")
    list_select_related = ("merchant", "customer")
    search_fields = ("number", "=customer__number")
    exclude = ("terms",)
    inlines = (DocumentInline, EvidenceInline)
    ordering = ("-id",)
