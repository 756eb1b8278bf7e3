from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """The process: one rental from checkout to settlement."""

    name = "orders"
    verbose_name = _("Orders")
