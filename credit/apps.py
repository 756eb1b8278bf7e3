from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditConfig(AppConfig):
    """The trust: reports, decisions, tiers, quota."""

    name = "credit"
    verbose_name = _("Credit")
