from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The merchant's door."""

    name = "portal"
    verbose_name = _("Merchant portal")
