from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    """The paper: agreements, signatures, evidence."""

    name = "contracts"
    verbose_name = _("Agreements")
