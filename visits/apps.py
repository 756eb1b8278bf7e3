from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    """Field visits: appointment, papers, checklist, report, rating, complaint."""

    name = "visits"
    verbose_name = _("Field visits")
