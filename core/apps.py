from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The kernel: money, time, errors, events, outbox, inbox, sealed fields."""

    name = "core"
    verbose_name = _("Kernel")
