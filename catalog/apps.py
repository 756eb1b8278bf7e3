from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """The things: devices, prices, plans, units."""

    name = "catalog"
    verbose_name = _("Catalogue")
