from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The operator's door."""

    name = "desk"
    verbose_name = _("Desk")
