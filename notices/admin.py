"""Messages and calls in the admin, to look at; the calendar of reminders and the words of messages, to set."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from core import clock
from core.admin import AddOnlyAdmin, ReadOnlyAdmin
from core.errors import DomainError
from notices.models import Message, PhoneCall, ReminderStep, Wording
from notices.services import rendering, wordings


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "channel", "state", "template", "user", "masked", "reason", "not_before", "sent_at")
    list_filter = ("channel", "state", "template")
    list_select_related = ("user",)
    search_fields = ("=user__login", "=step")
    fields = (
        "user", "masked", "channel", "state", "reason", "outcome_at", "template", "body", "params", "language", "step",
        "created_at", "not_before", "sent_at", "read_at", "provider_number",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-id",)

    @admin.display(description=_("phone or e-mail"))
    def masked(self, message: Message) -> str:
        cell = message.phone or message.email
        return cell.masked if cell else "–"

    @admin.display(description=_("text"))
    def body(self, message: Message) -> str:
        return rendering.body(message)


@admin.register(PhoneCall)
class PhoneCallAdmin(ReadOnlyAdmin):
    list_display = ("dialled_at", "user", "caller", "subject", "seconds")
    list_select_related = ("user",)
    search_fields = ("=user__login", "=subject", "=caller")
    fields = ("dialled_at", "user", "caller", "subject", "seconds", "note", "lapsed_at")
    readonly_fields = fields
    ordering = ("-id",)


@admin.register(ReminderStep)
class ReminderStepAdmin(ModelAdmin):  # type: ignore[misc]
    """One row an occasion and day. Nobody is reminded of a thing for a day twice."""

    list_display = ("__str__", "occasion", "days", "reach", "is_on", "reads", "reads_english")
    list_filter = ("occasion", "is_on")
    readonly_fields = ("reads", "reads_english")
    ordering = ("occasion", "days")

    def get_fields(self, request: HttpRequest, obj: ReminderStep | None = None) -> tuple[str, ...]:
        asked = ("occasion", "days", "reach", "is_on")
        return asked if obj is None else (*asked, *self.readonly_fields)

    @admin.display(description=_("reads"))
    def reads(self, step: ReminderStep) -> str:
        return wordings.example(step.event, "zh-hans", clock.now())

    @admin.display(description=_("reads, in English"))
    def reads_english(self, step: ReminderStep) -> str:
        return wordings.example(step.event, "en", clock.now())


class WordingForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words, tried on an example before they are put in force."""

    event = forms.ChoiceField(label=_("event"), widget=UnfoldAdminSelectWidget)
    text = forms.CharField(
        label=_("text"), max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Places of the event are written ${name}. Others are refused."),
    )  # fmt: skip
    is_read = forms.BooleanField(
        label=_("Put it in force"), required=False, help_text=_("Leave it unticked to read first how it will look.")
    )

    class Meta:
        model = Wording
        fields = ("event", "channel", "language", "subject", "text", "provider_template")
        help_texts: ClassVar = {
            "provider_template": _("For SMS: the number of the text that the provider approved."),
            "subject": _("For mails; empty: the first sentence of the text."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "event" in self.fields:  # not where a row is only looked at
            self.fields["event"].choices = [(name, name) for name in wordings.known()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if self.errors:
            return told
        try:
            wordings.check(told["event"], told["channel"], told["text"], told["subject"])
        except DomainError as error:
            named = ", ".join(f"${{{name}}}" for name in sorted(wordings.places(told["event"])))
            self.add_error("text", f"{error} {_now('This event has:')} {named}")
            return told
        if told["channel"] == Message.Channel.SMS and not told["provider_template"]:
            self.add_error("provider_template", _now("The provider sends approved texts only: under which number?"))
        elif not told["is_read"]:
            said = _now("It will read: %(text)s – Tick this to put it in force.")
            self.add_error("is_read", said % {"text": wordings.preview(told["text"], told["subject"])})
        return told


@admin.register(Wording)
class WordingAdmin(AddOnlyAdmin):
    """Never changed: a new wording takes over from an older one, and each message keeps the one it was made with."""

    form = WordingForm
    change_form_template = "admin/notices/wording/change_form.html"
    list_display = ("event", "channel", "language", "text", "since", "set_by")
    list_filter = ("channel", "language", "event")
    search_fields = ("=event",)
    ordering = ("event", "channel", "language", "-since")

    def get_fields(self, request: HttpRequest, obj: Wording | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("event", "channel", "language", "subject", "text", "provider_template", "is_read")
        return ("event", "channel", "language", "subject", "text", "reads", "provider_template", "since", "set_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Wording | None = None) -> tuple[str, ...]:
        return () if obj is None else ("reads",)

    @admin.display(description=_("reads"))
    def reads(self, wording: Wording) -> str:
        return wordings.preview(wording.text)

    @admin.display(description=_("Put it in force"), boolean=True)
    def is_read(self, wording: Wording) -> bool:
        """Of a row that is kept: it was."""
        return True

    def get_urls(self) -> list[URLPattern]:
        own = path("preview/", self.admin_site.admin_view(self.preview), name="notices_wording_preview")
        return [own, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """How what is typed would read, and what stands against it; saved nowhere."""
        if not self.has_add_permission(request) or request.method != "POST":
            raise PermissionDenied
        event, channel, language, text, subject = (
            request.POST.get(name, "") for name in ("event", "channel", "language", "text", "subject")
        )
        known = channel in Message.Channel.values and language in dict(settings.LANGUAGES)
        if not text.strip() or not known or event not in wordings.known():
            return HttpResponse("")
        shown = wordings.trial(event, channel, language, text, subject)
        told = {name: getattr(shown, name) for name in ("subject", "text", "objection", "places")}
        return render(request, "admin/notices/wording/reads.html", {**told, "language": language})

    def save_model(self, request: HttpRequest, obj: Wording, form: Any, change: bool) -> None:
        told, actor = form.cleaned_data, f"operator:{request.user.pk}"
        made = wordings.set_words(
            told["event"], told["channel"], told["language"], told["text"], told["provider_template"], actor,
            clock.now(), told["subject"],
        )  # fmt: skip
        obj.pk = made.pk
