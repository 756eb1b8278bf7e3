"""What every room's admin is made of, and the kernel's own tables: to look at, except the calendar of holidays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from core import clock
from core.errors import DomainError
from core.fields import MoneyField, RateField
from core.models import Approval, Event, Holiday, InboxNotice, JobRun, Mishap, OutboxMessage
from core.services import versions
from core.templatetags.xinzu import money, percent

HAND_ON = _lazy("Hand to a second person")
DRAFT_FROM = _lazy("Draft from it")
HANDED_ON = _lazy("Somebody else looks at exactly these figures. Approved, they are in force at once.")


@dataclass(frozen=True)
class Step:
    """A button above a row's form; it leads to a page that asks first and acts on POST."""

    label: str | Promise
    href: str
    primary: bool = False


class Printed:
    """Amounts and shares that are only looked at stand as everywhere else: ¥1,109.00, 70%."""

    model: type[Model]

    @property
    def readonly_preprocess_fields(self) -> dict[str, Callable[[str], str]]:
        """What Unfold lets pass over a read-only value on a row's page."""
        return {field.name: _as_written(PRINT[type(field)]) for field in self._amounts()}

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        amounts = {field.name: field for field in self._amounts()}
        columns = super().get_list_display(request)  # type: ignore[misc]
        return [_column(amounts[name]) if name in amounts else name for name in columns]

    def _amounts(self) -> list[Field[Any, Any]]:
        return [field for field in self.model._meta.fields if type(field) in PRINT]


class SteppedAdmin(Printed, ModelAdmin):  # type: ignore[misc]  # Unfold carries no types
    """Rows that move by steps; the steps stand as buttons above the row."""

    change_form_template = "admin/stepped.html"
    ask_template = "admin/step.html"

    def steps(self, request: HttpRequest, row: Any) -> list[Step]:
        return []

    def told(self, row: Any) -> dict[str, Any]:
        """What the page draws above the form besides the steps."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= {"steps": self.steps(request, obj), **self.told(obj)}
        answer: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        return answer

    def ask(
        self, request: HttpRequest, row: Model, verb: str | Promise, status: int = 200, **context: Any
    ) -> HttpResponse:
        """The page of one step: what it will do, what it needs, and the one button that takes it."""
        context |= {**self.admin_site.each_context(request), "opts": self.model._meta, "row": row, "verb": verb}
        context["title"] = _("%(verb)s: %(row)s") % {"verb": verb, "row": row}
        return TemplateResponse(request, self.ask_template, context, status=status)


class HandOnForm(forms.Form):
    """Why; the second person reads it."""

    reason = forms.CharField(label=_lazy("Why"), min_length=4, max_length=300, widget=UnfoldAdminTextInputWidget())


class VersionAdmin(SteppedAdmin):
    """Draft → published → superseded. A draft is handed to a second person here; what he looks at stays as it is."""

    line: versions.Line[Any]
    approval_page = "admin:core_approval_change"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self._is_open(obj) and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_hand_on"
        hand_on = path("<int:pk>/hand-on/", self.admin_site.admin_view(self.hand_on), name=name)
        return [hand_on, *super().get_urls()]

    def steps(self, request: HttpRequest, row: Any) -> list[Step]:
        """To hand a draft on, or to see the request that waits."""
        if not self.may_move(request):
            return []
        waits = versions.asked(self.line, row)
        if waits is not None:
            return [Step(_lazy("See the request"), reverse(self.approval_page, args=[waits.pk]), primary=True)]
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_hand_on"
        return [Step(HAND_ON, reverse(name, args=[row.pk]), primary=True)] if row.is_draft else []

    def hand_on(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, then ask a second person on POST."""

        def wish(reason: str, actor: str) -> Approval:
            return versions.propose(self.line, pk, actor, reason, clock.now())

        return self.asks(request, pk, HAND_ON, HANDED_ON, wish)

    def asks(
        self, request: HttpRequest, pk: int, verb: Any, consequence: Any, wish: Callable[[str, str], Approval]
    ) -> HttpResponse:
        """The page that asks for a second person, and on POST the request."""
        row, form = self.movable(request, pk), HandOnForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = wish(form.cleaned_data["reason"], f"operator:{request.user.pk}")
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Handed on. Another operator approves or refuses exactly these figures."))
                return redirect(self.approval_page, made.pk)
        status = 422 if form.errors else 200
        return self.ask(request, row, verb, status, form=form, consequence=consequence, **self.told(row))

    def may_move(self, request: HttpRequest) -> bool:
        """Whether he may change rows of this table at all, whatever the state of one."""
        return bool(super().has_change_permission(request))

    def movable(self, request: HttpRequest, pk: int) -> Any:
        """PermissionDenied, Http404."""
        if not self.may_move(request):
            raise PermissionDenied
        return get_object_or_404(self.model, pk=pk)

    def _is_open(self, row: Any) -> bool:
        return row is None or (row.is_draft and versions.asked(self.line, row) is None)


