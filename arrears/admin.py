"""Arrears in the admin: to look at; the work is done at the desk."""

from django.contrib import admin

from arrears.models import CaseNote, CollectionCase, DemandLetter, HardshipRequest, PaymentPromise
from core.admin import ReadOnlyAdmin, ReadOnlyInline


class CaseNoteInline(ReadOnlyInline):
    model = CaseNote
    fields = ("kind", "text", "by", "at")


class PaymentPromiseInline(ReadOnlyInline):
    model = PaymentPromise
    fields = ("amount", "until", "state", "judged_on")


class DemandLetterInline(ReadOnlyInline):
    model = DemandLetter
    fields = ("number", "amount", "cure_until", "issued_by", "issued_at")


@admin.register(CollectionCase)
class CollectionCaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "lease", "state", "collector", "opened_on", "closed_on", "outcome")
    list_filter = ("state", "outcome")
    list_select_related = ("customer", "lease", "collector")
    search_fields = ("=number", "=customer__number", "=lease__number")
    inlines = (PaymentPromiseInline, DemandLetterInline, CaseNoteInline)


@admin.register(HardshipRequest)
class HardshipRequestAdmin(ReadOnlyAdmin):
    list_display = ("number", "customer", "lease", "state", "asked_at", "answer_by", "pause_until", "closed_at")
    list_filter = ("state",)
    list_select_related = ("customer", "lease")
    search_fields = ("=number", "=customer__number", "=lease__number")
