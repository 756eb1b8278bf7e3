from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArrearsConfig(AppConfig):
    """Collections: cases, calls, promises, hardship."""

    name = "arrears"
    verbose_name = _("Arrears")
