"""The kernel's tables in the admin: to look at, except the calendar of holidays."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from core.models import Event, Holiday, InboxNotice, JobRun, OutboxMessage


class Untouchable:
    """What only services write: nobody adds, changes or deletes a row here, whatever his rights."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(Untouchable, ModelAdmin):  # type: ignore[misc]  # Unfold carries no types
    """A table to look at; large tables are never counted twice."""

    show_full_result_count = False
    list_per_page = 50
    actions = None


class ReadOnlyInline(Untouchable, TabularInline):  # type: ignore[misc]
    """Rows of another table below their parent, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "subject_type", "subject_id", "source", "target", "actor")
    list_filter = ("kind", "subject_type")
    search_fields = ("=subject_id", "=actor")
    ordering = ("-id",)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "topic", "created_at", "published_at", "attempts", "done_at", "dead_at")
    list_filter = ("topic", ("dead_at", admin.EmptyFieldListFilter), ("done_at", admin.EmptyFieldListFilter))
    ordering = ("-id",)


@admin.register(InboxNotice)
class InboxNoticeAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "provider", "notice_id", "applied_at", "outcome")
    list_filter = ("provider", ("applied_at", admin.EmptyFieldListFilter))
    search_fields = ("=notice_id",)
    exclude = ("body",)
    ordering = ("-id",)


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("day", "job", "shard", "started_at", "finished_at", "counts")
    list_filter = ("job",)
    ordering = ("-day", "-id")


@admin.register(Holiday)
class HolidayAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("day", "name", "working")
    list_filter = ("working",)
    ordering = ("-day",)
