from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """The money: leases, bills, payments, deposits, refunds."""

    name = "billing"
    verbose_name = _("Billing")
