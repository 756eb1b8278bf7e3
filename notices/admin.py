"""Messages in the admin: to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from notices.models import Message, PhoneCall
from notices.services import rendering


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "channel", "state", "template", "user", "masked_phone", "not_before", "sent_at")
    list_filter = ("channel", "state", "template")
    list_select_related = ("user",)
    search_fields = ("=user__login", "=step")
    fields = (
        "user", "masked_phone", "channel", "state", "template", "body", "params", "language", "step", "created_at",
        "not_before", "sent_at", "read_at", "provider_number",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-id",)

    @admin.display(description=_("phone"))
    def masked_phone(self, message: Message) -> str:
        return message.phone.masked if message.phone else "–"

    @admin.display(description=_("text"))
    def body(self, message: Message) -> str:
        return rendering.body(message)


@admin.register(PhoneCall)
class PhoneCallAdmin(ReadOnlyAdmin):
    list_display = ("dialled_at", "user", "caller", "subject", "seconds")
    list_select_related = ("user",)
    search_fields = ("=user__login", "=subject", "=caller")
    fields = ("dialled_at", "user", "caller", "subject", "seconds", "note")
    readonly_fields = fields
    ordering = ("-id",)
