from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    """Providers for demo and tests; its own URLs, its own process, its own keys."""

    name = "sandbox"
    verbose_name = _("Sandbox")
