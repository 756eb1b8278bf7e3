from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Messages: templates, sending, in-app inbox, the one contact function."""

    name = "notices"
    verbose_name = _("Messages")