class DraftedAdmin(VersionAdmin):
    """A version in force is changed by drafting the next one from it."""

    approval_page = "desk:approval"
    readonly_fields = ("version", "state", "published_at", "ended_at")
    ordering = ("-version",)
    service: Any  # with next_version() and draft_from(id, actor, at)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.version = self.service.next_version()
        super().save_model(request, obj, form, change)

    @property
    def _draft_url(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_draft"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.draft)
        return [path("<int:pk>/draft/", view, name=self._draft_url), *super().get_urls()]

    def steps(self, request: HttpRequest, row: Any) -> list[Step]:
        if row.is_draft or not self.may_move(request):
            return super().steps(request, row)
        return [Step(DRAFT_FROM, reverse(f"admin:{self._draft_url}", args=[row.pk]), primary=True)]

    def draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then draft the next version on POST."""
        row = self.movable(request, pk)
        if request.method != "POST":
            text = _("A new draft begins with these figures.")
            return self.ask(request, row, DRAFT_FROM, consequence=text, **self.told(row))
        made = self.service.draft_from(pk, f"operator:{request.user.pk}", clock.now())
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", made.pk)

    @admin.display(description=_lazy("version"), ordering="version")
    def name(self, row: Any) -> str:
        return str(row)


class DraftInline(Printed, TabularInline):  # type: ignore[misc]
    """Rows below a version, editable while it is a draft that nobody looks at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request, obj) and super().has_delete_permission(request, obj)

    def _is_open(self, request: HttpRequest, of: Any) -> bool:
        owner = self.admin_site.get_model_admin(self.parent_model)
        return bool(owner.has_change_permission(request, of))


class Untouchable:
    """What only services write: nobody adds, changes or deletes a row here, whatever his rights."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(Untouchable, SteppedAdmin):
    """A table to look at; large tables are paged without ever being counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None


class AddOnlyAdmin(SteppedAdmin):
    """Rows are added and never changed: what was decided on them can be told for ever."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(Untouchable, Printed, TabularInline):  # type: ignore[misc]
    """Rows of another table below their parent, to look at. `related` is read along with them."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    hide_title = True
    related: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.related) if self.related else rows


def _as_written(write: Callable[[Decimal], str]) -> Callable[[str], str]:
    """The same for a value that already stands as digits; a dash stays a dash."""
    return lambda digits: write(Decimal(digits)) if digits[:1].isdigit() else digits


def _column(field: Field[Any, Any]) -> Callable[[Model], str]:
    def column(row: Model) -> str:
        value = getattr(row, field.attname)
        return "–" if value is None else PRINT[type(field)](value)

    return admin.display(column, description=field.verbose_name, ordering=field.name)


def _share(value: Decimal) -> str:
    hundredth = value * 100
    return percent(value, 0 if hundredth == hundredth.to_integral_value() else 2)


PRINT: dict[type[Field[Any, Any]], Callable[[Decimal], str]] = {MoneyField: money, RateField: _share}


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "subject", "source", "target", "actor")
    list_filter = ("kind", "subject_type", ("at", admin.DateFieldListFilter))
    search_fields = ("=subject_id", "=actor")
    ordering = ("-id",)

    @admin.display(description=_("subject"))
    def subject(self, event: Event) -> str:
        """The row by its table's name; a table that is gone keeps its code."""
        try:
            named = apps.get_model(event.subject_type)._meta.verbose_name
        except LookupError:
            named = event.subject_type
        return f"{named} {event.subject_id}"


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("requested_at", "kind", "subject", "state", "requested_by", "decided_by", "decided_at", "used_at")
    list_filter = ("state", "kind", ("requested_at", admin.DateFieldListFilter))
    search_fields = ("=subject", "=requested_by", "=decided_by")
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
    list_display = ("day", "job", "shard", "shards", "started_at", "finished_at", "took_ms", "counts")
    list_filter = ("job",)
    ordering = ("-day", "-id")


@admin.register(Mishap)
class MishapAdmin(ReadOnlyAdmin):
    list_display = ("last_at", "job", "day", "subject_type", "subject_id", "error", "text", "count", "cleared_at")
    list_filter = ("job", ("cleared_at", admin.EmptyFieldListFilter))
    search_fields = ("=subject_id", "=error")
    ordering = ("-id",)


@admin.register(Holiday)
class HolidayAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("day", "name", "working")
    list_filter = ("working",)
    search_fields = ("name",)
    fields = ("day", "name", "working")
    ordering = ("-day",)
